"""Find the store that settings.SESSION_ENGINE names."""

from __future__ import annotations

from importlib import import_module

from miniframe.conf import PathNotFound, place_of, settings
from miniframe.sessions.backends.base import SessionBase
from miniframe.utils.dotted import advice, is_missing

__all__ = ["session_store"]


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
        raise PathNotFound(
            f"{place_of('SESSION_ENGINE')} is {engine!r}, and there is no such module.{advice(engine)}{_no_db(engine)}"
        ) from None
    try:
        store: type[SessionBase] = module.SessionStore
    except AttributeError:
        raise PathNotFound(
            f"{place_of('SESSION_ENGINE')} is {engine!r}, and that module has no class SessionStore."
        ) from None
    return store


def _no_db(engine: str) -> str:
    if not engine.endswith((".db", ".cached_db")):
        return ""
    return (
        " Sessions are not kept in a database here: take signed_cookies, file or cache of miniframe.sessions.backends."
    )
