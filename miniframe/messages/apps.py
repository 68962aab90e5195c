"""The app that INSTALLED_APPS names as "miniframe.messages"; it brings checks."""

from __future__ import annotations

from miniframe.apps import AppConfig
from miniframe.checks import register
from miniframe.messages.checks import check_message_middleware, check_message_storage

__all__ = ["MessagesConfig"]


class MessagesConfig(AppConfig):
    """Messages work by their middleware and context processor alone; what the app adds is the checks."""

    name = "miniframe.messages"
    verbose_name = "Messages"

    def ready(self) -> None:
        """Register the checks."""
        register(check_message_storage, "messages")
        register(check_message_middleware, "messages")
