"""The version of miniframe, and how it is written.

Here rather than in `miniframe/__init__.py`, so that the packaging tool can read it without importing anything.
"""

from __future__ import annotations

__version__ = "0.1.0"

VERSION: tuple[int, int, int, str, int] = (0, 1, 0, "final", 0)


def get_version() -> str:
    """Return the version in PEP 440's spelling, such as "0.1.0"."""
    return __version__
