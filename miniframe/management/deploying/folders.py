"""The folders of which a server sends every file: none may hold what is nobody's business.

Source: Django's documentation of MEDIA_ROOT and STATIC_ROOT, which have to differ.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import permutations
from pathlib import Path

from miniframe.conf import settings
from miniframe.management.deploying.project import Project
from miniframe.management.errors import CommandError

__all__ = ["check_folders"]


def check_folders(project: Project, private: bool) -> None:
    """Look at STATIC_ROOT and MEDIA_ROOT, and where `private` files are sent too, at PRIVATE_MEDIA_ROOT.

    Raises:
        CommandError: one of them holds code, secrets, or another of them.
    """
    folders = dict(_folders(project, private))
    for name, folder in folders.items():
        if held := _never_to_be_sent(folder, project.root):
            raise _refused(name, folder, held, project)
    for (name, folder), (other, inner) in permutations(folders.items(), 2):
        if _holds(folder, inner):
            raise _refused(name, folder, f"{other} ({inner})", project)


def _folders(project: Project, private: bool) -> Iterator[tuple[str, Path]]:
    """Yield settings and the folders that they name, or that are taken where they name none."""
    taken = {"STATIC_ROOT": "staticfiles" * project.static, "MEDIA_ROOT": ""}
    if private:
        taken["PRIVATE_MEDIA_ROOT"] = "var/private"
    for name, default in taken.items():
        if value := getattr(settings, name, None):
            yield name, Path(value).resolve()
        elif default:
            yield name, (project.root / default).resolve()


def _never_to_be_sent(folder: Path, root: Path) -> str:
    """Return what a folder holds that is not to be sent, in words; "" for nothing."""
    if _holds(folder, root):
        return "the whole project"
    if _holds(folder, root / "deploy"):
        return "production.env, and so the SECRET_KEY"
    # All modules that are loaded by now: the settings, the apps, this very package where the environment is.
    for name, module in sorted(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if file and _holds(folder, Path(file).resolve()):
            return f"code ({name})"
    return ""


def _holds(folder: Path, place: Path) -> bool:
    return place.is_relative_to(folder)


def _refused(name: str, folder: Path, held: str, project: Project) -> CommandError:
    return CommandError(
        f"{name} is {str(folder)!r}, and holds {held}. All files of such a folder are sent to visitors, or are "
        f"theirs: give it a folder of its own in {project.settings_module}, such as "
        f'BASE_DIR / "var" / "{name.partition("_")[0].lower()}". Nothing has been written.'
    )
