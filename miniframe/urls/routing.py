"""The table that finds a path's view: made once from a URLconf, and as quick for 10,000 routes as for ten.

`path()` routes are flattened through their include()s.  Those without parameters go into one dict.  The
others make a tree by segments (what stands between slashes): each node has its literal children in a dict,
and a test for each kind of parameter.  What fits neither (a regular expression, a `<path:...>`, a converter
of the user's, two parameters in one segment) hangs on the node up to which it is plain and is matched whole
when a search comes by.  Every route keeps its place in the URLconf, and of all that match the first wins, as
if they had been tried one by one.  Whether an earlier route could win over a path of the dict is found out
when that path is first asked for; most paths are settled then, and later cost one look into the dict.

One thing must not be flattened away: an include()'s own pattern takes what it can and never gives anything
back, so its route and the next one may only be joined where a slash or literal text parts them.

Source: Django's topic "URL dispatcher", section "How Django processes a request".
Not here: reading URLconfs (`resolvers`), the way back from names (`reversing`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from operator import attrgetter
from typing import Any, Literal, NamedTuple, TypeAlias

from miniframe.exceptions import Resolver404
from miniframe.urls.converters import UUIDConverter
from miniframe.urls.match import place
from miniframe.urls.patterns import Parameter, RegexPattern, RoutePattern

__all__ = ["Found", "Router", "Step", "around", "is_joinable"]

Found: TypeAlias = tuple[dict[str, Any], tuple[Any, ...], dict[str, Any], dict[str, Any]]
"""What a search finds: the match's constant attributes, its args, its kwargs, and the kwargs captured last."""

Step: TypeAlias = tuple[tuple[Any, ...], Any, Literal["leaf", "branch", "foreign"]]
"""An entry of a URLconf after flattening: the resolvers that lead to it, the root first; the entry; its kind.

A "leaf" is a URLPattern.  A "branch" is a URLResolver whose own pattern cannot be joined with what follows.
Anything "foreign" is asked by its own `resolve`.
"""


def _as_int(segment: str) -> int | None:
    if segment.isdecimal() and segment.isascii():
        try:
            return int(segment)
        except ValueError:  # more digits than Python converts
            pass
    return None


def _as_str(segment: str) -> str | None:
    return segment or None


_is_slug = re.compile("[-a-zA-Z0-9_]+").fullmatch
_is_uuid = re.compile(UUIDConverter.regex).fullmatch


def _as_slug(segment: str) -> str | None:
    return segment if _is_slug(segment) else None


def _as_uuid(segment: str) -> Any:
    return UUIDConverter().to_python(segment) if _is_uuid(segment) else None


Test: TypeAlias = Callable[[str], Any]
"""Returns the value that a segment stands for, or None if it does not match."""

# The converters that never match a slash.
_TESTS: dict[str, Test] = {"int": _as_int, "str": _as_str, "slug": _as_slug, "uuid": _as_uuid}

# Stands for a parameter in joined routes; a route that really has this character counts as odd.
_GAP = "\0"

# The literal text with which a regular expression is sure to begin.
_HEAD = re.compile(r"\^((?:[A-Za-z0-9_/-](?![*+?{]))*)")


def is_joinable(pattern: Any) -> bool:
    """Return whether an include()'s pattern may be joined with the routes within: all of it plain."""
    if not isinstance(pattern, RoutePattern) or any(each.kind not in _TESTS for each in pattern.parameters):
        return False
    return all(segment.count(_GAP) <= 1 for segment in _GAP.join(pattern.literals).split("/"))


class _Joined(NamedTuple):
    """Routes put together: text with a gap for each parameter; `whole` unless one could not be joined."""

    text: str
    parameters: tuple[Parameter, ...]
    whole: bool

    def then(self, pattern: Any) -> _Joined:
        """Return this with another pattern put after it, as far as that is sound."""
        more, whole = "", False
        parameters: tuple[Parameter, ...] = ()
        if isinstance(pattern, RoutePattern):
            more, parameters, whole = _GAP.join(pattern.literals), pattern.parameters, True
        elif isinstance(pattern, RegexPattern) and "|" not in str(pattern):
            head = _HEAD.match(str(pattern))
            more = head[1] if head else ""
        odd = not self.whole or more.count(_GAP) != len(parameters)
        if odd or (more and more[0] != "/" and _GAP in self.text.rpartition("/")[2]):
            return self._replace(whole=False)
        return _Joined(self.text + more, self.parameters + parameters, whole)


