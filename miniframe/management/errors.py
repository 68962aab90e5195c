"""The two errors by which a command says: I cannot go on, and here is why.

Source: Django's how-to "How to create custom django-admin commands", section "Command exceptions".
"""

from __future__ import annotations

from typing import Any

__all__ = ["CommandError", "SystemCheckError"]


class CommandError(Exception):
    """A command cannot do what it was asked; the message is for the person who typed it.

    On the command line it becomes one red line on stderr, without a traceback, and `returncode`
    becomes the exit status (1 unless given).  Through `call_command()` it reaches the caller.
    """

    def __init__(self, *args: Any, returncode: int = 1, **kwargs: Any) -> None:
        self.returncode = returncode
        super().__init__(*args, **kwargs)


class SystemCheckError(CommandError):
    """The system checks found something serious; the message is their whole report, already laid out."""
