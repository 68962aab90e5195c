"""File, ContentFile, and the names that files may have."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from miniframe.exceptions import SuspiciousFileOperation
from miniframe.files import ContentFile, File
from miniframe.files.utils import validate_file_name


@pytest.mark.parametrize(
    "lines",
    [
        [b"one\n", b"two\n", b"three"],
        [b"one\r\n", b"two\r\n", b"\r\n", b"three"],
        [b"one\r", b"two\r", b"\r", b"three"],
        [b"one\r", b"two\r\n", b"three\n"],
        ["eins\n", "zw\xf6lf\r\n", "drei\r", "vier"],
        [],
    ],
)
@pytest.mark.parametrize("chunk_size", [1, 2, 3, 4, 5, 100])
def test_lines_end_where_they_should_wherever_chunks_do(lines: list[Any], chunk_size: int) -> None:
    empty = "" if lines and isinstance(lines[0], str) else b""
    file = ContentFile(empty.join(lines))
    file.DEFAULT_CHUNK_SIZE = chunk_size
    assert list(file) == lines


def test_a_file_has_name_size_and_chunks(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"0123456789")
    with File(path.open("rb")) as file:
        assert (file.name, file.size, len(file), file.mode) == (str(path), 10, 10, "rb")
        assert list(file.chunks(4)) == [b"0123", b"4567", b"89"]
        assert file.multiple_chunks(4)
        assert not file.multiple_chunks()
        assert (file.readable(), file.writable(), file.seekable(), file.closed) == (True, False, True, False)
        assert repr(file) == f"<File: {path}>"
    assert file.closed
    assert (file.readable(), file.writable(), file.seekable()) == (False, False, False)
    with file.open() as again:
        assert again.read() == b"0123456789"


def test_a_closed_file_without_a_name_cannot_be_opened_again() -> None:
    file = File(io.BytesIO(b"x"))
    assert not file
    assert str(file) == ""
    assert repr(file) == "<File: None>"
    assert file.size == 1
    file.close()
    with pytest.raises(ValueError, match="cannot be reopened"):
        file.open()


def test_the_size_of_a_thing_that_tells_nothing_is_unknown() -> None:
    with pytest.raises(AttributeError, match="Unable to determine the file's size"):
        _ = File(object()).size


def test_an_open_file_is_rewound_by_open() -> None:
    file = File(io.BytesIO(b"xy"))
    file.read()
    assert file.open().read() == b"xy"


@pytest.mark.parametrize("content", [b"bytes", "text"])
def test_a_content_file_is_text_or_bytes(content: Any) -> None:
    file = ContentFile(content, name="n")
    assert (file.read(), file.size, file.name, bool(file)) == (content, len(content), "n", True)
    file.write(content)
    assert file.size == 2 * len(content)
    file.close()
    assert file.open().read() == content * 2
    assert str(ContentFile(b"")) == "Raw content"


@pytest.mark.parametrize("name", ["", ".", "..", "a/", "/", "a/..", "a/."])
def test_what_names_no_file_is_refused(name: str) -> None:
    for allow_relative_path in (True, False):
        with pytest.raises(SuspiciousFileOperation, match="Could not derive file name"):
            validate_file_name(name, allow_relative_path)


@pytest.mark.parametrize("name", ["/a", "../a", "a/../b", "..\\a"])
def test_a_name_that_leads_elsewhere_is_refused(name: str) -> None:
    with pytest.raises(SuspiciousFileOperation, match="path traversal"):
        validate_file_name(name, allow_relative_path=True)


def test_folders_are_allowed_only_where_they_are_asked_for() -> None:
    assert validate_file_name("a.txt") == "a.txt"
    assert validate_file_name("a/b.txt", allow_relative_path=True) == "a/b.txt"
    with pytest.raises(SuspiciousFileOperation, match="includes path elements"):
        validate_file_name("a/b.txt")
