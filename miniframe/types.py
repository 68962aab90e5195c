"""The shapes that rooms on different floors agree on, so that a lower one need not import a higher one.

Source: PEP 3333 for the WSGI names; PEP 544 for protocols.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Any, Protocol, TypeAlias

__all__ = [
    "Environ",
    "ExcInfo",
    "GetResponse",
    "ResolverMatchLike",
    "StartResponse",
    "View",
    "WSGIApplication",
    "Write",
]

Environ: TypeAlias = dict[str, Any]
"""What PEP 3333 calls `environ`: CGI variables as text, and the `wsgi.*` keys."""

ExcInfo: TypeAlias = tuple[type[BaseException], BaseException, TracebackType | None]
"""What `sys.exc_info()` gives inside an `except` block."""

Write: TypeAlias = Callable[[bytes], object]
"""The imperative writer that `start_response` returns (PEP 3333, "The write() Callable")."""


class StartResponse(Protocol):
    """The callable a server hands to an application to begin its answer (PEP 3333)."""

    def __call__(
        self, status: str, headers: list[tuple[str, str]], exc_info: ExcInfo | None = None, /
    ) -> Write | None: ...


WSGIApplication: TypeAlias = Callable[[Environ, Any], Iterable[bytes]]
"""An application as PEP 3333 defines it; the second argument is a `StartResponse`."""

GetResponse: TypeAlias = Callable[[Any], Any]
"""What a middleware's factory is given: request in, response out."""

View: TypeAlias = Callable[..., Any]
"""A view: called with the request and the arguments of its route."""


class ResolverMatchLike(Protocol):
    """The part of `urls.ResolverMatch` that requests, handlers and error pages read."""

    func: View
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    url_name: str | None
    app_names: list[str]
    namespaces: list[str]
    route: str | None

    @property
    def view_name(self) -> str:
        """The route's name with its namespaces, or the view's dotted path."""

    @property
    def namespace(self) -> str:
        """The namespaces, joined by ":"."""
