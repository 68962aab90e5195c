"""Files of one's own, in a folder where others may write too."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from miniframe.files import locks
from miniframe.files.own import locked_own, open_own

pytestmark = pytest.mark.skipif(os.name != "posix", reason="users, pipes and locks are POSIX's")


@pytest.mark.parametrize(
    "plant",
    [
        pytest.param(os.mkfifo, id="pipe"),
        pytest.param(os.mkdir, id="folder"),
        pytest.param(lambda path: os.symlink("/etc/passwd", path), id="link"),
        pytest.param(lambda path: os.symlink(path, path), id="link-to-itself"),
        pytest.param(lambda path: None, id="nothing"),
    ],
)
def test_what_is_no_file_is_absent(plant: Callable[[str], object], tmp_path: Path) -> None:
    path = str(tmp_path / "file")
    plant(path)
    with pytest.raises(FileNotFoundError):
        open_own(path)
    with pytest.raises(FileNotFoundError), locked_own(path):
        pass


def test_another_users_file_is_absent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    path.write_text("x")
    with open_own(str(path)) as file:
        assert file.read() == b"x"
    monkeypatch.setattr(os, "geteuid", lambda: path.stat().st_uid + 1)
    with pytest.raises(FileNotFoundError, match="is no file of this user's"):
        open_own(str(path))


def test_a_lock_is_of_the_file_that_is_there_when_it_is_had(tmp_path: Path) -> None:
    path, new = tmp_path / "file", tmp_path / "new"
    path.write_text("old")
    new.write_text("new")
    seen: list[tuple[str, bool]] = []

    def look() -> None:
        with locked_own(str(path)), path.open() as file:
            seen.append((file.read(), bool(locks.lock(file, locks.LOCK_EX | locks.LOCK_NB))))

    thread = threading.Thread(target=look)
    with locked_own(str(path)):
        thread.start()
        thread.join(0.05)
        new.rename(path)
        assert seen == []
    thread.join(10)
    assert seen == [("new", False)]  # nobody else gets the lock of the new one


def test_a_system_without_locks_does_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    path.write_text("x")
    monkeypatch.setattr(locks, "fcntl", None)
    with locked_own(str(path)):
        path.unlink()
