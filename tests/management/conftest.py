"""A small project in a folder of its own, and a way to run its manage.py as a person does."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

Run = Callable[..., "subprocess.CompletedProcess[str]"]

MANAGE = """\
import os, sys
os.environ.setdefault("MINIFRAME_SETTINGS_MODULE", "settings")
from miniframe.management import execute_from_command_line
execute_from_command_line(sys.argv)
"""

SETTINGS = """\
SECRET_KEY = "a-key-for-tests-that-signs-nothing-of-value-0123456789"
DEBUG = True
ROOT_URLCONF = "urls"
INSTALLED_APPS = []
"""

URLS = """\
from miniframe.http import HttpResponse
from miniframe.urls import include, path

def home(request):
    return HttpResponse("home")

def poll(request, pk):
    return HttpResponse(str(pk))

urlpatterns = [
    path("", home, name="home"),
    path("polls/", include(([path("<int:pk>/", poll, name="detail")], "polls"))),
]
"""


def environment(**changes: str) -> dict[str, str]:
    """Return this process's environment without what would decide the outcome, and with `changes`."""
    decisive = {"NO_COLOR", "FORCE_COLOR", "MINIFRAME_SETTINGS_MODULE", "MINIFRAME_COLORS", "PYTHONPATH", "TERM"}
    kept = {name: value for name, value in os.environ.items() if name not in decisive}
    return {**kept, "PYTHONDONTWRITEBYTECODE": "1", "COLUMNS": "100", **changes}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return the folder of a project that works: manage.py, settings.py, urls.py, no apps."""
    for name, text in {"manage.py": MANAGE, "settings.py": SETTINGS, "urls.py": URLS}.items():
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.fixture
def manage(project: Path) -> Run:
    """Run `python manage.py ARGS` in the project: manage("check", env={...}, input="...")."""

    def run(*args: str, env: Mapping[str, str] | None = None, input: str = "") -> subprocess.CompletedProcess[str]:
        return _run([sys.executable, "manage.py", *args], project, env, input)

    return run


@pytest.fixture
def miniframe(tmp_path: Path) -> Run:
    """Run `python -m miniframe ARGS` in an empty folder."""

    def run(*args: str, env: Mapping[str, str] | None = None, input: str = "") -> subprocess.CompletedProcess[str]:
        return _run([sys.executable, "-m", "miniframe", *args], tmp_path, env, input)

    return run


@pytest.fixture(scope="session")
def mypy_cache(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return a folder where mypy keeps what it learnt of miniframe, which takes it ten seconds."""
    return str(tmp_path_factory.mktemp("mypy"))


def _run(
    command: list[str], folder: Path, env: Mapping[str, str] | None, input: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=folder, env=environment(**(env or {})), input=input, capture_output=True, text=True, timeout=60
    )


def add_command(app: Path, name: str, body: str, help: str = "") -> None:
    """Write a command into `app`: `body` is the body of its `handle(self, *args, **options)`."""
    folder = app / "management" / "commands"
    folder.mkdir(parents=True, exist_ok=True)
    for package in (app, app / "management", folder):
        (package / "__init__.py").touch()
    lines = "\n".join(f"        {line}" for line in body.splitlines())
    (folder / f"{name}.py").write_text(
        "from miniframe.management.base import BaseCommand, CommandError\n\n\n"
        f"class Command(BaseCommand):\n    help = {help!r}\n\n    def handle(self, *args, **options):\n{lines}\n"
    )


def install_apps(project: Path, *apps: str) -> None:
    """Set INSTALLED_APPS."""
    settings = project / "settings.py"
    settings.write_text(settings.read_text() + f"INSTALLED_APPS = {list(apps)!r}\n")
