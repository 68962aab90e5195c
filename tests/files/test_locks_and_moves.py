"""Locks between processes, and files that change their place."""

from __future__ import annotations

import errno
import os
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from miniframe.files import locks, move


def test_an_exclusive_lock_keeps_others_out(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    path.touch()
    with path.open() as one, path.open() as other:
        assert locks.lock(one, locks.LOCK_EX)
        assert not locks.lock(other, locks.LOCK_EX | locks.LOCK_NB)
        assert not locks.lock(other, locks.LOCK_SH | locks.LOCK_NB)
        assert locks.unlock(one)
        assert locks.lock(other, locks.LOCK_EX | locks.LOCK_NB)


def test_shared_locks_go_together(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    path.touch()
    with path.open() as one, path.open() as other:
        assert locks.lock(one, locks.LOCK_SH)
        assert locks.lock(other.fileno(), locks.LOCK_SH | locks.LOCK_NB)


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    old, new = tmp_path / "old", tmp_path / "new"
    old.write_text("content")
    new.write_text("something longer")
    return old, new


@pytest.fixture(params=["renamed", "copied"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    def refuse(*args: object) -> None:
        raise OSError(errno.EXDEV, "another file system")

    if request.param == "copied":
        monkeypatch.setattr("os.rename", refuse)
        monkeypatch.setattr("os.link", refuse)
    return str(request.param)


def test_a_file_moves(pair: tuple[Path, Path], way: str) -> None:
    old, new = pair
    new.unlink()
    old.chmod(0o600)
    move.file_move_safe(old, new)
    assert not old.exists()
    assert new.read_text() == "content"
    assert new.stat().st_mode & 0o777 == 0o600


def test_a_file_replaces_another_only_if_it_may(pair: tuple[Path, Path], way: str) -> None:
    old, new = pair
    with pytest.raises(FileExistsError, match="exists and allow_overwrite is False"):
        move.file_move_safe(old, new)
    move.file_move_safe(old, new, allow_overwrite=True)
    assert new.read_text() == "content"


def test_of_all_who_move_to_one_name_at_once_one_succeeds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = [tmp_path / str(number) for number in range(8)]
    for file in files:
        file.write_text(file.name)
    start = threading.Barrier(len(files))
    samefile, moved = os.path.samefile, []

    def look_and_wait_for_the_others(*paths: Path) -> bool:
        try:
            return samefile(*paths)
        finally:
            start.wait(10)

    def run(file: Path) -> None:
        with suppress(FileExistsError):
            move.file_move_safe(file, tmp_path / "new")
            moved.append(file.name)

    monkeypatch.setattr("os.path.samefile", look_and_wait_for_the_others)
    threads = [threading.Thread(target=run, args=(file,)) for file in files]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert moved == [(tmp_path / "new").read_text()]


def test_a_file_moved_onto_itself_stays(pair: tuple[Path, Path]) -> None:
    move.file_move_safe(pair[0], pair[0])
    assert pair[0].read_text() == "content"


def test_a_file_that_is_not_there_cannot_be_moved(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        move.file_move_safe(tmp_path / "none", tmp_path / "new")


def test_a_file_system_that_keeps_no_modes_is_forgiven(
    pair: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def rename(*args: object) -> None:
        raise OSError(errno.EXDEV, "another file system")

    def refuse(*args: object) -> None:
        raise PermissionError(errno.EPERM, "no modes here")

    monkeypatch.setattr("os.rename", rename)
    monkeypatch.setattr(move, "copystat", refuse)
    monkeypatch.setattr(move, "copymode", refuse)
    move.file_move_safe(*pair, allow_overwrite=True)
    assert pair[1].read_text() == "content"
