"""The app that INSTALLED_APPS names as "miniframe.messages"."""

from __future__ import annotations

from miniframe.apps import AppConfig

__all__ = ["MessagesConfig"]


class MessagesConfig(AppConfig):
    """Messages work by their middleware and context processor alone; the app is for settings that move over."""

    name = "miniframe.messages"
    verbose_name = "Messages"
