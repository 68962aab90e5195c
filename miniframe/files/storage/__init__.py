"""Where files are kept: on disk, in memory, or wherever a backend in settings.STORAGES puts them.

Source: Django's reference "File storage API".
"""

from __future__ import annotations

from miniframe.files.storage.base import Storage
from miniframe.files.storage.filesystem import FileSystemStorage
from miniframe.files.storage.handler import (
    DefaultStorage,
    InvalidStorageError,
    StorageHandler,
    default_storage,
    storages,
)
from miniframe.files.storage.memory import InMemoryStorage

__all__ = [
    "DefaultStorage",
    "FileSystemStorage",
    "InMemoryStorage",
    "InvalidStorageError",
    "Storage",
    "StorageHandler",
    "default_storage",
    "storages",
]
