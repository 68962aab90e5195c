"""Messages in the visitor's session: room for as many as the session has.

Source: Django's reference "The messages framework", section "Storage backends".
"""

from __future__ import annotations

import json
from typing import Any

from miniframe.exceptions import ImproperlyConfigured
from miniframe.http import HttpResponseBase
from miniframe.messages.storage.base import BaseStorage
from miniframe.messages.storage.coding import MessageDecoder, MessageEncoder

__all__ = ["SessionStorage"]


class SessionStorage(BaseStorage):
    """Messages under a key of request.session."""

    session_key = "_messages"

    def __init__(self, request: Any, *args: Any, **kwargs: Any) -> None:
        """Take the request.

        Raises:
            ImproperlyConfigured: it has no session.
        """
        if not hasattr(request, "session"):
            raise ImproperlyConfigured(
                "The session-based temporary message storage requires session middleware to be installed, and come "
                "before the message middleware in the MIDDLEWARE list."
            )
        super().__init__(request, *args, **kwargs)

    def _get(self) -> tuple[list[Any] | None, bool]:
        return self.deserialize_messages(self.request.session.get(self.session_key)), True

    def _store(self, messages: list[Any], response: HttpResponseBase, *args: Any, **kwargs: Any) -> list[Any] | None:
        session = self.request.session
        if not messages:
            session.pop(self.session_key, None)
        else:
            session[self.session_key] = self.serialize_messages(messages)
        return []

    def serialize_messages(self, messages: list[Any]) -> str:
        """Return messages as JSON."""
        return json.dumps(messages, separators=(",", ":"), cls=MessageEncoder)

    def deserialize_messages(self, data: Any) -> Any:
        """Return the messages in JSON; what is no text is handed back as it is."""
        return json.loads(data, cls=MessageDecoder) if data and isinstance(data, str) else data
