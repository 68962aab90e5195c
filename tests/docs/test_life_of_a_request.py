"""docs/life-of-a-request.md: every file and name on the walk is there, and its examples run."""

from __future__ import annotations

import ast
import doctest
import re
from collections.abc import Iterable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "life-of-a-request.md"
TEXT = PAGE.read_text()

# In `FILE`: `NAME`, `NAME`.  And what the excerpts are cut out of.
STEPS = [
    (file, name)
    for file, names in re.findall(r"In\s+`(miniframe/[\w/]+\.py)`:\s+(`[\w.]+`(?:,\s+`[\w.]+`)*)\.", TEXT)
    for name in re.findall(r"`([\w.]+)`", names)
]
EXCERPTS = re.findall(r"\{literalinclude\} \.\./(\S+)\n:pyobject: (\S+)", TEXT)


def defined(body: Iterable[ast.stmt], name: str) -> bool:
    """Return whether these statements define a dotted name."""
    first, _, rest = name.partition(".")
    for node in body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and node.name == first:
            return not rest or (isinstance(node, ast.ClassDef) and defined(node.body, rest))
        targets = [node.target] if isinstance(node, ast.AnnAssign) else getattr(node, "targets", [])
        if not rest and any(isinstance(target, ast.Name) and target.id == first for target in targets):
            return True
    return False


@pytest.mark.parametrize(("file", "name"), sorted({*STEPS, *EXCERPTS}))
def test_a_step_of_the_walk_exists_as_it_is_named(file: str, name: str) -> None:
    assert (ROOT / file).exists(), f"the walk names {file}, which is not there"
    assert defined(ast.parse((ROOT / file).read_text()).body, name), f"the walk looks for {name} in {file}"


def test_every_file_that_is_named_is_a_step() -> None:
    named = set(re.findall(r"miniframe/[\w/]+\.py", TEXT))
    assert named == {file for file, _ in [*STEPS, *EXCERPTS]}


def test_the_walk_is_as_long_as_it_looks() -> None:
    assert len(STEPS) > 50
    assert len(EXCERPTS) > 4


def test_its_examples_run() -> None:
    examples = "\n".join(re.findall(r"^```python\n(.*?)^```$", TEXT, flags=re.MULTILINE | re.DOTALL))
    test = doctest.DocTestParser().get_doctest(examples, {}, PAGE.name, str(PAGE), 0)
    told: list[str] = []
    assert doctest.DocTestRunner(verbose=False).run(test, out=told.append).failed == 0, "".join(told)