class _Route:
    """A view's pattern; what a search needs of it is made ready when one first ends here."""

    __slots__ = ("_depth", "_entry", "_levels", "_parameters", "fields", "index", "names", "own", "simple")

    fields: dict[str, Any] | None

    def __init__(
        self, index: int, levels: tuple[Any, ...], entry: Any, depth: int, parameters: tuple[Parameter, ...]
    ) -> None:
        self.index = index
        self._levels = levels
        self._entry = entry
        self._depth = depth
        self._parameters = parameters
        self.fields = None

    def _prepare(self) -> dict[str, Any]:
        entry, levels = self._entry, self._levels[self._depth :]
        self.names = tuple(parameter.name for parameter in self._parameters)
        # Where the entry's own parameters begin, after those of the include()s.
        self.own = len(self._parameters) - len(entry.pattern.parameters)
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


class _Odd:
    """An entry that has to be matched as a whole; `start` is the literal text before its first real pattern."""

    __slots__ = ("_entry", "_fields", "_kind", "_levels", "_router", "_start", "_way", "index")

    def __init__(self, index: int, step: Step, depth: int) -> None:
        self.index = index
        self._levels, self._entry, self._kind = step
        self._way = list(self._levels[depth:])
        self._start = ""
        while self._way and not self._way[0].pattern.parameters and not self._way[0].default_kwargs:
            self._start += str(self._way.pop(0).pattern)
        self._fields: dict[str, Any] | None = None
        self._router: Router | None = None
        if self._kind == "branch":
            levels = (*self._levels, self._entry)
            self._router = Router(self._entry.steps(levels), len(levels))
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
        if self._router is not None:
            return self._router.find(rest)
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


_NOTHING: dict[str, Any] = {}


class _Node:
    """A place in the tree, reached by all the paths that begin with the same segments.

    `route` is for a path that ends here, `slashed` for one that ends with one slash more.  What is empty is
    shared between nodes, because most have one child.
    """

    __slots__ = ("edges", "literals", "odds", "route", "slashed")

    literals: dict[str, _Node]
    edges: tuple[tuple[Test, _Node, tuple[str, str, str]], ...]
    odds: tuple[_Odd, ...]
    route: _Route | None
    slashed: _Route | None

    def __init__(self) -> None:
        self.literals = _NOTHING
        self.edges = ()
        self.odds = ()
        self.route = self.slashed = None

    def literal(self, segment: str) -> _Node:
        """Return the child for exactly this segment."""
        node = self.literals.get(segment)
        if node is None:
            node = _Node()
            if self.literals is _NOTHING:
                self.literals = {}
            self.literals[segment] = node
        return node

    def edge(self, before: str, kind: str, after: str) -> _Node:
        """Return the child for segments with one parameter between two texts."""
        key = before, kind, after
        for _, node, other in self.edges:
            if other == key:
                return node
        node = _Node()
        self.edges += ((_test_between(before, _TESTS[kind], after), node, key),)
        return node


