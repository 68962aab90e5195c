"""Rows for a view, or an answer of 404.

Source: Django's topic "Django shortcut functions".
"""

from __future__ import annotations

from typing import Any, TypeVar, overload

from sqlalchemy import Select, inspect
from sqlalchemy.exc import NoResultFound

from miniframe.db.config import DEFAULT_DB_ALIAS
from miniframe.db.sessions import session
from miniframe.exceptions import Http404

__all__ = ["get_list_or_404", "get_object_or_404"]

T = TypeVar("T")


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
    if not isinstance(what, Select):
        found = session(using).get(_mapped(what), key)
        if found is None:
            raise Http404(f"No {what.__name__} matches the given query.")
        return found
    try:
        # One object may come as several rows, where a select joins its children.
        return session(using).scalars(what).unique().one()
    except NoResultFound:
        raise Http404(f"No {_name_of(what)} matches the given query.") from None


def get_list_or_404(what: Select[T], /, *, using: str = DEFAULT_DB_ALIAS) -> list[T]:
    """Return all objects that a select finds.

    Raises:
        Http404: there is none.
    """
    found = list(session(using).scalars(what).unique())
    if not found:
        raise Http404(f"No {_name_of(what)} matches the given query.")
    return found


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
