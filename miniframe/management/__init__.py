"""Commands: find one, run it, write your own.

    from miniframe.management import BaseCommand, CommandError, call_command

The rooms: `utility` runs what was typed, `registry` finds commands, `calling` runs them from code, `base` is what
each of them is.  `parser` is argparse and belongs to one command; `group` and `terminal` are click and belong to all.
"""

from __future__ import annotations

from miniframe.management.base import BaseCommand
from miniframe.management.calling import call_command
from miniframe.management.errors import CommandError
from miniframe.management.registry import find_commands, get_commands, load_command_class
from miniframe.management.utility import ManagementUtility, execute_from_command_line

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
