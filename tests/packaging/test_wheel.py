"""The wheel holds everything, and nothing else is needed: it is built, installed into an empty environment, and used.

Installing needs the package index, as any user's `pip install` does.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

ROOT = Path(__file__).parent.parent.parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def run(*command: str | Path, cwd: Path) -> str:
    # Nothing of this run's environment leaks into what a user would have.
    environ = {name: os.environ[name] for name in os.environ if not name.startswith(("MINIFRAME_", "PYTHON"))}
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, env=environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{command}:\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT, cwd=folder)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the `bin` folder of an environment with nothing but the wheel and what it asks for."""
    folder = tmp_path_factory.mktemp("venv")
    run(sys.executable, "-m", "venv", folder, cwd=folder)
    run(folder / "bin/python", "-m", "pip", "install", "--quiet", wheel, cwd=folder)
    return folder / "bin"


def test_the_wheel_has_the_skeletons_and_the_mark_of_types(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert "miniframe/py.typed" in names
    templates = [path for path in (ROOT / "miniframe/conf").rglob("*") if "_template" in str(path) and path.is_file()]
    assert templates
    for path in templates:
        if "__pycache__" not in path.parts:
            assert str(path.relative_to(ROOT)) in names
    assert not [name for name in names if name.startswith(("tests/", "example_project/"))]


def test_the_metadata_is_complete(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    (path,) = [name for name in archive.namelist() if name.endswith("/METADATA")]
    metadata = archive.read(path).decode()
    assert "License-Expression: BSD-3-Clause" in metadata
    assert "Requires-Python: >=3.11" in metadata
    needed = re.findall(r"^Requires-Dist: ([\w-]+)[^;\n]*(?:; (.*))?$", metadata, re.MULTILINE)
    assert sorted(name for name, condition in needed if not condition) == [
        "click",
        "itsdangerous",
        "jinja2",
        "multipart",
        "watchdog",
    ]
    assert {name: condition for name, condition in needed if condition} == {
        "redis": "extra == 'redis'",
        "cryptography": "extra == 'https'",
    }


@pytest.fixture
def server(installed: Path, tmp_path: Path, free_port: int) -> Iterator[str]:
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


def test_a_project_is_made_and_served_from_an_empty_environment(server: str, installed: Path) -> None:
    assert "fresh is running" in requests.get(server, timeout=10).text
    assert requests.get(f"{server}/static/site.css", timeout=10).headers["Content-Type"].startswith("text/css")
    assert run(installed / "python", "-m", "miniframe", "version", cwd=installed).strip()