class Router:
    """All the routes of one URLconf.

    `depth` of the levels of each step are done with before this router is asked; `lead` is what every path
    begins with, "/" at the root.
    """

    def __init__(self, steps: Iterable[Step], depth: int, lead: str = "") -> None:
        self._lead = lead
        self._depth = depth
        self._root = _Node()
        self._static: dict[str, int] = {}
        self._settled: dict[str, _Route] = {}
        self._entries: list[Any] = []
        self._levels: list[tuple[Any, ...]] = []
        self._fill(steps)

    def _fill(self, steps: Iterable[Step]) -> None:
        # This runs once for each route of a site before its first answer, so the usual ones take the short way.
        static, entries, all_levels = self._static, self._entries, self._levels
        levels: tuple[Any, ...] = ()
        prefix = _Joined(self._lead, (), True)
        for index, step in enumerate(steps):
            here, entry, kind = step
            entries.append(entry)
            all_levels.append(here)
            if here is not levels:
                levels = here
                prefix = _Joined(self._lead, (), True)
                for level in levels[self._depth :]:
                    prefix = prefix.then(level.pattern)
            pattern = None if kind == "foreign" else entry.pattern
            if kind != "leaf" or prefix.parameters or not prefix.whole or type(pattern) is not RoutePattern:
                joined = prefix.then(pattern)
            elif pattern.parameters:
                joined = _Joined(prefix.text + _GAP.join(pattern.literals), pattern.parameters, True)
            else:
                static.setdefault(prefix.text + pattern._route, index)
                continue
            self._grow(index, step, joined)

    def _grow(self, index: int, step: Step, joined: _Joined) -> None:
        """Put a step with parameters, or an odd one, where searches for its paths come by."""
        sound = joined.text.count(_GAP) == len(joined.parameters)
        whole = sound and joined.whole and step[2] == "leaf"
        segments = joined.text[len(self._lead) :].split("/") if sound else [""]
        slashed = len(segments) > 1 and not segments[-1]
        if slashed or not whole:
            segments.pop()
        parameters = iter(joined.parameters)
        node = self._root
        for segment in segments:
            if _GAP not in segment:
                node = node.literal(segment)
                continue
            before, _, after = segment.partition(_GAP)
            kind = next(parameters).kind
            if _GAP in after or kind not in _TESTS:
                whole = False
                break
            node = node.edge(before, kind, after)
        if not whole:
            node.odds += (_Odd(index, step, self._depth),)
            return
        route = _Route(index, step[0], step[1], self._depth, joined.parameters)
        if slashed:
            node.slashed = node.slashed or route
        else:
            node.route = node.route or route

    def find(self, path: str) -> Found | None:
        """Return what the first route that matches all of `path` gives, or None."""
        route = self._settled.get(path)
        if route is not None:
            return route.found(())
        rest = path[len(self._lead) :]
        route, values, odds = self._search(rest)
        index = self._static.get(path)
        if index is not None and (route is None or index < route.index):
            route, values = _Route(index, self._levels[index], self._entries[index], self._depth, ()), ()
            odds = [odd for odd in odds if odd.index < index and odd.may_match(rest)]
            if not odds:
                self._settled[path] = route
        for odd in odds:
            if route is not None and odd.index > route.index:
                break
            found = odd.find(rest)
            if found is not None:
                return found
        return None if route is None else route.found(values)

    def _search(self, rest: str) -> tuple[_Route | None, tuple[Any, ...], list[_Odd]]:
        """Walk the tree; return the first route that matches with its values, and the odd ones passed, in order."""
        segments = rest.split("/")
        end = len(segments)
        slashed = end > 1 and not segments[-1]
        if slashed:
            end -= 1
        node, at = self._root, 0
        values: tuple[Any, ...] = ()
        best: _Route | None = None
        best_values: tuple[Any, ...] = ()
        odds: list[_Odd] = []
        waiting: list[tuple[_Node, int, tuple[Any, ...]]] | None = None
        while True:
            if node.odds:
                odds += node.odds
            if at == end:
                route = node.slashed if slashed else node.route
                if route is not None and (best is None or route.index < best.index):
                    best, best_values = route, values
            else:
                segment = segments[at]
                at += 1
                following = node.literals.get(segment)
                if node.edges:
                    so_far = values
                    for test, child, _ in node.edges:
                        value = test(segment)
                        if value is None:
                            continue
                        if following is None:
                            following, values = child, (*so_far, value)
                        elif waiting is None:
                            waiting = [(child, at, (*so_far, value))]
                        else:
                            waiting.append((child, at, (*so_far, value)))
                if following is not None:
                    node = following
                    continue
            if not waiting:
                break
            node, at, values = waiting.pop()
        if len(odds) > 1:
            odds.sort(key=attrgetter("index"))
        return best, best_values, odds


def _test_between(before: str, test: Test, after: str) -> Test:
    if not before and not after:
        return test
    start, least = len(before), len(before) + len(after)

    def between(segment: str) -> Any:
        if len(segment) <= least or not segment.startswith(before) or not segment.endswith(after):
            return None
        return test(segment[start : len(segment) - len(after)])

    return between


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
