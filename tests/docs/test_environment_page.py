"""docs/reference/environment.md has every variable of ours that the package reads or sets, and no other."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
OURS = re.compile(r"(?<!_)MINIFRAME_[A-Z_]+[A-Z]")


def test_every_variable_is_told_and_no_other() -> None:
    code = "\n".join(path.read_text() for path in (ROOT / "miniframe").rglob("*.py"))
    page = (ROOT / "docs" / "reference" / "environment.md").read_text()
    assert sorted(set(OURS.findall(page))) == sorted(set(OURS.findall(code)))
