"""What settings.DATABASES says of a database, and what is wrong with it.

    DATABASES = {
        "default": {
            "URL": "postgresql+psycopg://board:secret@localhost/board",
            "OPTIONS": {"pool_size": 10},               # arguments of SQLAlchemy's create_engine()
            "ATOMIC_REQUESTS": True,
            "METADATA": "board.models.Base.metadata",   # whose tables `createtables` and tests make
        }
    }

Not here: connecting (`engines`).
Source: Django's reference "Settings", section "DATABASES"; SQLAlchemy's "Engine Configuration".
"""

from __future__ import annotations

import pkgutil
import re
from collections.abc import Mapping
from typing import Any

from miniframe.conf import place_of
from miniframe.conf.databases import SQLAlchemyNotFound, all_databases, entry_of
from miniframe.exceptions import ImproperlyConfigured
from miniframe.utils.dotted import advice, is_missing
from miniframe.utils.text import did_you_mean

try:
    from sqlalchemy import URL, Connection, Engine, MetaData, create_engine, make_url
    from sqlalchemy.exc import ArgumentError, NoSuchModuleError
except ModuleNotFoundError as error:
    # Without a cause, which says nothing more.
    raise SQLAlchemyNotFound(
        "miniframe.db needs SQLAlchemy, which is not installed: python -m pip install 'miniframe[sqlalchemy]'",
        name=error.name,
    ) from None

__all__ = [
    "DEFAULT_DB_ALIAS",
    "KEYS",
    "ConnectionDoesNotExist",
    "commits_by_itself",
    "described",
    "make_engine",
    "metadata_of",
    "options_of",
    "url_of",
]

DEFAULT_DB_ALIAS = "default"

KEYS = ("URL", "OPTIONS", "ATOMIC_REQUESTS", "METADATA")
"""What an entry of settings.DATABASES may have."""

# What to install for a driver's module.
_DRIVERS = {
    "psycopg": "psycopg[binary]",
    "psycopg2": "psycopg2-binary",
    "MySQLdb": "mysqlclient",
}
# Django's engines, in SQLAlchemy's words.
_ENGINES = {
    "sqlite3": "sqlite",
    "postgresql": "postgresql+psycopg",
    "mysql": "mysql+mysqldb",
    "oracle": "oracle+oracledb",
}


class ConnectionDoesNotExist(ImproperlyConfigured):
    """settings.DATABASES has no database of that alias."""


def described(alias: str) -> Mapping[str, Any]:
    """Return the entry of settings.DATABASES for `alias`.

    Raises:
        ConnectionDoesNotExist: there is none.
        ImproperlyConfigured: it is no dict.
    """
    databases = all_databases()
    if alias not in databases:
        known = f" {place_of('DATABASES')} has: {', '.join(databases)}." if databases else _NO_DATABASES
        raise ConnectionDoesNotExist(
            f"The connection {alias!r} doesn't exist.{did_you_mean(alias, databases) or known}"
        )
    return entry_of(alias)


_NO_DATABASES = ' settings.DATABASES is empty: put {"default": {"URL": "sqlite:///.../site.sqlite3"}} into it.'


def url_of(alias: str) -> URL:
    """Return where the database is.

    Raises:
        ImproperlyConfigured: the entry has no URL, or one that cannot be read.  No message has a password in it.
    """
    entry = described(alias)
    url = entry.get("URL")
    if isinstance(url, URL):
        return url
    if not url:
        raise ImproperlyConfigured(f'{_where(alias, "The")} has no "URL".{_converted(entry)}')
    try:
        return make_url(url)
    except (ArgumentError, ValueError, TypeError):
        # Without a cause, and without the value: there may be a password in it.
        raise ImproperlyConfigured(
            f'The "URL" of {_where(alias)} cannot be read: it should look like "sqlite:////srv/site.sqlite3" or '
            '"postgresql+psycopg://user:password@host:5432/name", with "@", ":" and "/" of a password '
            "percent-encoded (urllib.parse.quote_plus)."
        ) from None


def options_of(alias: str) -> dict[str, Any]:
    """Return the arguments for create_engine() that the entry has; those for the driver are in "connect_args".

    Raises:
        ImproperlyConfigured: one of the two is no dict.
    """
    options = _dict_of(alias, "OPTIONS", described(alias).get("OPTIONS"))
    return {**options, "connect_args": dict(_dict_of(alias, "connect_args", options.get("connect_args")))}


def _dict_of(alias: str, name: str, value: Any) -> Mapping[str, Any]:
    if value is not None and not isinstance(value, Mapping):
        raise ImproperlyConfigured(
            f'The "{name}" of {_where(alias)} is a {type(value).__name__}, and should be a dict: {{"OPTIONS": '
            '{"pool_size": 10, "connect_args": {"connect_timeout": 5}}}'
        )
    return value or {}


