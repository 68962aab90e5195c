"""System checks on the URLconf: its patterns, its namespaces, its error handlers, the views' arguments.

Source: Django's reference "System check framework", section "URLs"; E100, W100 and W101 are ours.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from types import FunctionType
from typing import Any, NamedTuple

from miniframe.checks import CheckMessage, Error, Tags, Warning, register
from miniframe.conf import place_of, settings
from miniframe.exceptions import ViewDoesNotExist
from miniframe.urls import Leaf, URLResolver, get_resolver, get_warning_for_invalid_pattern, iter_leaves, source_of
from miniframe.urls import check_entry as check_resolver
from miniframe.utils.dotted import exists

__all__ = [
    "E006",
    "check_custom_error_handlers",
    "check_resolver",
    "check_root_urlconf",
    "check_url_config",
    "check_url_namespaces_unique",
    "check_url_settings",
    "check_view_arguments",
    "get_warning_for_invalid_pattern",
]


def _root() -> URLResolver | None:
    return get_resolver() if getattr(settings, "ROOT_URLCONF", None) else None


@register(Tags.urls)
def check_root_urlconf(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """E100: there is no ROOT_URLCONF, although the site is to be served: no address leads anywhere."""
    if getattr(settings, "ROOT_URLCONF", None):
        return []
    if not settings.WSGI_APPLICATION and not settings.is_overridden("ROOT_URLCONF"):
        return []  # a project of commands only
    package = str(settings.SETTINGS_MODULE or "").rpartition(".")[0]
    usual = f"{package}.urls" if package else "urls"
    hint = f"Did you mean ROOT_URLCONF = {usual!r}?" if exists(usual) else "Set it to the module with urlpatterns."
    return [Error(f"{place_of('ROOT_URLCONF')} is empty, so no address leads anywhere.", hint=hint, id="urls.E100")]


@register(Tags.urls)
def check_url_config(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Let each pattern of the root URLconf tell about its mistakes."""
    resolver = _root()
    return check_resolver(resolver) if resolver else []


