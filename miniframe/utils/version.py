"""The version of miniframe, and how it is written.

Here rather than in `miniframe/__init__.py`, so that the packaging tool can read it without importing anything.

Source: PEP 440; Django's `django.utils.version`.
"""

from __future__ import annotations

import re

__all__ = ["VERSION", "__version__", "get_complete_version", "get_version", "get_version_tuple"]

__version__ = "0.1.0"

Version = tuple[int, int, int, str, int]

VERSION: Version = (0, 1, 0, "final", 0)

_STAGES = {"alpha": "a", "beta": "b", "rc": "rc"}


def get_complete_version(version: Version | None = None) -> Version:
    """Return `version`, or miniframe's own for None; an ill-formed one is a mistake of the caller's."""
    if version is None:
        return VERSION
    assert len(version) == 5
    assert version[3] in {*_STAGES, "final"}
    return version


def get_version(version: Version | None = None) -> str:
    """Return a version in PEP 440's spelling, as "1.4rc1"; for None it is miniframe's own."""
    if version is None:
        return __version__
    major, minor, patch, stage, number = get_complete_version(version)
    numbers = f"{major}.{minor}.{patch}" if patch else f"{major}.{minor}"
    if stage == "final":
        return numbers
    # Alpha 0 is what is being worked on before there is a first alpha.
    return f"{numbers}.dev" if (stage, number) == ("alpha", 0) else f"{numbers}{_STAGES[stage]}{number}"


def get_version_tuple(version: str) -> tuple[int, ...]:
    """Return the leading numbers of a version: (1, 2, 3) for "1.2.3b2"."""
    found = re.match(r"\d+(?:\.\d+)*", version)
    return tuple(int(part) for part in found[0].split(".")) if found else ()
