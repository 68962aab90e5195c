"""A URLconf as a tree: patterns with views at its leaves, include()s at its branches.

`URLResolver.resolve` finds the view of a path.  The tree is what people write and what pages and checks show;
for resolving and reversing it is turned into tables once, when a table is first needed (`routing`, `reversing`).

Source: Django's topic "URL dispatcher"; reference "URLconf utilities".
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from importlib import import_module
from typing import Any

from miniframe.checks import CheckMessage
from miniframe.conf import settings
from miniframe.exceptions import ImproperlyConfigured, Resolver404
from miniframe.types import View
from miniframe.urls.checking import check_entry, check_name, check_view
from miniframe.urls.match import ResolverMatch
from miniframe.urls.patterns import Pattern, RegexPattern, RoutePattern
from miniframe.urls.reversing import Named, ReverseTable
from miniframe.urls.utils import get_callable

__all__ = ["RegexPattern", "ResolverMatch", "RoutePattern", "URLPattern", "URLResolver", "get_resolver"]

_DEFAULT_HANDLERS = {
    400: "miniframe.views.defaults.bad_request",
    403: "miniframe.views.defaults.permission_denied",
    404: "miniframe.views.defaults.page_not_found",
    500: "miniframe.views.defaults.server_error",
}


class URLPattern:
    """A pattern that leads to a view; what `path()` returns for a view."""

    def __init__(
        self, pattern: Pattern, callback: View, default_args: dict[str, Any] | None = None, name: str | None = None
    ) -> None:
        self.pattern = pattern
        self.callback = callback
        self.default_args = default_args or {}
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
        return [*check_name(self), *self.pattern.check(), *check_view(self)]

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.pattern.describe()}>"


class URLResolver:
    """A pattern that other patterns continue; what `path()` returns for an include(), and the root of a URLconf.

    `urlconf_name` is a module's dotted path, a module or object with `urlpatterns`, or the patterns themselves.
    """

    callback = None

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
        self.default_kwargs = default_kwargs or {}
        self.app_name = app_name
        self.namespace = namespace

    @cached_property
    def urlconf_module(self) -> Any:
        """The module or object that holds the patterns, or the patterns."""
        return import_module(self.urlconf_name) if isinstance(self.urlconf_name, str) else self.urlconf_name

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
        path = str(path)
        start = self.pattern.match(path)
        if start is None:
            raise Resolver404({"path": path})
        rest, args, captured = start
        tried: list[list[Any]] = []
        for entry in self.url_patterns:
            try:
                match = entry.resolve(rest)
            except Resolver404 as error:
                below = error.args[0].get("tried")
                tried += [[entry]] if below is None else [[entry, *each] for each in below]
                continue
            if match is None:
                tried.append([entry])
                continue
            below = match.tried
            tried += [[entry]] if below is None else [[entry, *each] for each in below]
            return self._around(match, entry, args, captured, tried)
        raise Resolver404({"tried": tried, "path": rest})

    def _around(
        self, match: ResolverMatch, entry: Any, args: tuple[Any, ...], captured: dict[str, Any], tried: list[list[Any]]
    ) -> ResolverMatch:
        """Return `match`, found by `entry`, with what this resolver adds."""
        kwargs = {**captured, **self.default_kwargs, **match.kwargs}
        route = match.route or ""
        if isinstance(entry, URLResolver) and str(entry.pattern):
            route = str(entry.pattern) + route.removeprefix("^")
        return ResolverMatch(
            match.func,
            match.args if kwargs else args + match.args,
            kwargs,
            match.url_name,
            [self.app_name, *match.app_names],
            [self.namespace, *match.namespaces],
            route,
            tried,
            captured_kwargs=match.captured_kwargs,
            extra_kwargs={**self.default_kwargs, **(match.extra_kwargs or {})},
        )

    @cached_property
    def reverse_table(self) -> ReverseTable:
        """The patterns by name and view, without this resolver's own pattern."""
        return ReverseTable(self._named(()))

    def _named(self, levels: tuple[URLResolver, ...]) -> Iterator[Named]:
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
        """Return the view for status 400, 403, 404 or 500: the URLconf's `handler404` and so on, or ours.

        Raises:
            ImportError, ViewDoesNotExist: the URLconf names one that cannot be imported.
        """
        handler = getattr(self.urlconf_module, f"handler{view_type}", None)
        view: View = get_callable(handler or _DEFAULT_HANDLERS[view_type])
        return view

    def check(self) -> list[CheckMessage]:
        """Return what the system checks have to say about the patterns within, or if they are fine about this one."""
        messages = [message for entry in self.url_patterns for message in check_entry(entry)]
        return messages or self.pattern.check()

    def __repr__(self) -> str:
        shown = repr(self.urlconf_name)
        if isinstance(self.urlconf_name, list) and self.urlconf_name:
            shown = f"<{type(self.urlconf_name[0]).__name__} list>"
        return f"<{type(self).__name__} {shown} ({self.app_name}:{self.namespace}) {self.pattern.describe()}>"


_resolvers: dict[Any, tuple[Any, URLResolver]] = {}


def get_resolver(urlconf: Any = None) -> URLResolver:
    """Return the resolver of `urlconf`, by default settings.ROOT_URLCONF; one object for each, kept.

    `urlconf` is a module's dotted path, a module or object with `urlpatterns`, or a list or tuple of patterns.
    """
    if urlconf is None:
        urlconf = settings.ROOT_URLCONF
    key = id(urlconf) if isinstance(urlconf, list | tuple) else urlconf
    kept = _resolvers.get(key)
    if kept is None:
        # The pair keeps a list alive, so that no other can come to have its id.
        kept = _resolvers.setdefault(key, (urlconf, URLResolver(RegexPattern(r"^/"), urlconf)))
    return kept[1]


def forget_resolvers() -> None:
    """Make `get_resolver` start afresh."""
    _resolvers.clear()
