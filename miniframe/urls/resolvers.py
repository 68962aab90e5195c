"""A URLconf as a tree: patterns with views at its leaves, include()s at its branches.

`URLResolver.resolve` finds the view of a path.  The tree is what people write and what pages and checks show;
for resolving and reversing it is turned into tables once, when a table is first needed (`routing`, `reversing`).

Source: Django's topic "URL dispatcher"; reference "URLconf utilities".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar

from miniframe.conf import place_of, settings
from miniframe.exceptions import ImproperlyConfigured, Resolver404
from miniframe.types import View
from miniframe.urls.match import ResolverMatch, ready_match
from miniframe.urls.patterns import Pattern, RegexPattern, RoutePattern
from miniframe.urls.routes import Step, around
from miniframe.urls.routing import Router, is_joinable
from miniframe.urls.utils import get_callable, import_urlconf
from miniframe.utils.functional import cached_property

if TYPE_CHECKING:
    from miniframe.checks import CheckMessage
    from miniframe.urls.reversing import Named, ReverseTable

__all__ = [
    "DEFAULT_HANDLERS",
    "RegexPattern",
    "ResolverMatch",
    "RoutePattern",
    "URLPattern",
    "URLResolver",
    "get_resolver",
]

#: Status -> the view that answers an error with it where a URLconf names none.
DEFAULT_HANDLERS = {
    400: "miniframe.views.defaults.bad_request",
    403: "miniframe.views.defaults.permission_denied",
    404: "miniframe.views.defaults.page_not_found",
    500: "miniframe.views.defaults.server_error",
    503: "miniframe.views.defaults.service_unavailable",
}


@cache
def _default_handler(status: int) -> View:
    # Kept, because asking the import system again takes as long as the page.
    view: View = get_callable(DEFAULT_HANDLERS[status])
    return view


class URLPattern:
    """A pattern that leads to a view; what `path()` returns for a view."""

    def __init__(
        self, pattern: Pattern, callback: View, default_args: dict[str, Any] | None = None, name: str | None = None
    ) -> None:
        self.pattern = pattern
        self.callback = callback
        self.default_args: dict[str, Any] = default_args or {}
        self.name = name

    def resolve(self, path: str) -> ResolverMatch | None:
        """Return the match if this pattern alone matches all of `path`, else None."""
        match = self.pattern.match(path)
        if match is None:
            return None
        _, args, captured = match
        return ResolverMatch(
            self.callback,
            args,
            {**captured, **self.default_args},
            self.pattern.name,
            route=str(self.pattern),
            captured_kwargs=captured,
            extra_kwargs=self.default_args,
        )

    @property
    def lookup_str(self) -> str:
        """The view's dotted path."""
        view: Any = self.callback
        view = getattr(view, "func", view)
        view = getattr(view, "view_class", view)
        name = getattr(view, "__qualname__", None)
        return f"{view.__module__}.{name}" if name else f"{view.__module__}.{type(view).__name__}"

    def check(self) -> list[CheckMessage]:
        """Return what the system checks have to say about this pattern."""
        from miniframe.urls.checking import check_name, check_view  # as in `patterns`

        return [*check_name(self), *self.pattern.check(), *check_view(self)]

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.pattern.describe()}>"


