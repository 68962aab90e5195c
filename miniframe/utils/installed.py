"""Where packages are installed: what such folders are called, and which file lies in one.

Source: Python's documentation of `site`; Debian's Python policy, section "Module path".
Not here: Python's own library, and what a project is.
"""

from __future__ import annotations

import os
from typing import Final

__all__ = ["LIBRARIES", "in_library", "is_installed"]

LIBRARIES: Final = frozenset({"site-packages", "dist-packages"})
"""What the folders are called that packages are installed into; Debian's own Python has the second."""


def is_installed(path: str) -> bool:
    """Return whether this is such a folder, or lies in one."""
    return not LIBRARIES.isdisjoint(path.split(os.sep))


def in_library(path: str) -> tuple[str, str]:
    """Return the folder of packages that a path leads through, with its last separator, and the rest; else two "".

    >>> in_library("/venv/lib/site-packages/jinja2/nodes.py")
    ('/venv/lib/site-packages/', 'jinja2/nodes.py')
    """
    for name in LIBRARIES:
        before, found, rest = path.rpartition(f"{os.sep}{name}{os.sep}")
        if found:
            return before + found, rest
    return "", ""
