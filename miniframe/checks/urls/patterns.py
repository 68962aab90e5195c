"""System checks on the URLconf: its patterns, its namespaces, its error handlers, the settings around it.

Source: Django's reference "System check framework", section "URLs"; E100 is ours.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

from miniframe.checks import CheckMessage, Error, Tags, Warning, register
from miniframe.conf import place_of, settings
from miniframe.exceptions import ViewDoesNotExist
from miniframe.urls import URLResolver, get_resolver
from miniframe.urls.checking import check_entry as check_resolver
from miniframe.urls.checking import get_warning_for_invalid_pattern
from miniframe.urls.listing import Leaf, source_of
from miniframe.urls.places import module_of, place_of_entry, place_of_name
from miniframe.utils.dotted import exists

__all__ = [
    "E006",
    "check_custom_error_handlers",
    "check_resolver",
    "check_root_urlconf",
    "check_url_config",
    "check_url_namespaces_unique",
    "check_url_settings",
    "get_warning_for_invalid_pattern",
    "patterns_of",
    "root_resolver",
]


def root_resolver() -> URLResolver | None:
    """Return the resolver of ROOT_URLCONF; None if there is none, as in a project of commands only."""
    return get_resolver() if getattr(settings, "ROOT_URLCONF", None) else None


def patterns_of(leaf: Leaf) -> list[Any]:
    """Return the patterns of which a leaf's route consists, those of its include()s first."""
    return [*(level.pattern for level in leaf.levels), leaf.pattern.pattern]


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
    resolver = root_resolver()
    return _checked(resolver, resolver.urlconf_module, ()) if resolver else []


def _checked(resolver: Any, module: Any, levels: tuple[Any, ...]) -> list[CheckMessage]:
    """Return what `resolver.check()` says, each message with the place of its pattern; `module` holds the patterns."""
    messages: list[CheckMessage] = []
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            # A URLconf may include itself.
            found = [] if entry in levels else _checked(entry, module_of(entry, module), (*levels, entry))
        else:
            found = check_resolver(entry)
        for message in found:
            message.place = message.place or place_of_entry(module, entry)
        messages += found
    return messages or check_resolver(resolver.pattern)


@register(Tags.urls)
def check_url_namespaces_unique(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Warn of namespaces that stand for two include()s: `reverse` finds only the first."""
    resolver = root_resolver()
    if resolver is None:
        return []
    found: dict[str, list[tuple[Any, Any]]] = {}
    for namespace, module, entry in _namespaces(resolver, "", (), resolver.urlconf_module):
        found.setdefault(namespace, []).append((module, entry))
    return [
        Warning(
            f"URL namespace '{namespace}' isn't unique. You may not be able to reverse all URLs in this namespace",
            id="urls.W005",
            place=", ".join(filter(None, (place_of_entry(*each) for each in includes))) or None,
        )
        for namespace, includes in found.items()
        if len(includes) > 1
    ]


def _namespaces(resolver: Any, outer: str, levels: tuple[Any, ...], module: Any) -> Iterator[tuple[str, Any, Any]]:
    """Yield each namespace below `resolver` with its include() and the module of that, as often as it is used."""
    for entry in getattr(resolver, "url_patterns", ()):
        namespace = getattr(entry, "namespace", None)
        here = outer
        if namespace is not None:
            yield outer + namespace, module, entry
            here = f"{outer}{namespace}:"
        if entry not in levels:  # a URLconf may include itself
            yield from _namespaces(entry, here, (*levels, entry), module_of(entry, module))


@register(Tags.urls)
def check_url_settings(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Ask that the settings which begin addresses end with a slash."""
    values = {name: getattr(settings, name, None) for name in ("STATIC_URL", "MEDIA_URL")}
    return [E006(name) for name, value in values.items() if value and not value.endswith("/")]


def E006(name: str) -> Error:  # noqa: N802  # Django's name
    """Return the error for a setting that should end with a slash."""
    module = sys.modules.get(str(getattr(settings, "SETTINGS_MODULE", None)))
    place = place_of_name(module, name)
    return Error(f"The {name} setting must end with a slash.", id="urls.E006", place=place)


@register(Tags.urls)
def check_custom_error_handlers(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Ask that handler400 and its like can be imported, and take what they will be given."""
    resolver = root_resolver()
    if resolver is None:
        return []
    takes = dict.fromkeys((400, 403, 404, 503), "request, exception") | {500: "request"}
    return [message for status, names in takes.items() for message in _check_handler(resolver, status, names)]


def _check_handler(resolver: URLResolver, status: int, names: str) -> Iterator[CheckMessage]:
    name = f"handler{status}"
    path = getattr(resolver.urlconf_module, name, None)
    if not path:
        return  # ours, which fit
    try:
        handler = resolver.resolve_error_handler(status)
    except (ImportError, ViewDoesNotExist) as error:
        text = f"The custom handler{status} view '{path}' could not be imported."
        yield Error(text, hint=str(error), id="urls.E008", place=place_of_name(resolver.urlconf_module, name))
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
            place="{}:{}".format(*source_of(view)),
        )
