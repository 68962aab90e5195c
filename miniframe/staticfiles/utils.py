"""What has to be right before static files can be served, and which files of a storage are meant.

Source: Django's reference "Settings", sections "STATIC_URL" and "MEDIA_URL"; "The staticfiles app", section
"collectstatic" for the patterns.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from miniframe.conf import settings
from miniframe.exceptions import ImproperlyConfigured

if TYPE_CHECKING:
    from miniframe.files.storage import Storage

__all__ = ["check_settings", "get_files", "matches_patterns"]


def matches_patterns(path: str, patterns: Iterable[str]) -> bool:
    """Return whether one of the glob-style `patterns` fits the path; "*" fits "/" too."""
    return any(fnmatchcase(path, pattern) for pattern in patterns)


def get_files(storage: Storage, ignore_patterns: Iterable[str] | None = None, location: str = "") -> Iterator[str]:
    """Yield the names of all files of a storage in and below the folder `location`.

    A file or folder is left out if its name, or its whole path, fits one of `ignore_patterns`.
    """
    patterns = list(ignore_patterns or ())
    folders, files = storage.listdir(location)
    for names, are_folders in ((files, False), (folders, True)):
        for name in sorted(names):
            path = os.path.join(location, name)
            if matches_patterns(name, patterns) or matches_patterns(path, patterns):
                continue
            if are_folders:
                yield from get_files(storage, patterns, path)
            else:
                yield path


def check_settings(base_url: str | None = None) -> None:
    """Check STATIC_URL (or `base_url`), and that it is apart from MEDIA_URL and MEDIA_ROOT.

    Raises:
        ImproperlyConfigured: one of them is missing or in the way of another.
    """
    static_url: str | None = settings.STATIC_URL if base_url is None else base_url
    if not static_url:
        raise ImproperlyConfigured(
            "You're using the staticfiles app without having set the required STATIC_URL setting. "
            "Set it, for example STATIC_URL = 'static/'."
        )
    media_url: str = settings.MEDIA_URL
    if media_url == static_url:
        raise ImproperlyConfigured("The MEDIA_URL and STATIC_URL settings must have different values")
    if settings.DEBUG and media_url and media_url.startswith(static_url):
        raise ImproperlyConfigured(
            "runserver can't serve media if MEDIA_URL is within STATIC_URL. "
            f"They are {media_url!r} and {static_url!r}: move one of them."
        )
    if settings.MEDIA_ROOT and settings.STATIC_ROOT and str(settings.MEDIA_ROOT) == str(settings.STATIC_ROOT):
        raise ImproperlyConfigured("The MEDIA_ROOT and STATIC_ROOT settings must have different values")
