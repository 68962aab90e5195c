"""What users get: the wheel, built once for all tests of it, and environments that have it."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent

Run = Callable[..., str]


def without_ours() -> dict[str, str]:
    """Return this run's environment without what concerns this run: nothing of it leaks into what a user would have."""
    return {name: os.environ[name] for name in os.environ if not name.startswith(("MINIFRAME_", "PYTHON"))}


@pytest.fixture(scope="session")
def run() -> Run:
    """Run a command in the folder `cwd` and return what it printed; fail if it did."""

    def run(*command: str | Path, cwd: Path, **environ: str) -> str:
        done = subprocess.run(
            [str(part) for part in command], cwd=cwd, env=without_ours() | environ, capture_output=True, text=True
        )
        assert done.returncode == 0, f"{command}:\n{done.stdout}\n{done.stderr}"
        return done.stdout

    return run


@pytest.fixture(scope="session")
def distributions(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder with the sdist, and the wheel that was built from it, as `python -m build` makes them."""
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT, cwd=folder)
    return folder


@pytest.fixture(scope="session")
def wheel(distributions: Path) -> Path:
    """Return the wheel."""
    (built,) = distributions.glob("*.whl")
    return built


@pytest.fixture(scope="session")
def sdist(distributions: Path) -> Path:
    """Return the source distribution."""
    (built,) = distributions.glob("*.tar.gz")
    return built


@pytest.fixture(scope="session")
def installed(run: Run, wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the `bin` folder of an environment with nothing but the wheel and what it asks for."""
    folder = tmp_path_factory.mktemp("venv")
    run(sys.executable, "-m", "venv", folder, cwd=folder)
    run(folder / "bin/python", "-m", "pip", "install", "--quiet", wheel, cwd=folder)
    return folder / "bin"


@pytest.fixture(scope="session")
def with_everything(run: Run, wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the `bin` folder of an environment with the wheel, and with every library that this one has."""
    folder = tmp_path_factory.mktemp("everything")
    run(sys.executable, "-m", "venv", "--without-pip", folder, cwd=folder)
    # Not by pip, which would ask the index; and a checker that looks at a library wants it in such a folder.
    python = folder / "bin/python"
    packages = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder).strip())
    zipfile.ZipFile(wheel).extractall(packages)
    (packages / "others.pth").write_text(sysconfig.get_path("purelib"))
    return folder / "bin"
