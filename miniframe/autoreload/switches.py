"""What people switch off: workers that are copies, and pages that follow.

Each switch is an environment variable, so that whatever starts the program can turn it, and every process of the
program knows.  Options of `runserver` set them, before argparse reads those.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from typing import Final

__all__ = ["heed", "is_meant", "pages_follow", "starts_warm"]

_WARM: Final = "MINIFRAME_WARM"
_REFRESH: Final = "MINIFRAME_REFRESH"
_OPTIONS: Final = {"--nowarm": _WARM, "--norefresh": _REFRESH}


def starts_warm() -> bool:
    """Return whether workers come from a warm process here: on Linux, unless that is switched off."""
    return sys.platform == "linux" and hasattr(os, "pidfd_open") and _is_on(_WARM)


def pages_follow() -> bool:
    """Return whether pages are to learn that they are old, as far as the person who started this has said anything."""
    return _is_on(_REFRESH)


def heed(arguments: Iterable[str]) -> None:
    """Switch off, here and in processes that are started from here, what these arguments of `runserver` ask to."""
    for argument in arguments:
        for option, variable in _OPTIONS.items():
            if is_meant(option, argument):
                os.environ[variable] = "0"


def is_meant(option: str, argument: str) -> bool:
    """Return whether argparse takes this argument for the option, which people may abbreviate.

    >>> is_meant("--nowarm", "--now"), is_meant("--nowarm", "--no"), is_meant("--nowarm", "--noreload")
    (True, False, False)
    """
    # "--no" alone might be one of several, which argparse refuses.
    return len(argument) > len("--no") and option.startswith(argument)


def _is_on(variable: str) -> bool:
    return os.environ.get(variable) != "0"
