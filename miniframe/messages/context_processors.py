"""`messages` for templates; named in OPTIONS["context_processors"] of an engine."""

from __future__ import annotations

from typing import Any

from miniframe.messages.api import get_messages
from miniframe.messages.constants import DEFAULT_LEVELS

__all__ = ["messages"]


def messages(request: Any) -> dict[str, Any]:
    """`messages`, the visitor's messages, and `DEFAULT_MESSAGE_LEVELS`, the levels by name."""
    return {"messages": get_messages(request), "DEFAULT_MESSAGE_LEVELS": DEFAULT_LEVELS}
