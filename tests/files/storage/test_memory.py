"""Files in memory behave as those on disk."""

from __future__ import annotations

import os
from datetime import datetime
from typing import Any

import pytest

from miniframe.exceptions import SuspiciousFileOperation
from miniframe.files import ContentFile
from miniframe.files.storage import InMemoryStorage
from miniframe.files.storage import memory as module
from miniframe.files.uploadedfile import TemporaryUploadedFile


@pytest.fixture
def storage() -> InMemoryStorage:
    return InMemoryStorage(location="/nowhere", base_url="/media/")


@pytest.mark.parametrize(
    ("mode", "written", "read"),
    [
        pytest.param("w", "new ü", "new ü".encode(), id="text"),
        pytest.param("wb", b"new", b"new", id="bytes"),
        pytest.param("a", "+", b"old+", id="append"),
        pytest.param("r+b", b"c", b"cld", id="into-it"),
        pytest.param("w", "a\r\nb\n", b"a\r\nb\n", id="line-ends-are-kept"),
    ],
)
def test_writing(storage: InMemoryStorage, mode: str, written: str | bytes, read: bytes) -> None:
    storage.save("file", ContentFile(b"old"))
    with storage.open("file", mode) as file:
        file.write(written)
    with storage.open("file") as file:
        assert file.read() == read
    assert storage.size("file") == len(read)


@pytest.mark.parametrize(
    ("name", "mode", "error"),
    [
        pytest.param("nope", "rb", FileNotFoundError, id="missing"),
        pytest.param("folder", "rb", IsADirectoryError, id="folder"),
        pytest.param("folder/file", "xb", FileExistsError, id="exclusive"),
        pytest.param("folder/file/below", "wb", FileExistsError, id="below-a-file"),
        pytest.param("../up", "wb", SuspiciousFileOperation, id="outside"),
    ],
)
def test_what_cannot_be_opened(storage: InMemoryStorage, name: str, mode: str, error: type[Exception]) -> None:
    storage.save("folder/file", ContentFile(b"x"))
    with pytest.raises(error):
        storage.open(name, mode)


def test_folders_are_listed_and_deleted_with_what_is_in_them(storage: InMemoryStorage) -> None:
    assert storage.listdir("") == ([], [])
    for name in ("a", "d/b", "d/e/c"):
        storage.save(name, ContentFile(b"x"))
    assert (storage.listdir(""), storage.listdir("./d/.")) == ((["d"], ["a"]), (["e"], ["b"]))
    storage.delete("d/e")
    storage.delete("d/nope")
    storage.delete("no/where")
    assert (storage.exists("d/e/c"), storage.listdir("d")) == (False, ([], ["b"]))
    with pytest.raises(NotADirectoryError):
        storage.listdir("a")
    with pytest.raises(FileNotFoundError):
        storage.size("nope")


def test_a_name_that_is_taken_gets_another(storage: InMemoryStorage) -> None:
    names = {storage.save("file.txt", ContentFile("x")) for _ in range(3)}
    assert len(names) == 3
    assert storage.url("file.txt") == "/media/file.txt"


def test_times_move_with_what_is_done(storage: InMemoryStorage, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(range(1000, 2000))
    monkeypatch.setattr(module, "time", lambda: float(next(clock)))

    def times(name: str) -> list[datetime]:
        return [getattr(storage, f"get_{kind}_time")(name) for kind in ("created", "accessed", "modified")]

    storage.save("d/file", ContentFile(b"x"))
    steps: list[Any] = [times("d/file")]
    storage.open("d/file").close()
    steps.append(times("d/file"))
    with storage.open("d/file", "w") as file:
        file.write("y")
    steps.append(times("d/file"))
    created, accessed, modified = zip(*steps, strict=True)
    assert len(set(created)) == 1
    assert accessed[0] < accessed[1] < accessed[2]
    assert modified[0] == modified[1] < modified[2]
    folder = times("d")
    storage.delete("d/file")
    assert times("d")[0] == folder[0]
    assert times("d")[2] > folder[2]


def test_an_upload_on_disk_is_taken_away_from_there(storage: InMemoryStorage) -> None:
    upload = TemporaryUploadedFile("x", "text/plain", 1, None)
    with upload:
        storage.save("upload", upload)
        assert not os.path.exists(upload.temporary_file_path())