class URLResolver:
    """A pattern that other patterns continue; what `path()` returns for an include(), and the root of a URLconf.

    `urlconf_name` is a module's dotted path, a module or object with `urlpatterns`, or the patterns themselves.
    """

    callback = None
    _being_checked = False

    def __init__(
        self,
        pattern: Pattern,
        urlconf_name: Any,
        default_kwargs: dict[str, Any] | None = None,
        app_name: str | None = None,
        namespace: str | None = None,
    ) -> None:
        self.pattern = pattern
        self.urlconf_name = urlconf_name
        self.default_kwargs: dict[str, Any] = default_kwargs or {}
        self.app_name = app_name
        self.namespace = namespace

    @cached_property
    def urlconf_module(self) -> Any:
        """The module or object that holds the patterns, or the patterns.

        Raises:
            URLconfNotFound: `urlconf_name` names no module.
        """
        name = self.urlconf_name
        return import_urlconf(name, lambda: _place_of(name)) if isinstance(name, str) else name

    @cached_property
    def url_patterns(self) -> Any:
        """The patterns, in order.

        Raises:
            ImproperlyConfigured: there are none to iterate over.
        """
        patterns = getattr(self.urlconf_module, "urlpatterns", self.urlconf_module)
        try:
            iter(patterns)
        except TypeError as error:
            raise ImproperlyConfigured(
                f"The included URLconf '{self.urlconf_name}' does not appear to have any patterns in it. If you see "
                "the 'urlpatterns' variable with valid patterns in the file then the issue is probably caused by a "
                "circular import."
            ) from error
        return patterns

    def resolve(self, path: str) -> ResolverMatch:
        """Return the first match for `path`.

        Raises:
            Resolver404: nothing matches; its argument is a dict with the `path` that is left and the patterns `tried`.
        """
        path = path if type(path) is str else str(path)  # it may be lazy
        router = self._root_router
        if router is None:
            return self._resolve_below(path)
        found = router.find(path)
        if found is not None:
            return ready_match(found, self, path)
        if path[:1] != "/":
            raise Resolver404({"path": path})
        raise Resolver404({"tried": Tried(self, path[1:]), "path": path[1:]})

    def _resolve_below(self, path: str) -> ResolverMatch:
        start = self.pattern.match(path)
        if start is None:
            raise Resolver404({"path": path})
        rest, args, captured = start
        found = self._router.find(rest)
        if found is None:
            raise Resolver404({"tried": Tried(self, rest), "path": rest})
        return ready_match(around(found, [(args, captured, self.default_kwargs)]), self, path)

    @cached_property
    def _root_router(self) -> Router | None:
        """The table for whole paths; None for a resolver that is no usual root."""
        if type(self.pattern) is not RegexPattern or str(self.pattern) != "^/" or self.default_kwargs:
            return None
        return Router(self.steps((self,)), 1, lead="/")

    @cached_property
    def _router(self) -> Router:
        return Router(self.steps((self,)), 1)

    def steps(self, levels: tuple[Any, ...]) -> Iterator[Step]:
        """Yield the patterns below, flattened as far as that changes nothing; `levels` lead here, this one included.

        Raises:
            ImproperlyConfigured: something in `urlpatterns` is no pattern.
        """
        kinds: dict[tuple[type, type], type | None] = {}
        for entry in self.url_patterns:
            pattern = getattr(entry, "pattern", None)
            key = type(entry), type(pattern)
            if key not in kinds:
                kinds[key] = _kind(entry, pattern)
            kind = kinds[key]
            if kind is URLPattern:
                yield levels, entry, "leaf"
            elif kind is None or entry in levels:  # a URLconf may include itself
                yield levels, entry, "foreign"
            elif is_joinable(pattern):
                yield from entry.steps((*levels, entry))
            else:
                yield levels, entry, "branch"

    def tried(self, path: str) -> list[list[Any]]:
        """Return the patterns that a search for `path` looks at one by one, outermost first in each list.

        It ends with the one that matches.  This is for pages that explain: it takes as long as there are patterns.
        """
        match = self.pattern.match(path)
        return [] if match is None else self._scan(match[0])[0]

    def _scan(self, rest: str) -> tuple[list[list[Any]], bool]:
        """Return the patterns tried on `rest`, and whether the last one matched."""
        tried: list[list[Any]] = []
        for entry in self.url_patterns:
            if isinstance(entry, URLResolver):
                match = entry.pattern.match(rest)
                below, matched = ([[]], False) if match is None else entry._scan(match[0])
            else:
                below, matched = [[]], entry.resolve(rest) is not None
            tried += [[entry, *each] for each in below]
            if matched:
                return tried, True
        return tried, False

    @cached_property
    def reverse_table(self) -> ReverseTable:
        """The patterns by name and view, without this resolver's own pattern."""
        # 1 ms at every start; a service without links never needs it.
        from miniframe.urls.reversing import ReverseTable

        return ReverseTable(self._named(()))

    def _named(self, levels: tuple[URLResolver, ...]) -> Iterator[Named]:
        from miniframe.urls.reversing import Named

        for entry in self.url_patterns:
            if isinstance(entry, URLPattern):
                yield Named(levels, entry, None)
            elif isinstance(entry, URLResolver):
                if entry.app_name:
                    yield Named(levels, None, entry)
                elif entry not in levels:  # a URLconf may include itself
                    yield from entry._named((*levels, entry))

    def reverse(self, lookup_view: Any, *args: Any, **kwargs: Any) -> str:
        """Return the path, without a leading slash, that leads to `lookup_view` with these arguments.

        Raises:
            NoReverseMatch: nothing has that name, or nothing that has it takes these arguments.
        """
        return self.reverse_table.reverse(lookup_view, "", args, kwargs, None)

    def resolve_error_handler(self, view_type: int) -> View:
        """Return the view for status 400, 403, 404, 500 or 503: the URLconf's `handler404` and so on, or ours.

        Raises:
            ImportError, ViewDoesNotExist: the URLconf names one that cannot be imported.
        """
        handler = getattr(self.urlconf_module, f"handler{view_type}", None)
        view: View = get_callable(handler) if handler else _default_handler(view_type)
        return view

    def check(self) -> list[CheckMessage]:
        """Return what the system checks have to say about the patterns within, or if they are fine about this one."""
        from miniframe.urls.checking import check_entry

        if self._being_checked:  # a URLconf may include itself
            return []
        self._being_checked = True
        try:
            messages = [message for entry in self.url_patterns for message in check_entry(entry)]
        finally:
            self._being_checked = False
        return messages or self.pattern.check()

    def __repr__(self) -> str:
        shown = repr(self.urlconf_name)
        if isinstance(self.urlconf_name, list) and self.urlconf_name:
            shown = f"<{type(self.urlconf_name[0]).__name__} list>"
        return f"<{type(self).__name__} {shown} ({self.app_name}:{self.namespace}) {self.pattern.describe()}>"


