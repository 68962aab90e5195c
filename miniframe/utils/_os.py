"""Paths that must not lead out of their folder, and files that are replaced as a whole.

Source: Django's security advice on `safe_join` (CVE-2021-33203 class); CWE-22; rename(2).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path

from miniframe.exceptions import SuspiciousFileOperation

__all__ = ["replacing", "safe_join", "to_path"]


def safe_join(base: str | os.PathLike[str], *paths: str | os.PathLike[str]) -> str:
    """Join `paths` to `base` and return the absolute result, which is inside `base` or is `base`.

    Symbolic links are not followed: a link that the site's owner made inside the folder may lead out of it.

    Raises:
        SuspiciousFileOperation: the joined path lies outside.
    """
    if len(paths) == 1 and type(base) is str and base[:1] == "/" == os.sep and type(paths[0]) is str:
        # Such a result depends on nothing else, not even on the working directory.
        return (_known_join if len(paths[0]) <= _SHORT else _join)(base, paths[0])
    return _join(base, *paths)


def _join(base: str | os.PathLike[str], *paths: str | os.PathLike[str]) -> str:
    root = os.path.abspath(base)
    joined = os.path.abspath(os.path.join(root, *paths))
    # normcase: "C:\Site" and "c:\site" are one folder on Windows.
    inside, wanted = os.path.normcase(root), os.path.normcase(joined)
    if wanted != inside and not wanted.startswith(inside.rstrip(os.sep) + os.sep):
        raise SuspiciousFileOperation(
            f"The joined path ({joined}) is located outside of the base path component ({root})"
        )
    return joined


# A page's files are asked for with every look at it.
_SHORT = 256
_known_join = lru_cache(maxsize=256)(_join)


@contextmanager
def replacing(path: str, temporary: str) -> Iterator[None]:
    """Put `temporary`, which the block makes, in the place of `path` at once; if the block fails, remove it.

    So a reader sees the old file or the new one, whole. Both lie in one folder, or at least on one file system.

    Raises:
        OSError: the file cannot be put there.
    """
    try:
        yield
        os.replace(temporary, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise


def to_path(value: str | Path) -> Path:
    """Return `value` as a `Path`."""
    return value if isinstance(value, Path) else Path(value)
