"""Commands: find one, run it, write your own.

    from miniframe.management import BaseCommand, CommandError, call_command

The rooms: `entry` begins what was typed, `utility` runs it, `registry` finds commands, `calling` runs them from code,
`base` is what each of them is.  `parser` is argparse and belongs to one command; `group` and `terminal` are click and
belong to all.  What only `runserver` needs is in `serving`, and what only `explain` does in `explaining`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from miniframe.management.entry import execute_from_command_line

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

_ROOMS = {
    "BaseCommand": "base",
    "CommandError": "errors",
    "ManagementUtility": "utility",
    "call_command": "calling",
    "find_commands": "registry",
    "get_commands": "registry",
    "load_command_class": "registry",
}


def __getattr__(name: str) -> Any:
    """Load what is asked for: the parent of the reloader comes through here, and needs none of it."""
    if name not in _ROOMS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # a small one, and not at once

    return getattr(import_module(f"{__name__}.{_ROOMS[name]}"), name)
