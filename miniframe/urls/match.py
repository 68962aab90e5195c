"""What resolving a path finds: the view, its arguments, and where in the URLconf they come from.

Source: Django's reference "URLconf utilities", section `ResolverMatch`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn, Protocol

from miniframe.types import View

__all__ = ["ResolverMatch", "Search", "place", "ready_match"]


_new = object.__new__


class Search(Protocol):
    """Who can tell what a search looked at: a URLResolver."""

    def tried(self, path: str) -> list[list[Any]]:
        """Return the patterns that a search for `path` looks at."""


class ResolverMatch:
    """A path's view and arguments; unpacks to (func, args, kwargs).

    `captured_kwargs` are those that the innermost route took from the path, `extra_kwargs` those
    that `path()` and `include()` add.  `tried` lists, for the 404 page, the patterns up to the match.
    """

    func: View
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    captured_kwargs: dict[str, Any] | None
    url_name: str | None
    app_names: list[str]
    app_name: str
    namespaces: list[str]
    namespace: str
    view_name: str
    route: str | None
    extra_kwargs: dict[str, Any] | None
    _func_path: str

    def __init__(
        self,
        func: View,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        url_name: str | None = None,
        app_names: Iterable[str | None] | None = None,
        namespaces: Iterable[str | None] | None = None,
        route: str | None = None,
        tried: list[list[Any]] | None = None,
        captured_kwargs: dict[str, Any] | None = None,
        extra_kwargs: dict[str, Any] | None = None,
    ) -> None:
        self._place = place(func, url_name, app_names or (), namespaces or (), route, extra_kwargs)
        self.func = func
        self.args = args
        self.kwargs = kwargs
        self.captured_kwargs = captured_kwargs
        self._tried = tried
        self._search: Search | None = None
        self._path = ""

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            # All that a route's matches share lies in one dict, and few requests ask for it.
            try:
                return self.__dict__["_place"][name]
            except KeyError:
                raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}") from None

    @property
    def tried(self) -> list[list[Any]] | None:
        """The patterns tried up to the match, outermost first in each list; found out when asked for."""
        return self._tried if self._search is None else self._search.tried(self._path)

    def __getitem__(self, index: int) -> Any:
        return (self.func, self.args, self.kwargs)[index]

    def __iter__(self) -> Iterator[Any]:
        return iter((self.func, self.args, self.kwargs))

    def __repr__(self) -> str:
        shown: dict[str, Any] = {
            "args": self.args,
            "kwargs": self.kwargs,
            "url_name": self.url_name,
            "app_names": self.app_names,
            "namespaces": self.namespaces,
            "route": self.route,
        }
        if self.captured_kwargs:
            shown["captured_kwargs"] = self.captured_kwargs
        if self.extra_kwargs:
            shown["extra_kwargs"] = self.extra_kwargs
        func = repr(self.func) if isinstance(self.func, partial) else self._func_path
        return f"ResolverMatch(func={func}, " + ", ".join(f"{key}={value!r}" for key, value in shown.items()) + ")"

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        # A view found again in another process need not be the same one.
        from pickle import PicklingError  # lazy: wanted for this refusal only

        raise PicklingError(f"Cannot pickle {type(self).__qualname__}.")


def ready_match(
    found: tuple[dict[str, Any], tuple[Any, ...], dict[str, Any], dict[str, Any]], search: Search, path: str
) -> ResolverMatch:
    """Return the match for what a router found when `search` asked it for `path`."""
    match = _new(ResolverMatch)
    match._place, match.args, match.kwargs, match.captured_kwargs = found
    match.func = found[0]["func"]
    match._search = search
    match._path = path
    return match


def place(
    func: View,
    url_name: str | None,
    app_names: Iterable[str | None],
    namespaces: Iterable[str | None],
    route: str | None,
    extra_kwargs: dict[str, Any] | None,
) -> dict[str, Any]:
    """Return the attributes of a ResolverMatch that are the same for every request on its route."""
    apps = [name for name in app_names if name]
    spaces = [name for name in namespaces if name]
    func_path = _dotted(func)
    return {
        "func": func,
        "url_name": url_name,
        "app_names": apps,
        "app_name": ":".join(apps),
        "namespaces": spaces,
        "namespace": ":".join(spaces),
        "view_name": ":".join([*spaces, url_name or func_path]),
        "route": route,
        "extra_kwargs": extra_kwargs,
        "_func_path": func_path,
    }


def _dotted(func: View) -> str:
    shown: Any = getattr(func, "view_class", func)
    name = getattr(shown, "__name__", None)
    # An instance with __call__, or a partial, is known by its class.
    return f"{shown.__module__}.{name}" if name else f"{type(shown).__module__}.{type(shown).__name__}"
