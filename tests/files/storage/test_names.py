"""Names in a storage: a free one is found, a dangerous one refused, whatever visitors call their files."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from miniframe.exceptions import SuspiciousFileOperation
from miniframe.files import ContentFile
from miniframe.files.storage import FileSystemStorage, InMemoryStorage, Storage


@pytest.mark.parametrize(
    ("name", "generated"),
    [
        pytest.param("my photo (1).jpg", "my_photo_1.jpg", id="blanks"),
        pytest.param("2026/11/a.txt", "2026/11/a.txt", id="folders"),
        pytest.param("2026\\11\\a.txt", "2026/11/a.txt", id="windows-folders"),
        pytest.param("./././a.txt", "a.txt", id="dots"),
        pytest.param("größe.txt", "größe.txt", id="letters"),
        pytest.param("a\x00b.txt", "ab.txt", id="nul"),
    ],
)
def test_generate_filename(name: str, generated: str) -> None:
    assert Storage().generate_filename(name) == generated


@pytest.mark.parametrize("name", ["", ".", "..", "/tmp/..", "../a", "a/../../b", "..\\a", "/tmp/../a"])
def test_names_that_lead_upwards_or_nowhere_are_refused(name: str) -> None:
    for choose in (Storage().generate_filename, InMemoryStorage().get_available_name):
        with pytest.raises(SuspiciousFileOperation):
            choose(name)


@pytest.mark.parametrize("name", ["/etc/passwd", "../up.txt", "a/../../up.txt", "\\etc\\passwd", "..", "a\x00b"])
def test_nothing_is_saved_outside(tmp_path: Path, name: str) -> None:
    (tmp_path / "inside").mkdir()
    storage = FileSystemStorage(tmp_path / "inside")
    with pytest.raises(SuspiciousFileOperation):
        storage.save(name, ContentFile(b"x"))
    assert [path.name for path in tmp_path.rglob("*")] == ["inside"]


@pytest.mark.parametrize("method", ["open", "delete", "exists", "size", "listdir", "get_modified_time"])
@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "a\x00b"])
def test_nothing_outside_is_reached(tmp_path: Path, method: str, name: str) -> None:
    with pytest.raises(SuspiciousFileOperation):
        getattr(FileSystemStorage(tmp_path), method)(name)


def test_a_name_that_is_taken_gets_seven_characters(tmp_path: Path) -> None:
    storage = FileSystemStorage(tmp_path)
    names = [storage.save("folder.d/data.tar.gz", ContentFile(b"x")) for _ in range(2)]
    assert names[0] == "folder.d/data.tar.gz"
    assert re.fullmatch(r"folder\.d/data_[A-Za-z0-9]{7}\.tar\.gz", names[1])


def test_max_length_shortens_the_name_and_keeps_the_suffix(tmp_path: Path) -> None:
    name = FileSystemStorage(tmp_path).save("a-long-name.txt", ContentFile(b"x"), max_length=14)
    assert re.fullmatch(r"a-_[A-Za-z0-9]{7}\.txt", name)


def test_a_max_length_without_room_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SuspiciousFileOperation, match="can not find an available filename"):
        FileSystemStorage(tmp_path).save("a.longsuffix", ContentFile(b"x"), max_length=9)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("x" * 300 + ".txt", id="ascii"),
        pytest.param("ü" * 200 + ".txt", id="two-bytes-a-letter"),
        pytest.param("😀" * 100, id="four-bytes-no-suffix"),
        pytest.param("a." + "x" * 300, id="long-suffix"),
    ],
)
def test_a_name_longer_than_file_systems_take_is_shortened(tmp_path: Path, name: str) -> None:
    storage = FileSystemStorage(tmp_path)
    saved = [storage.save(name, ContentFile(b"x")) for _ in range(2)]
    assert len(set(saved)) == 2
    assert all(storage.size(each) == 1 and len(each.encode()) <= 255 for each in saved)
    assert name.startswith("a.") or saved[0].endswith(".txt") == name.endswith(".txt")


def test_a_subclass_that_chooses_a_bad_name_is_stopped(tmp_path: Path) -> None:
    class Careless(FileSystemStorage):
        def get_available_name(self, name: object, max_length: int | None = None) -> str:
            return f"../{name}"

    with pytest.raises(SuspiciousFileOperation):
        Careless(tmp_path).save("a.txt", ContentFile(b"x"))


@pytest.mark.parametrize(
    "method", ["delete", "exists", "listdir", "size", "url", "get_accessed_time", "get_created_time", "open"]
)
def test_the_base_class_says_which_method_a_backend_lacks(method: str) -> None:
    with pytest.raises(NotImplementedError, match=rf"must provide a _?{method}\(\) method"):
        getattr(Storage(), method)("a")
    with pytest.raises(NotImplementedError, match="doesn't support absolute paths"):
        Storage().path("a")
