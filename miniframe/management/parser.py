"""Read one command's own arguments: argparse, told to speak as a command should.

Kept apart from `base` because argparse takes some 7 ms to import, and the parent of the reloader,
which never parses anything, passes through `base` on its way.

Source: Django's how-to "How to create custom django-admin commands", section "Accepting optional arguments".
"""

from __future__ import annotations

import argparse
import functools
import os
import sys
from collections.abc import Iterable, Sequence
from typing import IO, Any, NoReturn

from miniframe.conf import ENVIRONMENT_VARIABLE
from miniframe.management.errors import CommandError
from miniframe.utils.text import nearest

__all__ = ["COMMON_OPTIONS", "CommandHelpFormatter", "CommandParser", "own_first"]

# What every command takes, in the order of its help: the option's spellings, and what argparse is told of it.
COMMON_OPTIONS: dict[tuple[str, ...], dict[str, Any]] = {
    ("--version",): {"action": "version", "help": "Show the version and exit."},
    ("-v", "--verbosity"): {
        "type": int,
        "choices": [0, 1, 2, 3],
        "default": 1,
        "help": "How much to say: 0 is the least, 1 is usual, 2 and 3 tell more.",
    },
    ("--settings",): {
        "help": 'The dotted path of the settings module, such as "mysite.settings". '
        f"Without it, the environment variable {ENVIRONMENT_VARIABLE} decides."
    },
    ("--pythonpath",): {"help": "A folder to put first on Python's import path."},
    ("--traceback",): {"action": "store_true", "help": "Show the whole traceback of an error."},
    ("--no-color",): {"action": "store_true", "help": "Never colour the output."},
    ("--force-color",): {"action": "store_true", "help": "Colour the output even where no terminal shows it."},
    ("--skip-checks",): {"action": "store_true", "help": "Do not run the system checks first."},
}
_COMMON_NAMES = frozenset(name for names in COMMON_OPTIONS for name in names)


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
        message += self._advice(message)
        if self.called_from_command_line:
            super().error(message)
        raise CommandError(f"Error: {message}")

    def _advice(self, message: str) -> str:
        """Return the nearest option to one that argparse says it does not know, as the end of its sentence."""
        heading, colon, words = message.partition(": ")
        if not colon or heading != "unrecognized arguments":
            return ""
        unknown = [word[2:].partition("=")[0] for word in words.split() if word.startswith("--")]
        known = [name[2:] for name in self._option_string_actions if name.startswith("--")]
        for word in unknown:
            near = nearest(word, known)
            if near:
                return f" (did you mean --{near}?)"
            for action in self._actions:
                if not action.option_strings and word and word in action.dest:
                    return f" (did you mean {action.metavar or action.dest}? It is written without --{word}.)"
        return ""

    def add_subparsers(self, **kwargs: Any) -> Any:
        """Add subparsers that, like this one, exit only for the command line."""
        kind = kwargs.get("parser_class", type(self))
        if issubclass(kind, CommandParser):
            kwargs["parser_class"] = functools.partial(kind, called_from_command_line=self.called_from_command_line)
        return super().add_subparsers(**kwargs)

    def print_help(self, file: IO[str] | None = None) -> None:  # type: ignore[override]
        """Print the help text to `file`, or to stdout."""
        self._print_message(self.format_help(), file or sys.stdout)


def _columns() -> int:
    """Return how wide the terminal is: COLUMNS if set, else what it says itself, else 80."""
    try:
        return int(os.environ.get("COLUMNS", "")) or 80
    except ValueError:
        pass
    try:
        return os.get_terminal_size(1).columns or 80
    except OSError:
        return 80


def own_first(actions: Iterable[argparse.Action]) -> list[argparse.Action]:
    """Return the arguments in their order, but those that every command takes behind a command's own."""
    return sorted(actions, key=lambda action: not _COMMON_NAMES.isdisjoint(action.option_strings))


class CommandHelpFormatter(argparse.HelpFormatter):
    """Show what is special about a command first, and the options that every command has last."""

    def __init__(self, prog: str, **kwargs: Any) -> None:
        # argparse makes a formatter for every argument that is added, and asks shutil (2 ms to import) for the width.
        if kwargs.get("width") is None:
            kwargs["width"] = _columns() - 2
        super().__init__(prog, **kwargs)

    def add_usage(
        self, usage: str | None, actions: Iterable[argparse.Action], groups: Any, prefix: str | None = None
    ) -> None:
        """Add the usage line, the command's own options first."""
        super().add_usage(usage, own_first(actions), groups, prefix)

    def add_arguments(self, actions: Iterable[argparse.Action]) -> None:
        """Add the list of options, the command's own first."""
        super().add_arguments(own_first(actions))
