"""A URLconf as a flat list, for the `routes` command and for checks.

Source: our own; it shows what `resolve` would find, in the order in which it looks.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from miniframe.types import View
from miniframe.urls.resolvers import URLPattern, URLResolver

__all__ = ["Leaf", "RouteRow", "iter_leaves", "iter_routes", "source_of"]


class RouteRow(NamedTuple):
    """One line of `manage.py routes`.

    `name` includes the namespace, as `reverse` wants it; "" if the route has none.  `methods` is None where the view
    does not say which it takes.  `file` is "" and `line` 0 where the view has no source.
    """

    route: str
    view: str
    name: str
    namespace: str
    methods: tuple[str, ...] | None
    file: str
    line: int


class Leaf(NamedTuple):
    """A pattern with a view, and the include()s that lead to it, outermost first."""

    levels: tuple[URLResolver, ...]
    pattern: URLPattern

    @property
    def route(self) -> str:
        """All the routes to it as one, with a leading slash."""
        parts = [str(level.pattern) for level in self.levels] + [str(self.pattern.pattern)]
        return "/" + "".join(part.removeprefix("^") for part in parts)

    @property
    def namespace(self) -> str:
        """All the namespaces that it lies in, joined by colons."""
        return ":".join(level.namespace for level in self.levels if level.namespace)


def iter_leaves(resolver: URLResolver) -> Iterator[Leaf]:
    """Yield all patterns with views below `resolver`, in the order of the search."""
    yield from _leaves(resolver, ())


def iter_routes(resolver: URLResolver) -> Iterator[RouteRow]:
    """Yield a row for each view's pattern below `resolver`, in the order of the search.

    >>> from miniframe.urls import URLResolver, path
    >>> from miniframe.urls.resolvers import RegexPattern
    >>> rows = iter_routes(URLResolver(RegexPattern("^/"), [path("users/<int:id>/", print, name="user")]))
    >>> [(row.route, row.view, row.name) for row in rows]
    [('/users/<int:id>/', 'builtins.print', 'user')]
    """
    for leaf in iter_leaves(resolver):
        pattern, namespace = leaf.pattern, leaf.namespace
        name = str(pattern.name or "")
        file, line = source_of(pattern.callback)
        yield RouteRow(
            route=leaf.route,
            view=pattern.lookup_str,
            name=f"{namespace}:{name}" if name and namespace else name,
            namespace=namespace,
            methods=_methods(pattern.callback),
            file=file,
            line=line,
        )


def source_of(view: View) -> tuple[str, int]:
    """Return the file and line where a view is defined, through decorators; ("", 0) if it has no source."""
    shown: Any = getattr(view, "view_class", view)
    while not isinstance(shown, type) and hasattr(shown, "__wrapped__"):
        shown = shown.__wrapped__
    shown = getattr(shown, "func", shown)
    code = getattr(shown, "__code__", None)
    if code is not None:
        return code.co_filename, code.co_firstlineno
    # inspect costs 10 ms to import, and knows what a class's first line is.
    import inspect

    try:
        shown = shown if isinstance(shown, type) else type(shown)
        return inspect.getsourcefile(shown) or "", inspect.getsourcelines(shown)[1]
    except (OSError, TypeError):
        return "", 0


def _leaves(resolver: URLResolver, levels: tuple[URLResolver, ...]) -> Iterator[Leaf]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLPattern):
            yield Leaf(levels, entry)
        elif isinstance(entry, URLResolver) and entry not in levels:  # a URLconf may include itself
            yield from _leaves(entry, (*levels, entry))


def _methods(view: View) -> tuple[str, ...] | None:
    cls = getattr(view, "view_class", None)
    if cls is None:
        return None
    return tuple(name.upper() for name in cls.http_method_names if hasattr(cls, name))
