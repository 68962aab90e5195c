"""ConditionalGetMiddleware: 304 for what the client has already."""

from __future__ import annotations

from typing import Any

import pytest

from miniframe.http import FileResponse, HttpResponse, StreamingHttpResponse
from miniframe.middleware.http import ConditionalGetMiddleware

TAG = '"900150983cd24fb0d6963f7d28e17f72"'  # of "abc"
DATE = "Sat, 12 Feb 2011 17:38:44 GMT"
LATER = "Sat, 12 Feb 2011 17:38:45 GMT"
EARLIER = "Sat, 12 Feb 2011 17:38:43 GMT"


def respond(request: Any, response: Any) -> Any:
    return ConditionalGetMiddleware(lambda request: response)(request)


def test_a_page_gets_a_tag_made_of_its_content(make_request: Any) -> None:
    assert respond(make_request(), HttpResponse("abc"))["ETag"] == TAG


@pytest.mark.parametrize(
    "response",
    [
        pytest.param(HttpResponse(""), id="empty"),
        pytest.param(StreamingHttpResponse(iter([b"abc"])), id="streamed"),
        pytest.param(HttpResponse("abc", headers={"Cache-Control": "No-Cache, No-store"}), id="not-to-be-stored"),
    ],
)
def test_what_nobody_can_compare_gets_none(make_request: Any, response: Any) -> None:
    assert "ETag" not in respond(make_request(), response)


def test_the_view_s_own_tag_stays(make_request: Any) -> None:
    assert respond(make_request(), HttpResponse("abc", headers={"ETag": '"mine"'}))["ETag"] == '"mine"'


@pytest.mark.parametrize(
    ("environ", "headers", "status"),
    [
        pytest.param({"HTTP_IF_NONE_MATCH": TAG}, {}, 304, id="same-tag"),
        pytest.param({"HTTP_IF_NONE_MATCH": f'"x", W/{TAG}'}, {}, 304, id="weak-in-a-list"),
        pytest.param({"HTTP_IF_NONE_MATCH": "*"}, {}, 304, id="any"),
        pytest.param({"HTTP_IF_NONE_MATCH": '"other"'}, {}, 200, id="other-tag"),
        pytest.param({"HTTP_IF_MODIFIED_SINCE": DATE}, {"Last-Modified": DATE}, 304, id="same-time"),
        pytest.param({"HTTP_IF_MODIFIED_SINCE": LATER}, {"Last-Modified": DATE}, 304, id="older"),
        pytest.param({"HTTP_IF_MODIFIED_SINCE": EARLIER}, {"Last-Modified": DATE}, 200, id="newer"),
        pytest.param({"HTTP_IF_MODIFIED_SINCE": "nonsense"}, {"Last-Modified": DATE}, 200, id="no-date"),
        pytest.param(
            {"HTTP_IF_NONE_MATCH": '"other"', "HTTP_IF_MODIFIED_SINCE": DATE},
            {"Last-Modified": DATE},
            200,
            id="the-tag-decides",
        ),
        pytest.param({"HTTP_IF_NONE_MATCH": TAG, "REQUEST_METHOD": "PUT"}, {}, 200, id="too-late-for-412"),
    ],
)
def test_conditions_are_compared(make_request: Any, environ: Any, headers: Any, status: int) -> None:
    assert respond(make_request(**environ), HttpResponse("abc", headers=headers)).status_code == status


def test_errors_stay_errors(make_request: Any) -> None:
    assert respond(make_request(HTTP_IF_NONE_MATCH="*"), HttpResponse("abc", status=404)).status_code == 404


def test_a_304_keeps_what_caches_and_browsers_need(make_request: Any, tmp_path: Any) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"abc")
    response = FileResponse(file.open("rb"), headers={"ETag": TAG, "Vary": "Accept", "X-Other": "1"})
    response.set_cookie("a", "1")
    answer = respond(make_request(HTTP_IF_NONE_MATCH=TAG), response)
    assert (answer.status_code, answer["ETag"], answer["Vary"]) == (304, TAG, "Accept")
    assert "X-Other" not in answer
    assert answer.cookies["a"].value == "1"
    answer.close()
    assert response.file_to_stream.closed
