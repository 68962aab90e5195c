"""Uploaded files: their names, and where they are."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from miniframe.exceptions import SuspiciousFileOperation
from miniframe.files.uploadedfile import (
    InMemoryUploadedFile,
    SimpleUploadedFile,
    TemporaryUploadedFile,
    UploadedFile,
)
from miniframe.test.utils import override_settings


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("a.txt", "a.txt"),
        ("/etc/passwd", "passwd"),
        ("../../a", "a"),
        ("x" * 300, "x" * 255),
        ("x" * 300 + ".txt", "x" * 251 + ".txt"),
        ("a." + "x" * 300, "." + "x" * 254),
        (None, None),
    ],
)
def test_a_name_is_one_of_a_file_and_not_too_long(given: str | None, name: str | None) -> None:
    assert UploadedFile(name=given).name == name


@pytest.mark.parametrize("name", ["", "..", "/", "a/.."])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(SuspiciousFileOperation):
        UploadedFile(name=name)


def test_a_simple_upload_is_in_memory() -> None:
    file = SimpleUploadedFile("a.txt", b"content")
    assert isinstance(file, InMemoryUploadedFile)
    assert (file.size, file.content_type, repr(file)) == (7, "text/plain", "<SimpleUploadedFile: a.txt (text/plain)>")
    assert list(file.chunks()) == [b"content"]
    assert not file.multiple_chunks(1)
    assert file.open().read() == b"content"
    assert SimpleUploadedFile("a", None).size == 0
    again = SimpleUploadedFile.from_dict({"filename": "b", "content": b"x", "content-type": "a/b"})
    assert (again.name, again.content_type) == ("b", "a/b")


def test_a_temporary_upload_is_where_the_settings_say_and_goes_when_closed(tmp_path: Path) -> None:
    with override_settings(FILE_UPLOAD_TEMP_DIR=str(tmp_path)):
        file = TemporaryUploadedFile("a.txt", "text/plain", 1, None)
    path = Path(file.temporary_file_path())
    assert path.parent == tmp_path
    assert path.name.endswith(".upload.txt")
    file.close()
    assert not path.exists()


def test_a_temporary_upload_may_be_moved_away() -> None:
    file = TemporaryUploadedFile("a.txt", "text/plain", 1, None)
    os.remove(file.temporary_file_path())
    file.close()
