"""Check the settings of sessions before the first visitor does; nothing is imported for it that can be looked up."""

from __future__ import annotations

import os
from typing import Any

from miniframe.checks import CheckMessage, Error, Warning
from miniframe.checks.caches import described_caches
from miniframe.conf import place_of, problem_with_path, settings
from miniframe.sessions.engine import no_such_engine
from miniframe.utils.dotted import exists

__all__ = ["check_session_engine", "check_session_serializer", "check_session_store", "check_session_store_is_shared"]

_FILE, _CACHE = "miniframe.sessions.backends.file", "miniframe.sessions.backends.cache"
_OF_ONE_PROCESS = "miniframe.cache.backends.locmem.LocMemCache"


def check_session_engine(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """E100: SESSION_ENGINE leads nowhere."""
    engine: str = settings.SESSION_ENGINE
    return [] if exists(f"{engine}.SessionStore") else [Error(no_such_engine(engine), id="sessions.E100")]


def check_session_serializer(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """E101: SESSION_SERIALIZER leads nowhere; Django's old pickles, say."""
    problem = problem_with_path("SESSION_SERIALIZER")
    return [Error(problem, id="sessions.E101")] if problem else []


def check_session_store(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """E102, E103: the folder or the cache in which sessions are to be kept does not exist."""
    folder, alias = settings.SESSION_FILE_PATH, settings.SESSION_CACHE_ALIAS
    if settings.SESSION_ENGINE == _FILE and folder and not os.path.isdir(folder):
        message = f"{place_of('SESSION_FILE_PATH')} is {str(folder)!r}, and there is no such folder."
        hint = "Make it, writable for the user that runs the site and for nobody else."
        return [Error(message, hint=hint, id="sessions.E102")]
    if settings.SESSION_ENGINE == _CACHE and alias not in described_caches():
        message = f"{place_of('SESSION_CACHE_ALIAS')} is {alias!r}, and CACHES has no cache of that name."
        return [Error(message, hint=f"CACHES has: {', '.join(described_caches())}.", id="sessions.E103")]
    return []


def check_session_store_is_shared(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """W100: with several processes, as each production server has, a visitor is logged in in one of them only."""
    alias = settings.SESSION_CACHE_ALIAS
    backend = described_caches().get(alias, {}).get("BACKEND")
    if settings.SESSION_ENGINE != _CACHE or backend != _OF_ONE_PROCESS:
        return []
    return [
        Warning(
            f"{place_of('SESSION_ENGINE')} keeps sessions in the cache {alias!r}, a LocMemCache: each process has its "
            "own, and forgets it when it ends, so that visitors are logged out at random.",
            hint="Have that cache in Redis, or take 'miniframe.sessions.backends.signed_cookies' or '...file'.",
            id="sessions.W100",
        )
    ]
