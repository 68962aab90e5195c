"""What the models of all apps share: their base, how moments are kept, and a new database's first contents.

The session comes from `miniframe.db`: one for each request, closed when the request has ended. A view that fails leaves
nothing half done, since settings.DATABASES says ATOMIC_REQUESTS.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from miniframe.db import atomic, session
from miniframe.dispatch import Signal
from sqlalchemy import DateTime, Dialect, Select, func, inspect, select
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

T = TypeVar("T")

# The largest number that a row can have (a PostgreSQL integer); an address may ask for a larger one.
LAST_ID = 2**31 - 1

# Sent once for each new database: the tables are there, and empty.
database_created = Signal()


class Moment(TypeDecorator[datetime]):
    """A moment, kept in UTC; SQLite itself would forget the time zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        moment: datetime = value
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


class Base(DeclarativeBase):
    """What every model of this site is."""

    type_annotation_map = {datetime: Moment}


class Rows(Generic[T]):
    """What a select finds: `len` counts, and a slice fetches only its own rows.

    That is all a Paginator asks of a list. Slices count from the front.
    """

    def __init__(self, found: Select[T]) -> None:
        self._found = found

    def __len__(self) -> int:
        return session().scalar(select(func.count()).select_from(self._found.order_by(None).subquery())) or 0

    def __getitem__(self, part: slice) -> list[T]:
        start = part.start or 0
        found = self._found.offset(start)
        if part.stop is not None:
            found = found.limit(max(0, part.stop - start))
        return list(session().scalars(found))


def open_database() -> None:
    """Make the tables of a new database, and have the apps put something in: all of it or nothing.

    Called where the site begins to serve (harbour/wsgi.py). Two servers may begin on the same empty folder: on SQLite
    the second waits for the first, and then finds everything there.
    """
    with atomic():
        connection = session().connection()
        if inspect(connection).has_table("notice"):
            return
        Base.metadata.create_all(connection)
        database_created.send(sender=None)


def now() -> datetime:
    """Return the present moment, without the part of a second that nobody shows."""
    return datetime.now(UTC).replace(microsecond=0)
