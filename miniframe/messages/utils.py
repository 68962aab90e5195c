"""The tags of all levels, as the settings have them."""

from __future__ import annotations

from miniframe.conf import settings
from miniframe.messages.constants import DEFAULT_TAGS

__all__ = ["get_level_tags"]


def get_level_tags() -> dict[int, str]:
    """Return level -> tag: the defaults, with settings.MESSAGE_TAGS laid over them."""
    return {**DEFAULT_TAGS, **settings.MESSAGE_TAGS}
