"""What a step has done to the request or the response: looked at before and after, and compared.

Values are told where they help and cannot hurt: header fields, but none that sounds secret; of cookies and of what is
put on the request only the names and kinds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from miniframe.http import lazy
from miniframe.management.explaining.timeline import Change
from miniframe.utils.masking import STARS, sounds_secret

__all__ = ["RequestLook", "ResponseLook", "size_of", "without_secrets"]

_SECRET_FIELDS = frozenset(("authorization", "proxy-authorization", "cookie", "set-cookie"))
_PARAMETER = re.compile(r"([?&;])([^=&;#\s]+)=([^&;#\s]*)")

# What the handler itself puts there, and tells of in a step of its own.
_TOLD_ELSEWHERE = frozenset(("resolver_match",))


class RequestLook:
    """What hangs on a request at one moment."""

    def __init__(self, request: Any) -> None:
        self.attributes: dict[str, int] = {name: id(value) for name, value in vars(request).items()}
        self.meta: dict[str, int] = {name: id(value) for name, value in request.META.items()}

    def changes(self, request: Any) -> Iterator[Change]:
        """Yield what has been put there since; not what has only been looked up."""
        for name, value in list(vars(request).items()):
            known = self.attributes.get(name)
            if known == id(value) or name in _TOLD_ELSEWHERE or _is_lazy(request, name):
                continue
            yield Change("attribute", name, None if known is None else "other", type(value).__name__)
        for name, value in list(request.META.items()):
            if self.meta.get(name) != id(value):
                yield Change("META", name, "other" if name in self.meta else None, type(value).__name__)


def _is_lazy(request: Any, name: str) -> bool:
    return any(isinstance(vars(cls).get(name), lazy) for cls in type(request).__mro__)


class ResponseLook:
    """A response at one moment."""

    def __init__(self, response: Any) -> None:
        self.kind: str = type(response).__name__
        self.identity: int = id(response)
        self.status: str = f"{response.status_code} {response.reason_phrase}"
        self.fields: dict[str, tuple[str, str]] = {
            name.lower(): (name, without_secrets(name, value)) for name, value in response.items()
        }
        self.cookies: dict[str, str] = {name: _cookie(name, morsel) for name, morsel in response.cookies.items()}
        self.size: int | None = size_of(response)

    def contents(self) -> Iterator[Change]:
        """Yield the header fields and cookies, as they are for one who sees them for the first time."""
        for name, value in self.fields.values():
            yield Change("header", name, None, value)
        for name, cookie in self.cookies.items():
            yield Change("cookie", name, None, cookie)

    def changes(self, later: ResponseLook) -> Iterator[Change]:
        """Yield in which points `later` is different."""
        if later.identity != self.identity:
            yield Change("response", "", self.kind, later.kind)
        if later.status != self.status:
            yield Change("status", "", self.status, later.status)
        for key in {**self.fields, **later.fields}:
            before, after = self.fields.get(key), later.fields.get(key)
            if before != after:
                name = (after or before or ("", ""))[0]
                yield Change("header", name, before and before[1], after and after[1])
        for name in {**self.cookies, **later.cookies}:
            given, kept = self.cookies.get(name), later.cookies.get(name)
            if given != kept:
                yield Change("cookie", name, given, kept)
        if later.size != self.size:
            yield Change("body", "", _octets(self.size), _octets(later.size))


def size_of(response: Any) -> int | None:
    """Return how many octets the content has; None if that is not known, or not yet."""
    if response.streaming or not getattr(response, "is_rendered", True):
        return None
    return len(response.content)


def without_secrets(name: str, value: str) -> str:
    """Return a header field's value, with stars in place of what is nobody else's business.

    >>> without_secrets("Location", "/reset/?token=abc&next=/")
    '/reset/?token=********************&next=/'
    """
    if name.lower() in _SECRET_FIELDS or sounds_secret(name.replace("-", "_")):
        return STARS
    return _PARAMETER.sub(lambda part: f"{part[1]}{part[2]}={STARS if sounds_secret(part[2]) else part[3]}", value)


def _cookie(name: str, morsel: Any) -> str:
    """Return a cookie as Set-Cookie says it, without its value."""
    rest = morsel.OutputString().partition(";")[2]
    if not morsel.value and str(morsel["max-age"]) == "0":
        return f"{name} deleted"
    return f"{name}={STARS}" + (f";{rest}" if rest else "")


def _octets(size: int | None) -> str:
    return "a stream" if size is None else f"{size:,} octets"
