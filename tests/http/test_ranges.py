"""Parts of files: what is asked for, what is sent, and what is passed over (RFC 9110, section 14)."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from miniframe.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from miniframe.http.ranges import MOST_RANGES, FileSection, parse_range
from miniframe.middleware.gzip import GZipMiddleware
from miniframe.test import Client
from miniframe.test.utils import override_settings
from miniframe.urls import path
from miniframe.views.static import serve

DATA = bytes(range(100))
MTIME = 1_700_000_000
DATE = "Tue, 14 Nov 2023 22:13:20 GMT"


@pytest.mark.parametrize(
    ("field", "ranges"),
    [
        pytest.param("bytes=0-0", [(0, 0)], id="one-octet"),
        pytest.param("bytes=0-", [(0, 99)], id="all"),
        pytest.param("bytes=90-", [(90, 99)], id="from"),
        pytest.param("bytes=-10", [(90, 99)], id="suffix"),
        pytest.param("bytes=-1000", [(0, 99)], id="suffix-longer-than-the-file"),
        pytest.param("bytes=95-1000", [(95, 99)], id="last-behind-the-end"),
        pytest.param(f"bytes=95-{'9' * 400}", [(95, 99)], id="a-number-of-400-digits"),
        pytest.param("bytes=007-008", [(7, 8)], id="leading-zeros"),
        pytest.param("BYTES=1-2", [(1, 2)], id="unit-in-capitals"),
        pytest.param("bytes=1-2,  5-6\t,-1", [(1, 2), (5, 6), (99, 99)], id="several"),
        pytest.param("bytes=50-60,1-2", [(50, 60), (1, 2)], id="order-is-kept"),
        pytest.param("bytes=0-0,1-1", [(0, 0), (1, 1)], id="side-by-side"),
        pytest.param("bytes=,1-2,,", [(1, 2)], id="empty-elements"),
        pytest.param("bytes=1-2,100-", [(1, 2)], id="one-of-two-behind-the-end"),
        pytest.param("bytes=100-", [], id="behind-the-end"),
        pytest.param(f"bytes={'9' * 400}-", [], id="far-behind-the-end"),
        pytest.param("bytes=-0", [], id="no-octets"),
        pytest.param("bytes=5-4", None, id="backwards"),
        pytest.param("bytes=0-1,5-4", None, id="one-backwards-spoils-all"),
        pytest.param("bytes=0-10,5-20", None, id="overlap"),
        pytest.param("bytes=0-10,10-20", None, id="overlap-in-one-octet"),
        pytest.param("bytes=0-,0-,0-", None, id="the-same-again"),
        pytest.param("bytes=" + ",".join(f"{n}-{n}" for n in range(MOST_RANGES + 1)), None, id="too-many"),
        pytest.param("bytes=" + "," * 600 + "0-1", None, id="too-long"),
        pytest.param("lines=0-1", None, id="another-unit"),
        pytest.param("bytes", None, id="no-set"),
        pytest.param("bytes=", None, id="empty-set"),
        pytest.param("bytes=-", None, id="a-dash"),
        pytest.param("bytes=--1", None, id="two-dashes"),
        pytest.param("bytes=1", None, id="no-dash"),
        pytest.param("bytes=+1-2", None, id="sign"),
        pytest.param("bytes=1_0-20", None, id="underscore"),
        pytest.param("bytes=0x1-2", None, id="hexadecimal"),
        pytest.param("bytes=\u0661-\u0662", None, id="digits-of-another-script"),
        pytest.param("bytes=1 -2", None, id="blank-inside"),
        pytest.param("bytes =1-2", None, id="blank-after-the-unit"),
        pytest.param("0-1", None, id="no-unit"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_a_field_is_read_as_ranges_of_a_file(field: str, ranges: list[tuple[int, int]] | None) -> None:
    assert parse_range(field, 100) == ranges


@pytest.mark.parametrize(("field", "ranges"), [("bytes=0-", []), ("bytes=0-5", []), ("bytes=-5", None)])
def test_an_empty_file_has_no_first_octet(field: str, ranges: Any) -> None:
    assert parse_range(field, 0) == ranges


def test_a_section_ends_before_its_file() -> None:
    file = io.BytesIO(DATA)
    file.seek(10)
    section = FileSection(file, 5)
    assert (section.read(2), section.read(99), section.read(), section.read(1)) == (DATA[10:12], DATA[12:15], b"", b"")
    assert FileSection(file, 3).read() == DATA[15:18]


# Through the whole framework.


class NoSeek(io.BytesIO):
    """As a pipe is."""

    def seekable(self) -> bool:
        return False


def positioned() -> io.BytesIO:
    file = io.BytesIO(DATA)
    file.seek(40)
    return file


def tagged(request: HttpRequest) -> FileResponse:
    headers = {"ETag": '"v1"', "Last-Modified": DATE, "Cache-Control": "max-age=60"}
    return FileResponse(io.BytesIO(DATA), filename="a.bin", headers=headers)


def closing(request: HttpRequest) -> FileResponse:
    file = io.BytesIO(DATA)
    request.META["test.file"] = file
    return FileResponse(file)


def odd_length(request: HttpRequest) -> FileResponse:
    response = FileResponse(io.BytesIO(DATA))
    response.headers["Content-Length"] = "many"
    return response


VIEWS = {
    "whole": lambda request: FileResponse(io.BytesIO(DATA), content_type="text/x"),
    "tagged": tagged,
    "weak": lambda request: FileResponse(io.BytesIO(DATA), headers={"ETag": 'W/"v1"'}),
    "positioned": lambda request: FileResponse(positioned()),
    "closing": closing,
    "empty": lambda request: FileResponse(io.BytesIO(b"")),
    "pipe": lambda request: FileResponse(NoSeek(DATA)),
    "pieces": lambda request: FileResponse([DATA]),
    "stream": lambda request: StreamingHttpResponse([DATA]),
    "page": lambda request: HttpResponse(DATA),
    "odd-length": odd_length,
    "missing": lambda request: FileResponse(io.BytesIO(DATA), status=404),
    "partial": lambda request: FileResponse(io.BytesIO(b"x"), status=206, headers={"Content-Range": "bytes 0-0/9"}),
    "refusing": lambda request: FileResponse(io.BytesIO(DATA), headers={"Accept-Ranges": "none"}),
}

urlpatterns = [path(name, view) for name, view in VIEWS.items()]


@pytest.fixture
def client() -> Iterator[Client]:
    with override_settings(ROOT_URLCONF=__name__, MIDDLEWARE=[]):
        yield Client()


def fetch(client: Client, address: str, asked: str | None = "bytes=10-19", **headers: str) -> Any:
    response: Any = client.get(address, headers=headers | ({"range": asked} if asked is not None else {}))
    response.body = b"".join(response)
    return response


@pytest.mark.parametrize(
    ("asked", "body", "content_range"),
    [
        pytest.param("bytes=0-0", DATA[:1], "bytes 0-0/100", id="first"),
        pytest.param("bytes=10-19", DATA[10:20], "bytes 10-19/100", id="middle"),
        pytest.param("bytes=-5", DATA[95:], "bytes 95-99/100", id="suffix"),
        pytest.param("bytes=0-", DATA, "bytes 0-99/100", id="all"),
        pytest.param("bytes=98-200,500-", DATA[98:], "bytes 98-99/100", id="one-of-two-can-be-had"),
    ],
)
def test_a_range_is_answered_with_206(client: Client, asked: str, body: bytes, content_range: str) -> None:
    response = fetch(client, "/whole", asked)
    assert (response.status_code, response.reason_phrase) == (206, "Partial Content")
    assert response.body == body
    assert response.headers["Content-Range"] == content_range
    assert response.headers["Content-Length"] == str(len(body))
    assert response.headers["Content-Type"] == "text/x"


def test_without_the_field_the_whole_file_is_sent_and_parts_are_offered(client: Client) -> None:
    response = fetch(client, "/whole", None)
    assert (response.status_code, response.body) == (200, DATA)
    assert response.headers["Accept-Ranges"] == "bytes"
    assert "Content-Range" not in response.headers


def test_ranges_count_from_where_the_file_stood(client: Client) -> None:
    response = fetch(client, "/positioned", "bytes=5-9")
    assert (response.body, response.headers["Content-Range"]) == (DATA[45:50], "bytes 5-9/60")


def test_what_cannot_be_had_is_answered_with_416_and_the_length(client: Client) -> None:
    response = fetch(client, "/tagged", "bytes=100-")
    assert (response.status_code, response.body) == (416, b"")
    assert dict(response.headers.items()) == {
        "Accept-Ranges": "bytes",
        "Content-Range": "bytes */100",
        "Content-Length": "0",
    }
    assert fetch(client, "/empty", "bytes=0-").headers["Content-Range"] == "bytes */0"


def test_several_ranges_are_the_parts_of_one_body(client: Client) -> None:
    response = fetch(client, "/whole", "bytes=0-1,98-")
    assert response.status_code == 206
    assert "Content-Range" not in response.headers
    kind, _, boundary = response.headers["Content-Type"].partition("; boundary=")
    assert kind == "multipart/byteranges"
    mark = boundary.encode()
    assert response.body == (
        b"--" + mark + b"\r\nContent-Type: text/x\r\nContent-Range: bytes 0-1/100\r\n\r\n" + DATA[:2] +
        b"\r\n--" + mark + b"\r\nContent-Type: text/x\r\nContent-Range: bytes 98-99/100\r\n\r\n" + DATA[98:] +
        b"\r\n--" + mark + b"--\r\n"
    )  # fmt: skip
    assert response.headers["Content-Length"] == str(len(response.body))


def test_long_parts_are_sent_block_by_block_from_where_the_file_stood(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("miniframe.http.ranges._BLOCK", 4)
    body = fetch(client, "/positioned", "bytes=0-9,50-").body
    assert [part.partition(b"\r\n\r\n")[2] for part in body.split(b"\r\n--")[:2]] == [DATA[40:50], DATA[90:]]


@pytest.mark.parametrize("asked", ["bytes=0-5,3-9", "bytes=5-1", "lines=1-2", "bytes=" + "0-0," * 20], ids=str)
def test_a_field_that_is_no_good_is_passed_over(client: Client, asked: str) -> None:
    response = fetch(client, "/whole", asked)
    assert (response.status_code, response.body) == (200, DATA)


@pytest.mark.parametrize(
    ("address", "condition", "status"),
    [
        pytest.param("/tagged", '"v1"', 206, id="same-tag"),
        pytest.param("/tagged", '"v2"', 200, id="another-tag"),
        pytest.param("/tagged", 'W/"v1"', 200, id="weak-tag-asked"),
        pytest.param("/weak", 'W/"v1"', 200, id="weak-tag-both"),
        pytest.param("/weak", '"v1"', 200, id="weak-tag-here"),
        pytest.param("/tagged", DATE, 206, id="same-date"),
        pytest.param("/tagged", "Tue, 14 Nov 2023 22:13:21 GMT", 200, id="later-date"),
        pytest.param("/tagged", "Tuesday", 200, id="no-date"),
        pytest.param("/tagged", "*", 200, id="star"),
        pytest.param("/tagged", '"v1", "v2"', 200, id="a-list"),
        pytest.param("/tagged", "", 200, id="empty"),
        pytest.param("/whole", DATE, 200, id="file-without-date"),
        pytest.param("/whole", '"v1"', 200, id="file-without-tag"),
    ],
)
def test_if_range_must_name_the_very_file(client: Client, address: str, condition: str, status: int) -> None:
    assert fetch(client, address, if_range=condition).status_code == status


@pytest.mark.parametrize("address", ["/pipe", "/pieces", "/stream", "/page", "/odd-length"])
def test_only_files_of_known_length_have_parts(client: Client, address: str) -> None:
    response = fetch(client, address)
    assert (response.status_code, response.body) == (200, DATA)
    assert "Accept-Ranges" not in response.headers


def test_only_a_whole_file_that_was_found_has_parts(client: Client) -> None:
    assert fetch(client, "/missing").status_code == 404
    assert fetch(client, "/partial").headers["Content-Range"] == "bytes 0-0/9"


def test_a_view_may_refuse_ranges(client: Client) -> None:
    response = fetch(client, "/refusing")
    assert (response.status_code, response.headers["Accept-Ranges"]) == (200, "none")


@pytest.mark.parametrize("method", ["head", "post", "options"])
def test_other_methods_than_get_pass_the_field_over(client: Client, method: str) -> None:
    response = getattr(client, method)("/whole", headers={"range": "bytes=0-1"})
    assert (response.status_code, response.headers["Content-Length"]) == (200, "100")
    assert response.headers["Accept-Ranges"] == "bytes"


@pytest.mark.parametrize("asked", ["bytes=1-2", "bytes=1-2,5-6", "bytes=500-"], ids=["one", "two", "none"])
def test_the_file_is_closed_whatever_was_asked(client: Client, asked: str) -> None:
    response = fetch(client, "/closing", asked)
    assert response.wsgi_request.META["test.file"].closed


def test_a_compressed_answer_has_no_parts(client: Client) -> None:
    with override_settings(MIDDLEWARE=[f"{GZipMiddleware.__module__}.GZipMiddleware"]):
        response = fetch(client, "/whole", accept_encoding="gzip")
    assert (response.status_code, response.headers["Content-Encoding"]) == (200, "gzip")
    assert "Accept-Ranges" not in response.headers


def test_a_condition_goes_before_the_range(client: Client) -> None:
    with override_settings(MIDDLEWARE=["miniframe.middleware.http.ConditionalGetMiddleware"]):
        assert fetch(client, "/tagged", if_none_match='"v1"').status_code == 304
        assert fetch(client, "/tagged", if_none_match='"v2"').status_code == 206


def test_static_files_have_parts_by_date_and_tag(tmp_path: Path) -> None:
    (tmp_path / "film.mp4").write_bytes(DATA)
    os.utime(tmp_path / "film.mp4", (MTIME, MTIME))
    routes = type("Routes", (), {"urlpatterns": [path("<path:path>", serve, {"document_root": tmp_path})]})
    with override_settings(ROOT_URLCONF=routes, DEBUG=True):
        client = Client()
        response = fetch(client, "/film.mp4", if_range=DATE)
        assert (response.status_code, response.body) == (206, DATA[10:20])
        assert response.headers["Content-Type"] == "video/mp4"
        assert fetch(client, "/film.mp4", if_range=response.headers["ETag"]).status_code == 206
        assert fetch(client, "/film.mp4", if_modified_since=DATE).status_code == 304
