"""Types as a user's checker sees them: what is installed says all of them, and code that uses it passes.

Source: pyright's documentation, "Typing Guidance for Python Libraries", section "Type Completeness".
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from miniframe.management.deploying.plan import KINDS

from .conftest import Run, without_ours

LEAST = 0.98
"""The share of public names whose type is known without guessing."""

WRONG = """
from miniframe.http import HttpRequest, HttpResponse
def view(request: HttpRequest) -> HttpResponse:
    return HttpResponse(str(int(request.GET.get("page"))))
"""


def pyright(bin_folder: Path, folder: Path, *arguments: str) -> dict[str, Any]:
    """Return what pyright says in `folder`, where Python is that of `bin_folder`."""
    done = subprocess.run(
        [sys.executable, "-m", "pyright", "--outputjson", *arguments],
        cwd=folder,
        # --pythonpath does not count for --verifytypes; the first `python` on the PATH does.
        env=without_ours() | {"PATH": f"{bin_folder}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    try:
        said: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        pytest.fail(f"pyright did not run:\n{done.stdout}\n{done.stderr}")
    return said


def complaints(said: dict[str, Any]) -> list[str]:
    return [
        f"{each['file']}:{each['range']['start']['line'] + 1}: {each['message']}" for each in said["generalDiagnostics"]
    ]


def test_nearly_every_public_name_says_its_type(with_everything: Path, tmp_path: Path) -> None:
    found = pyright(with_everything, tmp_path, "--verifytypes", "miniframe", "--ignoreexternal")["typeCompleteness"]
    guessed = [
        f"{symbol['name']}: {'; '.join(each['message'] for each in symbol['diagnostics'])}"
        for symbol in found["symbols"]
        if symbol["isExported"] and not symbol["isTypeKnown"] and symbol["diagnostics"]
    ]
    assert sum(found["exportedSymbolCounts"].values()) > 4000  # it did look at all of it
    assert found["completenessScore"] >= LEAST, "\n".join(guessed)
    # What is left is for the reader of a log; say the type of these too.
    print(f"pyright knows the types of {found['completenessScore']:.2%} of the public names", *guessed, sep="\n")


@pytest.fixture(scope="module")
def judged(run: Run, with_everything: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """Return what pyright complains of in code of users, file by file; one run, for it takes its time."""
    folder = tmp_path_factory.mktemp("users")
    shutil.copy(Path(__file__).with_name("site_of_a_user.py"), folder)
    (folder / "wrong.py").write_text(WRONG)
    python = with_everything / "python"
    projects = [f"for_{kind.replace('-', '_')}" for kind in KINDS]
    for kind, name in zip(KINDS, projects, strict=True):
        run(python, "-m", "miniframe", "startproject", name, cwd=folder)
        run(python, "manage.py", "deploy", kind, cwd=folder / name)
    run(python, "manage.py", "startapp", "cart", cwd=folder / projects[0])
    config = {
        "typeCheckingMode": "strict",
        "executionEnvironments": [*({"root": name} for name in projects), {"root": "."}],
        # What settings of production are for: they take all of the others, and set some anew.
        "reportConstantRedefinition": "none",
    }
    (folder / "pyrightconfig.json").write_text(json.dumps(config))
    said = pyright(with_everything, folder, ".")
    assert said["summary"]["filesAnalyzed"] > 30
    found: dict[str, list[str]] = {}
    for each in said["generalDiagnostics"]:
        name = Path(each["file"]).relative_to(folder).as_posix()
        found.setdefault(name, []).append(f"{each['range']['start']['line'] + 1}: {each['message']}")
    return found


def test_code_as_users_write_it_passes_in_the_strictest_mode(judged: dict[str, list[str]]) -> None:
    assert {name: said for name, said in judged.items() if name != "wrong.py"} == {}


def test_a_wrong_use_of_the_types_is_found(judged: dict[str, list[str]]) -> None:
    assert any(each.startswith("4: ") and '"None"' in each for each in judged["wrong.py"])
