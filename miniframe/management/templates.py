"""Make a project or an app from a skeleton: a folder of files, some of them Jinja2 templates.

Which files are rendered: those whose name ends in "-tpl" (`settings.py-tpl` becomes `settings.py`),
those with an --extension (default: py), and those named by --name.  The rest is copied as it is, so
the pages of a project, templates themselves, arrive unrendered.  `project_name` and `app_name` in
the name of a file or folder are replaced too.  Everything is made in a scratch folder first: what
fails there, or would replace a file of the user's, has written nothing.

Source: Django's reference "django-admin", sections "startapp" and "startproject".
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jinja2
import jinja2.meta

import miniframe
from miniframe.management.base import BaseCommand
from miniframe.management.errors import CommandError
from miniframe.management.parser import CommandParser
from miniframe.management.skeletons import DjangoTags
from miniframe.management.utils import SECRET_KEY_INSECURE_PREFIX, get_random_secret_key, refuse_taken, validate_name

__all__ = ["TemplateCommand"]

_MARK = "-tpl"
_NEVER_COPIED = {"__pycache__", ".git", ".hg", ".svn", ".DS_Store"}
# What a new repository, or `uv init`, has already; a project runs with the user's as well as with ours.
_MAY_STAY = {"README.md", "pyproject.toml"}


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
            nargs="?",
            const="",
            default=None,
            help="Names of folders of the skeleton to leave out; repeat the option for several. "
            "Default: all hidden folders; --exclude without a name takes them in.",
        )

    def create(self, name: str, directory: str | None, options: dict[str, Any]) -> Path:
        """Make the project or app `name` and return its folder.

        Raises:
            CommandError: the name or the place will not do, or the skeleton cannot be read or rendered.
                Nothing has been written then.
        """
        target = Path(directory or name).expanduser().absolute()
        validate_name(name, self.kind)
        self._refuse_occupied(name, target, chosen=directory is not None)
        refuse_taken(name, self.kind, own_folder=None if directory else target)
        if directory and self.kind == "app":
            validate_name(target.name, self.kind, "directory")
            refuse_taken(target.name, self.kind, "directory", own_folder=target)
        with tempfile.TemporaryDirectory(prefix="miniframe-") as scratch:
            skeleton = self._skeleton(options.get("template"), Path(scratch))
            finished = Path(scratch, "finished")
            finished.mkdir()
            self._render_tree(skeleton, finished, {**options, **self.context(name, target)}, options)
            self._refuse_conflicts(finished, target)
            self._move_in(finished, target, options.get("verbosity", 1))
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

    def _refuse_occupied(self, name: str, target: Path, chosen: bool) -> None:
        """Refuse a file in the place of the folder; and a folder with anything in it, unless it was chosen."""
        if target.exists() and not target.is_dir():
            raise CommandError(f"'{target}' already exists, and is no folder.")
        if chosen or not target.is_dir():
            return
        found = sorted(path.name for path in target.iterdir())
        if found:
            there = f"'{target}' already exists, and is not empty: it holds {_few(found)}."
            try:
                # Seen from here such a folder is a module; and as "conflicting" people know it.
                refuse_taken(name, self.kind)
            except CommandError as error:
                error.add_note(there)
                raise
            raise CommandError(there)

    def _refuse_conflicts(self, finished: Path, target: Path) -> None:
        """Refuse to go on when a file of the user's has the name of one that would be made."""
        taken = [source for source in _files(finished, set()) if _is_taken(source.relative_to(finished), target)]
        if not taken:
            return
        first, *others = [str(source.relative_to(finished)) for source in taken]
        article = "an" if self.kind == "app" else "a"
        raise CommandError(
            f"{target / first} already exists. Overlaying {article} {self.kind} into an existing directory won't "
            f"replace conflicting files.{f' {_few(others)} would conflict too.' if others else ''} "
            f"Nothing has been written."
        )

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
            loader=jinja2.FileSystemLoader(skeleton), keep_trailing_newline=True, extensions=[DjangoTags]
        )
        extensions = {f".{name.lstrip('.')}" for name in _listed(options.get("extensions") or ["py"])}
        names = set(_listed(options.get("files") or []))
        exclude: list[str] | None = options.get("exclude")
        skipped = _NEVER_COPIED | set(_listed(exclude or []))
        for source in _files(skeleton, skipped, hidden=exclude is not None):
            relative = source.relative_to(skeleton)
            place = finished / _renamed(relative, context)
            place.parent.mkdir(parents=True, exist_ok=True)
            if source.name.endswith(_MARK) or source.suffix in extensions or source.name in names:
                place.write_text(self._rendered(engine, source, relative, context), encoding="utf-8", newline="\n")
            else:
                shutil.copyfile(source, place)
            if place.name == "manage.py" or os.access(source, os.X_OK):
                mode = place.stat().st_mode
                place.chmod(mode | (mode & 0o444) >> 2)  # who may read it may run it; the umask has decided who

    def _rendered(self, engine: jinja2.Environment, source: Path, relative: Path, context: dict[str, Any]) -> str:
        """Return a template of the skeleton, rendered; an unknown name is empty, as in a page, and is told."""
        try:
            text = source.read_text(encoding="utf-8")
            unknown = jinja2.meta.find_undeclared_variables(engine.parse(text)) - set(context) - set(engine.globals)
            rendered = engine.get_template(relative.as_posix()).render(context)
        except (jinja2.TemplateError, UnicodeDecodeError) as exc:
            raise CommandError(f"The skeleton's file {source} cannot be rendered: {exc}") from exc
        if unknown:
            names = _few(sorted(unknown))
            self.stdout.write(f"{relative}: nothing is known by the name of {names}; it was left empty.")
        return rendered

    def _move_in(self, finished: Path, target: Path, verbosity: int) -> None:
        """Move the finished tree to its place; what the user may keep is kept, and told."""
        target.mkdir(parents=True, exist_ok=True)
        kept: list[str] = []
        for source in _files(finished, set()):
            place = target / source.relative_to(finished)
            place.parent.mkdir(parents=True, exist_ok=True)
            if place.exists():
                kept.append(str(source.relative_to(finished)))
                continue
            shutil.move(source, place)
            if verbosity >= 2:
                self.stdout.write(f"Creating {place}")
        if kept and verbosity:
            self.stdout.write(f"Kept your own {', '.join(kept)}.")


def _is_taken(relative: Path, target: Path) -> bool:
    """Return whether something of the user's is where a new file, or one of its folders, has to be."""
    if any((target / folder).exists() and not (target / folder).is_dir() for folder in relative.parents):
        return True
    may_stay = relative.name.startswith(".") or str(relative) in _MAY_STAY
    return (target / relative).exists() and not may_stay


def _few(names: list[str]) -> str:
    """Return three of the names at most, for a message."""
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _listed(values: list[str]) -> Iterator[str]:
    for value in values:
        yield from filter(None, (part.strip() for part in value.split(",")))


def _files(root: Path, skipped: set[str], hidden: bool = True) -> Iterator[Path]:
    """Yield the files below `root`, in order, without those that are compiled, in `skipped`, or in hidden folders."""
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(name for name in set(folders) - skipped if hidden or not name.startswith("."))
        yield from (Path(folder, name) for name in sorted(set(files) - skipped) if not name.endswith((".pyc", ".pyo")))


def _renamed(relative: Path, context: dict[str, Any]) -> str:
    path = str(relative).removesuffix(_MARK)
    for name in ("project_name", "app_name"):
        if name in context:
            path = path.replace(name, context[name])
    return path
