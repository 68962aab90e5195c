"""What an error report must not show: passwords, keys, tokens, cookies, and what the project marked as sensitive.

Source: Django's how-to "Error reporting", section "Filtering sensitive information".
"""

from __future__ import annotations

import re
from functools import lru_cache
from types import FrameType
from typing import Any

from miniframe.conf import import_from_setting, settings
from miniframe.exceptions import ImproperlyConfigured
from miniframe.utils.masking import mask_source, secrets_in, sounds_secret
from miniframe.views.decorators.debug import coroutine_functions_to_sensitive_variables
from miniframe.views.report.secrets import (
    secrets_of,
    star_address,
    star_addresses,
    star_fields,
    star_headers,
    star_named,
)
from miniframe.views.report.values import STARS

__all__ = ["SafeExceptionReporterFilter", "get_default_exception_reporter_filter", "get_exception_reporter_filter"]

ALL = "__ALL__"

# A local variable is hidden for a whole word of its name: "author" and "compass" are no secrets, and neither is the
# bare "key" of a loop; "api_key" and "auth" are.
_SECRET_WORD = re.compile(
    r"(?:^|_)(?:api|auth|authorization|tokens?|secrets?|pass|passwd|passwords?|pwd|passphrase|signature|credentials?|cookies?|jwt)(?:_|$)"
    r"|_keys?$|(?:api|secret|private|access|signing)key|tokens?$|secrets?$|password|sessionid|HTTP_COOKIE",
    re.IGNORECASE,
)
# "PASSWORD = 'x'" or "'password': 'x'" in a line of source.
_SECRET_LITERAL = re.compile(
    r"""(\w*(?:API_?KEY|TOKEN|_KEY|SECRET|PASSW|SIGNATURE)\w*["']?\]?\s*"""  # the name, or a key in brackets
    r"""(?::[\w\[\], .|]{1,40})?[:=]\s*[rbf]{0,2})"""  # an annotation, perhaps; then "=" or ":"
    # In the repr of a source quotes may be escaped; in a broken or cut one the second may be missing.
    r"""(\\?["'])(?:(?!\2).){3,}(?:\2|$)""",
    re.IGNORECASE,
)
_SHORTEST_SECRET = 8


# A report asks for the same names again and again.
@lru_cache(maxsize=2048)
def _has_secret_word(name: str) -> bool:
    return _SECRET_WORD.search(name.replace("-", "_")) is not None


_sounds_secret = lru_cache(maxsize=2048)(sounds_secret)


