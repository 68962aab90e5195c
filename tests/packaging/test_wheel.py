"""What is released holds everything and nothing else: built, looked into, installed into an empty environment, used.

Installing needs the package index, as any user's `pip install` does.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from packaging.metadata import Metadata

from miniframe import __version__

from .conftest import ROOT, Run

HEAD = f"miniframe-{__version__}"
NEEDED = {"click", "itsdangerous", "jinja2", "multipart", "watchdog"}
EXTRAS = {"redis": {"redis"}, "https": {"cryptography"}, "sqlalchemy": {"sqlalchemy"}}
LITTER = re.compile(
    r"__pycache__|\.py[co]$|_cache/|\.hypothesis|(^|/)(\.venv|build|dist|node_modules|_build|var)/|\.sqlite3"
)


def files_of_the_package() -> set[str]:
    return {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "miniframe").rglob("*")
        if path.is_file() and not LITTER.search(path.relative_to(ROOT).as_posix())
    }


def metadata_of(wheel: Path) -> Metadata:
    return Metadata.from_email(zipfile.ZipFile(wheel).read(f"{HEAD}.dist-info/METADATA"), validate=True)


def test_the_wheel_is_the_package_and_nothing_else(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {name for name in names if not name.startswith(f"{HEAD}.dist-info/")} == files_of_the_package()
    assert "miniframe/py.typed" in names


def test_the_wheel_has_what_is_no_python(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    kinds = {Path(name).suffix for name in names if name.startswith("miniframe/")}
    assert {".py-tpl", ".html", ".css", ".js"} <= kinds
    for skeleton in ("project_template", "app_template", "deploy_template"):
        assert [name for name in names if name.startswith(f"miniframe/conf/{skeleton}/")], skeleton


def test_the_sources_hold_all_that_a_reader_needs(sdist: Path) -> None:
    with tarfile.open(sdist) as archive:
        names = {name.removeprefix(f"{HEAD}/") for name in archive.getnames()}
    assert files_of_the_package() <= names
    assert {"README.md", "ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "LICENSE"} <= names
    assert {"scripts/test", "tests/conftest.py", "docs/conf.py", "example_project/manage.py", "pyproject.toml"} <= names
    assert sorted(filter(LITTER.search, names)) == []


def test_the_metadata_is_valid_and_complete(wheel: Path) -> None:
    metadata = metadata_of(wheel)
    assert (metadata.name, str(metadata.version)) == ("miniframe", __version__)
    assert (metadata.license_expression, metadata.license_files) == ("BSD-3-Clause", ["LICENSE"])
    assert metadata.summary
    assert metadata.description_content_type == "text/markdown"
    assert metadata.description == (ROOT / "README.md").read_text()
    assert "Typing :: Typed" in (metadata.classifiers or [])
    asked = {asked.name: str(asked.marker or "") for asked in metadata.requires_dist or []}
    assert {name for name, marker in asked.items() if not marker} == NEEDED
    extras: dict[str, set[str]] = {}
    for name, marker in asked.items():
        if marker:
            extras.setdefault(marker.split('"')[1], set()).add(name)
    assert extras == EXTRAS


def test_the_commands_and_the_plug_in_are_announced(wheel: Path) -> None:
    announced = zipfile.ZipFile(wheel).read(f"{HEAD}.dist-info/entry_points.txt").decode()
    assert "[console_scripts]\nminiframe = " in announced
    assert "[pytest11]\nminiframe = " in announced


def test_who_builds_the_sources_again_gets_the_same_octets(run: Run, wheel: Path, sdist: Path, tmp_path: Path) -> None:
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path, filter="data")
    again = (sys.executable, "-m", "build", "--no-isolation", "--outdir", tmp_path / "again")
    run(*again, tmp_path / HEAD, cwd=tmp_path)
    for first in (wheel, sdist):
        second = tmp_path / "again" / first.name
        assert hashlib.sha256(second.read_bytes()).digest() == hashlib.sha256(first.read_bytes()).digest(), first.name


def test_pip_installs_the_same_from_the_sources(run: Run, wheel: Path, sdist: Path, tmp_path: Path) -> None:
    # With the hatchling that is here: fetching another takes ten times as long as all the rest.
    pip = (sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation")
    run(*pip, "--target", tmp_path, sdist, cwd=tmp_path)
    found = {path.relative_to(tmp_path).as_posix() for path in (tmp_path / "miniframe").rglob("*") if path.is_file()}
    assert {name for name in found if not LITTER.search(name)} == files_of_the_package()


@pytest.fixture
def server(run: Run, installed: Path, tmp_path: Path, free_port: int) -> Iterator[str]:
    """Return the address of a new project's development server."""
    run(installed / "miniframe", "startproject", "fresh", cwd=tmp_path)
    process = subprocess.Popen(
        [installed / "python", "manage.py", "runserver", str(free_port)],
        cwd=tmp_path / "fresh",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert process.stdout is not None
        seen = []
        for line in process.stdout:
            seen.append(line)
            if f"http://127.0.0.1:{free_port}/" in line:
                break
        else:
            pytest.fail("".join(seen))
        yield f"http://127.0.0.1:{free_port}"
    finally:
        process.terminate()
        process.communicate(timeout=10)


def test_a_project_is_made_and_served_from_an_empty_environment(run: Run, server: str, installed: Path) -> None:
    assert "fresh is running" in requests.get(server, timeout=10).text
    assert requests.get(f"{server}/static/site.css", timeout=10).headers["Content-Type"].startswith("text/css")
    assert run(installed / "python", "-m", "miniframe", "version", cwd=installed).strip() == __version__


@pytest.mark.parametrize(
    ("settings", "use", "extra"),
    [
        pytest.param(
            'CACHES={"default": {"BACKEND": "miniframe.cache.backends.redis.RedisCache", "LOCATION": "redis://x"}}',
            "from miniframe.cache import cache; cache.get('a')",
            "redis",
            id="redis",
        ),
        pytest.param(
            'DATABASES={"default": {"URL": "sqlite:///:memory:"}}',
            "from miniframe.db import session; session()",
            "sqlalchemy",
            id="sqlalchemy",
        ),
        pytest.param(
            "DEBUG=True",
            "from miniframe.management import call_command; call_command('runserver', '0', https=True)",
            "https",
            id="https",
        ),
    ],
)
def test_without_an_extra_the_error_says_what_to_install(
    installed: Path, tmp_path: Path, settings: str, use: str, extra: str
) -> None:
    set_up = f"import miniframe; from miniframe.conf import settings; settings.configure({settings}); miniframe.setup()"
    done = subprocess.run(
        [installed / "python", "-c", f"{set_up}; {use}"], cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert done.returncode != 0
    assert f"miniframe[{extra}]" in done.stderr + done.stdout


@pytest.mark.parametrize("command", ["createtables", "dbshell"])
def test_a_command_for_databases_says_in_one_line_what_to_install(
    run: Run, installed: Path, tmp_path: Path, command: str
) -> None:
    run(installed / "python", "-m", "miniframe", "startproject", "bare", cwd=tmp_path)
    done = subprocess.run(
        [installed / "python", "manage.py", command], cwd=tmp_path / "bare", capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.endswith("python -m pip install 'miniframe[sqlalchemy]'")
