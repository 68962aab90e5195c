"""What every command is: `BaseCommand`, and the two that take labels or apps.

A command's life, on the command line and through `call_command()`:

    run_from_argv(argv)        parse argv, apply --settings and --pythonpath, report CommandError
      `- execute(**options)    choose colours and streams, run the system checks
           `- handle(...)      what the command is for; a text it returns is printed

Source: Django's how-to "How to create custom django-admin commands".
Not here: how commands are found (`registry`), and what is typed before one is (`utility`).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, TextIO, TypeVar

from miniframe import checks
from miniframe.apps import AppConfig, apps
from miniframe.conf import ENVIRONMENT_VARIABLE, settings
from miniframe.exceptions import ImproperlyConfigured
from miniframe.management.color import Style, color_style, no_style
from miniframe.management.errors import CommandError, SystemCheckError, describe, where_is_the_project
from miniframe.management.output import OutputWrapper
from miniframe.utils.faces import hands_on
from miniframe.utils.version import get_version

if TYPE_CHECKING:
    import argparse

    from miniframe.management.parser import CommandHelpFormatter, CommandParser

__all__ = [
    "ALL_CHECKS",
    "AppCommand",
    "BaseCommand",
    "CommandError",
    "CommandHelpFormatter",
    "CommandParser",
    "LabelCommand",
    "OutputWrapper",
    "SystemCheckError",
    "handle_default_options",
]

ALL_CHECKS = "__all__"

T = TypeVar("T")

if not TYPE_CHECKING:
    # The parser's two classes, which people import from here; argparse takes 7 ms.
    __getattr__ = hands_on(
        __name__, dict.fromkeys(("CommandHelpFormatter", "CommandParser"), "miniframe.management.parser")
    )


def handle_default_options(options: argparse.Namespace) -> None:
    """Let --settings choose the settings module and --pythonpath come first on the import path."""
    if options.settings:
        os.environ[ENVIRONMENT_VARIABLE] = options.settings
    if options.pythonpath and options.pythonpath not in sys.path[:1]:
        sys.path.insert(0, options.pythonpath)


class BaseCommand:
    """One command.  Subclass it as `Command` in APP/management/commands/NAME.py and define `handle()`.

    `help` is the summary shown above the options.  `requires_system_checks` is `"__all__"`, or the
    list of check tags to run before `handle()`; an empty list runs none.  `stealth_options` names
    options that code may pass to `call_command()` although `add_arguments()` does not define them.
    `missing_args_message` is the error when no argument at all is given.
    """

    help: str = ""
    requires_system_checks: str | Sequence[str] = ALL_CHECKS
    base_stealth_options: ClassVar[tuple[str, ...]] = ("stderr", "stdout")
    stealth_options: tuple[str, ...] = ()
    suppressed_base_arguments: ClassVar[set[str]] = set()
    missing_args_message: str | None = None
    _called_from_command_line = False

    def __init__(
        self,
        stdout: TextIO | None = None,
        stderr: TextIO | None = None,
        no_color: bool = False,
        force_color: bool = False,
    ) -> None:
        if no_color and force_color:
            raise CommandError("'no_color' and 'force_color' can't be used together.")
        if isinstance(self.requires_system_checks, str) and self.requires_system_checks != ALL_CHECKS:
            raise TypeError(
                f"requires_system_checks must be a list or tuple. {type(self).__module__}.{type(self).__qualname__} "
                f"has {self.requires_system_checks!r}; name tags in a list, or write {ALL_CHECKS!r} for all checks."
            )
        self.style: Style
        self.stdout: OutputWrapper = OutputWrapper(stdout or sys.stdout)
        self.stderr: OutputWrapper = OutputWrapper(stderr or sys.stderr)
        self._choose_colors(no_color, force_color)

    def _choose_colors(self, no_color: bool, force_color: bool) -> None:
        """Dress stdout and stderr, each by what it is: one may be a terminal and the other a file."""
        if no_color:
            self.style = no_style()
            self.stderr.style_func = None
            return
        self.style = color_style(force_color, self.stdout)
        if force_color:
            self.stderr = OutputWrapper(self.stderr, force_color=True)
        self.stderr.style_func = color_style(force_color, self.stderr).ERROR

    def get_version(self) -> str:
        """Return what --version prints: miniframe's version, unless a command of yours has its own."""
        return get_version()

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Return the parser for this command's arguments; `kwargs` go to `ArgumentParser`."""
        from miniframe.management.parser import COMMON_OPTIONS, CommandHelpFormatter, CommandParser  # argparse: 7 ms

        kwargs.setdefault("formatter_class", CommandHelpFormatter)
        parser = CommandParser(
            prog=f"{os.path.basename(prog_name)} {subcommand}".strip(),
            description=self.help or None,
            missing_args_message=self.missing_args_message,
            called_from_command_line=self._called_from_command_line,
            **kwargs,
        )
        for names, about in COMMON_OPTIONS.items():
            if "--version" in names:
                about = {**about, "version": self.get_version()}
            if "--skip-checks" not in names or self.requires_system_checks:
                self.add_base_argument(parser, *names, **about)
        self.add_arguments(parser)
        return parser

    def add_base_argument(self, parser: CommandParser, *args: str, **kwargs: Any) -> None:
        """Add an option that all commands have; one named in `suppressed_base_arguments` works but is not shown."""
        if not self.suppressed_base_arguments.isdisjoint(args):
            from argparse import SUPPRESS  # argparse is here already: `parser` comes from it

            kwargs["help"] = SUPPRESS
        parser.add_argument(*args, **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the command's own arguments to `parser`, an argparse parser.  Override this."""

    def print_help(self, prog_name: str, subcommand: str) -> None:
        """Print what `PROG_NAME SUBCOMMAND --help` prints."""
        self.create_parser(prog_name, subcommand).print_help()

    def run_from_argv(self, argv: list[str]) -> None:
        """Run as typed: `argv` is the program, the command's name, and its arguments.

        A `CommandError`, and settings that are wrong, end the process with one line on stderr;
        with --traceback, and for every other exception, Python shows where it came from.
        """
        self._called_from_command_line = True
        parser = self.create_parser(argv[0], argv[1])
        options = parser.parse_args(argv[2:])
        handle_default_options(options)
        keywords = vars(options)
        args = keywords.pop("args", ())
        try:
            self.execute(*args, **keywords)
        except (CommandError, ImproperlyConfigured) as exc:
            if options.traceback:
                raise
            self._report(exc)
            sys.exit(getattr(exc, "returncode", 1))

    def _report(self, exc: Exception) -> None:
        self.stdout.flush()
        lacks_settings = isinstance(exc, ImproperlyConfigured) and not os.environ.get(ENVIRONMENT_VARIABLE)
        if lacks_settings and not settings.configured:
            # First, for what comes then is long, and says the same to who knows settings already.
            self.stderr.write(where_is_the_project())
        if isinstance(exc, SystemCheckError):
            self.stderr.write(exc.painted, lambda laid_out: laid_out)
        else:
            self.stderr.write(describe(exc))

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Run the checks that the command asks for, then `handle()`; print and return what that returns."""
        no_color, force_color = options.get("no_color", False), options.get("force_color", False)
        if no_color and force_color:
            raise CommandError("The --no-color and --force-color options can't be used together.")
        if options.get("stdout"):
            self.stdout = OutputWrapper(options["stdout"])
        if options.get("stderr"):
            self.stderr = OutputWrapper(options["stderr"])
        if no_color or force_color:
            self._choose_colors(no_color, force_color)
        if self.requires_system_checks and not options.get("skip_checks"):
            self.check(**self.get_check_kwargs(options))
        output = self.handle(*args, **options)
        if output:
            self.stdout.write(output)
        return output

    def get_check_kwargs(self, options: dict[str, Any]) -> dict[str, Any]:
        """Return the arguments for `check()` before `handle()` runs: the tags the command requires."""
        return {} if self.requires_system_checks == ALL_CHECKS else {"tags": self.requires_system_checks}

    def check(
        self,
        app_configs: Sequence[AppConfig] | None = None,
        tags: Sequence[str] | None = None,
        display_num_errors: bool = False,
        include_deployment_checks: bool = False,
        fail_level: int = checks.ERROR,
    ) -> None:
        """Run the system checks and print what they found: problems on stderr, "no issues" on stdout.

        Raises:
            SystemCheckError: a message of `fail_level` or worse was not silenced.
        """
        from miniframe.management.checking import (  # most commands in production check nothing
            Report,
            load_check_modules,
        )

        load_check_modules()
        report = Report(
            checks.run_checks(app_configs=app_configs, tags=tags, include_deployment_checks=include_deployment_checks),
            self.style,
        )
        failed = report.is_serious(fail_level)
        text = report.text(failed=failed, count=display_num_errors)
        if failed:
            # What is raised may end up in a log or on a page, where a terminal's colours are only noise.
            report.style = no_style()
            raise SystemCheckError(report.text(failed=True, count=display_num_errors), text, report.visible)
        if text and report.visible:
            self.stderr.write(text, lambda laid_out: laid_out)
        elif text:
            self.stdout.write(text)

    def confirm(self, question: str, default: bool = False) -> bool:
        """Ask a yes-or-no question on the terminal; Enter alone means `default`.

        Raises:
            CommandError: there was no answer: the input ended, or Ctrl-C was pressed.
        """
        from miniframe.management import terminal  # click: 25 ms, only for commands that ask

        return terminal.confirm(question, default=default)

    def progress(self, items: Iterable[T], label: str = "", length: int | None = None) -> Iterator[T]:
        """Yield `items`, with a progress bar on stdout while a terminal shows it; nothing is drawn elsewhere."""
        from miniframe.management import terminal  # click: 25 ms, only for commands that have something to wait for

        return terminal.progress(items, label=label, length=length, file=self.stdout.stream)

    def handle(self, *args: Any, **options: Any) -> str | None:
        """Do what the command is for.  Every command defines this."""
        raise NotImplementedError(f"{type(self).__module__}.{type(self).__qualname__} must define handle()")


class AppCommand(BaseCommand):
    """A command that takes labels of installed apps and does something with each: `handle_app_config()`."""

    missing_args_message: str = "Enter at least one application label."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take one or more app labels."""
        parser.add_argument("args", metavar="app_label", nargs="+", help="One or more application labels.")

    def handle(self, *app_labels: str, **options: Any) -> str | None:
        """Call `handle_app_config()` for each app; what they return is printed, a line each."""
        try:
            configs = [apps.get_app_config(label) for label in app_labels]
        except LookupError as exc:
            raise CommandError(f"{exc} Are you sure your INSTALLED_APPS setting is correct?") from exc
        return "\n".join(filter(None, [self.handle_app_config(config, **options) for config in configs]))

    def handle_app_config(self, app_config: AppConfig, **options: Any) -> str | None:
        """Do what the command is for with one app."""
        raise NotImplementedError(f"{type(self).__module__}.{type(self).__qualname__} must define handle_app_config()")


class LabelCommand(BaseCommand):
    """A command that takes words (`label` says of what kind) and does something with each: `handle_label()`."""

    label = "label"
    missing_args_message: str = "Enter at least one %s."

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.missing_args_message and "%s" in self.missing_args_message:
            self.missing_args_message %= self.label

    def add_arguments(self, parser: CommandParser) -> None:
        """Take one or more labels."""
        parser.add_argument("args", metavar=self.label, nargs="+")

    def handle(self, *labels: str, **options: Any) -> str | None:
        """Call `handle_label()` for each label; what they return is printed, a line each."""
        return "\n".join(filter(None, [self.handle_label(label, **options) for label in labels]))

    def handle_label(self, label: str, **options: Any) -> str | None:
        """Do what the command is for with one label."""
        raise NotImplementedError(f"{type(self).__module__}.{type(self).__qualname__} must define handle_label()")
