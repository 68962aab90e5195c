"""GZipMiddleware: compressed where the client takes it and it helps."""

from __future__ import annotations

import gzip
import random
from typing import Any

import pytest

from miniframe.http import HttpResponse, StreamingHttpResponse
from miniframe.middleware.gzip import GZipMiddleware

TEXT = b"compress me " * 100
NOISE = random.Random(1).randbytes(500)


def respond(request: Any, response: Any) -> Any:
    return GZipMiddleware(lambda request: response)(request)


def test_a_long_page_is_compressed(make_request: Any) -> None:
    response = respond(make_request(HTTP_ACCEPT_ENCODING="br, gzip"), HttpResponse(TEXT, headers={"ETag": '"x"'}))
    assert gzip.decompress(response.content) == TEXT
    assert response["Content-Encoding"] == "gzip"
    assert response["Content-Length"] == str(len(response.content))
    assert response["Vary"] == "Accept-Encoding"
    assert response["ETag"] == 'W/"x"'


@pytest.mark.parametrize(
    ("accepted", "response", "varies"),
    [
        pytest.param("gzip", HttpResponse(b"short"), False, id="short"),
        pytest.param("gzip", HttpResponse(TEXT, headers={"Content-Encoding": "br"}), False, id="compressed-already"),
        pytest.param("br", HttpResponse(TEXT), True, id="not-accepted"),
        pytest.param("", HttpResponse(TEXT), True, id="nothing-accepted"),
        pytest.param("gzip", HttpResponse(NOISE), True, id="no-gain"),
    ],
)
def test_other_pages_are_left_alone(make_request: Any, accepted: str, response: Any, varies: bool) -> None:
    before = response.content
    after = respond(make_request(HTTP_ACCEPT_ENCODING=accepted), response)
    assert after.content == before
    assert ("Vary" in after) is varies


def test_a_stream_is_compressed_chunk_by_chunk(make_request: Any) -> None:
    response = StreamingHttpResponse(iter([TEXT, TEXT]), headers={"Content-Length": "2400"})
    compressed = respond(make_request(HTTP_ACCEPT_ENCODING="gzip"), response)
    assert gzip.decompress(b"".join(compressed)) == TEXT * 2
    assert "Content-Length" not in compressed


def test_the_length_of_equal_pages_varies(make_request: Any) -> None:
    request = make_request(HTTP_ACCEPT_ENCODING="gzip")
    assert len({len(respond(request, HttpResponse(TEXT)).content) for _ in range(30)}) > 1


def test_a_stream_of_events_is_left_alone(make_request: Any) -> None:
    stream = StreamingHttpResponse(iter([b"data: 1\n\n"]), content_type="text/event-stream; charset=utf-8")
    response = GZipMiddleware(lambda request: stream)(make_request(HTTP_ACCEPT_ENCODING="gzip"))
    assert "Content-Encoding" not in response
    assert list(response) == [b"data: 1\n\n"]
