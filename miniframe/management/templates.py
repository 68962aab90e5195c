"""Make a project or an app from a skeleton: a folder of files, some of them Jinja2 templates.

Which files are rendered: those whose name ends in "-tpl" (`settings.py-tpl` becomes `settings.py`),
those with an --extension (default: py), and those named by --name.  The rest is copied as it is, so
the pages of a project, templates themselves, arrive unrendered.  `project_name` and `app_name` in
the name of a file or folder are replaced too.

Source: Django's reference "django-admin", sections "startapp" and "startproject".
"""

from __future__ import annotations

import os
import re
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jinja2

import miniframe
from miniframe.management.base import BaseCommand
from miniframe.management.errors import CommandError
from miniframe.management.parser import CommandParser
from miniframe.management.utils import SECRET_KEY_INSECURE_PREFIX, get_random_secret_key, refuse_taken, validate_name

__all__ = ["TemplateCommand"]

_MARK = "-tpl"
_NEVER_COPIED = {"__pycache__", ".git", ".hg", ".svn", ".DS_Store"}


class TemplateCommand(BaseCommand):
    """What `startproject` and `startapp` have in common."""

    requires_system_checks: list[str] = []
    kind: str = ""
    """ "project" or "app"."""

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the name, where to put it, and another skeleton than our own."""
        parser.add_argument("name", help=f"Name of the {self.kind}: a Python identifier.")
        parser.add_argument(
            "directory",
            nargs="?",
            help="Folder to fill; made if it is missing. Default: ./NAME.",
        )
        parser.add_argument(
            "--template", metavar="PATH", help="A folder or a local archive (.zip, .tar.gz ...) to use as the skeleton."
        )
        parser.add_argument(
            "-e",
            "--extension",
            dest="extensions",
            action="append",
            default=None,
            help='Extensions of the files to render (default: "py"); separate several by commas, or repeat the option.',
        )
        parser.add_argument(
            "-n",
            "--name",
            dest="files",
            action="append",
            default=[],
            help="Names of more files to render; separate several by commas, or repeat the option.",
        )
        parser.add_argument(
            "-x",
            "--exclude",
            action="append",
            default=[],
            help="Names of folders of the skeleton to leave out; repeat the option for several.",
        )

    def create(self, name: str, directory: str | None, options: dict[str, Any]) -> Path:
        """Make the project or app `name` and return its folder.

        Raises:
            CommandError: the name or the place will not do, or the skeleton cannot be read or rendered.
                Nothing has been written then.
        """
        target = Path(directory or name).expanduser().absolute()
        validate_name(name, self.kind)
        # Before the name is looked for among the modules: what is in this very folder would be found as one.
        self._refuse_occupied(target, chosen=directory is not None)
        refuse_taken(name, self.kind, None if directory else target)
        with tempfile.TemporaryDirectory(prefix="miniframe-") as scratch:
            skeleton = self._skeleton(options.get("template"), Path(scratch))
            finished = Path(scratch, "finished")
            self._render_tree(skeleton, finished, {**options, **self.context(name, target)}, options)
            self._move_in(finished, target)
        if options.get("verbosity", 1) >= 2:
            for path in sorted(target.rglob("*")):
                if path.is_file():
                    self.stdout.write(f"Creating {path}")
        return target

    def context(self, name: str, target: Path) -> dict[str, Any]:
        """Return what the templates of a skeleton can use."""
        return {
            f"{self.kind}_name": name,
            f"{self.kind}_directory": str(target),
            f"camel_case_{self.kind}_name": "".join(word[:1].upper() + word[1:] for word in name.split("_")),
            "secret_key": SECRET_KEY_INSECURE_PREFIX + get_random_secret_key(),
            "miniframe_version": miniframe.get_version(),
            "distribution_name": re.sub("[^a-z0-9]+", "-", name.lower()).strip("-") or self.kind,
        }

    def _refuse_occupied(self, target: Path, chosen: bool) -> None:
        """Refuse a target that holds anything of the user's; a chosen one may hold what tools put there."""
        if target.exists() and not target.is_dir():
            raise CommandError(f"'{target}' already exists, and is no folder.")
        if not target.is_dir():
            return
        found = sorted(path.name for path in target.iterdir() if not (chosen and _is_of_a_tool(path)))
        if found:
            shown = ", ".join(found[:3]) + (" ..." if len(found) > 3 else ".")
            raise CommandError(f"'{target}' already exists, and is not empty: it holds {shown}")

    def _skeleton(self, template: str | None, scratch: Path) -> Path:
        """Return the folder of the skeleton; an archive is unpacked below `scratch`."""
        if template is None:
            return Path(miniframe.__file__).parent / "conf" / f"{self.kind}_template"
        path = Path(template.removeprefix("file://")).expanduser()
        if path.is_dir():
            return path
        if not path.is_file():
            raise CommandError(f"couldn't handle {self.kind} template {template}: there is no such folder or archive.")
        unpacked = scratch / "unpacked"
        try:
            # "data" keeps what is in a tar inside the folder; zip files are kept there anyway.
            safe: dict[str, Any] = {} if path.suffix == ".zip" else {"filter": "data"}
            shutil.unpack_archive(path, unpacked, **safe)
        except Exception as exc:
            raise CommandError(f"couldn't extract file {template} to {unpacked}: {exc}") from exc
        inside = list(unpacked.iterdir())
        # Archives made by GitHub and others have one folder around everything.
        return inside[0] if len(inside) == 1 and inside[0].is_dir() else unpacked

    def _render_tree(self, skeleton: Path, finished: Path, context: dict[str, Any], options: dict[str, Any]) -> None:
        engine = jinja2.Environment(
            loader=jinja2.FileSystemLoader(skeleton), undefined=jinja2.StrictUndefined, keep_trailing_newline=True
        )
        extensions = {f".{name.lstrip('.')}" for name in _listed(options.get("extensions") or ["py"])}
        names = set(_listed(options.get("files", [])))
        skipped = _NEVER_COPIED | set(_listed(options.get("exclude", [])))
        for source in _files(skeleton, skipped):
            relative = source.relative_to(skeleton)
            rendered = source.name.endswith(_MARK) or source.suffix in extensions or source.name in names
            place = finished / _renamed(relative, context)
            place.parent.mkdir(parents=True, exist_ok=True)
            if not rendered:
                shutil.copyfile(source, place)
            else:
                try:
                    text = engine.get_template(relative.as_posix()).render(context)
                except (jinja2.TemplateError, UnicodeDecodeError) as exc:
                    raise CommandError(f"The skeleton's file {source} cannot be rendered: {exc}") from exc
                place.write_text(text, encoding="utf-8", newline="\n")
            shutil.copymode(source, place)
            if place.name == "manage.py":
                place.chmod(place.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
            place.chmod(place.stat().st_mode | stat.S_IWUSR)  # an installed skeleton may be read-only

    def _move_in(self, finished: Path, target: Path) -> None:
        """Move the finished tree to its place; hidden files that are there already stay as they are."""
        target.mkdir(parents=True, exist_ok=True)
        for source in _files(finished, set()):
            place = target / source.relative_to(finished)
            place.parent.mkdir(parents=True, exist_ok=True)
            if not place.exists():
                shutil.move(source, place)


def _is_of_a_tool(path: Path) -> bool:
    """Return whether it is something that may be in a fresh folder: .git, .gitignore, a virtual environment ..."""
    return path.name.startswith(".") or (path / "pyvenv.cfg").is_file()


def _listed(values: list[str]) -> Iterator[str]:
    for value in values:
        yield from filter(None, (part.strip() for part in value.split(",")))


def _files(root: Path, skipped: set[str]) -> Iterator[Path]:
    """Yield the files below `root`, in order, without those that are compiled or in `skipped`."""
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(set(folders) - skipped)
        yield from (Path(folder, name) for name in sorted(set(files) - skipped) if not name.endswith((".pyc", ".pyo")))


def _renamed(relative: Path, context: dict[str, Any]) -> str:
    path = str(relative).removesuffix(_MARK)
    for name in ("project_name", "app_name"):
        if name in context:
            path = path.replace(name, context[name])
    return path
