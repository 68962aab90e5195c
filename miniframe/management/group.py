"""The terminal's view of all commands: a click group that lists, suggests and completes them.

What a *known* command is told goes past this module: `utility` hands its arguments raw to the
command's own argparse parser, and click need not be imported, which would cost `manage.py check`
a third of its time.  So this group is asked only where click has something to say: the list of
commands, a name that nobody knows, and what the TAB key offers.

Source: click's documentation, "Shell Completion"; Django's reference "django-admin", section "help".
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping

import click
from click.shell_completion import CompletionItem, get_completion_class

from miniframe.management.base import BaseCommand
from miniframe.management.color import color_style, no_style
from miniframe.management.parser import own_first
from miniframe.management.registry import Source, load_command, source_label, summary_of
from miniframe.utils.text import nearest

__all__ = ["CommandGroup", "complete", "completion_variable", "unknown_command"]


def completion_variable(prog_name: str) -> str:
    """Return the environment variable by which a shell asks `prog_name` for completions.

    >>> completion_variable("manage.py")
    '_MANAGE_PY_COMPLETE'
    """
    return "_{}_COMPLETE".format(prog_name.replace("-", "_").replace(".", "_").replace(" ", "_").upper())


# Commands of Django's that people type from habit, and why they are not here, or not yet.
_NO_DATABASE = ". There is no database layer in miniframe"
_OF_DJANGO = {
    **dict.fromkeys(("migrate", "makemigrations", "dbshell", "loaddata", "dumpdata", "flush"), _NO_DATABASE),
    **dict.fromkeys(("createsuperuser", "changepassword"), ". There are no users in miniframe"),
    **dict.fromkeys(("makemessages", "compilemessages"), ". There are no translations in miniframe"),
    **dict.fromkeys(("collectstatic", "findstatic"), ". Add 'miniframe.staticfiles' to INSTALLED_APPS for it"),
    "clearsessions": ". Add 'miniframe.sessions' to INSTALLED_APPS for it",
}


def unknown_command(name: str, known: list[str], prog_name: str) -> str:
    """Return what to say about a name that no command has: the nearest one, and where the list is."""
    near = nearest(name, known)
    hint = f". Did you mean {near}?" if near else _OF_DJANGO.get(name, "")
    return f"Unknown command: {name!r}{hint}\nType '{prog_name} help' for usage.\n"


class CommandGroup(click.Group):
    """All commands of one program, by name, with where each comes from (see `registry`)."""

    def __init__(self, prog_name: str, sources: Mapping[str, Source]) -> None:
        super().__init__(name=prog_name, add_help_option=False)
        self.prog_name = prog_name
        self.sources = sources
        self.warnings: list[str] = []

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names, in order; `help` is one of them, though it has no module."""
        return sorted({*self.sources, "help"})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command for the TAB key to look into, or None when it is unknown or broken."""
        if cmd_name == "help":
            return _HelpCommand(self)
        if cmd_name not in self.sources:
            return None
        try:
            return _ArgparseCommand(cmd_name, load_command(self.sources[cmd_name], cmd_name))
        except Exception:
            return None  # a traceback into someone's command line helps less than no suggestion

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands, grouped by the app that brings them; collect `warnings` on the way."""
        formatter.write(f"\nType '{self.prog_name} help <subcommand>' for help on a specific subcommand.\n")
        formatter.write("\nAvailable subcommands:\n")
        width = max(map(len, self.sources), default=0)
        style = color_style(force_color=True) if ctx.color else no_style()
        for heading, names in self._by_heading():
            formatter.write("\n" + style.NOTICE(f"[{heading}]") + "\n")
            for name in names:
                formatter.write(f"    {name:<{width}}  {self._summary(name)}".rstrip() + "\n")

    def _by_heading(self) -> Iterator[tuple[str, list[str]]]:
        headings: dict[str, list[str]] = {}
        for name in sorted(self.sources):
            headings.setdefault(source_label(self.sources[name]), []).append(name)
        yield from sorted(headings.items())

    def _summary(self, name: str) -> str:
        try:
            summary = summary_of(self.sources[name], name)
        except Exception as exc:
            # A warning, never the end of the list: it is the list that helps out of trouble.
            self.warnings.append(f"Warning: {exc}" if str(exc) else f"Warning: {name}: {exc!r}")
            return "(broken, see the warning)"
        return summary if len(summary) <= 72 else summary[:71].rstrip() + "…"


class _HelpCommand(click.Command):
    """`help`, which takes the name of a command."""

    def __init__(self, group: CommandGroup) -> None:
        super().__init__("help", add_help_option=False, help="Tell about a command.")
        self.group = group

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Return the commands that begin with `incomplete`."""
        return [CompletionItem(name) for name in sorted(self.group.sources) if name.startswith(incomplete)]


class _ArgparseCommand(click.Command):
    """One of our commands as click sees it: it takes any arguments, and completes those argparse knows."""

    def __init__(self, name: str, command: BaseCommand) -> None:
        super().__init__(
            name,
            add_help_option=False,
            context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
        )
        self.parser = command.create_parser("", name)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Return the options, or the values of the option or argument in hand, that begin with `incomplete`."""
        choices = self._values(ctx.args)
        if choices is None:
            choices = self._options() if incomplete.startswith("-") else self._positional_values()
        found = [CompletionItem(value, help=text) for value, text in choices if value.startswith(incomplete)]
        # "file" asks the shell for file names, the best guess where we know no values.
        return found or ([] if incomplete.startswith("-") else [CompletionItem(incomplete, type="file")])

    def _values(self, typed: list[str]) -> list[tuple[str, str]] | None:
        """Return the values of the option that was typed last, or None if it was no option that takes one."""
        # bash takes "--option=value" apart into three words.
        words = typed[:-1] if typed[-1:] == ["="] else typed
        action = self.parser._option_string_actions.get(words[-1]) if words else None
        if action is None or action.nargs == 0:
            return None
        return _choices(action)

    def _options(self) -> list[tuple[str, str]]:
        return [
            (option, (action.help or "") % {**vars(action), "prog": self.parser.prog})
            for action in own_first(self.parser._actions)
            if action.help != argparse.SUPPRESS
            for option in action.option_strings
            if option.startswith("--")
        ]

    def _positional_values(self) -> list[tuple[str, str]]:
        return [pair for action in self.parser._actions if not action.option_strings for pair in _choices(action)]


def _choices(action: argparse.Action) -> list[tuple[str, str]]:
    return [(str(choice), "") for choice in action.choices or ()]


def complete(prog_name: str, instruction: str, sources: Callable[[], Mapping[str, Source]]) -> int:
    """Answer the shell: print the completion script ("bash_source"), or completions ("bash_complete").

    Returns the exit status: 1 for a shell or an instruction that click does not know.
    """
    shell, _, task = instruction.partition("_")
    kind = get_completion_class(shell)
    if kind is None:
        return 1
    group = CommandGroup(prog_name, sources() if task == "complete" else {})
    completion = kind(group, {}, prog_name, completion_variable(prog_name))
    if task == "source":
        click.echo(completion.source())
        return 0
    if task == "complete":
        click.echo(completion.complete())
        return 0
    return 1
