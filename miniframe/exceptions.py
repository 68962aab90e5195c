"""Every exception that one room raises and another one catches.

    Exception
    |- BadRequest                      400: the client sent something unusable
    |  '- MultiPartParserError         its body is no multipart form, though it says so
    |- PermissionDenied                403
    |- Http404                         404
    |  '- Resolver404                  no route matches the path
    |- SuspiciousOperation             400, and a record in the security log
    |  |- DisallowedHost, DisallowedRedirect
    |  |- RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
    |  '- SuspiciousFileOperation, SuspiciousMultipartForm, SuspiciousSession
    |- NoReverseMatch                  no route has that name with those arguments
    |- ImproperlyConfigured            a setting is wrong; the message says which
    |- MiddlewareNotUsed               a middleware steps aside while the chain is built
    |- AppRegistryNotReady             asked for apps before `miniframe.setup()`
    |- ViewDoesNotExist                a dotted path in a URLconf leads nowhere
    |- RawPostDataException            `body` asked for after the stream was read
    '- ValidationError                 a value does not satisfy its rule
    OSError    <- UnreadablePostError  the client went away in the middle of its body
    ValueError <- BadHeaderError       a header with a line break in it

They live here, on the ground floor, so that `http` and `urls` need not know each other.
Which status each one becomes is decided in `handlers.exception` only.

Source: Django's reference "Exceptions".
"""

from __future__ import annotations

from typing import Any

__all__ = [
    "AppRegistryNotReady",
    "BadHeaderError",
    "BadRequest",
    "DisallowedHost",
    "DisallowedRedirect",
    "Http404",
    "ImproperlyConfigured",
    "MiddlewareNotUsed",
    "MultiPartParserError",
    "NoReverseMatch",
    "PermissionDenied",
    "RawPostDataException",
    "RequestDataTooBig",
    "Resolver404",
    "SuspiciousFileOperation",
    "SuspiciousMultipartForm",
    "SuspiciousOperation",
    "SuspiciousSession",
    "TooManyFieldsSent",
    "TooManyFilesSent",
    "UnreadablePostError",
    "ValidationError",
    "ViewDoesNotExist",
]


class BadRequest(Exception):
    """The request is malformed and no view can make sense of it; answered with 400."""


class MultiPartParserError(BadRequest):
    """The body is not the multipart form that it says it is; answered with 400."""


class PermissionDenied(Exception):
    """The client may not do this; answered with 403."""


class Http404(Exception):
    """There is nothing at this address; answered with 404."""


class Resolver404(Http404):
    """No route matches the path; `args[0]` holds the path and the routes tried."""


class NoReverseMatch(Exception):
    """No route with this name takes these arguments."""

    # Jinja2 and other template engines read this and stay silent if it is true.
    silent_variable_failure = True


class ImproperlyConfigured(Exception):
    """A setting, or what it points to, is wrong; the message says which and how to mend it."""


class MiddlewareNotUsed(Exception):
    """Raised by a middleware's factory: leave this one out of the chain."""


class AppRegistryNotReady(Exception):
    """Something asked for the installed apps before `miniframe.setup()` had loaded them."""


class ViewDoesNotExist(Exception):
    """A dotted path names a view that cannot be found."""


class RawPostDataException(Exception):
    """`request.body` was asked for after the stream had been read in another way."""


class UnreadablePostError(OSError):
    """The request's body broke off while it was read, mostly because the client went away."""


class BadHeaderError(ValueError):
    """A header's name or value holds a line break or a control character."""


class SuspiciousOperation(Exception):
    """The client did something that no honest client does; answered with 400 and logged.

    The record goes to the logger "miniframe.security.<class name>", so that each kind can be silenced by itself.
    """


class DisallowedHost(SuspiciousOperation):
    """The Host header is not in settings.ALLOWED_HOSTS."""


class DisallowedRedirect(SuspiciousOperation):
    """A redirect to a scheme that is not allowed, such as "javascript:"."""


class RequestDataTooBig(SuspiciousOperation):
    """The body, files aside, is larger than settings.DATA_UPLOAD_MAX_MEMORY_SIZE."""


class TooManyFieldsSent(SuspiciousOperation):
    """More parameters than settings.DATA_UPLOAD_MAX_NUMBER_FIELDS."""


class TooManyFilesSent(SuspiciousOperation):
    """More files than settings.DATA_UPLOAD_MAX_NUMBER_FILES."""


class SuspiciousFileOperation(SuspiciousOperation):
    """A path that leads out of the folder it must stay in."""


class SuspiciousMultipartForm(SuspiciousOperation):
    """A multipart body that is built to confuse its reader."""


class SuspiciousSession(SuspiciousOperation):
    """A session's data was tampered with."""


class ValidationError(Exception):
    """A value does not satisfy its rule.

    `message` is the text shown to people, `code` a short name for programs, and `params` fills "%(name)s"
    in the message.  A list of messages may be given instead of one; `messages` always gives the list.
    """

    def __init__(self, message: Any, code: str | None = None, params: dict[str, Any] | None = None) -> None:
        super().__init__(message, code, params)
        self.code = code
        self.params = params
        self.message = message

    @property
    def messages(self) -> list[str]:
        """Every message as text, with its parameters filled in."""
        texts: list[str] = []
        for item in self.message if isinstance(self.message, (list, tuple)) else [self.message]:
            if isinstance(item, ValidationError):
                texts.extend(item.messages)
            else:
                texts.append(str(item) % self.params if self.params else str(item))
        return texts

    def __str__(self) -> str:
        return repr(self.messages)
