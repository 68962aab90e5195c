"""System checks on settings.CACHES: a default, backends that exist, places that nobody else reads.

    caches.E001   there is no cache "default"
    caches.E100   an entry is no dict, or its BACKEND is missing or leads nowhere
    caches.W002   a cache's folder and one whose files are served lie in each other
    caches.W003   a cache's folder depends on where the process was started
    caches.W100   a key that nobody reads

Source: Django's reference "System check framework", section "Caches"; those from 100 on are ours.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from miniframe.checks import CheckMessage, Error, Tags, Warning, register
from miniframe.conf import settings
from miniframe.utils.dotted import advice, exists
from miniframe.utils.text import did_you_mean

__all__ = [
    "E001",
    "check_cache_backends",
    "check_cache_location_not_exposed",
    "check_default_cache_is_configured",
    "check_file_based_cache_is_absolute",
    "described_caches",
]

E001 = Error("You must define a 'default' cache in your CACHES setting.", id="caches.E001")

_FILE_BASED = "miniframe.cache.backends.filebased.FileBasedCache"
_KEYS = ("BACKEND", "LOCATION", "TIMEOUT", "OPTIONS", "KEY_PREFIX", "VERSION", "KEY_FUNCTION")
_IN_OPTIONS = ("MAX_ENTRIES", "CULL_FREQUENCY")


def _caches() -> Mapping[str, Any]:
    return settings.CACHES if isinstance(settings.CACHES, Mapping) else {}


def described_caches() -> Mapping[str, Mapping[str, Any]]:
    """Return what settings.CACHES says of each alias, without what it cannot mean."""
    return {alias: entry for alias, entry in _caches().items() if isinstance(entry, Mapping)}


@register(Tags.caches)
def check_default_cache_is_configured(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """E001: `miniframe.cache.cache` would be nothing."""
    return [] if "default" in _caches() else [E001]


@register(Tags.caches)
def check_cache_backends(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """E100 and W100: what is found out at the first use otherwise, or never."""
    if not settings.is_overridden("CACHES"):
        return []  # looking for the modules would cost 2 ms, and the defaults are right
    return [message for alias, entry in _caches().items() for message in _slips(alias, entry)]


def _slips(alias: str, entry: Any) -> Iterator[CheckMessage]:
    if not isinstance(entry, Mapping):
        yield Error(
            f"The cache {alias!r} in settings.CACHES has to be a dict, and is of type {type(entry).__name__}.",
            hint='Such as {"BACKEND": "miniframe.cache.backends.locmem.LocMemCache"}.',
            id="caches.E100",
        )
        return
    path = entry.get("BACKEND")
    if not isinstance(path, str) or not exists(path):
        near = advice(path) if isinstance(path, str) else ' One would be "miniframe.cache.backends.locmem.LocMemCache".'
        yield Error(
            f"The BACKEND of the cache {alias!r} in settings.CACHES is {path!r}, which leads nowhere.",
            hint=near.strip() or None,
            id="caches.E100",
        )
    if not str(path).startswith("miniframe."):
        return  # a backend of somebody else's may read what it likes
    for key in entry:
        if key not in _KEYS:
            yield Warning(f"Nothing reads the key {key!r} of the cache {alias!r}.", hint=_meant(key), id="caches.W100")


def _meant(key: str) -> str | None:
    if key in _IN_OPTIONS:
        return "It belongs into OPTIONS."
    return did_you_mean(key, _KEYS).strip() or None


def _folders() -> Iterator[tuple[str, Path]]:
    """Yield the alias and the folder of each file-based cache."""
    for alias, entry in described_caches().items():
        if entry.get("BACKEND") == _FILE_BASED and entry.get("LOCATION"):
            yield alias, Path(entry["LOCATION"])


def _served() -> Iterator[tuple[str, Path]]:
    """Yield each setting and a folder that it names, whose files everybody can ask for."""
    for name in ("MEDIA_ROOT", "STATIC_ROOT"):
        if folder := getattr(settings, name):
            yield name, Path(folder)
    for entry in settings.STATICFILES_DIRS:
        yield "STATICFILES_DIRS", Path(entry[1] if isinstance(entry, (list, tuple)) else entry)


@register(Tags.caches, deploy=True)
def check_cache_location_not_exposed(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """W002: cached values could be downloaded, or `collectstatic` could run over them."""
    found: list[CheckMessage] = []
    for name, served in _served():
        for alias, folder in _folders():
            if relation := _relation(folder.resolve(), served.resolve()):
                found.append(
                    Warning(
                        f"Your {alias!r} cache configuration might expose your cache or lead to corruption of your "
                        f"data because its LOCATION {relation} {name}.",
                        id="caches.W002",
                    )
                )
    return found


def _relation(one: Path, other: Path) -> str | None:
    if one == other:
        return "matches"
    if other in one.parents:
        return "is inside"
    return "contains" if one in other.parents else None


@register(Tags.caches)
def check_file_based_cache_is_absolute(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """W003: a relative folder is another one for each place from which the process is started."""
    return [
        Warning(f"Your {alias!r} cache LOCATION path is relative. Use an absolute path instead.", id="caches.W003")
        for alias, folder in _folders()
        if not os.path.isabs(folder)
    ]
