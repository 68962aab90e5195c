"""Static files are found in the project's folders first, then in the apps'."""

from __future__ import annotations

from pathlib import Path

import pytest

from miniframe.exceptions import ImproperlyConfigured
from miniframe.files.storage import InMemoryStorage
from miniframe.staticfiles import finders
from miniframe.test.utils import override_settings


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


def listed(finder: finders.BaseFinder, ignore: list[str]) -> list[str]:
    return [f"{getattr(storage, 'prefix', '')}|{path}" for path, storage in finder.list(ignore)]


def test_finders_list_their_files_and_pass_over_folders_that_are_missing(project: Path) -> None:
    with override_settings(STATICFILES_DIRS=[project / "own", ("manual", project / "docs"), project / "gone"]):
        assert listed(finders.FileSystemFinder(), []) == ["|both.css", "|site.css", "manual|guide.txt"]
        assert listed(finders.FileSystemFinder(), ["*.css"]) == ["manual|guide.txt"]
    with override_settings(STATICFILES_DIRS=[("a", project / "docs"), ("b", project / "docs")]):
        assert listed(finders.FileSystemFinder(), []) == ["a|guide.txt", "b|guide.txt"]
    assert listed(finders.AppDirectoriesFinder(), ["both*"]) == ["|app/x.js"]


def test_the_default_storage_can_be_searched(project: Path) -> None:
    with override_settings(MEDIA_ROOT=project / "own"):
        finder = finders.DefaultStorageFinder()
        assert (finder.check(), listed(finder, [])) == ([], ["|both.css", "|site.css"])
        assert finder.find("site.css") == str(project / "own/site.css")
        assert finder.find("site.css", find_all=True) == [str(project / "own/site.css")]
        assert finder.find("nope") == finder.find("../docs/guide.txt") == finder.find("a\0b") == []
    with override_settings(MEDIA_ROOT=""), pytest.raises(ImproperlyConfigured, match="doesn't have a valid location"):
        finders.DefaultStorageFinder()


def test_a_finder_without_a_storage_says_so() -> None:
    with pytest.raises(ImproperlyConfigured, match="doesn't have a storage class assigned"):
        finders.BaseStorageFinder()
    assert finders.BaseStorageFinder(InMemoryStorage).find("x") == []


def test_a_misspelt_finder_is_named_with_its_setting() -> None:
    with pytest.raises(ImproperlyConfigured, match=r"STATICFILES_FINDERS has the entry .* [Dd]id you mean"):
        finders.get_finder("miniframe.staticfiles.finders.FileSystemFindr")
