"""Paths that must not lead out of their folder.

Source: Django's security advice on `safe_join` (CVE-2021-33203 class); CWE-22.
"""

from __future__ import annotations

import os
from pathlib import Path

from miniframe.exceptions import SuspiciousFileOperation

__all__ = ["safe_join", "to_path"]


def safe_join(base: str | os.PathLike[str], *paths: str | os.PathLike[str]) -> str:
    """Join `paths` to `base` and return the absolute result, which is inside `base` or is `base`.

    Symbolic links are not followed: a link that the site's owner made inside the folder may lead out of it.

    Raises:
        SuspiciousFileOperation: the joined path lies outside.
    """
    root = os.path.abspath(base)
    joined = os.path.abspath(os.path.join(root, *paths))
    # normcase: "C:\Site" and "c:\site" are one folder on Windows.
    inside, wanted = os.path.normcase(root), os.path.normcase(joined)
    if wanted != inside and not wanted.startswith(inside.rstrip(os.sep) + os.sep):
        raise SuspiciousFileOperation(
            f"The joined path ({joined}) is located outside of the base path component ({root})"
        )
    return joined


def to_path(value: str | Path) -> Path:
    """Return `value` as a `Path`."""
    return value if isinstance(value, Path) else Path(value)