class Tried(Sequence[list[Any]]):
    """The patterns that a search without success has looked at: a list that is made when somebody looks into it."""

    def __init__(self, resolver: URLResolver, rest: str) -> None:
        self._resolver = resolver
        self._rest = rest

    @cached_property
    def _list(self) -> list[list[Any]]:
        return self._resolver._scan(self._rest)[0]

    def __getitem__(self, index: Any) -> Any:
        return self._list[index]

    def __len__(self) -> int:
        return len(self._list)

    def __eq__(self, other: object) -> bool:
        return self._list == (other._list if isinstance(other, Tried) else other)

    __hash__: ClassVar[None]  # type: ignore[assignment]  # equal to a list, and as little hashable

    def __repr__(self) -> str:
        return repr(self._list)


def _kind(entry: Any, pattern: Any) -> type | None:
    """Return which of our classes `entry` behaves as, or None: then it must not be taken apart."""
    resolve = getattr(type(entry), "resolve", None)
    if resolve is None:
        from miniframe.urls.checking import get_warning_for_invalid_pattern

        raise ImproperlyConfigured(get_warning_for_invalid_pattern(entry)[0].msg)
    if getattr(type(pattern), "match", None) not in (RoutePattern.match, RegexPattern.match):
        return None
    return {URLPattern.resolve: URLPattern, URLResolver.resolve: URLResolver}.get(resolve)


def _place_of(urlconf: str) -> str:
    """Return who names this URLconf, for messages."""
    if urlconf == settings.ROOT_URLCONF:
        return f"{place_of('ROOT_URLCONF')} is {urlconf!r}"
    return f"A URLconf, by request.urlconf or by hand, is {urlconf!r}"


_resolvers: dict[Any, URLResolver] = {}


def get_resolver(urlconf: Any = None) -> URLResolver:
    """Return the resolver of `urlconf`, by default settings.ROOT_URLCONF; one object for each, kept.

    `urlconf` is a module's dotted path, a module or object with `urlpatterns`, or a list or tuple of patterns.
    """
    if urlconf is None:
        urlconf = settings.ROOT_URLCONF
    try:
        return _resolvers[urlconf]
    except KeyError:
        return _resolvers.setdefault(urlconf, URLResolver(RegexPattern(r"^/"), urlconf))
    except TypeError:  # a list: known by its identity, and kept alive by its resolver so that no other can have that
        return _resolvers.setdefault(("list", id(urlconf)), URLResolver(RegexPattern(r"^/"), urlconf))


def forget_resolvers() -> None:
    """Make `get_resolver` start afresh."""
    _resolvers.clear()
