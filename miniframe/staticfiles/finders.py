"""Where a static file is: in the project's folders, or in the folder "static" of an app.

Source: Django's reference "The staticfiles app", section "Finders Module".
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

from miniframe.apps import apps
from miniframe.checks import CheckMessage, Error, Warning
from miniframe.conf import import_from_setting, settings
from miniframe.exceptions import ImproperlyConfigured, SuspiciousFileOperation
from miniframe.signals import forget_when_changed
from miniframe.staticfiles.utils import get_files
from miniframe.utils._os import safe_join
from miniframe.utils.functional import cached_property, classproperty

if TYPE_CHECKING:
    from miniframe.files.storage import FileSystemStorage, Storage

__all__ = [
    "AppDirectoriesFinder",
    "BaseFinder",
    "BaseStorageFinder",
    "DefaultStorageFinder",
    "FileSystemFinder",
    "find",
    "get_finder",
    "get_finders",
    "searched_locations",
    "static_folders",
]

searched_locations: list[str] = []
"""The folders that the last `find` looked into, for messages."""


class BaseFinder:
    """What a finder of the project's own has to offer."""

    def check(self, **kwargs: Any) -> list[CheckMessage]:
        """Return what is wrong with the finder's settings."""
        raise NotImplementedError(
            "subclasses may provide a check() method to verify the finder is configured correctly."
        )

    def find(self, path: str, find_all: bool = False) -> Any:
        """Return the file's absolute path, or an empty list if there is none; with `find_all` a list of all of them."""
        raise NotImplementedError("subclasses of BaseFinder must provide a find() method")

    def list(self, ignore_patterns: Any) -> Any:
        """Return (path, storage) of every file."""
        raise NotImplementedError("subclasses of BaseFinder must provide a list() method")


class _FolderFinder(BaseFinder):
    """Looks into folders, one after the other."""

    @classproperty
    def storage_class(cls) -> type[FileSystemStorage]:  # noqa: N805  # a property of the class
        """What to make of each folder when its files are to be listed."""
        from miniframe.files.storage import FileSystemStorage  # 3 ms that serving the files does without

        return FileSystemStorage

    def folders(self) -> Iterator[tuple[str, str]]:
        """Yield (prefix, folder); the files of a folder with a prefix are found below that prefix only."""
        raise NotImplementedError

    def find(self, path: str, find_all: bool = False) -> Any:
        """Return the path of the first file, or [] if there is none; with `find_all`, of all."""
        matches = []
        for prefix, root in self.folders():
            if root not in searched_locations:
                searched_locations.append(root)
            match = self.find_location(root, path, prefix)
            if match is not None:
                if not find_all:
                    return match
                matches.append(match)
        return matches

    @cached_property
    def storages(self) -> list[FileSystemStorage]:
        """A storage for each folder; its `prefix` is put before the names of its files."""
        return [self._storage(prefix, root) for prefix, root in self.folders()]

    def _storage(self, prefix: str, root: str) -> FileSystemStorage:
        storage = self.storage_class(location=root)
        storage.prefix = prefix  # type: ignore[attr-defined]  # what `collectstatic` looks for, as Django does
        return storage

    def list(self, ignore_patterns: Any) -> Iterator[tuple[str, Storage]]:
        """Yield (path, storage) of every file in the folders that exist."""
        for storage in self.storages:
            if os.path.isdir(storage.location):
                for path in get_files(storage, ignore_patterns):
                    yield path, storage

    def find_location(self, root: str, path: str, prefix: str = "") -> str | None:
        """Return the path of a file in one folder, or None."""
        if prefix:
            if not path.startswith(f"{prefix}{os.sep}"):
                return None
            path = path[len(prefix) + 1 :]
        try:
            full_path = safe_join(root, path)
            # The stat, not the open, answers for names that are too long or hold a NUL.
            return full_path if os.path.exists(full_path) else None
        except (SuspiciousFileOperation, ValueError):
            return None


class FileSystemFinder(_FolderFinder):
    """Looks into settings.STATICFILES_DIRS: folders, or (prefix, folder) pairs."""

    def __init__(self, app_names: Any = None, *args: Any, **kwargs: Any) -> None:
        self.locations: list[tuple[str, str]] = []
        for entry in settings.STATICFILES_DIRS:
            prefix, root = entry if isinstance(entry, (list, tuple)) else ("", entry)
            pair = (str(prefix), os.path.abspath(root))
            if pair not in self.locations:
                self.locations.append(pair)

    def folders(self) -> Iterator[tuple[str, str]]:
        """Yield the pairs of the setting."""
        return iter(self.locations)

    def check(self, **kwargs: Any) -> list[CheckMessage]:
        """Return staticfiles.E001 to E003 and W004."""
        entries: Any = settings.STATICFILES_DIRS
        if not isinstance(entries, (list, tuple)):
            return [
                Error(
                    "The STATICFILES_DIRS setting is not a tuple or list.",
                    hint="Perhaps you forgot a trailing comma?",
                    id="staticfiles.E001",
                )
            ]
        return [message for entry in entries for message in self._check_entry(entry)]

    def _check_entry(self, entry: Any) -> Iterator[CheckMessage]:
        prefix, root = entry if isinstance(entry, (list, tuple)) else ("", entry)
        if prefix.endswith("/"):
            yield Error(
                f"The prefix {prefix!r} in the STATICFILES_DIRS setting must not end with a slash.",
                id="staticfiles.E003",
            )
        if settings.STATIC_ROOT and os.path.abspath(settings.STATIC_ROOT) == os.path.abspath(root):
            yield Error(
                "The STATICFILES_DIRS setting should not contain the STATIC_ROOT setting.", id="staticfiles.E002"
            )
        if not os.path.isdir(root):
            yield Warning(
                f"The directory '{root}' in the STATICFILES_DIRS setting does not exist.", id="staticfiles.W004"
            )


