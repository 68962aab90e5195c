"""System checks on settings.DATABASES: keys that somebody reads, URLs and drivers that are there, known models.

    databases.E100   an entry is wrong: no URL, one that cannot be read, a driver that is not installed, OPTIONS ...
    databases.E101   SQLAlchemy is not installed
    databases.E102   METADATA leads nowhere
    databases.W100   a key that nobody reads
    databases.W101   an SQLite file whose place depends on where the process was started
    databases.W102   SQLite in memory: each thread has another database

An entry with ENGINE and without URL is one for a database layer of the project's own, and passed over.
Source: Django's reference "System check framework", section "Database"; all of these are ours.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any

from miniframe.checks import CheckMessage, Error, Tags, Warning, register
from miniframe.conf.databases import all_databases
from miniframe.exceptions import ImproperlyConfigured
from miniframe.utils.text import did_you_mean

__all__ = ["check_databases"]

_NO_SQLALCHEMY = Error(
    "settings.DATABASES names a database, and SQLAlchemy, which opens it, is not installed.",
    hint="python -m pip install 'miniframe[sqlalchemy]'",
    id="databases.E101",
)


@register(Tags.database)
def check_databases(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Find what is found out at the first request otherwise; nothing is connected."""
    try:
        databases = all_databases()
    except ImproperlyConfigured as error:
        return [Error(str(error), id="databases.E100")]
    return [message for alias, entry in databases.items() for message in _slips(alias, entry)]


def _slips(alias: str, entry: Any) -> Iterator[CheckMessage]:
    if isinstance(entry, Mapping) and entry.get("ENGINE") and not entry.get("URL"):
        return
    try:
        from miniframe.db import config  # SQLAlchemy: 150 ms, only for projects that have databases
        from miniframe.db.engines import new_engine
    except ModuleNotFoundError:
        yield _NO_SQLALCHEMY
        return
    try:
        url = new_engine(alias).url
    except ImproperlyConfigured as error:
        yield Error(str(error), id="databases.E100")
        return
    for key in entry:
        if key not in config.KEYS:
            yield _unread(alias, key, config.KEYS)
    if url.get_backend_name() == "sqlite":
        yield from _of_sqlite(alias, url.database or ":memory:")
    if entry.get("METADATA"):
        try:
            config.metadata_of(alias)
        except ImproperlyConfigured as error:
            yield Error(str(error), id="databases.E102")


def _unread(alias: str, key: str, known: tuple[str, ...]) -> Warning:
    meant = did_you_mean(key, known).strip()
    return Warning(
        f"Nothing reads the key {key!r} of the database {alias!r}.",
        hint=meant or "What is meant for SQLAlchemy's create_engine() belongs into OPTIONS.",
        id="databases.W100",
    )


def _of_sqlite(alias: str, path: str) -> Iterator[CheckMessage]:
    if path == ":memory:":
        yield Warning(
            f"The database {alias!r} is in memory: each thread has an empty one of its own, gone when it ends.",
            hint="Name a file: sqlite:////srv/site.sqlite3. Tests have a database of their own in any case.",
            id="databases.W102",
        )
    elif not path.startswith("file:") and not os.path.isabs(path):
        yield Warning(
            f"The path of the SQLite database {alias!r} is relative ({path!r}): it is another file for each folder "
            "in which the process is started.",
            hint=f'Begin with the project\'s folder: f"sqlite:///{{BASE_DIR / {path!r}}}"',
            id="databases.W101",
        )
