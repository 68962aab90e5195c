"""Checks of the settings themselves: misspelt names, and values with which the site cannot start.

    settings.W100, W101   a name that nobody reads, because it is not in capitals or misspelt
    settings.W102         without DEBUG no host is allowed
    settings.E100         SECRET_KEY is empty
    settings.E101, E102   MIDDLEWARE or WSGI_APPLICATION lead nowhere
    settings.E103         a key in TEMPLATES that the engine does not know

Source: ours; Django stays silent about all of them until something fails.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any, NamedTuple

from miniframe.checks.messages import CheckMessage, Error, Warning
from miniframe.checks.registry import Tags, register
from miniframe.conf import PathNotFound, global_settings, import_from_setting, place_of, settings
from miniframe.exceptions import ImproperlyConfigured
from miniframe.utils.dotted import advice, exists
from miniframe.utils.text import did_you_mean, nearest

__all__ = [
    "Misspelt",
    "check_allowed_hosts",
    "check_middleware",
    "check_secret_key",
    "check_setting_names",
    "check_template_keys",
    "check_wsgi_application",
    "misspelt_settings",
]

_JINJA2 = "miniframe.template.backends.jinja2.Jinja2"
_TEMPLATE_KEYS = ("BACKEND", "NAME", "DIRS", "APP_DIRS", "OPTIONS")


class Misspelt(NamedTuple):
    """A name in the settings module that nobody reads, and the setting that it was most likely meant to be."""

    name: str
    meant: str
    module: str
    id: str


def misspelt_settings() -> list[Misspelt]:
    """Return the names in the settings module that are close to a setting and not quite it."""
    module = sys.modules.get(getattr(settings, "SETTINGS_MODULE", None) or "")
    if module is None:
        return []
    known = [name for name in dir(global_settings) if name.isupper()]
    return list(_misspelt(module, known))


def _misspelt(module: Any, known: list[str]) -> Iterator[Misspelt]:
    for name, value in vars(module).items():
        if name.startswith("_") or name in known or callable(value) or hasattr(value, "__spec__"):
            continue
        if name == "BASE_DIR":
            continue  # every new project has it; comparing it with each setting would cost 2 ms
        if not name.isupper():
            if name.upper() in known:
                yield Misspelt(name, name.upper(), module.__name__, "settings.W100")
        elif near := nearest(name, known, cutoff=0.8):
            yield Misspelt(name, near, module.__name__, "settings.W101")


@register(Tags.settings)
def check_setting_names(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """W100, W101: names in the settings module that are close to a setting and not quite it."""
    return [
        Warning(
            f"Nothing reads the setting {name!r} in {module}.",
            hint=f"Did you mean {meant!r}? Add {id!r} to SILENCED_SYSTEM_CHECKS if it is your own.",
            id=id,
        )
        if id == "settings.W101"
        else Warning(
            f"{name!r} in {module} is not read as a setting, because it is not in capitals.",
            hint=f"Write it {meant!r}, or rename it if it is something of your own.",
            id=id,
        )
        for name, meant, module, id in misspelt_settings()
    ]


@register(Tags.settings)
def check_secret_key(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """E100: SECRET_KEY is set, and empty.  Not set at all it may be: a site that signs nothing needs none."""
    if not settings.is_overridden("SECRET_KEY"):
        return []
    try:
        settings.SECRET_KEY  # noqa: B018  # an empty one is refused when it is read
    except ImproperlyConfigured as error:
        hint = "If it comes from the environment, is the variable set? Anybody could forge what an empty key signs."
        return [Error(str(error), hint=hint, id="settings.E100")]
    return []


@register(Tags.settings)
def check_allowed_hosts(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """W102: a site without DEBUG allows no host, so runserver refuses to start and other servers answer 400.

    Settings with neither DEBUG nor WSGI_APPLICATION are for a few commands, and no site.
    """
    if (
        settings.DEBUG
        or settings.ALLOWED_HOSTS
        or not (settings.ROOT_URLCONF and (settings.WSGI_APPLICATION or settings.is_overridden("DEBUG")))
    ):
        return []
    return [
        Warning(
            "DEBUG is False and ALLOWED_HOSTS is empty: the site answers to no address, and runserver does not start.",
            hint='Name the hosts, such as ALLOWED_HOSTS = ["example.com", "localhost"], or set DEBUG = True.',
            id="settings.W102",
        )
    ]


@register(Tags.settings)
def check_middleware(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """E101: entries of MIDDLEWARE that lead nowhere.  What fails within a middleware's module is raised as it is."""
    found: list[CheckMessage] = []
    for entry in settings.MIDDLEWARE:
        if str(entry).startswith("miniframe.") and exists(entry):
            continue  # ours can be imported, and `check` need not wait 8 ms to see it
        try:
            import_from_setting("MIDDLEWARE", entry)
        except PathNotFound as error:
            found.append(Error(str(error), id="settings.E101"))
    return found


@register(Tags.settings)
def check_wsgi_application(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """E102: WSGI_APPLICATION leads nowhere.  It is not imported: that would load the whole site."""
    path: str | None = settings.WSGI_APPLICATION
    if path is None or ("." in path and exists(path)):
        return []
    return [
        Error(
            f"WSGI application '{path}' could not be loaded; Error importing module.",
            hint=f"{place_of('WSGI_APPLICATION')} leads nowhere.{advice(path)}",
            id="settings.E102",
        )
    ]


@register(Tags.settings)
def check_template_keys(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """E103: keys in an entry of TEMPLATES that our engine does not take; other engines may have keys of their own."""
    return [
        Error(
            f"{place_of('TEMPLATES')} has the key {key!r}, which the template engine does not know.",
            hint=did_you_mean(str(key).upper(), _TEMPLATE_KEYS).strip()
            or f"The keys are {', '.join(_TEMPLATE_KEYS)}; options of the engine belong into OPTIONS.",
            id="settings.E103",
        )
        for entry in settings.TEMPLATES
        if isinstance(entry, dict) and entry.get("BACKEND") == _JINJA2
        for key in entry
        if key not in _TEMPLATE_KEYS
    ]
