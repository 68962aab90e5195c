"""Talk with the person at the terminal: questions, progress bars, and colour that obeys NO_COLOR.

Click does the talking.  It knows nothing of NO_COLOR and FORCE_COLOR, so everything here happens
inside a click context whose colour was decided by our own rule.

Click takes some 25 ms to import; whoever wants this module imports it at the moment of use.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

import click

from miniframe.management.color import supports_color
from miniframe.management.errors import CommandError

__all__ = ["confirm", "progress", "root_context"]

T = TypeVar("T")


def root_context(color: bool | None = None) -> click.Context:
    """Return a context that decides, for every click call made inside it, whether colour is shown."""
    return click.Context(click.Command("root"), color=supports_color() if color is None else color)


def confirm(question: str, default: bool = False) -> bool:
    """Ask a yes-or-no question and return the answer; Enter alone means `default`.

    Raises:
        CommandError: the input ended, or Ctrl-C was pressed, before there was an answer.
    """
    try:
        with root_context():
            return click.confirm(question, default=default)
    except click.Abort:
        sys.stdout.write("\n")
        raise CommandError(f"No answer to {question!r}; nothing more was done.") from None


def progress(items: Iterable[T], label: str, length: int | None, file: Any) -> Iterator[T]:
    """Yield `items` and draw on `file`, while it is a terminal, how many of `length` have gone by.

    `length` is wanted only where `len(items)` is not known.  Elsewhere than on a terminal nothing
    is written (nor where there is no `file`): a log full of bars helps nobody.
    """
    if file is None:
        yield from items
        return
    color = supports_color(file)
    with (
        root_context(color),
        click.progressbar(
            items, length=length, label=label, file=file, color=color, hidden=not _is_terminal(file)
        ) as bar,
    ):
        yield from bar


def _is_terminal(file: Any) -> bool:
    isatty = getattr(file, "isatty", None)
    return bool(isatty is not None and isatty())
