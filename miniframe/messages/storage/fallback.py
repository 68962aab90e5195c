"""Messages in the cookie, and what does not fit there in the session: the default.

So a site with few messages makes no sessions for them, and one with many loses none.

Source: Django's reference "The messages framework", section "Storage backends".
"""

from __future__ import annotations

from typing import Any

from miniframe.http import HttpResponseBase
from miniframe.messages.storage.base import BaseStorage
from miniframe.messages.storage.cookie import CookieStorage
from miniframe.messages.storage.session import SessionStorage
from miniframe.utils.functional import cached_property

__all__ = ["CookieStorage", "FallbackStorage", "SessionStorage"]


class FallbackStorage(BaseStorage):
    """Try one storage after the other."""

    storage_classes: tuple[type[BaseStorage], ...] = (CookieStorage, SessionStorage)

    @cached_property
    def storages(self) -> list[Any]:
        """The storages, made when a message is read or stored, which most requests do not do.

        Raises:
            ImproperlyConfigured: one of them lacks what it needs, such as a session.
        """
        return [storage(self.request) for storage in self.storage_classes]

    @cached_property
    def _used_storages(self) -> list[Any]:
        """Those in which messages were found, and which have to be emptied."""
        return []

    def _get(self) -> tuple[list[Any] | None, bool]:
        found: list[Any] = []
        all_retrieved = True
        for storage in self.storages:
            messages, all_retrieved = storage._get()
            if storage.used:
                # What it has cannot be read, and is to be removed.
                self.used = True
            if messages or storage.used:
                self._used_storages.append(storage)
            if messages:
                found.extend(messages)
            # A storage that was not used says that the ones behind it were not either.
            if messages is None or all_retrieved:
                break
        return found, all_retrieved

    def _store(self, messages: list[Any], response: HttpResponseBase, *args: Any, **kwargs: Any) -> list[Any] | None:
        left: list[Any] = messages
        for storage in self.storages:
            if left:
                left = storage._store(left, response, remove_oldest=False)
            elif storage in self._used_storages:
                storage._store([], response)
                self._used_storages.remove(storage)
        return left
