"""What a changed file calls for: a new worker, fresh templates, or a word to the pages that are open.

    a change of                                             calls for
    pyproject.toml, .env, a lock file, an installed package COLD      a worker in a process of its own making
    Python code, a compiled extension, other .toml          RESTART   a worker with the new code
    a file in a folder of templates                         TEMPLATE  the worker forgets its templates; pages reload
    a style sheet in a folder of static files               STYLE     pages swap that style sheet
    any other file there                                    ASSET     pages reload

A kind of change stands before those that it includes: who starts a worker need not tell it to forget.

Which folders hold templates and static files is known to the project alone, so a worker names them.

Not here: where to look for changes (see `folders`), how they are noticed (`watcher`), what is done (`supervisor`).
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from enum import StrEnum

__all__ = ["Kinds", "Reaction", "Role"]


class Reaction(StrEnum):
    """What a change calls for, the most thorough first."""

    COLD = "cold"
    RESTART = "restart"
    TEMPLATE = "template"
    ASSET = "asset"
    STYLE = "style"

    @property
    def restarts(self) -> bool:
        """Whether a new worker is called for."""
        return self in (Reaction.COLD, Reaction.RESTART)

    @classmethod
    def most_thorough(cls, reactions: Iterable[Reaction]) -> Reaction:
        """Return the one that includes all of these.

        >>> Reaction.most_thorough([Reaction.STYLE, Reaction.RESTART]).name
        'RESTART'
        """
        return min(reactions, key=list(cls).index)


class Role(StrEnum):
    """What a folder is watched for; the values are the words by which a worker names folders to its supervisor.

    LIBRARY is a package that is loaded, with all below; INSTALLED is where packages are put, by itself.
    """

    CODE = "watch"
    TEMPLATES = "templates"
    STATIC = "static"
    LIBRARY = "library"
    INSTALLED = "installed"


_CODE = (".py", ".so", ".pyd")
_SOURCES = (*_CODE, ".toml")
# What an installer leaves beside the packages, whatever else it does.
_INSTALLED = (".dist-info", ".egg-info", ".egg-link", ".pth", *_CODE)
_COLD = frozenset("pyproject.toml uv.lock poetry.lock pdm.lock pylock.toml Pipfile.lock .env".split())
# Beside templates and static files, but read by no browser: backups and half-written files of editors, databases,
# logs, and what style sheets are made from; the style sheet itself changes as well, and it alone can be swapped.
_READ_BY_NOBODY = tuple(
    "~ .bak .orig .tmp .swp .swx __ .pyc .log .db .sqlite .sqlite3 -journal -wal -shm .map .scss .sass .less".split()
)


class Kinds:
    """Knows which folder is watched for what, and so what a change of a file calls for.

    One thread adds folders while another asks: what is asked is replaced, never altered.
    """

    def __init__(self) -> None:
        self._folders: dict[Role, tuple[str, ...]] = dict.fromkeys(Role, ())

    def add(self, role: Role, folder: str) -> None:
        """Remember what a folder is for; one that is a file stands for itself."""
        if folder not in self._folders[role]:
            self._folders[role] += (folder,)

    def reaction_to(self, path: str) -> Reaction | None:
        """Return what a change of this file calls for; None if nothing does.

        >>> kinds = Kinds()
        >>> kinds.add(Role.STATIC, "/site/static")
        >>> [str(kinds.reaction_to(f"/site/{name}")) for name in ("views.py", ".env", "static/a.css", "a.css")]
        ['restart', 'cold', 'style', 'None']
        """
        folder, name = os.path.split(path)
        if folder in self._folders[Role.INSTALLED]:
            return Reaction.COLD if name.endswith(_INSTALLED) and not name.startswith("~") else None
        if self._place(Role.LIBRARY, path) is not None:
            return Reaction.COLD if name.endswith(_CODE) and not name.startswith(".") else None
        if name in _COLD or name.startswith(".env.") or _lists_requirements(folder, name):
            return Reaction.COLD
        # Editors keep locks and backups such as ".#views.py" beside the file; "4913" is how vim tries out a folder.
        if name.startswith((".", "#")) or name.isdigit():
            return None
        if name.endswith(_SOURCES):
            return Reaction.RESTART
        if name.endswith(_READ_BY_NOBODY):
            return None
        if self._place(Role.TEMPLATES, path) is not None:
            return Reaction.TEMPLATE
        # A name without a dot is what "sed -i" and some editors write before they rename it.
        if "." in name and self._place(Role.STATIC, path) is not None:
            return Reaction.STYLE if name.endswith(".css") else Reaction.ASSET
        return None

    def static_name(self, path: str) -> str:
        """Return the name of a static file below its folder: how the project's URLs of it end.

        >>> kinds = Kinds()
        >>> kinds.add(Role.STATIC, "/site/static")
        >>> kinds.static_name("/site/static/css/site.css")
        'css/site.css'
        """
        folder = self._place(Role.STATIC, path)
        return os.path.basename(path) if folder in (None, path) else os.path.relpath(path, folder)

    def _place(self, role: Role, path: str) -> str | None:
        """Return the deepest folder of that role in which the file lies."""
        places = [folder for folder in self._folders[role] if path == folder or path.startswith(folder + os.sep)]
        return max(places, key=len, default=None)


def _lists_requirements(folder: str, name: str) -> bool:
    return name.endswith(".txt") and (name.startswith("requirements") or os.path.basename(folder) == "requirements")
