"""The two errors by which a command says: I cannot go on, and here is why; and the words for it.

Source: Django's how-to "How to create custom django-admin commands", section "Command exceptions".
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from miniframe.checks import CheckMessage

__all__ = ["CommandError", "SystemCheckError", "describe", "where_is_the_project"]


class CommandError(Exception):
    """A command cannot do what it was asked; the message is for the person who typed it.

    On the command line it becomes one red line on stderr, without a traceback, and `returncode`
    becomes the exit status (1 unless given).  Through `call_command()` it reaches the caller.
    """

    def __init__(self, *args: Any, returncode: int = 1, **kwargs: Any) -> None:
        self.returncode = returncode
        super().__init__(*args, **kwargs)


class SystemCheckError(CommandError):
    """The system checks found something serious; the message is their whole report, already laid out.

    `painted` is the same with the colours of the terminal it is for, and `issues` are the findings themselves.
    """

    def __init__(
        self, report: str, painted: str = "", issues: Sequence[CheckMessage] = (), returncode: int = 1
    ) -> None:
        super().__init__(report, returncode=returncode)
        self.painted: str = painted or report
        self.issues = issues


def describe(error: BaseException) -> str:
    """Return what to print of an error in place of its traceback: class, message, its notes, a misspelt setting."""
    # Our own subclass of it would tell a reader, or a search engine, less than Python's name does.
    name = "ModuleNotFoundError" if isinstance(error, ModuleNotFoundError) else type(error).__name__
    return "\n".join([f"{name}: {error}", *getattr(error, "__notes__", ()), *_misspelt_behind(error)])


def _misspelt_behind(error: BaseException) -> list[str]:
    if isinstance(error, SystemCheckError):
        return []  # the checks have told
    from miniframe.utils.text import in_one_line  # both only when something went wrong
    from miniframe.views.hints.misspelt import advise_on_misspelt, misspelt_behind

    return [f"Hint: {in_one_line(advise_on_misspelt(each))}" for each in misspelt_behind(error, str(error))]


def where_is_the_project() -> str:
    """Return what to say to somebody whose command found no settings: where the project is, or how to make one."""
    # The commonest reason: `miniframe check` typed where `python manage.py check` was meant.
    if os.path.isfile("manage.py"):
        return "There is a manage.py in this folder, which knows the settings: python manage.py ..."
    below = sorted(each for each in os.listdir() if os.path.isfile(os.path.join(each, "manage.py")))
    above = os.path.dirname(os.getcwd())
    while above != os.path.dirname(above) and not os.path.isfile(os.path.join(above, "manage.py")):
        above = os.path.dirname(above)
    if not below and os.path.isfile(os.path.join(above, "manage.py")):
        below = [above]
    there = f"Go to the folder with manage.py (cd {below[0]})" if below else "Go to the folder with its manage.py"
    return f"There is no project in this folder. {there} and type: python manage.py ..." + (
        "" if below else "\nOr make a new project: miniframe startproject mysite"
    )
