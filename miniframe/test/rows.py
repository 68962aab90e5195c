"""Rows that `setUpTestData` made, for each test its own: loaded anew, so that they belong to the test's session.

Not here: other values (`owning`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

from sqlalchemy import inspect
from sqlalchemy.orm import object_session
from sqlalchemy.orm.collections import InstrumentedList

from miniframe.conf import settings
from miniframe.db.sessions import Session, close_sessions, scope_of_now, session
from miniframe.test.owning import EachItsOwn

__all__ = ["OwnRows", "keep"]


def keep(made: Mapping[str, Any]) -> dict[str, EachItsOwn]:
    """Commit what the class's sessions have in hand, for all of its tests, and close them.

    Return what takes the place of the class's attributes.
    """
    for each in (scope_of_now() or {}).values():
        each.commit()
    # While the sessions know which database a row is of.
    kept: dict[str, EachItsOwn] = {name: OwnRows(name, value) for name, value in made.items()}
    close_sessions()
    return kept


class OwnRows(EachItsOwn):
    """An attribute of the class that may be a mapped object, or have some in its lists, tuples, sets and dicts."""

    def __init__(self, name: str, value: Any) -> None:
        # What a relationship holds would tell its row, which is not the test's, of each copy.
        super().__init__(name, list(value) if isinstance(value, InstrumentedList) else value)
        self.rows = [(row, _alias_of(row)) for row in _rows_in(self.value, set())]

    def copy_for(self, instance: Any) -> Any:
        """Return a copy in which each row is that of the database.

        Raises:
            RuntimeError: nobody can tell which database a row is of.
        """
        # What has been copied already is not copied again.
        self.copied_for(instance).update({id(row): self._load(row, alias, instance) for row, alias in self.rows})
        return super().copy_for(instance)

    def _load(self, row: Any, alias: str | None, instance: Any) -> Any:
        if alias is None:
            kind = type(row).__name__
            raise RuntimeError(
                f"{type(instance).__name__}.{self.name} has a {kind} whose session was closed in setUpTestData, so "
                f"nobody knows which of the databases it is of ({', '.join(settings.DATABASES)}). Add it to "
                f'session("{list(settings.DATABASES)[-1]}"), or whichever it is, and leave that open.'
            )
        return session(alias).get(type(row), inspect(row).identity)


def _rows_in(value: Any, seen: set[int]) -> Iterator[Any]:
    if id(value) in seen:
        return
    seen.add(id(value))
    if getattr(inspect(value, raiseerr=False), "identity", None) is not None:
        yield value
    elif isinstance(value, (dict, list, tuple, set, frozenset)):
        for each in chain(value, value.values() if isinstance(value, dict) else ()):
            yield from _rows_in(each, seen)


def _alias_of(row: Any) -> str | None:
    """Return the alias of the database that a row is of, or None where that cannot be told any more."""
    owner = object_session(row)
    if isinstance(owner, Session):
        return owner.alias
    known = list(settings.DATABASES)
    return known[0] if len(known) == 1 else None
