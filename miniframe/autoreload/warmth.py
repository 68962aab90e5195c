"""Whether workers are copied from a warm process, or each is started afresh.

The switch is an environment variable, so that whatever starts the program can turn it, and every process of it knows.
`runserver --nowarm` sets it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable

__all__ = ["SWITCH", "starts_warm", "switch_off_if_asked"]

SWITCH = "MINIFRAME_WARM"
"""The environment variable that, when it is "0", has every worker started afresh."""


def starts_warm() -> bool:
    """Return whether workers come from a warm process here: on Linux, unless that is switched off."""
    return sys.platform == "linux" and hasattr(os, "pidfd_open") and os.environ.get(SWITCH) != "0"


def switch_off_if_asked(arguments: Iterable[str]) -> None:
    """Have every worker started afresh if `--nowarm` is among these, or what argparse takes for it."""
    if any(len(each) > len("--no") and "--nowarm".startswith(each) for each in arguments):
        os.environ[SWITCH] = "0"
