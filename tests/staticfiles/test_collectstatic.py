"""`collectstatic` as it is used: what is copied, asked, told, and left alone."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from miniframe.apps import apps
from miniframe.exceptions import ImproperlyConfigured
from miniframe.files import ContentFile
from miniframe.files.storage import InMemoryStorage
from miniframe.management import CommandError, call_command
from miniframe.staticfiles.apps import StaticFilesConfig
from miniframe.staticfiles.hashing import ReferenceNotFound
from miniframe.staticfiles.management.commands.collectstatic import Command
from miniframe.staticfiles.storage import staticfiles_storage
from miniframe.test.utils import override_settings

MANIFEST = {"staticfiles": {"BACKEND": "miniframe.staticfiles.storage.ManifestStaticFilesStorage"}}


@pytest.fixture
def root(project: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(apps, "get_app_config", lambda label: StaticFilesConfig)
    with override_settings(STATIC_ROOT=project / "root"):
        yield project / "root"


def collectstatic(**options: Any) -> str:
    out = io.StringIO()
    call_command(Command(), **{"interactive": False, "stdout": out, "stderr": io.StringIO(), **options})
    return out.getvalue()


def tree(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


ALL = {
    "site.css": "own/site.css",
    "both.css": "own/both.css",
    "manual/guide.txt": "docs/guide.txt",
    "app/x.js": "app/static/app/x.js",
}


def test_all_files_are_collected_and_the_first_of_two_wins(root: Path) -> None:
    said = collectstatic()
    assert tree(root) == ALL
    assert said == f"\n4 static files copied to '{root}', 1 hidden by others of the same name.\n"
    assert "4 unmodified" in collectstatic()


@pytest.mark.parametrize("verbosity", [0, 1, 2])
def test_verbosity(root: Path, project: Path, verbosity: int) -> None:
    said = collectstatic(verbosity=verbosity)
    assert (f"Copying '{project}/own/site.css'" in said) is (verbosity == 2)
    assert ("Found another file with the destination path 'both.css'" in said) is (verbosity == 2)
    assert bool(said) is (verbosity > 0)


@pytest.mark.parametrize("options", [{}, {"link": True}, {"clear": True}], ids=["copy", "link", "clear"])
@pytest.mark.parametrize("storages", [{}, MANIFEST], ids=["plain", "manifest"])
def test_a_dry_run_changes_nothing(root: Path, options: dict[str, Any], storages: dict[str, Any]) -> None:
    root.mkdir()
    (root / "old.txt").write_text("old")
    with override_settings(STORAGES=storages or {"staticfiles": {**_PLAIN}}):
        said = collectstatic(dry_run=True, interactive=True, **options)
    assert tree(root) == {"old.txt": "old"}
    assert "Nothing was changed (--dry-run). It would be: 4 static files" in said
    assert "Pretending to" in said


_PLAIN = {"BACKEND": "miniframe.staticfiles.storage.StaticFilesStorage"}


def test_a_file_that_changed_is_written_anew_even_if_it_got_older(root: Path, project: Path) -> None:
    collectstatic()
    (project / "own/site.css").write_text("changed")
    os.utime(project / "own/site.css", (1, 1))
    assert "1 static file copied" in collectstatic()
    assert (root / "site.css").read_text() == "changed"


def test_links_and_copies_take_each_others_place(root: Path, project: Path) -> None:
    for link in (True, True, False, True):
        collectstatic(link=link)
        assert tree(root) == ALL
        assert (root / "site.css").is_symlink() is link
    (root / "site.css").unlink()
    (root / "site.css").symlink_to(project / "nowhere")
    collectstatic(link=True)
    assert tree(root) == ALL
    assert tree(project / "own") == {"site.css": "own/site.css", "both.css": "own/both.css"}


def test_clear_deletes_everything_and_follows_no_link(root: Path, project: Path) -> None:
    (root / "old/folder").mkdir(parents=True)
    (root / "old/folder/file").write_text("old")
    (root / "broken").symlink_to(project / "nowhere")
    (root / "linked").symlink_to(project / "docs")
    said = collectstatic(clear=True)
    assert tree(root) == ALL
    assert sorted(os.listdir(root)) == ["app", "both.css", "manual", "site.css"]
    assert (project / "docs/guide.txt").exists()
    assert "3 deleted before" in said


def test_clear_never_deletes_what_is_to_be_collected(project: Path, root: Path) -> None:
    with (
        override_settings(STATIC_ROOT=project),
        pytest.raises(CommandError, match=r"--clear would delete .* STATIC_ROOT is .* Set it to a folder of its own"),
    ):
        collectstatic(clear=True)
    assert (project / "own/site.css").exists()


def test_clear_never_deletes_the_project(project: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / "mysite").mkdir(parents=True)
    (root / "mysite/settings.py").write_text("")
    module = ModuleType("mysite_settings")
    module.__file__ = str(root / "mysite/settings.py")
    monkeypatch.setitem(sys.modules, "mysite_settings", module)
    with (
        override_settings(SETTINGS_MODULE="mysite_settings"),
        pytest.raises(CommandError, match=r"--clear would delete .*settings\.py, since STATIC_ROOT is"),
    ):
        collectstatic(clear=True)
    assert (root / "mysite/settings.py").exists()


@pytest.mark.parametrize(
    ("options", "collected"),
    [
        pytest.param({"ignore_patterns": ["*.css"]}, ["app/x.js", "manual/guide.txt"], id="suffix"),
        pytest.param({"ignore_patterns": ["app"]}, ["both.css", "manual/guide.txt", "site.css"], id="folder"),
        pytest.param({"ignore_patterns": ["app/*"]}, ["both.css", "manual/guide.txt", "site.css"], id="path"),
        pytest.param(
            {"use_default_ignore_patterns": False},
            [".hidden", "CVS/x", "app/x.js", "both.css", "manual/guide.txt", "old~", "site.css"],
            id="private-ones-too",
        ),
        pytest.param({}, ["app/x.js", "both.css", "manual/guide.txt", "site.css"], id="private-ones-not"),
    ],
)
def test_what_is_left_out(root: Path, project: Path, options: dict[str, Any], collected: list[str]) -> None:
    for name in (".hidden", "old~", "CVS/x"):
        (project / "own" / name).parent.mkdir(exist_ok=True)
        (project / "own" / name).write_text("x")
    collectstatic(**options)
    assert sorted(tree(root)) == collected


@pytest.mark.parametrize(
    ("typed", "clear", "message"),
    [
        pytest.param("yes\n", False, None, id="yes"),
        pytest.param("no\n", False, "Collecting static files cancelled", id="no"),
        pytest.param("\n", True, "Collecting static files cancelled", id="enter"),
        pytest.param("", False, r"there is nobody to ask\. Add --noinput", id="end-of-input"),
    ],
)
def test_it_asks_before_something_is_lost(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any, typed: str, clear: bool, message: str | None
) -> None:
    root.mkdir()
    collectstatic(interactive=True)  # an empty folder has nothing to lose
    (root / "site.css").write_text("to be overwritten")
    monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
    if message is None:
        collectstatic(interactive=True)
        assert (root / "site.css").read_text() == "own/site.css"
    else:
        with pytest.raises(CommandError, match=message):
            collectstatic(interactive=True, clear=clear)
        assert (root / "site.css").read_text() == "to be overwritten"
    asked = capsys.readouterr().out
    assert ("DELETE ALL FILES" in asked, "overwrite existing files" in asked) == (clear, not clear)


def test_a_missing_static_root_is_told_before_anything_is_asked(root: Path) -> None:
    with override_settings(STATIC_ROOT=None), pytest.raises(ImproperlyConfigured, match="STATIC_ROOT"):
        collectstatic(interactive=True)


def test_hashed_copies_are_made_unless_that_is_switched_off(root: Path) -> None:
    with override_settings(STORAGES=MANIFEST):
        assert "post-processed" not in collectstatic(post_process=False)
        assert not (root / "staticfiles.json").exists()
        assert "4 unmodified, 4 post-processed" in collectstatic()
        assert staticfiles_storage.url("site.css") == "/static/site.cc35776116dd.css"


@pytest.fixture
def broken(project: Path) -> None:
    (project / "own/site.css").write_text("\na { b: url(gone.png) }")
    (project / "own/both.css").write_bytes(b"\xff")


@pytest.mark.usefixtures("broken")
def test_every_broken_reference_is_told_at_once(root: Path, project: Path, capsys: Any) -> None:
    (project / "own/both.css").write_text("@import 'nope.css'")
    with override_settings(STORAGES=MANIFEST), pytest.raises(SystemExit) as end:
        Command().run_from_argv(["manage.py", "collectstatic", "--noinput", "--skip-checks"])
    errors = capsys.readouterr().err
    assert end.value.code == 1
    assert f"{project}/own/site.css, line 2: 'gone.png' leads to the static file 'gone.png'" in errors
    assert f"{project}/own/both.css, line 1: 'nope.css'" in errors
    assert "Post-processing 'site.css' failed!" in errors
    assert "Traceback" not in errors
    assert not (root / "staticfiles.json").exists()


@pytest.mark.usefixtures("broken")
def test_code_that_calls_it_gets_the_exception_itself(root: Path, project: Path) -> None:
    with override_settings(STORAGES=MANIFEST):
        with pytest.raises(UnicodeDecodeError):
            collectstatic()
        (project / "own/both.css").write_text("")
        with pytest.raises(ReferenceNotFound):
            collectstatic()


def test_what_is_not_utf_8_is_named(root: Path, project: Path, capsys: Any) -> None:
    (project / "own/site.css").write_bytes(b"\xff")
    with override_settings(STORAGES=MANIFEST), pytest.raises(SystemExit):
        Command().run_from_argv(["manage.py", "collectstatic", "--noinput", "--skip-checks"])
    assert "CommandError: site.css is not UTF-8" in capsys.readouterr().err


def test_a_folder_that_cannot_be_written_is_one_line(root: Path, capsys: Any) -> None:
    root.write_text("a file")
    with pytest.raises(SystemExit):
        Command().run_from_argv(["manage.py", "collectstatic", "--noinput", "--skip-checks"])
    errors = capsys.readouterr().err
    assert errors.startswith("CommandError: Static files could not be collected:")
    assert "Traceback" not in errors


class Far(InMemoryStorage):
    """A storage elsewhere: it has no paths, and replaces nothing by itself."""

    def path(self, name: object) -> str:
        raise NotImplementedError("far away")


def test_a_storage_elsewhere_is_filled_and_takes_no_links(root: Path, project: Path) -> None:
    far = Far()
    far.save("site.css", ContentFile("old"))
    far.save("gone.css", ContentFile("old"))
    command = Command()
    command.storage = far
    os.utime(project / "own/site.css", (2e9, 2e9))
    said = io.StringIO()
    call_command(command, interactive=False, clear=False, stdout=said)
    with far.open("site.css", "r") as file:
        assert file.read() == "own/site.css"
    assert "4 static files copied, 1 hidden" in said.getvalue()
    call_command(command, interactive=False, clear=True, stdout=io.StringIO())
    assert not far.exists("gone.css")
    with pytest.raises(CommandError, match=r"Can't symlink to a remote destination\."):
        call_command(command, interactive=False, link=True, stdout=io.StringIO())
