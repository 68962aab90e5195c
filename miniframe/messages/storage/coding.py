"""Messages as JSON, and back.

A message is a list that begins with a mark: [mark, is it HTML (1 or 0), level, text, and extra tags if it has any].
The form is Django's, so that what one has stored, the other can show.
"""

from __future__ import annotations

import json
from typing import Any

from miniframe.messages.storage.base import Message
from miniframe.utils.safestring import SafeData, mark_safe

__all__ = ["MessageDecoder", "MessageEncoder", "MessageSerializer"]

_MARK = "__json_message"


class MessageEncoder(json.JSONEncoder):
    """Write data with messages anywhere in it."""

    message_key = _MARK

    def default(self, o: Any) -> Any:
        """Return a message as a list.

        Raises:
            TypeError: it is no message, and has no JSON.
        """
        if not isinstance(o, Message):
            return super().default(o)
        coded = [self.message_key, int(isinstance(o.message, SafeData)), o.level, o.message]
        return coded if o.extra_tags is None else [*coded, o.extra_tags]


class MessageDecoder(json.JSONDecoder):
    """Read what `MessageEncoder` wrote."""

    def process_messages(self, data: Any) -> Any:
        """Return plain data with the messages in it made messages again."""
        if isinstance(data, dict):
            return {key: self.process_messages(value) for key, value in data.items()}
        if not isinstance(data, list):
            return data
        if not data or data[0] != MessageEncoder.message_key:
            return [self.process_messages(item) for item in data]
        _, is_html, level, text, *extra_tags = data
        return Message(level, mark_safe(text) if is_html else text, *extra_tags)

    def decode(self, s: str, *args: Any, **kwargs: Any) -> Any:
        """Return the data in some JSON.

        Raises:
            ValueError: it is no JSON, or a marked list is no message.
        """
        return self.process_messages(super().decode(s, *args, **kwargs))


class MessageSerializer:
    """The same as bytes, for signing."""

    def dumps(self, obj: Any) -> bytes:
        """Return data with messages as compact JSON."""
        return json.dumps(obj, separators=(",", ":"), cls=MessageEncoder).encode("latin-1")

    def loads(self, data: bytes) -> Any:
        """Return the data in such JSON."""
        return json.loads(data.decode("latin-1"), cls=MessageDecoder)
