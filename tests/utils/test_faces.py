"""Modules that hand names on have them, and hide from nobody that they have no others."""

from __future__ import annotations

import ast
import importlib
from pathlib import Path

import pytest

import miniframe

ROOT = Path(miniframe.__file__).parent
MODULES = {
    ".".join(file.relative_to(ROOT.parent).with_suffix("").parts).removesuffix(".__init__"): file
    for file in sorted(ROOT.rglob("*.py"))
    if "import hands_on\n" in file.read_text(encoding="utf-8")
}


def under(test: str, file: Path) -> list[ast.stmt]:
    """Return what stands in a module under `if test:`; with "" what stands under none."""
    found: list[ast.stmt] = []
    for statement in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(statement, ast.If):
            found += statement.body if ast.unparse(statement.test) == test else []
        elif not test:
            found.append(statement)
    return found


@pytest.mark.parametrize("name", MODULES)
def test_who_checks_types_sees_the_names_and_no_getattr(name: str) -> None:
    """As that would stand for any name, `from miniframe.management import BaseComand` would pass."""
    file = MODULES[name]
    assert not [each for each in under("", file) if "hands_on(" in ast.unparse(each)]
    assert [each for each in under("not TYPE_CHECKING", file) if "hands_on(" in ast.unparse(each)]
    imports = [each for each in under("TYPE_CHECKING", file) if isinstance(each, ast.ImportFrom)]
    places = [(alias.name, each.module) for each in imports for alias in each.names]
    module = importlib.import_module(name)
    for each, place in places:
        assert getattr(module, each) is getattr(importlib.import_module(str(place)), each)


@pytest.mark.parametrize("name", MODULES)
def test_a_name_that_is_not_handed_on_is_missing_as_anywhere(name: str) -> None:
    with pytest.raises(AttributeError, match=f"^module '{name}' has no attribute 'nonsense'$"):
        importlib.import_module(name).nonsense  # noqa: B018  # what it raises is what is looked at
