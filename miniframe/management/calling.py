"""Run a command from code, as if it had been typed, and get its output back.

Source: Django's reference "django-admin", section "Running management commands from your code".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from miniframe.management.base import BaseCommand
from miniframe.management.errors import CommandError
from miniframe.management.registry import load_command, source_of

if TYPE_CHECKING:
    import argparse

__all__ = ["call_command"]


def call_command(command_name: str | BaseCommand, *args: Any, **options: Any) -> str | None:
    """Run a command and return what its `handle()` returned.

    `command_name` is a name or a command object.  `args` are words as they would be typed (lists are
    laid out flat).  `options` are named by their destination (`fail_level=`) or by their long form
    with underscores.  System checks are skipped unless `skip_checks=False` is passed.

    Raises:
        CommandError: there is no such command, an argument does not parse, or the command says no.
        TypeError: an option that the command does not have.
    """
    command, name = _command_and_name(command_name)
    parser = command.create_parser("", name)
    actions = list(_every_action(parser))
    names = {_keyword(action): action.dest for action in actions if action.option_strings}
    given = {names.get(key, key): value for key, value in options.items()}
    words = [*_flat(args), *_required_words(parser, actions, given, options)]
    parsed = {**vars(parser.parse_args(words)), **given}
    _refuse_unknown(command, name, options, {action.dest for action in actions} | set(names))
    if "skip_checks" not in options:
        parsed["skip_checks"] = True
    return command.execute(*parsed.pop("args", ()), **parsed)


def _command_and_name(command: str | BaseCommand) -> tuple[BaseCommand, str]:
    if isinstance(command, BaseCommand):
        return command, type(command).__module__.rpartition(".")[-1]
    source = source_of(command)
    if source is None:
        raise CommandError(f"Unknown command: {_name_of(command)!r}")
    return load_command(source, command), command


def _name_of(command: object) -> object:
    # A sequence is a mistake that is easily made; its first part is the name that was meant.
    return command[0] if isinstance(command, (list, tuple)) and command else command


def _every_action(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    """Yield the parser's arguments, and in place of its subcommands theirs."""
    from argparse import _SubParsersAction  # here already, as there is a parser; the reloader's parent has neither

    for action in parser._actions:
        if isinstance(action, _SubParsersAction):
            for subparser in action.choices.values():
                yield from _every_action(subparser)
        else:
            yield action


def _keyword(action: argparse.Action) -> str:
    """Return the keyword that means this option: its long form, as a Python name."""
    return min(action.option_strings).lstrip("-").replace("-", "_")


def _flat(values: Iterable[Any]) -> Iterator[str]:
    for value in values:
        if isinstance(value, (list, tuple)):
            yield from map(str, value)
        else:
            yield str(value)


def _refuse_unknown(command: BaseCommand, name: str, options: Mapping[str, Any], known: set[str]) -> None:
    valid = known | set(command.base_stealth_options) | set(command.stealth_options) | {"skip_checks"}
    unknown = sorted(set(options) - valid)
    if unknown:
        raise TypeError(
            f"Unknown option(s) for {name} command: {', '.join(unknown)}. "
            f"Valid options are: {', '.join(sorted(valid))}."
        )


def _required_words(
    parser: argparse.ArgumentParser,
    actions: Iterable[argparse.Action],
    given: Mapping[str, Any],
    options: Mapping[str, Any],
) -> Iterator[str]:
    """Yield, as typed words, the options that argparse insists on although they came as keywords."""
    groups = [group for group in parser._mutually_exclusive_groups if group.required]
    one_of = {id(action) for group in groups for action in group._group_actions}
    wanted = [action for action in actions if action.dest in given and (action.required or id(action) in one_of)]
    for action in wanted:
        if sum(other.dest == action.dest for other in wanted) > 1 and action.dest in options:
            raise TypeError(f"Cannot pass the dest {action.dest!r} that matches multiple arguments via **options.")
        if action.option_strings:
            yield min(action.option_strings)
        if action.nargs != 0:  # flags and constants take no value
            value = given[action.dest]
            yield from _flat(value if isinstance(value, (list, tuple)) else [value])
