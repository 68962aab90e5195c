"""Streams and files."""

from __future__ import annotations

import io
import os
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from miniframe.files import ContentFile
from miniframe.http import FileResponse, StreamingHttpResponse


class Closing:
    """Pieces that remember whether they were closed."""

    closed = 0

    def __iter__(self) -> Iterator[str]:
        return iter(["a", "é"])

    def close(self) -> None:
        self.closed += 1


async def asynchronous() -> AsyncIterator[str]:
    for piece in ("a", "b"):
        yield piece


def test_a_stream_is_sent_once_as_bytes() -> None:
    response = StreamingHttpResponse(iter(["a", b"b", 3, "é"]), status=201, content_type="text/plain")
    assert response.streaming
    assert repr(response) == '<StreamingHttpResponse status_code=201, "text/plain">'
    assert list(response) == [b"a", b"b", b"3", "é".encode()]
    assert list(response) == []


def test_a_list_is_streamed_once_too() -> None:
    response = StreamingHttpResponse(["a", "b"])
    assert response.getvalue() == b"ab"
    assert response.getvalue() == b""


def test_a_stream_makes_nothing_before_it_is_asked() -> None:
    made = []

    def pieces() -> Iterator[str]:
        for number in range(3):
            made.append(number)
            yield str(number)

    response = StreamingHttpResponse(pieces())
    assert made == []
    stream = iter(response)
    assert next(stream) == b"0"
    assert made == [0]


def test_a_stream_can_be_wrapped_by_middleware() -> None:
    response = StreamingHttpResponse(["a", "b"])
    response.streaming_content = (piece.upper() for piece in response.streaming_content)
    assert response.getvalue() == b"AB"


def test_a_stream_has_no_content_and_no_text() -> None:
    response = StreamingHttpResponse()
    with pytest.raises(AttributeError, match="Use `streaming_content` instead"):
        _ = response.content
    with pytest.raises(AttributeError, match="no `text` attribute"):
        _ = response.text
    with pytest.raises(OSError, match="not writable"):
        response.write("x")


def test_a_streams_source_is_closed_with_the_response() -> None:
    source = Closing()
    response = StreamingHttpResponse(source)
    response.close()
    response.close()
    assert source.closed == 1


def test_every_wrapped_source_is_closed() -> None:
    first, second = Closing(), Closing()
    response = StreamingHttpResponse(first)
    response.streaming_content = second
    response.close()
    assert (first.closed, second.closed) == (1, 1)


def test_an_asynchronous_stream_is_run_to_its_end_with_a_warning() -> None:
    response = StreamingHttpResponse(asynchronous())
    assert response.is_async
    with pytest.warns(Warning, match="must consume asynchronous iterators"):
        assert list(response) == [b"a", b"b"]


def test_streams_can_be_iterated_asynchronously() -> None:
    import asyncio

    async def collect(response: StreamingHttpResponse) -> list[bytes]:
        return [piece async for piece in response]

    assert asyncio.run(collect(StreamingHttpResponse(asynchronous()))) == [b"a", b"b"]
    with pytest.warns(Warning, match="must consume synchronous iterators"):
        assert asyncio.run(collect(StreamingHttpResponse(["a"]))) == [b"a"]


# Files.


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "page.html"
    path.write_bytes(b"0123456789")
    return path


def test_contract_61_a_file_response_is_sent_in_blocks_and_closes_its_file(page: Path) -> None:
    file = page.open("rb")
    response = FileResponse(file)
    response.block_size = 4
    assert response.file_to_stream is file
    assert list(response) == [b"0123", b"4567", b"89"]
    assert not file.closed
    response.close()
    assert file.closed


def test_contract_61_a_file_response_may_be_made_of_other_things() -> None:
    response = FileResponse(["a", "b"])
    assert response.file_to_stream is None
    assert response.getvalue() == b"ab"
    assert "Content-Length" not in response


def test_a_file_tells_length_type_and_name(page: Path) -> None:
    response = FileResponse(page.open("rb"))
    assert dict(response.items()) == {
        "Content-Type": "text/html",
        "Content-Length": "10",
        "Content-Disposition": 'inline; filename="page.html"',
    }
    response.close()


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("a.txt", "text/plain"),
        ("a.tar.gz", "application/gzip"),
        ("a.tar.bz2", "application/x-bzip"),
        ("a.tar.xz", "application/x-xz"),
        ("a.unknown", "application/octet-stream"),
        ("", "application/octet-stream"),
    ],
)
def test_the_content_type_comes_from_the_name(name: str, content_type: str) -> None:
    assert FileResponse(io.BytesIO(b"x"), filename=name)["Content-Type"] == content_type
    assert FileResponse(io.BytesIO(b"x"), filename=name, content_type="a/b")["Content-Type"] == "a/b"


@pytest.mark.parametrize(
    ("arguments", "disposition"),
    [
        ({}, None),
        ({"as_attachment": True}, "attachment"),
        ({"filename": "a.txt"}, 'inline; filename="a.txt"'),
        ({"filename": "/etc/a.txt", "as_attachment": True}, 'attachment; filename="a.txt"'),
        ({"filename": 'a"b\\c.txt'}, 'inline; filename="a\\"b\\\\c.txt"'),
        ({"filename": "é €.txt"}, "inline; filename*=utf-8''%C3%A9%20%E2%82%AC.txt"),
        ({"filename": "a\r\nX: y"}, "inline; filename*=utf-8''a%0D%0AX%3A%20y"),
    ],
)
def test_the_name_is_offered_to_the_browser(arguments: dict[str, Any], disposition: str | None) -> None:
    assert FileResponse(io.BytesIO(b"x"), **arguments).get("Content-Disposition") == disposition


def test_the_length_counts_from_the_files_position(page: Path) -> None:
    file = page.open("rb")
    file.seek(7)
    response = FileResponse(file)
    assert response["Content-Length"] == "3"
    assert response.getvalue() == b"789"
    response.close()
    assert FileResponse(ContentFile(b"abc"))["Content-Length"] == "3"


def test_a_file_that_can_seek_but_not_tell_is_measured_by_reading() -> None:
    class Untold(io.BytesIO):
        def __getattribute__(self, name: str) -> Any:
            if name == "tell":
                raise AttributeError(name)
            return super().__getattribute__(name)

    file = Untold(b"0123456789")
    file.seek(4)
    response = FileResponse(file)
    assert response["Content-Length"] == "6"
    assert response.getvalue() == b"456789"


def test_a_file_of_text_comes_to_its_end() -> None:
    assert list(FileResponse(io.StringIO("abc"))) == [b"abc"]


def test_a_pipe_has_no_length_and_is_streamed(tmp_path: Path) -> None:
    read_end, write_end = os.pipe()

    def write() -> None:
        with os.fdopen(write_end, "wb") as pipe:
            pipe.write(b"through the pipe")

    writer = threading.Thread(target=write)
    writer.start()
    response = FileResponse(os.fdopen(read_end, "rb"))
    assert "Content-Length" not in response
    assert response.getvalue() == b"through the pipe"
    writer.join(10)
    response.close()