@register(Tags.urls)
def check_url_namespaces_unique(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Warn of namespaces that stand for two include()s: `reverse` finds only the first."""
    resolver = _root()
    if resolver is None:
        return []
    counts = Counter(_namespaces(resolver, "", ()))
    return [
        Warning(
            f"URL namespace '{namespace}' isn't unique. You may not be able to reverse all URLs in this namespace",
            id="urls.W005",
        )
        for namespace, count in counts.items()
        if count > 1
    ]


def _namespaces(resolver: Any, outer: str, levels: tuple[Any, ...]) -> Iterator[str]:
    for entry in getattr(resolver, "url_patterns", ()):
        namespace = getattr(entry, "namespace", None)
        here = outer
        if namespace is not None:
            yield outer + namespace
            here = f"{outer}{namespace}:"
        if entry not in levels:  # a URLconf may include itself
            yield from _namespaces(entry, here, (*levels, entry))


@register(Tags.urls)
def check_url_settings(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Ask that the settings which begin addresses end with a slash."""
    values = {name: getattr(settings, name, None) for name in ("STATIC_URL", "MEDIA_URL")}
    return [E006(name) for name, value in values.items() if value and not value.endswith("/")]


def E006(name: str) -> Error:  # noqa: N802  # Django's name
    """Return the error for a setting that should end with a slash."""
    return Error(f"The {name} setting must end with a slash.", id="urls.E006")


@register(Tags.urls)
def check_custom_error_handlers(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Ask that handler400 and its like can be imported, and take what they will be given."""
    resolver = _root()
    if resolver is None:
        return []
    takes = {400: "request, exception", 403: "request, exception", 404: "request, exception", 500: "request"}
    return [message for status, names in takes.items() for message in _check_handler(resolver, status, names)]


def _check_handler(resolver: URLResolver, status: int, names: str) -> Iterator[CheckMessage]:
    path = getattr(resolver.urlconf_module, f"handler{status}", None)
    if not path:
        return  # ours, which fit
    try:
        handler = resolver.resolve_error_handler(status)
    except (ImportError, ViewDoesNotExist) as error:
        yield Error(f"The custom handler{status} view '{path}' could not be imported.", hint=str(error), id="urls.E008")
        return
    # Only a URLconf with handlers of its own pays the 10 ms that inspect costs to import.
    import inspect

    try:
        inspect.signature(handler).bind(*names.split(", "))
    except TypeError:
        view: Any = handler
        yield Error(
            f"The custom handler{status} view '{view.__module__}.{view.__qualname__}' does not take the correct "
            f"number of arguments ({names}).",
            id="urls.E007",
        )


@register(Tags.urls)
def check_view_arguments(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Warn of views that cannot be called with what their routes give them.

    Only what is certain is reported: functions without foreign decorators, and routes with named arguments.
    """
    resolver = _root()
    if resolver is None:
        return []
    return [message for leaf in iter_leaves(resolver) for message in _check_arguments(leaf)]


class _Takes(NamedTuple):
    """What a view takes beside the request."""

    required: frozenset[str]
    known: frozenset[str]
    anything: bool


def _check_arguments(leaf: Leaf) -> Iterator[CheckMessage]:
    given = _given(leaf)
    view = _plain_function(leaf.pattern.callback)
    if given is None or view is None:
        return
    takes = _takes(view)
    file, line = source_of(view)
    about = f"The view '{leaf.pattern.lookup_str}' ({file}:{line})"
    for name in sorted(given - takes.known) if not takes.anything else ():
        yield Warning(
            f"{about} takes no argument '{name}', but its route '{leaf.route}' passes one.",
            hint=f"Add '{name}' to the view's parameters, or take it out of the route.",
            obj=leaf.pattern,
            id="urls.W100",
        )
    for name in sorted(takes.required - given):
        yield Warning(
            f"{about} needs an argument '{name}', but its route '{leaf.route}' passes none.",
            hint=f"Add <{name}> to the route, or give the parameter a default.",
            obj=leaf.pattern,
            id="urls.W101",
        )


def _given(leaf: Leaf) -> set[str] | None:
    """Return the names of the arguments that a route passes; None if some have no name."""
    names = set(leaf.pattern.default_args)
    for level in leaf.levels:
        names.update(level.default_kwargs)
    for pattern in (*(level.pattern for level in leaf.levels), leaf.pattern.pattern):
        if pattern.converters:
            names.update(pattern.converters)
        elif "(" in str(pattern):
            regex = pattern.regex
            if regex.groups > len(regex.groupindex):
                return None
            names.update(regex.groupindex)
    return names


def _plain_function(view: Any) -> FunctionType | None:
    if hasattr(view, "view_class"):
        return None  # a class-based view: with a decorated dispatch() it has a __wrapped__ too, which takes `self`
    # A decorator of ours passes arguments on as they are; another one might not.
    while hasattr(view, "__wrapped__") and getattr(view, "__code__", None) and "miniframe" in _home(view):
        view = view.__wrapped__
    if hasattr(view, "__wrapped__") or not isinstance(view, FunctionType):
        return None
    return view


def _home(view: Any) -> str:
    # functools.wraps copies __module__, so ask where the wrapper's globals come from.
    return str(view.__globals__.get("__name__", ""))


def _takes(view: FunctionType) -> _Takes:
    code = view.__code__
    by_name = code.co_varnames[code.co_posonlyargcount : code.co_argcount]
    if not code.co_posonlyargcount:
        by_name = by_name[1:]  # the request
    keyword_only = code.co_varnames[code.co_argcount : code.co_argcount + code.co_kwonlyargcount]
    with_default = max(0, len(by_name) - len(view.__defaults__ or ()))
    optional = {*by_name[with_default:], *(view.__kwdefaults__ or ())}
    known = frozenset((*by_name, *keyword_only))
    return _Takes(known - optional, known, bool(code.co_flags & 0x08))  # 0x08: has **kwargs