def make_engine(alias: str, url: URL, options: Mapping[str, Any]) -> Engine:
    """Return a new engine; `options` are arguments of create_engine().

    Raises:
        ImproperlyConfigured: OPTIONS are wrong, or there is no such dialect or driver.
    """
    try:
        engine = create_engine(url, **options)
    except NoSuchModuleError:
        raise ImproperlyConfigured(
            f'The "URL" of {_where(alias)} begins with {url.drivername!r}, and there is no such dialect. '
            'Write "sqlite", "postgresql+psycopg", "mysql+mysqldb" ..., or install the package that has it.'
        ) from None
    except ModuleNotFoundError as error:
        name = error.name or url.drivername
        raise ImproperlyConfigured(
            f'The "URL" of {_where(alias)} needs the driver {name!r}, which is not installed: '
            f"python -m pip install {_quoted(_DRIVERS.get(name, name))}{_other_driver(url)}"
        ) from error
    except ImportError as error:
        # It is there, and what it needs is not: psycopg without libpq.
        raise ImproperlyConfigured(
            f'The driver in the "URL" of {_where(alias)} ({url.drivername!r}) cannot be imported: {error}'
        ) from error
    except TypeError as error:
        raise ImproperlyConfigured(
            f'The "OPTIONS" of {_where(alias)} are no arguments of create_engine(): {_first_line(error)}'
        ) from error
    # A connection tells of what was said to it, and not of what was said to create_engine().
    engine.update_execution_options(level_of_engine=options.get("isolation_level"))
    return engine


def commits_by_itself(connection: Connection) -> bool:
    """Return whether a connection that `make_engine` made commits each statement at once."""
    options = connection.get_execution_options()
    return options.get("isolation_level", options.get("level_of_engine")) == "AUTOCOMMIT"


def metadata_of(alias: str) -> MetaData:
    """Return the MetaData whose tables are this database's.

    Raises:
        ImproperlyConfigured: METADATA is missing, leads nowhere, or leads to something else.
    """
    path = described(alias).get("METADATA")
    if not isinstance(path, str) or "." not in path or not all(map(str.isidentifier, re.split("[.:]", path))):
        raise ImproperlyConfigured(
            f"{_where(alias, 'The')} has {f'the METADATA {path!r}' if path else 'no METADATA'}: name the MetaData of "
            'your models by its dotted path, as in "METADATA": "board.models.Base.metadata".'
        )
    try:
        found = pkgutil.resolve_name(path)
    except (ImportError, AttributeError) as error:
        module = path.rpartition(".")[0]
        if isinstance(error, ImportError) and not is_missing(error, module):
            raise
        raise ImproperlyConfigured(
            f"The METADATA of {_where(alias)} is {path!r}, which leads nowhere: {error}.{advice(path)}"
        ) from error
    if not isinstance(found, MetaData):
        below = (
            f" Did you mean {path + '.metadata'!r}?" if isinstance(getattr(found, "metadata", None), MetaData) else ""
        )
        raise ImproperlyConfigured(
            f"The METADATA of {_where(alias)} is {path!r}, which is no sqlalchemy.MetaData but {found!r}.{below}"
        )
    return found


def _where(alias: str, article: str = "the") -> str:
    return f"{article} database {alias!r} ({place_of('DATABASES')})"


def _converted(entry: Mapping[str, Any]) -> str:
    """Return a sentence with the URL that an entry as Django has it would be; its password stays where it is."""
    kind = str(entry.get("ENGINE", "")).rpartition(".")[2]
    if kind not in _ENGINES:
        return ' Add one, such as "sqlite:////srv/site.sqlite3".'
    user, host, port, name = (str(entry.get(key) or "") for key in ("USER", "HOST", "PORT", "NAME"))
    login = f"{user}{':PASSWORD' if entry.get('PASSWORD') else ''}@" if user else ""
    place = "" if kind == "sqlite3" else f"{login}{host}{f':{port}' if port else ''}"
    return f' In place of Django\'s keys write "URL": "{_ENGINES[kind]}://{place}/{name}".'


def _other_driver(url: URL) -> str:
    if url.drivername == "postgresql":
        return ' (or choose another, as in "postgresql+psycopg://...")'
    return ""


def _quoted(package: str) -> str:
    # A shell would take the brackets for a pattern.
    return f"'{package}'" if "[" in package else package


def _first_line(error: BaseException) -> str:
    return str(error).partition("\n")[0]
