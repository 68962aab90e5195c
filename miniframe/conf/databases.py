"""Which entries of settings.DATABASES are for `miniframe.db`: those with a URL; the others are for another layer.

Handlers, tests and hints ask it without SQLAlchemy; a project without databases does not load it.
Not here: what an entry says (`db.config`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from miniframe.conf.loading import settings
from miniframe.conf.paths import place_of
from miniframe.exceptions import ImproperlyConfigured

__all__ = ["SQLAlchemyNotFound", "all_databases", "entry_of", "own_databases"]

_EXAMPLE = '{"URL": "sqlite:////srv/site.sqlite3"}'


class SQLAlchemyNotFound(ImproperlyConfigured, ModuleNotFoundError):
    """`miniframe.db` is wanted, and SQLAlchemy is not installed; an ImportError as well, for it is met by an import."""


def all_databases() -> Mapping[str, Any]:
    """Return settings.DATABASES; its entries have not been looked at.

    Raises:
        ImproperlyConfigured: it is no dict.
    """
    databases: Any = settings.DATABASES or {}
    if not isinstance(databases, Mapping):
        raise ImproperlyConfigured(
            f'{place_of("DATABASES")} is a {type(databases).__name__}, and should be a dict: {{"default": {_EXAMPLE}}}'
        )
    return databases


def entry_of(alias: str) -> Mapping[str, Any]:
    """Return the entry of a database that is there.

    Raises:
        ImproperlyConfigured: it is no dict.  No message has its value: there may be a password in it.
    """
    entry = all_databases()[alias]
    if not isinstance(entry, Mapping):
        raise ImproperlyConfigured(
            f"The database {alias!r} ({place_of('DATABASES')}) is a {type(entry).__name__}, and should be a dict: "
            + _EXAMPLE
        )
    return entry


def own_databases() -> dict[str, Mapping[str, Any]]:
    """Return the entries that `miniframe.db` opens, by alias.

    Raises:
        ImproperlyConfigured: DATABASES or one of its entries is no dict.
    """
    entries = {alias: entry_of(alias) for alias in all_databases()}
    return {alias: entry for alias, entry in entries.items() if entry.get("URL")}
