"""The two ways to write a piece of an address: a route with `<parameters>`, or a regular expression.

Either kind matches at the start of a path and hands back what is left of it, so that the piece
may be a whole address (`is_endpoint`) or the beginning that an `include()` continues.

Source: Django's topic "URL dispatcher", sections "Path converters" and "Using regular expressions".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from miniframe.exceptions import ImproperlyConfigured
from miniframe.urls.converters import Converter, get_converters
from miniframe.utils.functional import cached_property
from miniframe.utils.text import did_you_mean

if TYPE_CHECKING:
    from miniframe.checks import CheckMessage

__all__ = ["Match", "Parameter", "Pattern", "RegexPattern", "RoutePattern"]

Match: TypeAlias = tuple[str, tuple[Any, ...], dict[str, Any]]
"""The rest of the path, the positional and the named arguments."""

# One `<converter:name>`; what stands in it is judged afterwards, so that errors can say what is wrong.
_PARAMETER = re.compile("<(?:([^:>]+):)?([^>]+)>")
_WHITESPACE = frozenset(" \t\n\r\v\f")

_BUILT_IN = frozenset(each.regex for each in get_converters().values())
_SHORT = 128
"""Characters up to which a regular expression is quickest, however often it has to step back."""


class Parameter:
    """A `<kind:name>` of a route; there is one object for all that are spelled alike."""

    # No NamedTuple: the first one of a process calls compile(), which costs 1 ms at every start.
    __slots__ = ("converter", "kind", "name")

    def __init__(self, name: str, kind: str, converter: Converter) -> None:
        self.name: str = name
        self.kind: str = kind
        self.converter: Converter = converter


class Pattern(Protocol):
    """What `RoutePattern` and `RegexPattern` have in common."""

    name: str | None
    converters: dict[str, Converter]

    @property
    def regex(self) -> re.Pattern[str]:
        """The pattern as a regular expression."""

    def match(self, path: str) -> Match | None:
        """Match the start of `path`, or all of it for an endpoint; None if it does not match."""

    def check(self) -> list[CheckMessage]:
        """Return what the system checks have to say about the pattern."""

    def describe(self) -> str:
        """Return the pattern as check messages show it."""


class _Described:
    """What the checks need of both kinds; the checks themselves are in `checking`."""

    name: str | None
    is_endpoint: bool

    def describe(self) -> str:
        """Return the pattern as check messages show it: quoted, with its name if it has one."""
        return f"'{self}' [name='{self.name}']" if self.name else f"'{self}'"


class RoutePattern(_Described):
    """A route as `path()` takes it: text, and parameters such as `<int:year>`.

    `literals` and `parameters` are the route taken apart: there is one literal more than
    there are parameters, and they alternate.
    """

    # Most routes of a site have no parameters, and share these.
    parameters: tuple[Parameter, ...] = ()
    converters: dict[str, Converter] = {}

    def __init__(self, route: str, name: str | None = None, is_endpoint: bool = False) -> None:
        self._route = route = str(route)
        self.is_endpoint = is_endpoint
        self.name = name
        if "<" in route:
            self.literals, self.parameters = _take_apart(route)
            self.converters = {each.name: each.converter for each in self.parameters}

    @cached_property
    def literals(self) -> tuple[str, ...]:
        """The text before, between and after the parameters."""
        return (self._route,)

    @cached_property
    def regex(self) -> re.Pattern[str]:
        """The route as a regular expression; made only for those who ask, most routing does without."""
        source = "^" + re.escape(self.literals[0])
        for parameter, literal in zip(self.parameters, self.literals[1:], strict=True):
            source += f"(?P<{parameter.name}>{parameter.converter.regex}){re.escape(literal)}"
        return re.compile(source + r"\Z" if self.is_endpoint else source)

    def match(self, path: str) -> Match | None:
        """Match the start of `path`, or all of it for an endpoint; None if it does not match.

        Whatever a converter raises besides ValueError is passed on.
        """
        if not self.parameters:
            if not path.startswith(self._route) or (self.is_endpoint and path != self._route):
                return None
            return path[len(self._route) :], (), {}
        taken = self._take(path)
        if taken is None:
            return None
        *texts, rest = taken
        try:
            pairs = zip(self.parameters, texts, strict=True)
            values = {each.name: each.converter.to_python(text) for each, text in pairs}
        except ValueError:
            return None
        return rest, (), values

    def _take(self, path: str) -> list[str] | None:
        """Return the text of each parameter, and what follows the last; None without a match."""
        if len(path) > _SHORT and len(self.parameters) > 1:
            expressions = [each.converter.regex for each in self.parameters]
            if _BUILT_IN.issuperset(expressions):
                from miniframe.urls.longpaths import find_values  # only who attacks sends such paths to such routes

                return find_values(path, self.literals, expressions, self.is_endpoint)
        found = self.regex.search(path)
        return None if found is None else [*found.groups(), path[found.end() :]]

    def check(self) -> list[CheckMessage]:
        """Return what the system checks have to say about the route."""
        from miniframe.urls.checking import check_route  # a site that serves does not load the checks: 0.7 ms

        return check_route(self)

    def __str__(self) -> str:
        return self._route


class RegexPattern(_Described):
    """A regular expression as `re_path()` takes it; it is searched, so "^" is for its author to write."""

    def __init__(self, regex: str, name: str | None = None, is_endpoint: bool = False) -> None:
        self._regex = str(regex)
        self.is_endpoint = is_endpoint
        self.name = name
        self.converters: dict[str, Converter] = {}

    @cached_property
    def regex(self) -> re.Pattern[str]:
        """The compiled expression.

        Raises:
            ImproperlyConfigured: it is not a valid one.
        """
        try:
            return re.compile(self._regex)
        except re.error as error:
            raise ImproperlyConfigured(f'"{self._regex}" is not a valid regular expression: {error}') from error

    def match(self, path: str) -> Match | None:
        """Match the start of `path`, or all of it for an endpoint; None if it does not match.

        If any group is named, only the named ones that took part count; otherwise all groups are positional.
        """
        # "$" alone would also match before a final newline, which has no place in an address.
        whole = self.is_endpoint and self._regex.endswith("$")
        found = self.regex.fullmatch(path) if whole else self.regex.search(path)
        if found is None:
            return None
        named = found.groupdict()
        values = {name: value for name, value in named.items() if value is not None}
        return path[found.end() :], () if named else found.groups(), values

    def check(self) -> list[CheckMessage]:
        """Return what the system checks have to say about the expression."""
        from miniframe.urls.checking import check_expression

        return check_expression(self)

    def __str__(self) -> str:
        return self._regex


# The parameters seen so far: most sites have a few names and use them everywhere.
_known: dict[tuple[str | None, str], Parameter] = {}


def _take_apart(route: str) -> tuple[tuple[str, ...], tuple[Parameter, ...]]:
    pieces = _PARAMETER.split(route)
    spelled = list(zip(pieces[1::3], pieces[2::3], strict=True))
    parameters = tuple([_known.get(each) or _parameter(route, *each) for each in spelled])
    if len(parameters) > 1:
        names = [parameter.name for parameter in parameters]
        twice = [name for name in names if names.count(name) > 1]
        if twice:
            raise ImproperlyConfigured(f"URL route {route!r} uses parameter name {twice[0]!r} more than once.")
    return tuple(pieces[::3]), parameters


def _parameter(route: str, kind: str | None, name: str) -> Parameter:
    if not _WHITESPACE.isdisjoint(f"{kind}{name}"):
        raise ImproperlyConfigured(f"URL route {route!r} cannot contain whitespace in angle brackets <…>.")
    if not name.isidentifier():
        raise ImproperlyConfigured(
            f"URL route {route!r} uses parameter name {name!r} which isn't a valid Python identifier."
        )
    spelled = kind, name
    kind = kind or "str"
    converter = get_converters().get(kind)
    if converter is None:
        hint = did_you_mean(kind, get_converters()) or f" Known converters: {', '.join(sorted(get_converters()))}."
        raise ImproperlyConfigured(f"URL route {route!r} uses invalid converter {kind!r}.{hint}")
    _known[spelled] = parameter = Parameter(name, kind, converter)
    return parameter
