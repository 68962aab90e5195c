"""Where messages wait for the page that shows them: `cookie`, `session`, and `fallback`, which uses both."""

from __future__ import annotations

from typing import Any

from miniframe.conf import import_from_setting, settings
from miniframe.messages.storage.base import BaseStorage

__all__ = ["default_storage"]

# Path -> class: a setting may change in tests, what a path leads to does not.
_classes: dict[str, type[BaseStorage]] = {}


def default_storage(request: Any) -> BaseStorage:
    """Return a storage for this request, of the class that settings.MESSAGE_STORAGE names.

    Raises:
        PathNotFound: the setting leads nowhere.
    """
    path: str = settings.MESSAGE_STORAGE
    storage = _classes.get(path)
    if storage is None:
        storage = _classes[path] = import_from_setting("MESSAGE_STORAGE", path)
    return storage(request)
