"""Commands: find one, run it, write your own.

    from miniframe.management import BaseCommand, CommandError, call_command

The rooms: `entry` begins what was typed, `utility` runs it, `registry` finds commands, `calling` runs them from code,
`base` is what each of them is.  `parser` is argparse and belongs to one command; `group` and `terminal` are click and
belong to all.  What only `runserver` needs is in `serving`, and what only `explain` does in `explaining`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from miniframe.management.entry import execute_from_command_line
from miniframe.utils.faces import hands_on

if TYPE_CHECKING:
    from miniframe.management.base import BaseCommand
    from miniframe.management.calling import call_command
    from miniframe.management.errors import CommandError
    from miniframe.management.registry import find_commands, get_commands, load_command_class
    from miniframe.management.utility import ManagementUtility

__all__ = [
    "BaseCommand",
    "CommandError",
    "ManagementUtility",
    "call_command",
    "execute_from_command_line",
    "find_commands",
    "get_commands",
    "load_command_class",
]

if not TYPE_CHECKING:
    # The parent of the reloader comes through here, and needs none of them.
    __getattr__ = hands_on(
        __name__,
        {
            "BaseCommand": "miniframe.management.base",
            "CommandError": "miniframe.management.errors",
            "ManagementUtility": "miniframe.management.utility",
            "call_command": "miniframe.management.calling",
            "find_commands": "miniframe.management.registry",
            "get_commands": "miniframe.management.registry",
            "load_command_class": "miniframe.management.registry",
        },
    )
