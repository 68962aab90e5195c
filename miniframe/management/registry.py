"""Find commands by name: miniframe's own, those of installed apps, and those of plug-ins.

The three sources, from strong to weak:

    installed apps      APP/management/commands/NAME.py; of two apps, the one listed first in INSTALLED_APPS wins
    miniframe           miniframe/management/commands/NAME.py
    plug-ins            distributions with an entry point in the group "miniframe.commands"

Plug-ins come last because reading entry points takes 30 ms and more: a name that is known otherwise
never waits for it.

Source: Django's how-to "How to create custom django-admin commands", section "Overriding commands".
"""

from __future__ import annotations

import os
from importlib import import_module
from importlib.machinery import all_suffixes
from typing import TYPE_CHECKING, TypeAlias

from miniframe.apps import apps
from miniframe.conf import settings
from miniframe.management.base import BaseCommand
from miniframe.management.errors import CommandError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

__all__ = [
    "ENTRY_POINT_GROUP",
    "Source",
    "app_commands",
    "builtin_commands",
    "find_commands",
    "get_commands",
    "load_command",
    "load_command_class",
    "plugin_commands",
    "source_label",
    "source_of",
    "summary_of",
]

CORE = "miniframe"
ENTRY_POINT_GROUP = "miniframe.commands"

# Where a command comes from: the dotted name of an app (or "miniframe"), or a plug-in's entry point.
Source: TypeAlias = "str | EntryPoint"


def find_commands(management_dir: str) -> list[str]:
    """Return the names of the commands in the folder `commands` of `management_dir`, in order."""
    suffixes = tuple(all_suffixes())
    try:
        files = os.listdir(os.path.join(management_dir, "commands"))
    except (FileNotFoundError, NotADirectoryError):
        return []
    return sorted({file.partition(".")[0] for file in files if file.endswith(suffixes) and not file.startswith("_")})


def load_command_class(app_name: str, name: str) -> BaseCommand:
    """Return a new command object: the class `Command` of the module for `name` in the app `app_name`.

    Raises:
        ImportError: the module is missing, or imports something that is.
        AttributeError: the module defines no `Command`.
    """
    module = import_module(f"{app_name}.management.commands.{name}")
    command: BaseCommand = module.Command()
    return command


def builtin_commands() -> dict[str, str]:
    """Return the commands that come with miniframe, each with the app to load it from."""
    return dict.fromkeys(find_commands(os.path.dirname(__file__)), CORE)


def app_commands() -> dict[str, str]:
    """Return the commands of installed apps; none as long as there are no settings.

    Raises:
        AppRegistryNotReady: there are settings, but `miniframe.setup()` has not run.
    """
    if not settings.configured:
        return {}
    found: dict[str, str] = {}
    for config in reversed(list(apps.get_app_configs())):
        names = find_commands(os.path.join(config.path, "management"))
        found.update(dict.fromkeys(names, config.name))
    return found


def plugin_commands() -> dict[str, EntryPoint]:
    """Return the entry points of the group "miniframe.commands", by command name; nothing is loaded."""
    from importlib.metadata import entry_points  # 28 ms; only for help and for names not found elsewhere

    return {point.name: point for point in entry_points(group=ENTRY_POINT_GROUP)}


def get_commands() -> dict[str, Source]:
    """Return every command by name, with what `load_command` needs to load it.

    For commands of apps, and miniframe's own, that is the dotted name of the app, as in Django.
    """
    return {**plugin_commands(), **builtin_commands(), **app_commands()}


def source_of(name: str) -> Source | None:
    """Return where the command `name` comes from, or None; plug-ins are asked only if nobody else has it."""
    return app_commands().get(name) or builtin_commands().get(name) or plugin_commands().get(name)


def source_label(source: Source) -> str:
    """Return the heading under which `help` lists commands of this source."""
    if isinstance(source, str):
        return source.rpartition(".")[-1]
    return source.dist.name if source.dist is not None else "plug-ins"


def load_command(source: Source, name: str) -> BaseCommand:
    """Return a new command object for `name` from its source.

    Raises:
        CommandError: it is a plug-in's, and that cannot be loaded or gives no command.
        ImportError: it is an app's, and its module cannot be imported.
    """
    if isinstance(source, str):
        return load_command_class(source, name)
    where = f"The command {name!r} of the plug-in {source_label(source)} ({source.value})"
    try:
        found = source.load()
        # An entry point may name the class, or the module that holds it.
        command = getattr(found, "Command", found)()
    except Exception as exc:
        raise CommandError(f"{where} cannot be loaded: {type(exc).__name__}: {exc}") from exc
    if not isinstance(command, BaseCommand):
        raise CommandError(f"{where} is no management command: {command!r} does not derive from BaseCommand.")
    return command


def summary_of(source: Source, name: str) -> str:
    """Return the first line of a command's `help`, without running anybody's module to get it.

    A plug-in is the exception: where its source is, only loading it can tell.

    Raises:
        CommandError: a plug-in cannot be loaded.
        SyntaxError: the module does not parse.
    """
    if not isinstance(source, str):
        return load_command(source, name).help.strip().partition("\n")[0]
    folder = os.path.dirname(__file__) if source == CORE else os.path.join(_app_path(source), "management")
    try:
        with open(os.path.join(folder, "commands", f"{name}.py"), encoding="utf-8") as file:
            return _help_in(file.read(), file.name)
    except FileNotFoundError:
        return ""  # a compiled command: its name must do


def _app_path(app_name: str) -> str:
    return next(config.path for config in apps.get_app_configs() if config.name == app_name)


def _help_in(text: str, filename: str) -> str:
    import ast  # 4 ms, and only for the list that `help` prints

    for node in ast.parse(text, filename).body:
        if isinstance(node, ast.ClassDef) and node.name == "Command":
            for part in node.body:
                match part:
                    case ast.Assign(targets=[ast.Name(id="help")], value=ast.Constant(value=str(words))):
                        return words.strip().partition("\n")[0]
    return ""
