"""Run what was typed: `manage.py COMMAND ...`, `miniframe COMMAND ...`, `python -m miniframe COMMAND ...`.

In the order in which things are decided:

    1. the shell asks for completions          -> `group.complete`
    2. runserver with reload, first process    -> see `reloading`; mostly `entry` has come by there already
    3. --settings and --pythonpath are applied, the settings and apps loaded
    4. help, version, an unknown name          -> answered here
    5. a known command                         -> its own `run_from_argv`

Source: Django's reference "django-admin and manage.py".
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import NoReturn, TextIO

import miniframe
from miniframe.conf import ENVIRONMENT_VARIABLE, settings
from miniframe.exceptions import ImproperlyConfigured
from miniframe.management import tracebacks
from miniframe.management.base import BaseCommand
from miniframe.management.color import Style, color_style, no_style, supports_color
from miniframe.management.errors import CommandError, describe
from miniframe.management.registry import (
    Source,
    builtin_commands,
    get_commands,
    load_command,
    plugin_commands,
    source_of,
)
from miniframe.management.reloading import take_part_in_reloading

__all__ = ["ManagementUtility"]

# What must work while a project's settings do not.
_HELP = frozenset({"help", "--help", "-h"})
_NEED_NO_PROJECT = frozenset({"help", "version", "--help", "-h", "--version", "startproject"})


class ManagementUtility:
    """One call of manage.py: its arguments, the name of the program, and what went wrong with the settings."""

    def __init__(self, argv: Sequence[str] | None = None) -> None:
        self.argv: list[str] = list(sys.argv if argv is None else argv) or ["miniframe"]
        self.prog_name: str = os.path.basename(self.argv[0])
        if self.prog_name == "__main__.py":
            self.prog_name = "python -m miniframe"
        self.settings_exception: BaseException | None = None
        # Set in a worker of the reloader, which serves a failure as a page where others end.
        self._note_failure: Callable[[BaseException], None] | None = None
        self._is_reloaded = False

    def execute(self) -> None:
        """Find out which command is meant, and run it."""
        instruction = os.environ.get(self._completion_variable())
        if instruction:
            sys.exit(self._complete(instruction))
        name = self.argv[1] if len(self.argv) > 1 else "help"
        if not self._wants_traceback():
            tracebacks.install()
        if name == "runserver":
            self._take_part_in_reloading()
        self._apply_early_options()
        self._load_project(name)
        if name == "help" and len(self.argv) > 2 and not self.argv[2].startswith("-"):
            self.fetch_command(self.argv[2]).print_help(self.prog_name, self.argv[2])
        elif name in _HELP:
            sys.stdout.write(self.main_help_text(commands_only="--commands" in self.argv[2:]) + "\n")
        elif name == "--version":
            sys.stdout.write(miniframe.get_version() + "\n")
        else:
            self._run(name)

    def _completion_variable(self) -> str:
        # The same rule as `group.completion_variable`, spelled without importing click.
        return "_{}_COMPLETE".format(self.prog_name.translate(str.maketrans("-. ", "___")).upper())

    def _take_part_in_reloading(self) -> None:
        """Do that, and serve failures as pages in a worker."""
        take_part_in_reloading(self.argv)
        from miniframe import autoreload  # loaded just now

        if autoreload.is_worker():
            self._note_failure = autoreload.note_failure
            self._is_reloaded = bool(autoreload.inherited_listeners())

    def _apply_early_options(self) -> None:
        """Apply --settings and --pythonpath, which decide where the commands themselves come from."""
        rest = iter(self.argv[2:])
        for arg in rest:
            option, equals, value = arg.partition("=")
            if arg == "--":
                return
            if option in {"--settings", "--pythonpath"}:
                value = value if equals else next(rest, "")
                if value and option == "--settings":
                    os.environ[ENVIRONMENT_VARIABLE] = value
                elif value:
                    sys.path.insert(0, value)

    def _load_project(self, name: str) -> None:
        """Load the settings and the apps, if this process has been told of any settings.

        A failure is kept in `settings_exception`, and decides nothing yet for commands that work
        without a project.  A worker of the reloader goes on as well: it serves the failure as a page.
        """
        if not settings.configured and not os.environ.get(ENVIRONMENT_VARIABLE):
            return
        try:
            miniframe.setup()
        except KeyboardInterrupt:
            raise
        except BaseException as exc:
            # Settings may end the process ("set DB_URL first"); the list of commands is wanted all the same, and so is
            # the page of a server that runs already.
            if isinstance(exc, SystemExit) and name not in _HELP and not self._is_reloaded:
                raise
            self.settings_exception = exc
            if self._note_failure is not None:
                self._note_failure(exc)
            elif not self._needs_no_project(name):
                self._report_settings()

    def _needs_no_project(self, name: str) -> bool:
        return name in _NEED_NO_PROJECT or not {"-h", "--help"}.isdisjoint(self.argv[2:])

    def _report_settings(self) -> NoReturn:
        """End the process with what is wrong with the settings: one line, or all of a foreign traceback."""
        error = self.settings_exception
        assert error is not None
        if isinstance(error, ImproperlyConfigured) and not self._wants_traceback():
            self._fail(describe(error))
        raise error

    def _wants_traceback(self) -> bool:
        return "--traceback" in self.argv[2:]

    def _fail(self, message: str) -> NoReturn:
        sys.stdout.flush()
        sys.stderr.write(self._style(sys.stderr).ERROR(message) + "\n")
        sys.exit(1)

    def _has_color(self, stream: TextIO) -> bool:
        if "--no-color" in self.argv[2:]:
            return False
        return "--force-color" in self.argv[2:] or supports_color(stream)

    def _style(self, stream: TextIO) -> Style:
        """Return the style for what is said before, or instead of, a command."""
        return color_style(force_color=True) if self._has_color(stream) else no_style()

    def fetch_command(self, subcommand: str) -> BaseCommand:
        """Return the command of that name, new and ready to run.

        Raises:
            SystemExit: there is no such command, and the nearest name has been offered on stderr; or it is
                a plug-in's that cannot be loaded.
        """
        source = builtin_commands().get(subcommand) if self.settings_exception else source_of(subcommand)
        if source is None and self.settings_exception is not None:
            self._report_settings()  # the command may be one of an app's, and the apps are not known
        if source is None:
            sys.stderr.write(self._unknown(subcommand))
            sys.exit(1)
        try:
            return load_command(source, subcommand)
        except CommandError as exc:
            if self._wants_traceback():
                raise
            self._fail(f"CommandError: {exc}")

    def _unknown(self, subcommand: str) -> str:
        from miniframe.management.group import unknown_command  # click and difflib: 30 ms

        has_settings = settings.configured or os.environ.get(ENVIRONMENT_VARIABLE)
        text = unknown_command(subcommand, [*self._commands(), "help"], self.prog_name)
        # Without settings only the commands that all projects have are known.
        return text if has_settings else f"{text}No miniframe settings specified.\n"

    def _commands(self) -> dict[str, Source]:
        if self.settings_exception is not None:
            return {**plugin_commands(), **builtin_commands()}
        return get_commands()

    def main_help_text(self, commands_only: bool = False) -> str:
        """Return the list of commands, grouped by app; with `commands_only` their bare names, a line each."""
        commands = self._commands()
        if commands_only:
            return "\n".join(sorted(commands))
        from miniframe.management.group import CommandGroup  # click: 25 ms
        from miniframe.management.terminal import root_context

        group = CommandGroup(self.prog_name, commands)
        text = group.get_help(root_context(self._has_color(sys.stdout)))
        for warning in group.warnings:
            sys.stderr.write(self._style(sys.stderr).WARNING(warning) + "\n")
        return f"{text}{self._notes()}"

    def _notes(self) -> str:
        variable, program = self._completion_variable(), self.prog_name
        notes = "\n\nCompletion of commands and options in bash (zsh and fish likewise):\n"
        if program == "manage.py":
            program = "./manage.py"
            notes = notes.replace(":\n", ", for ./manage.py ... without python before it:\n")
        elif program.startswith("python"):
            # A shell completes by the first word, and that is Python's.
            variable, program = "_MINIFRAME_COMPLETE", "miniframe"
        notes += f'    eval "$({variable}=bash_source {program})"'
        if self.settings_exception is not None:
            notes += self._style(sys.stdout).NOTICE(
                "\n\nNote that only miniframe core commands are listed as settings are not properly configured "
                f"(error: {self.settings_exception or type(self.settings_exception).__name__})."
            )
        return notes

    def _complete(self, instruction: str) -> int:
        from miniframe.management.group import complete  # click: 25 ms

        def sources() -> dict[str, Source]:
            self._apply_early_options()
            with contextlib.suppress(Exception):
                self._load_project("help")
            return self._commands()

        return complete(self.prog_name, instruction, sources)

    def _run(self, name: str) -> None:
        command = self.fetch_command(name)
        with _click_colors(), _quiet_broken_pipe():
            # `python -m miniframe` is called by the path of __main__.py, a name that means nothing in a usage line.
            program = self.prog_name if self.prog_name.startswith("python") else self.argv[0]
            command.run_from_argv([program, *self.argv[1:]])


@contextlib.contextmanager
def _click_colors() -> Iterator[None]:
    """If the command has imported click, let its colours follow NO_COLOR, FORCE_COLOR and the terminal."""
    if "click" not in sys.modules:
        yield
        return
    from miniframe.management.terminal import root_context  # click is here already

    with root_context():
        yield


@contextlib.contextmanager
def _quiet_broken_pipe() -> Iterator[None]:
    """End quietly when the reader of our output has gone, as in `manage.py routes | head -1`."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        # Python flushes stdout once more at exit, and would complain then.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
