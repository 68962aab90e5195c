"""The project that is to be deployed: its names, its folders, and those of its settings that files repeat.

Nothing of the project is run but its settings module; what is told here holds on this machine, and the plan
moves it to where the project will lie.
"""

from __future__ import annotations

import os
import re
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from miniframe.conf import ENVIRONMENT_VARIABLE, settings
from miniframe.conf.databases import own_databases
from miniframe.management.errors import CommandError, where_is_the_project

__all__ = ["Project", "enter_project", "find_project"]

WRITTEN_BY = "Written by `miniframe deploy"

_NAMED_IN_MANAGE_PY = re.compile(ENVIRONMENT_VARIABLE + r"""["']\s*(?:,|\]\s*=)\s*["']([\w.]+)["']""")


@dataclass(frozen=True)
class Project:
    """A project as it lies on this machine; folders inside it are relative, others whole, all with slashes."""

    name: str
    """What people call it: the package's name, or the folder's where the settings are in no package."""
    root: Path
    """The folder with manage.py, or else the one that is on the import path."""
    code: str
    """The folder below `root` from which modules are imported; mostly ""."""
    settings_module: str
    application: str | None
    """The dotted path of the project's own WSGI application; None: it has none."""
    middleware: tuple[str, ...]
    static: bool
    """Whether `collectstatic` is there, and STATIC_URL is set."""
    static_path: str
    """The address of static files on this site: "/static/"; "" where they are on another one."""
    static_root: str
    media_path: str
    media_root: str
    private_root: str
    """PRIVATE_MEDIA_ROOT, which nginx sends from when a view says so; a setting of ours that a project may have."""
    databases: bool
    """Whether the default database is one of `miniframe.db`, which `createtables` and DATABASE_URL are for."""
    has_manage: bool
    requirements: bool
    pyproject: bool
    explicit: frozenset[str]
    """The settings that the project itself sets."""

    @property
    def package(self) -> str:
        """The package of the settings module, with a dot behind it; "" at the top level."""
        return self.settings_module.rpartition(".")[0]

    @property
    def production_module(self) -> str:
        """The settings module to be written, beside the project's own."""
        return f"{self.package}.production".lstrip(".")

    @property
    def wsgi_module(self) -> str:
        """The module with the application that servers load."""
        return f"{self.production_module}_wsgi"

    @property
    def depth(self) -> int:
        """How many folders the root is above the production settings' own."""
        return len(Path(self.module_path(self.production_module)).parts) - 1

    @property
    def unit(self) -> str:
        """The name in plain ASCII: for systemd, sockets, images."""
        return re.sub(r"[^a-z0-9_-]+", "-", self.name.lower()).strip("-_") or "site"

    @property
    def variable(self) -> str:
        """The name as nginx allows it in a variable."""
        name = self.unit.replace("-", "_")
        return f"_{name}" if name[0].isdigit() else name  # $1 is what a pattern has found

    @property
    def command(self) -> str:
        """What Python runs for a command, from the folder of the code."""
        if self.has_manage:
            return "../" * len(Path(self.code).parts) + "manage.py"
        return "-m miniframe"

    @property
    def static_from_code(self) -> str:
        """The folder of collected files, from the folder of the code."""
        return os.path.join("../" * len(Path(self.code).parts), self.static_root)

    def module_path(self, module: str) -> str:
        """Return where the file of `module` is, or will be, below the root."""
        return "/".join([*Path(self.code).parts, *module.split(".")]) + ".py"


def enter_project() -> None:
    """Have the settings found where no manage.py has named them: `miniframe deploy`, typed beside a manage.py.

    Raises:
        CommandError: there is no project in this folder.
    """
    if os.environ.get(ENVIRONMENT_VARIABLE) or settings.configured:
        return
    try:
        found = _NAMED_IN_MANAGE_PY.search(Path("manage.py").read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        found = None
    if found is None:
        raise CommandError(where_is_the_project())
    os.environ[ENVIRONMENT_VARIABLE] = found[1]
    sys.path.insert(0, os.getcwd())


def find_project() -> Project:
    """Return the project whose settings are the current ones.

    Raises:
        CommandError: the settings are in no file, or are those that an earlier deploy has written.
    """
    settings.DEBUG  # noqa: B018  (the first setting that is read loads the module)
    module = str(getattr(settings, "SETTINGS_MODULE", None) or "")
    file = getattr(sys.modules.get(module), "__file__", None)
    if not file:
        raise CommandError(
            "This site's settings are in no module of their own (settings.configure()), so there is nothing for "
            "production settings to build on. Make a project: miniframe startproject mysite"
        )
    path = Path(file).resolve()
    if WRITTEN_BY in path.read_text(encoding="utf-8", errors="replace"):
        raise CommandError(
            f"{module} are the production settings themselves. Run deploy with the settings that they build on: "
            f"--settings {module.rpartition('.')[0] or 'mysite'}.settings"
        )
    importing = path.parents[module.count(".") + (path.name == "__init__.py")]
    root = importing
    if not (root / "manage.py").is_file() and (root.parent / "manage.py").is_file():
        root = root.parent
    return _described(module, root, importing)


def _described(module: str, root: Path, importing: Path) -> Project:
    staticfiles = "miniframe.staticfiles" in settings.INSTALLED_APPS
    media_root = _folder(settings.MEDIA_ROOT, root)
    explicit = frozenset(name for name in dir(settings) if name.isupper() and settings.is_overridden(name))
    return Project(
        name=module.partition(".")[0] if "." in module else root.name,
        root=root,
        code="" if root == importing else importing.relative_to(root).as_posix(),
        settings_module=module,
        application=_own_application(),
        middleware=tuple(settings.MIDDLEWARE),
        static=bool(staticfiles and settings.STATIC_URL),
        static_path=_path_on_this_site(settings.STATIC_URL) if staticfiles else "",
        static_root=_folder(settings.STATIC_ROOT, root) or "staticfiles",
        media_path=_path_on_this_site(settings.MEDIA_URL) if media_root else "",
        media_root=media_root,
        private_root=_folder(getattr(settings, "PRIVATE_MEDIA_ROOT", ""), root) or "var/private",
        databases="default" in own_databases(),
        has_manage=(root / "manage.py").is_file(),
        requirements=(root / "requirements.txt").is_file(),
        pyproject=_has_dependencies(root / "pyproject.toml"),
        explicit=explicit,
    )


def _own_application() -> str | None:
    path = settings.WSGI_APPLICATION
    return str(path) if path and "." in str(path) else None


def _path_on_this_site(url: Any) -> str:
    """Return the path of STATIC_URL or MEDIA_URL; "" for another site's, or where nginx would take it for all."""
    text = str(url or "")
    return text if re.fullmatch(r"(/[\w.~-]+)+/", text, re.ASCII) else ""


def _folder(folder: Any, root: Path) -> str:
    """Return a folder that a setting names: below the project's, or whole; "" for none, and where it needs quotes."""
    if not folder:
        return ""
    path = Path(os.path.abspath(folder))
    text = path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()
    return text if re.fullmatch(r"[\w./@+~-]+", text) and text != "." else ""


def _has_dependencies(path: Path) -> bool:
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return bool(data.get("project", {}).get("dependencies"))