class AppDirectoriesFinder(_FolderFinder):
    """Looks into the folder "static" of each installed app, in the order of INSTALLED_APPS."""

    source_dir = "static"

    def __init__(self, app_names: Any = None, *args: Any, **kwargs: Any) -> None:
        configs = [config for config in apps.get_app_configs() if not app_names or config.name in app_names]
        roots = [os.path.join(config.path, self.source_dir) for config in configs if config.path]
        self.locations: list[tuple[str, str]] = [("", root) for root in roots if os.path.isdir(root)]

    def folders(self) -> Iterator[tuple[str, str]]:
        """Yield the folders that exist."""
        return iter(self.locations)

    def check(self, **kwargs: Any) -> list[CheckMessage]:
        """Return nothing: there is nothing to set."""
        return []


class BaseStorageFinder(BaseFinder):
    """Looks into a storage: the one given, or else the class's `storage` (a storage, or a class to make one of)."""

    storage: Any = None

    def __init__(self, storage: Any = None, *args: Any, **kwargs: Any) -> None:
        if storage is not None:
            self.storage = storage
        if self.storage is None:
            raise ImproperlyConfigured(
                f"The staticfiles storage finder {type(self)!r} doesn't have a storage class assigned. "
                "Set its attribute `storage`."
            )
        if isinstance(self.storage, type):
            self.storage = self.storage()

    def find(self, path: str, find_all: bool = False) -> Any:
        """Return the file's path if the storage has it on this machine, else []; with `find_all` always a list."""
        try:
            location = self.storage.path("")
            match = self.storage.path(path) if self.storage.exists(path) else None
        except (NotImplementedError, SuspiciousFileOperation):
            return []
        if location not in searched_locations:
            searched_locations.append(location)
        return [] if match is None else [match] if find_all else match

    def list(self, ignore_patterns: Any) -> Iterator[tuple[str, Any]]:
        """Yield (path, storage) of every file."""
        for path in get_files(self.storage, ignore_patterns):
            yield path, self.storage


class DefaultStorageFinder(BaseStorageFinder):
    """Looks into the default storage, which is mostly that of uploads.

    Raises:
        ImproperlyConfigured: that has no folder, because settings.MEDIA_ROOT is empty.
    """

    def __init__(self, storage: Any = None, *args: Any, **kwargs: Any) -> None:
        from miniframe.files.storage import default_storage  # for the few who use this finder

        if storage is None and self.storage is None:
            storage = default_storage
        super().__init__(storage, *args, **kwargs)
        if not getattr(self.storage, "base_location", "anything"):
            raise ImproperlyConfigured(
                f"The storage backend of the staticfiles finder {type(self)!r} doesn't have a valid location. "
                "Set MEDIA_ROOT."
            )

    def check(self, **kwargs: Any) -> Any:
        """Return nothing: there is nothing to set."""
        return []


def find(path: str, find_all: bool = False) -> Any:
    """Return the absolute path of the static file `path`, or None; with `find_all` a list of all candidates.

    The folders that were looked into are left in `searched_locations`.
    """
    searched_locations[:] = []
    matches: list[str] = []
    for finder in get_finders():
        result = finder.find(path, find_all=find_all)
        if not find_all and result:
            return result
        matches += result if isinstance(result, (list, tuple)) else [result]
    return matches if find_all else None


def get_finders() -> Iterator[BaseFinder]:
    """Yield the finders of settings.STATICFILES_FINDERS, in their order."""
    for path in settings.STATICFILES_FINDERS:
        yield get_finder(path)


def static_folders() -> list[str]:
    """Return the folders of this machine that static files are looked for in, without those of the default storage."""
    return [root for finder in get_finders() if isinstance(finder, _FolderFinder) for _, root in finder.folders()]


@cache
def get_finder(import_path: str) -> BaseFinder:
    """Return the finder of that dotted path; each is made once.

    Raises:
        ImportError: the path leads nowhere.
        ImproperlyConfigured: what it leads to is no finder.
    """
    cls = import_from_setting("STATICFILES_FINDERS", import_path)
    if not (isinstance(cls, type) and issubclass(cls, BaseFinder)):
        raise ImproperlyConfigured(f'Finder "{cls}" is not a subclass of "{BaseFinder}"')
    return cls()


forget_when_changed(
    *("STATICFILES_DIRS", "STATICFILES_FINDERS", "INSTALLED_APPS", "STATIC_ROOT", "MEDIA_ROOT", "STORAGES"),
    forget=get_finder.cache_clear,
)
