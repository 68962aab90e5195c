"""What the documents say is there, is there: files and names in ARCHITECTURE.md, commands in the README."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest

from miniframe import __version__

ROOT = Path(__file__).parent.parent

NAMED = re.findall(r"\| `(miniframe/[\w/.]+)` \| `(\w+)` \|", (ROOT / "ARCHITECTURE.md").read_text())


def names_in(path: Path) -> set[str]:
    """Return what a module defines or hands on at its top level."""
    found: set[str] = set()
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, (ast.ClassDef, ast.FunctionDef)):
            found.add(node.name)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            found.add(node.target.id)
        elif isinstance(node, ast.Assign):
            found |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return found


@pytest.mark.parametrize(("file", "name"), NAMED)
def test_a_step_of_the_trips_exists_as_it_is_named(file: str, name: str) -> None:
    path = ROOT / file
    assert path.exists(), f"ARCHITECTURE.md names {file}, which is not there"
    assert name in names_in(path), f"ARCHITECTURE.md looks for {name} in {file}"


def test_the_trips_have_their_steps() -> None:
    assert len(NAMED) > 25


def test_every_setting_that_names_something_to_import_is_among_the_dotted_doors() -> None:
    page = (ROOT / "ARCHITECTURE.md").read_text()
    doors = page.partition("## The dotted doors")[2].partition("\n## ")[0]
    code = "\n".join(path.read_text() for path in (ROOT / "miniframe").rglob("*.py"))
    opened = set(re.findall(r'import_from_setting\(\s*"(\w+)"', code))
    assert len(opened) > 8
    assert opened - set(re.findall(r"[A-Z_]{4,}", doors)) == set()


@pytest.mark.parametrize("document", ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md"])
def test_links_to_other_documents_lead_somewhere(document: str) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", (ROOT / document).read_text()):
        assert (ROOT / target).exists(), f"{document} links to {target}, which is not there"


@pytest.mark.parametrize(
    "script", ["scripts/example", "scripts/production", "scripts/test", "scripts/release", "scripts/venv.sh", ".ci/run"]
)
def test_the_commands_of_the_readme_exist(script: str) -> None:
    assert (ROOT / script).exists()


SECURITY = (ROOT / "SECURITY.md").read_text()


@pytest.mark.parametrize("held_by", re.findall(r"`([\w/]+\.py::\w+)`", SECURITY))
def test_a_promise_of_security_is_held_by_the_test_that_it_names(held_by: str) -> None:
    file, name = held_by.split("::")
    path = ROOT / "tests" / file
    assert path.exists(), f"SECURITY.md names {file}, which is not there"
    assert name in names_in(path), f"SECURITY.md looks for {name} in {file}"


def test_every_promise_of_security_names_a_test() -> None:
    promises = re.findall(r"^\| (?!promise \|)(.+) \| (`.+`) \|$", SECURITY, re.MULTILINE)
    assert len(promises) > 20
    for promise, held_by in promises:
        assert re.fullmatch(r"(`[\w/]+\.py::\w+`(, )?)+", held_by), promise


def test_the_supported_versions_are_those_of_the_package() -> None:
    rows = re.findall(r"^\| (\d+\.\d+) \| ([\d., ]+) \| Django ([\d.]+) \|", SECURITY, re.MULTILINE)
    newest, pythons, django = rows[0]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    kinds = [kind.rpartition(":: ")[2] for kind in project["project"]["classifiers"]]
    assert __version__.startswith(f"{newest}.")
    assert pythons.split(", ") == [kind for kind in kinds if re.fullmatch(r"3\.\d+", kind)]
    assert f">= {pythons.split(', ')[0]}" == project["project"]["requires-python"]
    assert f"django == {django}.*" in project["dependency-groups"]["dev"]
