"""What a search for a path can end at: a route ready to be found, or something odd that must be asked.

Source: Django's topic "URL dispatcher", sections "What the URLconf searches against" and "Passing extra options".
"""

from __future__ import annotations

from typing import Any, Literal, Protocol, TypeAlias

from miniframe.exceptions import Resolver404
from miniframe.urls.match import place
from miniframe.urls.patterns import Parameter

__all__ = ["Finder", "Found", "Odd", "Route", "Step", "around"]

Found: TypeAlias = tuple[dict[str, Any], tuple[Any, ...], dict[str, Any], dict[str, Any]]
"""What a search finds: the match's constant attributes, its args, its kwargs, and the kwargs captured last."""

Step: TypeAlias = tuple[tuple[Any, ...], Any, Literal["leaf", "branch", "foreign"]]
"""An entry of a URLconf after flattening: the resolvers that lead to it, the root first; the entry; its kind.

A "leaf" is a URLPattern.  A "branch" is a URLResolver whose own pattern cannot be joined with what follows.
Anything "foreign" is asked by its own `resolve`.
"""


class Finder(Protocol):
    """A table of routes: the one below a "branch"."""

    def find(self, path: str) -> Found | None:
        """Return what the first route that matches all of `path` gives, or None."""


class Route:
    """A view's pattern; what a search needs of it is made ready when one first ends here."""

    __slots__ = ("_depth", "_entry", "_levels", "_parameters", "fields", "index", "names", "own", "simple")

    fields: dict[str, Any] | None

    def __init__(
        self, index: int, levels: tuple[Any, ...], entry: Any, depth: int, parameters: tuple[Parameter, ...]
    ) -> None:
        self.index: int = index
        self._levels = levels
        self._entry = entry
        self._depth = depth
        self._parameters = parameters
        self.fields = None
        self.simple: bool = False

    def _prepare(self) -> dict[str, Any]:
        entry, levels = self._entry, self._levels[self._depth :]
        self.names: tuple[str, ...] = tuple(parameter.name for parameter in self._parameters)
        # Where the entry's own parameters begin, after those of the include()s.
        self.own: int = len(self._parameters) - len(entry.pattern.parameters)
        self.simple = len(set(self.names)) == len(self.names) and not (
            entry.default_args or any(level.default_kwargs for level in levels)
        )
        self.fields = _fields(self._levels, entry)
        return self.fields

    def found(self, values: tuple[Any, ...]) -> Found:
        """Return what a search that ends here found, given the values of all parameters on the way."""
        fields = self.fields or self._prepare()
        if not self.simple:
            return fields, (), *self._merged(values)
        if not values:
            return fields, (), {}, {}
        if len(values) == 1 and not self.own:  # as in most addresses
            name, value = self.names[0], values[0]
            return fields, (), {name: value}, {name: value}
        kwargs = dict(zip(self.names, values))  # noqa: B905  # as many as names; saying so doubles the time
        if not self.own:
            return fields, (), kwargs, kwargs.copy()
        return fields, (), kwargs, {name: kwargs[name] for name in self.names[self.own :]}

    def _merged(self, values: tuple[Any, ...]) -> tuple[dict[str, Any], dict[str, Any]]:
        rest = iter(values)
        kwargs: dict[str, Any] = {}
        captured: dict[str, Any] = {}
        ways = [(level.pattern, level.default_kwargs) for level in self._levels[self._depth :]]
        for pattern, defaults in [*ways, (self._entry.pattern, self._entry.default_args)]:
            captured = {parameter.name: next(rest) for parameter in pattern.parameters}
            kwargs.update(captured)
            kwargs.update(defaults)
        return kwargs, captured


class Odd:
    """An entry that has to be matched as a whole; `below` finds what a "branch" leads to."""

    __slots__ = ("_below", "_entry", "_fields", "_kind", "_levels", "_start", "_way", "index")

    def __init__(self, index: int, step: Step, depth: int, below: Finder | None) -> None:
        self.index: int = index
        self._levels, self._entry, self._kind = step
        self._way = list(self._levels[depth:])
        self._start = ""
        while self._way and not self._way[0].pattern.parameters and not self._way[0].default_kwargs:
            self._start += str(self._way.pop(0).pattern)
        self._fields: dict[str, Any] | None = None
        self._below = below
        if below is not None:
            self._way.append(self._entry)

    def find(self, path: str) -> Found | None:
        """Match all of `path`."""
        if not path.startswith(self._start):
            return None
        rest = path[len(self._start) :]
        passed = []
        for level in self._way:
            match = level.pattern.match(rest)
            if match is None:
                return None
            rest, args, captured = match
            passed.append((args, captured, level.default_kwargs))
        found = self._end(rest)
        return around(found, passed) if found and passed else found

    def _end(self, rest: str) -> Found | None:
        if self._below is not None:
            return self._below.find(rest)
        if self._kind == "foreign":
            return self._ask(rest)
        match = self._entry.pattern.match(rest)
        if match is None:
            return None
        if self._fields is None:
            self._fields = _fields(self._levels, self._entry)
        _, args, captured = match
        return self._fields, args, {**captured, **self._entry.default_args}, captured

    def _ask(self, rest: str) -> Found | None:
        try:
            match = self._entry.resolve(rest)
        except Resolver404:
            return None
        if match is None:
            return None
        # A pattern's match has its own route in it, a resolver's only what is below.
        own = str(self._entry.pattern) if hasattr(self._entry, "url_patterns") else ""
        fields = place(
            match.func,
            match.url_name,
            [*(level.app_name for level in self._levels), *match.app_names],
            [*(level.namespace for level in self._levels), *match.namespaces],
            _joined_route([*_routes(self._levels), own, match.route or ""]),
            _merged_defaults(self._levels, match.extra_kwargs or {}),
        )
        return fields, match.args, match.kwargs, match.captured_kwargs

    def may_match(self, path: str) -> bool:
        """Return False only if no search for `path` can ever end here; asks no converter."""
        if not path.startswith(self._start):
            return False
        if not self._way and self._kind == "foreign":
            return True
        first = self._way[0] if self._way else self._entry
        return first.pattern.regex.search(path[len(self._start) :]) is not None


def _fields(levels: tuple[Any, ...], entry: Any) -> dict[str, Any]:
    return place(
        entry.callback,
        entry.pattern.name,
        [level.app_name for level in levels],
        [level.namespace for level in levels],
        _joined_route([*_routes(levels), str(entry.pattern)]),
        _merged_defaults(levels, entry.default_args),
    )


def _routes(levels: tuple[Any, ...]) -> list[str]:
    # The route that people see begins below the root.
    return [str(level.pattern) for level in levels[1:]]


def _joined_route(routes: list[str]) -> str:
    joined = ""
    for route in reversed(routes):
        joined = route + joined.removeprefix("^") if route else joined
    return joined


def _merged_defaults(levels: tuple[Any, ...], innermost: dict[str, Any]) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for level in levels:
        merged.update(level.default_kwargs)
    return merged | innermost


def around(found: Found, passed: list[tuple[tuple[Any, ...], dict[str, Any], dict[str, Any]]]) -> Found:
    """Add to `found` what the levels around it captured and add: args, named arguments, defaults; outermost first.

    Positional arguments count only while nothing has a name.
    """
    fields, args, kwargs, captured = found
    for outer_args, outer_captured, defaults in reversed(passed):
        kwargs = {**outer_captured, **defaults, **kwargs}
        if not kwargs:
            args = outer_args + args
    return fields, args, kwargs, captured
