"""A message, and what every storage of messages has in common.

A storage reads what an earlier response left (`_get`), takes more (`add`), shows all (`__iter__`), and at the end keeps
what was not shown (`update`, `_store`). A storage of one's own derives from `BaseStorage` and has `_get` and `_store`.

Source: Django's reference "The messages framework", section "Storage backends".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from miniframe.conf import settings
from miniframe.http import HttpResponseBase
from miniframe.messages.utils import get_level_tags
from miniframe.signals import forget_when_changed
from miniframe.utils.functional import SimpleLazyObject, empty

__all__ = ["LEVEL_TAGS", "BaseStorage", "Message"]


LEVEL_TAGS: Any = SimpleLazyObject(get_level_tags)
"""Level -> tag: the defaults, with settings.MESSAGE_TAGS laid over them."""


def _forget_level_tags() -> None:
    LEVEL_TAGS._wrapped = empty


forget_when_changed("MESSAGE_TAGS", forget=_forget_level_tags)


class Message:
    """A text for the visitor, how much it matters, and the CSS classes to show it with."""

    def __init__(self, level: int, message: Any, extra_tags: str | None = None) -> None:
        self.level: int = int(level)
        self.message: str = message
        self.extra_tags = extra_tags

    def _prepare(self) -> None:
        """Make text of lazy text, which cannot be stored."""
        self.message = str(self.message)
        self.extra_tags = None if self.extra_tags is None else str(self.extra_tags)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Message):
            return NotImplemented
        return self.level == other.level and self.message == other.message

    __hash__: ClassVar[None]  # type: ignore[assignment]  # it can be changed, and equal ones may differ in their tags

    def __str__(self) -> str:
        return str(self.message)

    def __html__(self) -> str:
        """Return the message for a page: escaped, unless it is a safe string.  Template engines ask for this."""
        from miniframe.utils.html import conditional_escape  # 2 ms, for pages that show messages

        return str(conditional_escape(self.message))

    def __repr__(self) -> str:
        tags = f", extra_tags={self.extra_tags!r}" if self.extra_tags else ""
        return f"Message(level={self.level}, message={self.message!r}{tags})"

    @property
    def level_tag(self) -> str:
        """The tag of the level, as "success"; "" for a level that has none."""
        tag: str = LEVEL_TAGS.get(self.level, "")
        return tag

    @property
    def tags(self) -> str:
        """The extra tags and the level's, separated by blanks: a value for `class`."""
        return " ".join(tag for tag in (self.extra_tags, self.level_tag) if tag)


class BaseStorage:
    """The messages of one request: those left by earlier ones, and those that this one adds."""

    #: Whether somebody went through the messages, so that they count as shown.
    used: bool = False
    #: Whether this request added one.
    added_new: bool = False

    _level: int | None = None
    _loaded_data: list[Any]

    def __init__(self, request: Any, *args: Any, **kwargs: Any) -> None:
        self.request = request
        self._queued_messages: list[Message] = []

    def __len__(self) -> int:
        return len(self._loaded_messages) + len(self._queued_messages)

    def __iter__(self) -> Iterator[Any]:
        shown = self._loaded_messages
        shown += self._queued_messages
        self._queued_messages = []
        self.used = True
        return iter(shown)

    def __contains__(self, item: object) -> bool:
        return item in self._loaded_messages or item in self._queued_messages

    def __repr__(self) -> str:
        return f"<{type(self).__qualname__}: request={self.request!r}>"

    @property
    def _loaded_messages(self) -> list[Any]:
        """What earlier requests left, read when it is first asked for."""
        if "_loaded_data" not in self.__dict__:
            messages, _ = self._get()
            self._loaded_data = messages or []
        return self._loaded_data

    def _get(self) -> tuple[list[Any] | None, bool]:
        """Return the stored messages, None if this storage was not used; and whether these are all there are."""
        raise NotImplementedError("subclasses of BaseStorage must provide a _get() method")

    def _store(self, messages: list[Any], response: HttpResponseBase) -> list[Any] | None:
        """Store the messages in place of those that are stored; return those for which there was no room."""
        raise NotImplementedError("subclasses of BaseStorage must provide a _store() method")

    def update(self, response: HttpResponseBase) -> list[Any] | None:
        """Store what is to be shown later, if that has changed; return the messages for which there was no room."""
        for message in self._queued_messages:
            message._prepare()
        if self.used:
            return self._store(self._queued_messages, response)
        if self.added_new:
            return self._store(self._loaded_messages + self._queued_messages, response)
        return None

    def add(self, level: int, message: Any, extra_tags: str | None = "") -> None:
        """Queue a message, unless it is empty or its level is too low to count."""
        if not message or int(level) < self.level:
            return
        self.added_new = True
        self._queued_messages.append(Message(level, message, extra_tags=extra_tags))

    @property
    def level(self) -> int:
        """The lowest level that counts: as it was set here, or settings.MESSAGE_LEVEL."""
        level: int = settings.MESSAGE_LEVEL if self._level is None else self._level
        return level

    @level.setter
    def level(self, value: int | None) -> None:
        """Set it for this request; None gives back the setting."""
        self._level = None if value is None else int(value)

    @level.deleter
    def level(self) -> None:
        """Give back the setting."""
        self._level = None
