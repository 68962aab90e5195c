"""Sessions in files: out of the folder leads no key, what is written is whole, and nobody else can read it."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from miniframe.exceptions import ImproperlyConfigured
from miniframe.management import CommandError, call_command
from miniframe.sessions.backends.base import CreateError, UpdateError
from miniframe.sessions.backends.file import SessionStore
from miniframe.sessions.exceptions import InvalidSessionKey
from miniframe.test.utils import override_settings


@pytest.fixture(autouse=True)
def folder(tmp_path: Path) -> Iterator[Path]:
    engine = "miniframe.sessions.backends.file"
    with override_settings(SESSION_FILE_PATH=tmp_path, SESSION_ENGINE=engine, INSTALLED_APPS=["miniframe.sessions"]):
        yield tmp_path


def saved(expiry: int | None = None) -> SessionStore:
    session = SessionStore()
    session["a"] = 1
    session.set_expiry(expiry)
    session.save()
    return session


@pytest.mark.parametrize("key", ["a/b/c/d/e", "a\\b\\c\\d\\e", "../../passwd", "ABCDEFGH", "aaaaaaaa\0", "a" * 129])
def test_no_key_leads_out_of_the_folder(key: str) -> None:
    with pytest.raises(InvalidSessionKey):
        SessionStore()._key_to_file(key)
    SessionStore().delete(key)  # what cannot be there need not be removed


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_a_file_is_readable_by_its_owner_alone_whatever_the_umask(folder: Path) -> None:
    before = os.umask(0)
    try:
        saved()
    finally:
        os.umask(before)
    assert [file.stat().st_mode & 0o777 for file in folder.iterdir()] == [0o600]


def test_a_reader_sees_the_old_content_or_the_new_and_never_half() -> None:
    session = saved()
    session["text"] = "x" * 50_000
    session.save()
    stop = threading.Event()

    def write() -> None:
        writer = SessionStore(session.session_key)
        while not stop.is_set():
            writer["n"] = writer.get("n", 0) + 1
            writer.save()

    thread = threading.Thread(target=write)
    thread.start()
    try:
        seen = [len(SessionStore(session.session_key).get("text", "")) for _ in range(200)]
    finally:
        stop.set()
        thread.join()
    assert set(seen) == {50_000}


def test_nothing_is_left_of_a_write_that_fails(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    session = saved()

    def fail(*args: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", fail)
    session["a"] = 2
    with pytest.raises(OSError, match="disk full"):
        session.save()
    assert len(list(folder.iterdir())) == 1
    assert SessionStore(session.session_key)["a"] == 1


def test_a_key_that_is_taken_is_not_created_again() -> None:
    session = saved()
    with pytest.raises(CreateError):
        session.save(must_create=True)


def test_a_session_that_was_deleted_meanwhile_does_not_come_back(folder: Path) -> None:
    session = saved()
    SessionStore(session.session_key).delete()
    session["a"] = 2
    with pytest.raises(UpdateError):
        session.save()
    assert list(folder.iterdir()) == []


@pytest.mark.skipif(os.name != "posix", reason="locks are POSIX's")
def test_a_logout_that_comes_while_a_session_is_saved_is_not_undone(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = saved()
    logout = threading.Thread(target=SessionStore(session.session_key).delete)
    replace = os.replace

    def replace_in_the_middle_of_a_logout(old: str, new: str) -> None:
        logout.start()
        logout.join(0.05)
        replace(old, new)

    monkeypatch.setattr(os, "replace", replace_in_the_middle_of_a_logout)
    session.save()
    logout.join(10)
    assert list(folder.iterdir()) == []


@pytest.mark.skipif(os.name != "posix", reason="pipes are POSIX's")
@pytest.mark.parametrize("plant", [os.mkfifo, os.mkdir, lambda path: os.symlink("/dev/zero", path)])
def test_what_a_neighbour_has_planted_is_no_session(plant: Callable[[Any], object], folder: Path) -> None:
    session = saved()
    [file] = folder.iterdir()
    file.unlink()
    plant(file)
    found = SessionStore(session.session_key)
    assert (dict(found.items()), found.session_key) == ({}, None)
    with pytest.raises(UpdateError):
        session.save()
    session.delete()
    call_command("clearsessions", skip_checks=True)


@pytest.mark.parametrize("content", [b"", b"\xff\x00rubbish", b"eyJhIjoxfQ:1abc:sig"])
def test_a_file_with_something_else_in_it_is_an_empty_session(content: bytes, folder: Path) -> None:
    session = saved()
    next(folder.iterdir()).write_bytes(content)
    found = SessionStore(session.session_key)
    assert dict(found.items()) == {}
    # Who put it there may know the key, and wait for somebody to log in under it.
    assert found.session_key is None


def test_seconds_count_from_the_last_save(folder: Path) -> None:
    session = saved(expiry=300)
    file = next(folder.iterdir())
    os.utime(file, (time.time() - 299,) * 2)
    assert "a" in SessionStore(session.session_key)
    os.utime(file, (time.time() - 301,) * 2)
    assert "a" not in SessionStore(session.session_key)
    assert list(folder.iterdir()) == []


def test_clearsessions_removes_what_has_expired_and_nothing_else(folder: Path) -> None:
    old = saved()
    [forgotten] = folder.iterdir()
    lives, dies = saved(3600), saved(-3600)
    (folder / "sessionid.txt").write_text("somebody's notes")
    (folder / "unrelated").write_text("the same")
    unfinished = folder / f"{forgotten.name}.abcdEFG1.tmp"
    unfinished.write_text("half")
    being_written = folder / f"{forgotten.name}.hijkLMN2.tmp"
    being_written.write_text("half")
    long_ago = time.time() - 30 * 86400
    for path in (unfinished, forgotten):
        os.utime(path, (long_ago, long_ago))
    call_command("clearsessions", skip_checks=True)
    assert {path.name for path in folder.iterdir()} == {
        os.path.basename(lives._key_to_file()),
        being_written.name,
        "sessionid.txt",
        "unrelated",
    }
    assert [SessionStore(each.session_key).get("a") for each in (lives, dies, old)] == [1, None, None]


def test_who_can_list_the_folder_learns_no_keys(folder: Path) -> None:
    key = saved().session_key
    assert key is not None
    assert not [path.name for path in folder.iterdir() if key in path.name]


def test_clearsessions_says_when_a_store_cannot(monkeypatch: pytest.MonkeyPatch) -> None:
    def cannot() -> None:
        raise NotImplementedError

    monkeypatch.setattr(SessionStore, "clear_expired", cannot)
    with pytest.raises(CommandError, match="doesn't support clearing expired sessions"):
        call_command("clearsessions", skip_checks=True)


def test_a_folder_that_does_not_exist_is_told() -> None:
    with (
        override_settings(SESSION_FILE_PATH="/no/such/folder"),
        pytest.raises(ImproperlyConfigured, match=r"SESSION_FILE_PATH.*'/no/such/folder'"),
    ):
        SessionStore()


def test_without_a_folder_the_machines_own_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with override_settings(SESSION_FILE_PATH=None):
        assert SessionStore._get_storage_path() == str(tmp_path)
