"""The project that is served: as `startproject` makes it, with the corpus in the place of its pages."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
PACKAGE = "depot"
NAME = "depot.example"

LETTER = "Grüße, 1 €.txt"
"""A file whose name has a blank and is not ASCII."""

_SETTINGS = """

# For the tests.
INSTALLED_APPS.append("corpus")
ROOT_URLCONF = "corpus.urls"
"""

# What a site needs behind any server for which `deploy` writes nothing.
_PLAIN = f"""\
from {PACKAGE}.settings import *

DEBUG = False
ALLOWED_HOSTS = ["{NAME}"]
STATIC_ROOT = BASE_DIR / "static-for-the-server"
FORCE_SCRIPT_NAME = {{prefix!r}} or None
"""


def large() -> bytes:
    """Return the contents of the large file: every place of it can be told from every other."""
    return b"".join(b"%015d\n" % number for number in range(125_000))


def environment() -> dict[str, str]:
    """Return what a command of the project needs of this process's variables."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("MINIFRAME_", "PYTEST_"))}


def manage(root: Path, *arguments: str, environ: dict[str, str] | None = None) -> str:
    """Run a command of the project; return what it says."""
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=root,
        env={**environment(), **(environ or {})},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, f"manage.py {' '.join(arguments)}:\n{done.stdout}{done.stderr}"
    return done.stdout + done.stderr


def make_project(folder: Path) -> Path:
    """Make the project in `folder`; return its root."""
    subprocess.run(
        [sys.executable, "-m", "miniframe", "startproject", PACKAGE],
        cwd=folder,
        env=environment(),
        check=True,
        stdout=subprocess.DEVNULL,
        timeout=60,
    )
    root = folder / PACKAGE
    with (root / PACKAGE / "settings.py").open("a") as settings:
        settings.write(_SETTINGS)
    shutil.copytree(HERE / "corpus", root / "corpus", ignore=shutil.ignore_patterns("__pycache__"))
    private = root / "var" / "private"
    private.mkdir(parents=True)
    (private / LETTER).write_text("a letter\n")
    (private / "large.bin").write_bytes(large())
    (root / "static" / "large.css").write_text("".join(f".rule-{number} {{ color: red }}\n" for number in range(2000)))
    return root


def write_plain_settings(root: Path, prefix: str) -> str:
    """Write settings for a server of which `deploy` knows nothing; return their name."""
    (root / PACKAGE / "plain.py").write_text(_PLAIN.format(prefix=prefix))
    return f"{PACKAGE}.plain"
