"""What the documents say is there, is there: files and names in ARCHITECTURE.md, commands in the README."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

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


@pytest.mark.parametrize("document", ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"])
def test_links_to_other_documents_lead_somewhere(document: str) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", (ROOT / document).read_text()):
        assert (ROOT / target).exists(), f"{document} links to {target}, which is not there"


@pytest.mark.parametrize("script", ["scripts/example", "scripts/test", "scripts/venv.sh", ".ci/run"])
def test_the_commands_of_the_readme_exist(script: str) -> None:
    assert (ROOT / script).exists()
