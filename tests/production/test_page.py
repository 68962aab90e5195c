"""docs/production.md tells what the tests know: the table, each case, and a note for each cell that does not pass.

MINIFRAME_GOLDEN=1 writes both tables anew.
"""

from __future__ import annotations

import ast
import os
import re
from pathlib import Path

import pytest

from .table import (
    ABSENT,
    CASES,
    EXPLAINED,
    FAILS,
    NOT_RUN,
    PASSES,
    SERVERS,
    as_markdown,
    cases_as_markdown,
    lines,
    merge,
)

PAGE = Path(__file__).parents[2] / "docs" / "production.md"


def _between(text: str, name: str) -> re.Match[str]:
    found = re.search(rf"(?<=<!-- {name} -->\n\n).*?(?=\n\n<!-- end -->)", text, re.DOTALL)
    assert found, f"docs/production.md has no <!-- {name} -->"
    return found


@pytest.mark.parametrize(("name", "made"), [("cells", as_markdown()), ("cases", cases_as_markdown())])
def test_the_page_has_the_table_of_the_tests(name: str, made: str) -> None:
    text = PAGE.read_text()
    found = _between(text, name)
    if os.environ.get("MINIFRAME_GOLDEN"):
        PAGE.write_text(text[: found.start()] + made + text[found.end() :])
    assert _between(PAGE.read_text(), name)[0] == made


def test_the_page_explains_each_cell_that_does_not_pass_and_no_other() -> None:
    notes = PAGE.read_text().partition("\n## The notes")[2].partition("\n## ")[0]
    headings = re.findall(r"^### (.+)$", notes, re.MULTILINE)
    slugs = [re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings]
    assert sorted(slugs) == sorted({*ABSENT.values(), *EXPLAINED.values()})


def test_each_case_has_a_test_and_each_cell_a_case() -> None:
    marked = set()
    for path in Path(__file__).parent.glob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.case":
                marked.add(ast.literal_eval(node.args[0]))
    assert marked == set(CASES)
    for case, server in [*ABSENT, *EXPLAINED]:
        assert case in CASES
        assert server in SERVERS


@pytest.mark.parametrize(
    ("before", "now", "shown"),
    [
        (None, PASSES, PASSES),
        (PASSES, FAILS, FAILS),
        (FAILS, PASSES, FAILS),
        (FAILS, "a-note", FAILS),
        (PASSES, "a-note", "a-note"),
        ("a-note", PASSES, "a-note"),
        (NOT_RUN, PASSES, NOT_RUN),
    ],
)
def test_a_cell_shows_the_worst_of_its_tests(before: str | None, now: str, shown: str) -> None:
    assert merge(before, now) == shown


def test_the_printed_table_numbers_its_notes() -> None:
    printed = lines({("HEAD", "waitress"): PASSES, ("Range", "waitress"): "a-note", ("HEAD", "granian"): FAILS})
    assert [line.split() for line in printed[1:3]] == [["HEAD", FAILS, PASSES], ["Range", "n/a", "1"]]
    assert printed[-1].split() == ["1", "a-note"]
