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
    |- ServiceUnavailable              503: something that the answer needs, such as a cache server, is gone
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

from collections.abc import Iterator
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
    "NON_FIELD_ERRORS",
    "MultiPartParserError",
    "NoReverseMatch",
    "PermissionDenied",
    "RawPostDataException",
    "RequestDataTooBig",
    "Resolver404",
    "ServiceUnavailable",
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
    """The request is malformed and no view can make sense of it; answered with 400, or what a subclass sets."""

    status_code = 400


class MultiPartParserError(BadRequest):
    """The body is not the multipart form that it says it is; answered with 400."""


class PermissionDenied(Exception):
    """The client may not do this; answered with 403."""


class ServiceUnavailable(Exception):
    """Something that the answer needs is gone for now, and nothing of ours is broken; answered with 503.

    Such as the server of a cache.  A client learns only to come again, after `retry_after` seconds.

    Source: RFC 9110, sections 15.6.4 and 10.2.3.
    """

    retry_after: int = 5


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


NON_FIELD_ERRORS = "__all__"
"""The key of a ValidationError's errors that belong to no single field."""


class ValidationError(Exception):
    """A value does not satisfy its rule.

    `message` is the text shown to people, `code` a short name for programs, and `params` fills "%(name)s" in the
    message.  Instead of one message there may be a list of them, or a dict of lists by field; these may hold other
    ValidationErrors.  `error_list` has one ValidationError for each message; with a dict there is `error_dict`.

    Source: Django's topic "Form and field validation", section "Raising ValidationError".
    """

    message: Any
    code: str | None
    params: dict[str, Any] | None
    error_list: list[ValidationError]
    error_dict: dict[str, list[ValidationError]]

    def __init__(self, message: Any, code: str | None = None, params: dict[str, Any] | None = None) -> None:
        super().__init__(message, code, params)
        if isinstance(message, ValidationError):
            # As it is, unless it is one message: that has a code and parameters of its own.
            single = hasattr(message, "message")
            code, params = (message.code, message.params) if single else (code, params)
            message = message.message if single else getattr(message, "error_dict", message._all())
        if isinstance(message, dict):
            self.error_dict = {field: ValidationError(errors)._all() for field, errors in message.items()}
        elif isinstance(message, (list, tuple)):
            errors = [each if isinstance(each, ValidationError) else ValidationError(each) for each in message]
            self.error_list = [error for each in errors for error in each._all()]
        else:
            self.message, self.code, self.params = message, code, params
            self.error_list = [self]

    def _all(self) -> list[ValidationError]:
        """Return one error for each message."""
        if hasattr(self, "error_dict"):
            return [error for errors in self.error_dict.values() for error in errors]
        return self.error_list

    @property
    def message_dict(self) -> dict[str, list[str]]:
        """The messages by field.

        Raises:
            AttributeError: they were not given by field.
        """
        return {field: ValidationError(errors).messages for field, errors in self.error_dict.items()}

    @property
    def messages(self) -> list[str]:
        """Every message as text, with its parameters filled in."""
        return [str(one.message) % one.params if one.params else str(one.message) for one in self._all()]

    def update_error_dict(self, error_dict: dict[str, list[ValidationError]]) -> dict[str, list[ValidationError]]:
        """Add these errors to others by field, and return the others."""
        for field, errors in getattr(self, "error_dict", {NON_FIELD_ERRORS: self._all()}).items():
            error_dict.setdefault(field, []).extend(errors)
        return error_dict

    def __iter__(self) -> Iterator[Any]:
        return iter(self.message_dict.items() if hasattr(self, "error_dict") else self.messages)

    def __str__(self) -> str:
        return repr(self.message_dict if hasattr(self, "error_dict") else self.messages)

    def __repr__(self) -> str:
        return f"ValidationError({self})"

    def _content(self) -> Any:
        if hasattr(self, "error_dict"):
            return frozenset((field, frozenset(errors)) for field, errors in self.error_dict.items())
        if hasattr(self, "message"):
            return self.message, self.code, repr(sorted((self.params or {}).items()))
        return frozenset(self.error_list)

    def __eq__(self, other: object) -> bool:
        return self._content() == other._content() if isinstance(other, ValidationError) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._content())
