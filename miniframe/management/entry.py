"""Begin what was typed: `runserver` with reloading first, and all other commands by `ManagementUtility`."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from typing import Final

from miniframe.management.reloading import take_part_in_reloading

__all__ = ["LOADED_AT", "execute_from_command_line"]

LOADED_AT: Final = time.monotonic()
"""When manage.py asked for this module, in seconds as `time.monotonic()`; nothing of ours is loaded before."""


def execute_from_command_line(argv: Sequence[str] | None = None) -> None:
    """Run the command in `argv` (default: what this process was started with), as manage.py does.

    Raises:
        SystemExit: the command failed; the exit status is what the shell gets.
    """
    words = list(sys.argv if argv is None else argv)
    take_part_in_reloading(words)
    from miniframe.management.utility import ManagementUtility  # the parent of the reloader does without

    ManagementUtility(words).execute()
