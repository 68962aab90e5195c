"""The app that INSTALLED_APPS names as "miniframe.sessions"; it brings `clearsessions` and checks."""

from __future__ import annotations

from miniframe.apps import AppConfig
from miniframe.checks import register
from miniframe.sessions.checks import (
    check_session_engine,
    check_session_serializer,
    check_session_store,
    check_session_store_is_shared,
)

__all__ = ["SessionsConfig"]


class SessionsConfig(AppConfig):
    """Sessions work by their middleware alone; what the app adds is the command and the checks."""

    name = "miniframe.sessions"
    verbose_name = "Sessions"

    def ready(self) -> None:
        """Register the checks."""
        for check in (check_session_engine, check_session_serializer, check_session_store):
            register(check, "sessions")
        register(check_session_store_is_shared, "sessions", deploy=True)
