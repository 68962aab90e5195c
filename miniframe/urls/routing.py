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
from typing import Any, TypeAlias

from miniframe.urls.converters import UUIDConverter, is_slug, is_uuid
from miniframe.urls.patterns import Parameter, RegexPattern, RoutePattern
from miniframe.urls.routes import Found, Odd, Route, Step

__all__ = ["Router", "is_joinable"]


def _as_int(segment: str) -> int | None:
    if segment.isdecimal() and segment.isascii():
        try:
            return int(segment)
        except ValueError:  # more digits than Python converts
            pass
    return None


def _as_str(segment: str) -> str | None:
    return segment or None


def _as_slug(segment: str) -> str | None:
    return segment if is_slug(segment) else None


def _as_uuid(segment: str) -> Any:
    return UUIDConverter().to_python(segment) if is_uuid(segment) else None


Test: TypeAlias = Callable[[str], Any]
"""Returns the value that a segment stands for, or None if it does not match."""

# The converters that never match a slash.
_TESTS: dict[str, Test] = {"int": _as_int, "str": _as_str, "slug": _as_slug, "uuid": _as_uuid}

# Stands for a parameter in joined routes; a route that really has this character counts as odd.
_GAP = "\0"

# The literal text with which a regular expression is sure to begin.
_HEAD = r"\^((?:[A-Za-z0-9_/-](?![*+?{]))*)"


def is_joinable(pattern: Any) -> bool:
    """Return whether an include()'s pattern may be joined with the routes within: all of it plain."""
    if not isinstance(pattern, RoutePattern) or any(each.kind not in _TESTS for each in pattern.parameters):
        return False
    return all(segment.count(_GAP) <= 1 for segment in _GAP.join(pattern.literals).split("/"))


class _Joined:
    """Routes put together: text with a gap for each parameter; `whole` unless one could not be joined."""

    __slots__ = ("parameters", "text", "whole")

    def __init__(self, text: str, parameters: tuple[Parameter, ...], whole: bool) -> None:
        self.text = text
        self.parameters = parameters
        self.whole = whole

    def then(self, pattern: Any) -> _Joined:
        """Return this with another pattern put after it, as far as that is sound."""
        more, whole = "", False
        parameters: tuple[Parameter, ...] = ()
        if isinstance(pattern, RoutePattern):
            more, parameters, whole = _GAP.join(pattern.literals), pattern.parameters, True
        elif isinstance(pattern, RegexPattern) and "|" not in str(pattern):
            head = re.match(_HEAD, str(pattern))
            more = head[1] if head else ""
        odd = not self.whole or more.count(_GAP) != len(parameters)
        if odd or (more and more[0] != "/" and _GAP in self.text.rpartition("/")[2]):
            return _Joined(self.text, self.parameters, whole=False)
        return _Joined(self.text + more, self.parameters + parameters, whole)


_NOTHING: dict[str, Any] = {}


class _Node:
    """A place in the tree, reached by all the paths that begin with the same segments.

    `route` is for a path that ends here, `slashed` for one that ends with one slash more.  What is empty is
    shared between nodes, because most have one child.
    """

    __slots__ = ("edges", "literals", "odds", "route", "slashed")

    literals: dict[str, _Node]
    edges: tuple[tuple[Test, _Node, tuple[str, str, str]], ...]
    odds: tuple[Odd, ...]
    route: Route | None
    slashed: Route | None

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
        self._settled: dict[str, Route] = {}
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
            node.odds += (Odd(index, step, self._depth, self._below(step)),)
            return
        route = Route(index, step[0], step[1], self._depth, joined.parameters)
        if slashed:
            node.slashed = node.slashed or route
        else:
            node.route = node.route or route

    def _below(self, step: Step) -> Router | None:
        if step[2] != "branch":
            return None
        levels = (*step[0], step[1])
        return Router(step[1].steps(levels), len(levels))

    def find(self, path: str) -> Found | None:
        """Return what the first route that matches all of `path` gives, or None."""
        route = self._settled.get(path)
        if route is not None:
            # The first case is `found` again: a call less, 0.07 us for most requests of most sites.
            return (route.fields, (), {}, {}) if route.simple and route.fields else route.found(())
        if not path.startswith(self._lead):
            return None
        rest = path[len(self._lead) :]
        route, values, odds = self._search(rest)
        index = self._static.get(path)
        if index is not None and (route is None or index < route.index):
            route, values = Route(index, self._levels[index], self._entries[index], self._depth, ()), ()
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

    def _search(self, rest: str) -> tuple[Route | None, tuple[Any, ...], list[Odd]]:
        """Walk the tree; return the first route that matches with its values, and the odd ones passed, in order."""
        segments = rest.split("/")
        end = len(segments)
        slashed = end > 1 and not segments[-1]
        if slashed:
            end -= 1
        node, at = self._root, 0
        values: tuple[Any, ...] = ()
        best: Route | None = None
        best_values: tuple[Any, ...] = ()
        odds: list[Odd] = []
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
