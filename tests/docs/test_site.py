"""What makes the site of pages and docstrings: links that follow, docstrings as the house writes them, a last check."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

DOCS = Path(__file__).parents[2] / "docs"


def load(path: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(Path(path).stem, DOCS / path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("link", "written", "shown", "made"),
    [
        pytest.param("[a](views.md#x)", "docs/topics/urls.md", "docs/topics/urls.md", "[a](views.md#x)", id="as-it-is"),
        pytest.param("[a](../CHANGELOG.md)", "docs/index.md", "docs/index.md", "[a](changes.md)", id="to-the-root"),
        pytest.param("[a](docs/scaling.md)", "SECURITY.md", "docs/security.md", "[a](scaling.md)", id="from-the-root"),
        pytest.param("[a](benchmarks/)", "CHANGELOG.md", "docs/changes.md", "a", id="a-folder-without-a-page"),
        pytest.param("[a](https://x.example/)", "docs/a.md", "docs/a.md", "[a](https://x.example/)", id="elsewhere"),
        pytest.param("seats[0](guest)", "CHANGELOG.md", "docs/changes.md", "seats[0](guest)", id="no-link-but-code"),
        pytest.param("[a](gone.md)", "docs/a.md", "docs/a.md", "[a](gone.md)", id="broken-ones-are-left-to-sphinx"),
    ],
)
def test_a_link_leads_to_the_page_of_a_file(link: str, written: str, shown: str, made: str) -> None:
    assert load("_ext/root_pages.py").lead_to_pages(link, written, shown, DOCS.parent) == made


@pytest.mark.parametrize(
    ("docstring", "made"),
    [
        pytest.param("Take *args and name_.", r"Take \*args and name\_.", id="only-the-backtick-is-special"),
        pytest.param("See `*args`.", "See `*args`.", id="nothing-is-escaped-in-code"),
        pytest.param(
            "As in:\n\n    x = 1\n\nEnd.", "As in:\n\n\n.. code-block:: python\n\n    x = 1\n\n\nEnd.", id="code"
        ),
        pytest.param(
            "As in:\n\n    A\n    |- B\n", "As in:\n\n\n.. code-block:: text\n\n    A\n    |- B\n\n\n", id="a-drawing"
        ),
        pytest.param("Raises:\n    KeyError: no *x.", "Raises:\n    KeyError: no \\*x.", id="errors"),
        pytest.param(">>> f(*a)\n    1", ">>> f(*a)\n    1", id="examples"),
        pytest.param("- one\n  more", "- one\n  more", id="lists"),
    ],
)
def test_a_docstring_is_read_as_the_house_writes_it(docstring: str, made: str) -> None:
    lines = docstring.split("\n")
    load("_ext/docstrings.py").to_rst(None, "function", "name", None, None, lines)
    assert "\n".join(lines).strip() == made.strip()


@pytest.mark.parametrize(
    ("page", "fault"),
    [
        pytest.param('<a href="b.html#here">b</a>', "", id="good"),
        pytest.param('<a href="https://x.example/">x</a>', "", id="a-link-elsewhere"),
        pytest.param('<a href="c.html">c</a>', "a.html: c.html is not there", id="no-such-page"),
        pytest.param(
            '<a href="b.html#gone">b</a>', "a.html: b.html#gone leads to a page without that place", id="place"
        ),
        pytest.param(
            '<link rel="x" href="https://fonts.example/a.css">',
            "a.html: https://fonts.example/a.css is loaded from elsewhere",
            id="a-font-from-elsewhere",
        ),
    ],
)
def test_a_built_site_is_checked_as_a_browser_sees_it(page: str, fault: str, tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(page)
    (tmp_path / "b.html").write_text('<p id="here">')
    assert list(load("check_site.py").faults(tmp_path)) == ([fault] if fault else [])
