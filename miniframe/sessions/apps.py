"""The app that INSTALLED_APPS names as "miniframe.sessions"; it brings `clearsessions`."""

from __future__ import annotations

from miniframe.apps import AppConfig

__all__ = ["SessionsConfig"]


class SessionsConfig(AppConfig):
    """Sessions work by their middleware alone; what the app adds is the command."""

    name = "miniframe.sessions"
    verbose_name = "Sessions"
