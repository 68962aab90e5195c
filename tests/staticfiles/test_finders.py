"""Static files are found in the project's folders first, then in the apps'."""

from __future__ import annotations

from pathlib import Path

import pytest

from miniframe.exceptions import ImproperlyConfigured
from miniframe.staticfiles import finders


@pytest.mark.parametrize(
    ("path", "file"),
    [
        pytest.param("site.css", "own/site.css", id="project"),
        pytest.param("app/x.js", "app/static/app/x.js", id="app"),
        pytest.param("both.css", "own/both.css", id="project-wins"),
        pytest.param("manual/guide.txt", "docs/guide.txt", id="prefix"),
        pytest.param("guide.txt", None, id="not-without-its-prefix"),
        pytest.param("nope.css", None, id="missing"),
        pytest.param("../secret.txt", None, id="outside"),
        pytest.param("nul\0.css", None, id="nul"),
        pytest.param("n" * 5000, None, id="too-long"),
    ],
)
def test_find(project: Path, path: str, file: str | None) -> None:
    (project / "secret.txt").write_text("")
    assert finders.find(path) == (str(project / file) if file else None)


def test_find_all_gives_every_candidate(project: Path) -> None:
    assert finders.find("both.css", find_all=True) == [
        str(project / "own/both.css"),
        str(project / "app/static/both.css"),
    ]


def test_the_folders_of_the_last_search_are_known(project: Path) -> None:
    finders.find("nope.css")
    assert finders.searched_locations == [str(project / name) for name in ("own", "docs", "app/static")]


def test_a_finder_must_be_a_finder() -> None:
    with pytest.raises(ImproperlyConfigured, match="is not a subclass of"):
        finders.get_finder("pathlib.Path")


def test_finders_are_made_once(project: Path) -> None:
    path = "miniframe.staticfiles.finders.FileSystemFinder"
    assert finders.get_finder(path) is finders.get_finder(path)
