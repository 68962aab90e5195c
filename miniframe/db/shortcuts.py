"""Rows for a view, or an answer of 404.

Source: Django's topic "Django shortcut functions"; PostgreSQL's "Error Codes".
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar, overload

from sqlalchemy import Select, inspect
from sqlalchemy.exc import DataError, NoResultFound

from miniframe.db.config import DEFAULT_DB_ALIAS
from miniframe.db.sessions import Session, session
from miniframe.exceptions import Http404

__all__ = ["get_list_or_404", "get_object_or_404"]

T = TypeVar("T")

_OUT_OF_RANGE = "22003"


@overload
def get_object_or_404(what: Select[T], /, *, using: str = ...) -> T: ...


@overload
def get_object_or_404(what: type[T], key: Any, /, *, using: str = ...) -> T: ...


def get_object_or_404(what: Any, key: Any = None, /, *, using: str = DEFAULT_DB_ALIAS) -> Any:
    """Return the one object that a select finds, or that has this primary key: `get_object_or_404(Notice, 7)`.

    Raises:
        Http404: there is none.
        sqlalchemy.exc.MultipleResultsFound: there are several.
    """
    work = session(using)
    if not isinstance(what, Select):
        with _or_404(work, _mapped(what).__name__):
            return work.get_one(what, key)
    with _or_404(work, _name_of(what)):
        # One object may come as several rows, where a select joins its children.
        return work.scalars(what).unique().one()


def get_list_or_404(what: Select[T], /, *, using: str = DEFAULT_DB_ALIAS) -> list[T]:
    """Return all objects that a select finds.

    Raises:
        Http404: there is none.
    """
    work = session(using)
    with _or_404(work, _name_of(what)):
        found = list(work.scalars(what).unique())
        if not found:
            raise NoResultFound
        return found


@contextmanager
def _or_404(work: Session, name: str) -> Iterator[None]:
    """Make a 404 of nothing found; so it is with a number, as an address may have any, that the column cannot hold."""
    try:
        yield
    except (NoResultFound, OverflowError):  # the latter is SQLite's
        pass
    except DataError as error:
        if getattr(error.orig, "sqlstate", getattr(error.orig, "pgcode", "")) != _OUT_OF_RANGE:
            raise
        if not work.blocks:
            # PostgreSQL answers nothing more in this transaction, and a page for the 404 may have questions.
            work.rollback()
    else:
        return
    raise Http404(f"No {name} matches the given query.") from None


def _name_of(statement: Select[Any]) -> str:
    described = statement.column_descriptions
    entity = described[0].get("entity") if described else None
    return getattr(entity, "__name__", None) or (described[0]["name"] if described else "row")


def _mapped(what: Any) -> Any:
    if inspect(what, raiseerr=False) is None:
        raise TypeError(
            f"get_object_or_404() takes a select(), or a mapped class and a primary key; the first is {what!r}."
        )
    return what