class SafeExceptionReporterFilter:
    """Takes secrets out of settings, requests and local variables.

    Name another class in settings.DEFAULT_EXCEPTION_REPORTER_FILTER, or set one on a request as
    `exception_reporter_filter`.
    """

    _answered: tuple[Any, set[str], list[str]] | None = None

    cleansed_substitute: str = STARS
    #: Secrets that were found in the source of settings which cannot be loaded.
    learned: tuple[str, ...] = ()
    hidden_settings: re.Pattern[str] = re.compile(
        "API|AUTH|TOKEN|KEY|SECRET|PASS|PASSWD|SIGNATURE|HTTP_COOKIE", re.IGNORECASE
    )

    def is_active(self, request: Any) -> bool:
        """Return whether the marks of `sensitive_variables` and `sensitive_post_parameters` count: always.

        Django lets them count in production only; here reports are also read by programs and pasted into chats.
        """
        return True

    def is_secret_name(self, name: str) -> bool:
        """Return whether a variable, key or header of this name holds a secret, going by whole words."""
        return _has_secret_word(name)

    def cleanse_setting(self, key: object, value: Any) -> Any:
        """Return `value`, or stars if `key` looks like a secret's name; looks into dicts, lists and tuples too.

        Of an address only the password is starred: "postgres://user:********************@host".
        """
        if isinstance(key, str) and self.hidden_settings.search(key):
            return self.cleansed_substitute
        if type(value) is str:
            # "postgresql://host/name?password=x" has it in the query; "host=h password='x y'" is libpq's way.
            value = star_address(value, self.cleansed_substitute)
            value = star_named(value, self.is_secret_name, self.cleansed_substitute)
            return star_fields(value, self.is_secret_name, self.cleansed_substitute)
        if isinstance(value, dict):
            return {inner: self.cleanse_setting(inner, item) for inner, item in value.items()}
        if isinstance(value, list):
            return [self.cleanse_setting("", item) for item in value]
        if type(value) is tuple:
            return tuple([self.cleanse_setting("", item) for item in value])
        return value

    def get_safe_settings(self) -> dict[str, Any]:
        """Return every setting, secrets starred; empty if the settings have not been loaded."""
        safe: dict[str, Any] = {}
        for name in [name for name in dir(settings) if name.isupper()] if settings.configured else ():
            try:
                safe[name] = self.cleanse_setting(name, getattr(settings, name))
            except Exception as error:
                safe[name] = f"<{type(error).__name__}>"
        return safe

    def get_safe_request_meta(self, request: Any) -> dict[str, Any]:
        """Return request.META, secrets starred."""
        if not hasattr(request, "META"):
            return {}
        return {name: self.cleanse_setting(name, value) for name, value in request.META.items()}

    def get_safe_cookies(self, request: Any) -> dict[str, Any]:
        """Return the cookies; those of the session and of CSRF protection are as good as a password."""
        if not hasattr(request, "COOKIES"):
            return {}
        keys = {settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME}
        return {
            name: self.cleansed_substitute if name in keys else self.cleanse_setting(name, value)
            for name, value in request.COOKIES.items()
        }

    def get_cleansed_multivaluedict(self, request: Any, multivaluedict: Any) -> Any:
        """Return a copy of a QueryDict with stars in place of the parameters marked by `sensitive_post_parameters`."""
        marked = getattr(request, "sensitive_post_parameters", [])
        if not self.is_active(request) or not marked:
            return multivaluedict
        cleansed = multivaluedict.copy()
        for name in list(cleansed) if marked == ALL else marked:
            if name in cleansed:
                cleansed[name] = self.cleansed_substitute
        return cleansed

    def get_post_parameters(self, request: Any) -> Any:
        """Return request.POST, with stars for what `sensitive_post_parameters` names."""
        return {} if request is None else self.get_cleansed_multivaluedict(request, request.POST)

    def get_traceback_frame_variables(self, request: Any, tb_frame: FrameType) -> list[tuple[str, Any]]:
        """Return the local variables of a frame as (name, value), with stars for what `sensitive_variables` names."""
        marked = _marked_variables(tb_frame) if self.is_active(request) else ()
        rows = []
        for name, value in tb_frame.f_locals.items():
            if marked == ALL or name in marked:
                value = self.cleansed_substitute
            elif _is_multivaluedict(value):
                value = self.get_cleansed_multivaluedict(request, value)
            rows.append((name, value))
        return rows

    def scrub(self, text: str, request: Any = None) -> str:
        """Return `text` without the secrets that are known, those that `request` brought, and others by their place.

        By their place: passwords in addresses, and what a secret's name stands before, as in JSON and in queries.
        """
        stars = self.cleansed_substitute
        text = star_addresses(self._without_known(text, request), stars)
        text = star_named(text, lambda name: self.is_secret_name(name) or _sounds_secret(name), stars)
        return star_headers(star_fields(text, self.is_secret_name, stars), self.is_secret_name, stars)

    def scrub_source(self, line: str, request: Any = None) -> str:
        """Return a line of source without the literals that it gives to names of secrets."""
        line = _SECRET_LITERAL.sub(rf"\1\2{self.cleansed_substitute}\2", line)
        return star_addresses(self._without_known(line, request), self.cleansed_substitute)

    def mask_file(self, text: str) -> str:
        """Return the source of a whole file without the strings that it gives to names of secrets."""
        return star_addresses(mask_source(text, sounds_secret, self.cleansed_substitute), self.cleansed_substitute)

    def learn(self, text: str) -> None:
        """Take the secrets in the source of settings, which could not be loaded, for known ones from now on."""
        found = [each for each in secrets_in(text, sounds_secret) if len(each) >= _SHORTEST_SECRET]
        self.learned = tuple(dict.fromkeys((*self.learned, *found)))

    def _without_known(self, text: str, request: Any) -> str:
        for secret in (*self._known_secrets(), *self._secrets_of(request)):
            if secret in text:
                text = text.replace(secret, self.cleansed_substitute)
        return text

    def _secrets_of(self, request: Any) -> list[str]:
        if request is None:
            return []
        # A report asks a thousand times; what was read of the request meanwhile makes the answer a new one.
        read = request.__dict__.keys() & {"GET", "POST", "_post", "_body"} if hasattr(request, "__dict__") else set()
        if self._answered is None or self._answered[0] is not request or self._answered[1] != read:
            self._answered = (request, read, secrets_of(request, self.is_secret_name))
        return self._answered[2]

    def _known_secrets(self) -> list[str]:
        if not settings.configured:
            return [*self.learned]
        try:
            known = [*self.learned, settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
        except (AttributeError, ImproperlyConfigured):
            return [*self.learned]
        return [each for each in known if isinstance(each, str) and len(each) >= _SHORTEST_SECRET]


def _marked_variables(frame: FrameType) -> Any:
    """Return the names that `sensitive_variables` marks in this frame's function or in a caller's, or "__ALL__"."""
    caller: FrameType | None = frame
    while caller is not None:
        marked = coroutine_functions_to_sensitive_variables.get(caller.f_code)
        if marked is not None:
            return marked
        # For plain functions the decorator's wrapper carries the mark; its name is Django's convention.
        if caller.f_code.co_name == "sensitive_variables_wrapper":
            wrapper = caller.f_locals.get("sensitive_variables_wrapper")
            return getattr(wrapper, "sensitive_variables", ALL)
        caller = caller.f_back
    return ()


def _is_multivaluedict(value: object) -> bool:
    # By shape, so that a lazy object is not evaluated only to be shown.
    return hasattr(type(value), "getlist") and hasattr(type(value), "copy")


def get_default_exception_reporter_filter() -> SafeExceptionReporterFilter:
    """Return an instance of the class that settings.DEFAULT_EXCEPTION_REPORTER_FILTER names."""
    # Settings that were not loaded so far may be the very thing that is broken: they are not tried again.
    if not settings.configured:
        return SafeExceptionReporterFilter()
    made: SafeExceptionReporterFilter = import_from_setting(
        "DEFAULT_EXCEPTION_REPORTER_FILTER", settings.DEFAULT_EXCEPTION_REPORTER_FILTER
    )()
    return made


def get_exception_reporter_filter(request: Any) -> SafeExceptionReporterFilter:
    """Return the request's own filter, or the default one."""
    own: SafeExceptionReporterFilter | None = getattr(request, "exception_reporter_filter", None)
    return own or get_default_exception_reporter_filter()
