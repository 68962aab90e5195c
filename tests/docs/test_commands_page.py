"""docs/reference/commands.md has every command, with the options that its parser knows.

The tables of options are made: `MINIFRAME_GOLDEN=1 pytest tests/docs/test_commands_page.py` writes them anew.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from miniframe.apps import apps
from miniframe.management import get_commands, load_command_class
from miniframe.management.parser import COMMON_OPTIONS
from miniframe.test import override_settings

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "commands.md"
OWN_APPS = [
    f"miniframe.{name}"
    for name in ("sessions", "messages", "staticfiles", "db")
    if importlib.util.find_spec(f"miniframe.{name}.apps") is not None
]
COMMON = {option for options in COMMON_OPTIONS for option in options} | {"-h"}


@pytest.fixture(scope="module", autouse=True)
def all_apps() -> Iterator[None]:
    """Install every app of miniframe's that brings commands."""
    with override_settings(INSTALLED_APPS=OWN_APPS):
        assert apps.ready
        yield


def sections() -> dict[str, str]:
    """Return the page's text by its headings of commands."""
    parts = re.split(r"^## `(\w+)`\n", PAGE.read_text(), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def table_of(command: str) -> str:
    """Return what the parser of a command knows, as Markdown; common options have a table of their own."""
    owner = get_commands()[command]
    assert isinstance(owner, str), "a command of a plug-in, which this page does not tell of"
    parser = load_command_class(owner, command).create_parser("manage.py", command)
    rows = [row(action) for action in parser._actions if not COMMON & set(action.option_strings)]
    return "\n".join(["| argument | meaning |", "|---|---|", *rows]) if rows else "It has no options of its own."


def row(action: argparse.Action) -> str:
    shown = re.sub(r"[\[\]]", "", argparse.HelpFormatter("")._format_args(action, (action.dest or "").upper()))
    names = ", ".join(f"`{name}`" for name in action.option_strings)
    if action.option_strings and action.nargs != 0:
        names += f" `{shown}`"
    chosen = f" One of {', '.join(f'`{choice}`' for choice in action.choices)}." if action.choices else ""
    told = (action.help or "").replace("|", "\\|").replace("*", "\\*")
    return f"| {names or f'`{shown}`'} | {told}{chosen} |"


def test_every_command_has_a_section_and_no_other_has() -> None:
    assert sorted(sections()) == sorted(get_commands())


def test_the_tables_are_what_the_parsers_know() -> None:
    text = made = PAGE.read_text()
    for command in sections():
        before, table, after = re.split(rf"(?<=\n)(## `{command}`\n.*?<!-- end -->)", made, maxsplit=1, flags=re.DOTALL)
        told = table.partition("<!-- options -->")[0]
        made = f"{before}{told}<!-- options -->\n\n{table_of(command)}\n\n<!-- end -->{after}"
    if os.environ.get("MINIFRAME_GOLDEN"):
        PAGE.write_text(made)
    assert text == made, "MINIFRAME_GOLDEN=1 pytest tests/docs/test_commands_page.py writes the tables anew"


@pytest.mark.parametrize("option", sorted(name for names in COMMON_OPTIONS for name in names))
def test_an_option_of_every_command_is_told_once_for_all(option: str) -> None:
    assert f"`{option}`" in PAGE.read_text().partition("\n## `")[0]
