"""Find the store that settings.SESSION_ENGINE names."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from miniframe.conf import PathNotFound, place_of, settings
from miniframe.utils.dotted import advice, is_missing

if TYPE_CHECKING:  # `check` asks here without ever using a session
    from miniframe.sessions.backends.base import SessionBase

__all__ = ["no_such_engine", "session_store"]


def session_store() -> type[SessionBase]:
    """Return the class `SessionStore` of the module that settings.SESSION_ENGINE names.

    Raises:
        PathNotFound: there is no such module, or it has no such class; an ImproperlyConfigured and an ImportError.
        ImportError: the module is there, but cannot be imported.
    """
    engine: str = settings.SESSION_ENGINE
    try:
        module = import_module(engine)
    except ImportError as error:
        if not is_missing(error, engine):
            raise
        raise PathNotFound(no_such_engine(engine)) from None
    try:
        store: type[SessionBase] = module.SessionStore
    except AttributeError:
        raise PathNotFound(no_such_engine(engine)) from None
    return store


def no_such_engine(engine: str) -> str:
    """Return what to say of an engine that leads nowhere."""
    if engine.endswith((".db", ".cached_db")):
        hint = " Sessions are not kept in a database here: take signed_cookies, file or cache of the same package."
    else:
        hint = advice(engine) or " Name a module, such as 'miniframe.sessions.backends.signed_cookies'."
    return f"{place_of('SESSION_ENGINE')} is {engine!r}, and there is no module of that name with a SessionStore.{hint}"
