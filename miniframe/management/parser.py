"""Read one command's own arguments: argparse, told to speak as a command should.

Kept apart from `base` because argparse takes some 7 ms to import, and the parent of the reloader,
which never parses anything, passes through `base` on its way.

Source: Django's how-to "How to create custom django-admin commands", section "Accepting optional arguments".
"""

from __future__ import annotations

import argparse
import functools
import sys
from collections.abc import Iterable, Sequence
from typing import IO, Any, NoReturn

from .errors import CommandError

__all__ = ["COMMON_OPTIONS", "CommandHelpFormatter", "CommandParser"]

COMMON_OPTIONS = frozenset(
    {
        "--version",
        "--verbosity",
        "--settings",
        "--pythonpath",
        "--traceback",
        "--no-color",
        "--force-color",
        "--skip-checks",
    }
)


class CommandParser(argparse.ArgumentParser):
    """An `ArgumentParser` that exits only when it was the command line that called.

    With `called_from_command_line` a mistake prints the usage and exits with 2, as argparse does;
    without, it is a `CommandError`, for a function call must not end its caller's process.
    `missing_args_message` replaces argparse's words when there are no arguments at all.
    """

    def __init__(
        self,
        *,
        missing_args_message: str | None = None,
        called_from_command_line: bool | None = None,
        **kwargs: Any,
    ) -> None:
        self.missing_args_message = missing_args_message
        self.called_from_command_line = called_from_command_line
        if sys.version_info >= (3, 14):
            kwargs.setdefault("color", False)  # argparse's colours would ignore --no-color
        super().__init__(**kwargs)

    def parse_args(  # type: ignore[override]  # argparse's two overloads differ in `namespace` only
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> argparse.Namespace:
        """Parse `args`; when the command wants some and there are none, say so in the command's words."""
        if self.missing_args_message and not args:
            self.error(self.missing_args_message)
        return super().parse_args(args, namespace)

    def error(self, message: str) -> NoReturn:
        """Print usage and exit with 2, or raise `CommandError` when called from code."""
        if self.called_from_command_line:
            super().error(message)
        raise CommandError(f"Error: {message}")

    def add_subparsers(self, **kwargs: Any) -> Any:
        """Add subparsers that, like this one, exit only for the command line."""
        kind = kwargs.get("parser_class", type(self))
        if issubclass(kind, CommandParser):
            kwargs["parser_class"] = functools.partial(kind, called_from_command_line=self.called_from_command_line)
        return super().add_subparsers(**kwargs)

    def print_help(self, file: IO[str] | None = None) -> None:  # type: ignore[override]
        """Print the help text to `file`, or to stdout."""
        self._print_message(self.format_help(), file or sys.stdout)


class CommandHelpFormatter(argparse.HelpFormatter):
    """Show what is special about a command first, and the options that every command has last."""

    def _own_first(self, actions: Iterable[argparse.Action]) -> list[argparse.Action]:
        return sorted(actions, key=lambda action: not COMMON_OPTIONS.isdisjoint(action.option_strings))

    def add_usage(
        self, usage: str | None, actions: Iterable[argparse.Action], groups: Any, prefix: str | None = None
    ) -> None:
        """Add the usage line, the command's own options first."""
        super().add_usage(usage, self._own_first(actions), groups, prefix)

    def add_arguments(self, actions: Iterable[argparse.Action]) -> None:
        """Add the list of options, the command's own first."""
        super().add_arguments(self._own_first(actions))
