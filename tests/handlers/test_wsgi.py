"""The application as a server calls it: environ in, status, headers and content out."""

from __future__ import annotations

import io
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from wsgiref.handlers import SimpleHandler
from wsgiref.util import FileWrapper
from wsgiref.validate import validator

import pytest

from miniframe.exceptions import BadHeaderError, UnreadablePostError
from miniframe.handlers.wsgi import LimitedStream, WSGIHandler, WSGIRequest, get_path_info, get_script_name
from miniframe.http import FileResponse, HttpResponse, HttpResponseBase, StreamingHttpResponse
from miniframe.signals import request_finished, request_started
from miniframe.test.utils import override_settings
from miniframe.urls import path, reverse


def hello(request: Any) -> HttpResponse:
    return HttpResponse("hello", content_type="text/plain")


@contextmanager
def heard() -> Iterator[list[str]]:
    """Collect the names of the request signals as they are sent."""
    events: list[str] = []

    def started(sender: Any, environ: dict[str, Any], **kwargs: Any) -> None:
        events.append(f"started by {sender.__name__} for {environ['PATH_INFO']}")

    def finished(sender: Any, **kwargs: Any) -> None:
        events.append(f"finished by {sender.__name__}")

    request_started.connect(started)
    request_finished.connect(finished)
    try:
        yield events
    finally:
        request_started.disconnect(started)
        request_finished.disconnect(finished)


def test_contract_46_the_validator_of_pep_3333_has_no_complaint(make_site: Any) -> None:
    site = make_site(path("", hello))
    application = validator(site.handler)
    environ: dict[str, Any] = {"QUERY_STRING": ""}
    from wsgiref.util import setup_testing_defaults

    setup_testing_defaults(environ)
    environ["HTTP_HOST"] = "localhost"
    heads: list[Any] = []

    def start_response(status: str, headers: Any, exc_info: Any = None) -> Any:
        heads.append(status)
        return lambda data: None

    body = application(environ, start_response)
    assert b"".join(body) == b"hello"
    body.close()  # type: ignore[attr-defined]  # the validator's iterator has one
    assert heads == ["200 OK"]


def test_a_request_without_a_response_has_an_end_too(make_site: Any) -> None:
    def leave(request: Any) -> HttpResponse:
        sys.exit(3)

    site = make_site(path("", leave))
    with heard() as events, pytest.raises(SystemExit):
        site.get("/")
    assert events == ["started by WSGIHandler for /", "finished by WSGIHandler"]


def test_contract_52_the_class_of_requests_can_be_changed(make_site: Any) -> None:
    class MyRequest(WSGIRequest):
        tenant = "acme"

    class MyHandler(WSGIHandler):
        request_class = MyRequest

    site = make_site(path("", lambda request: HttpResponse(request.tenant)), handler=MyHandler)
    assert callable(site.handler)
    assert site.get().body == b"acme"


def show_address(request: Any) -> HttpResponse:
    return HttpResponse(f"{reverse('here')} {request.path} {request.path_info}")


ADDRESSES = [
    pytest.param({}, None, "/x/ /x/ /x/", id="at-the-root"),
    pytest.param({"SCRIPT_NAME": "/app"}, None, "/app/x/ /app/x/ /x/", id="mounted"),
    pytest.param({"SCRIPT_NAME": "/app/"}, None, "/app/x/ /app/x/ /x/", id="mounted-with-slash"),
    pytest.param({"SCRIPT_NAME": "/app"}, "/forced", "/forced/x/ /forced/x/ /x/", id="forced"),
    pytest.param({"SCRIPT_NAME": "/app"}, "", "/x/ /x/ /x/", id="forced-to-the-root"),
    pytest.param({"SCRIPT_URL": "/old/x/", "SCRIPT_NAME": "/app"}, None, "/old/x/ /old/x/ /x/", id="rewritten"),
    pytest.param({"REDIRECT_URL": "/old//x/"}, None, "/old/x/ /old/x/ /x/", id="redirected-with-two-slashes"),
    pytest.param({"SCRIPT_NAME": "/\xc3\xa9"}, None, "/%C3%A9/x/ /é/x/ /x/", id="mounted-at-utf-8"),
]


@pytest.mark.parametrize(("environ", "forced", "expected"), ADDRESSES)
def test_contract_55_the_script_name_is_before_every_address(
    make_site: Any, environ: dict[str, str], forced: str | None, expected: str
) -> None:
    site = make_site(path("x/", show_address, name="here"), FORCE_SCRIPT_NAME=forced)
    assert site.get("/x/", **environ).body.decode() == expected


def test_contract_55_the_prefix_of_one_request_is_not_seen_by_another_thread(make_site: Any) -> None:
    both_inside = threading.Barrier(2, timeout=20)

    def view(request: Any) -> HttpResponse:
        both_inside.wait()
        return HttpResponse(reverse("here"))

    site = make_site(path("x/", view, name="here"))
    bodies: dict[str, bytes] = {}

    def request(mount: str) -> None:
        bodies[mount] = site.get("/x/", SCRIPT_NAME=mount).body

    threads = [threading.Thread(target=request, args=(mount,)) for mount in ("/a", "/b")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert bodies == {"/a": b"/a/x/", "/b": b"/b/x/"}


def test_the_prefix_does_not_outlive_its_request(make_site: Any) -> None:
    site = make_site(path("x/", show_address, name="here"))
    site.get("/x/", SCRIPT_NAME="/app")
    assert site.get("/x/").body == b"/x/ /x/ /x/"


def failing(request: Any) -> HttpResponse:
    raise LookupError


@pytest.mark.parametrize("view", [hello, failing], ids=["good", "500"])
def test_contract_56_each_request_is_announced_and_seen_off_once(make_site: Any, view: Any) -> None:
    with heard() as events:
        make_site(path("x/", view)).get("/x/")
    assert events == ["started by WSGIHandler for /x/", "finished by WSGIHandler"]


def test_contract_56_started_comes_before_the_request_is_built(make_site: Any) -> None:
    order: list[str] = []

    class LateRequest(WSGIRequest):
        def __init__(self, environ: dict[str, Any]) -> None:
            order.append("request")
            super().__init__(environ)

    class Handler(WSGIHandler):
        request_class = LateRequest

    def started(sender: Any, **kwargs: Any) -> None:
        order.append("started")

    request_started.connect(started)
    try:
        make_site(path("", hello), handler=Handler).get()
    finally:
        request_started.disconnect(started)
    assert order == ["started", "request"]


def test_contract_56_a_client_that_leaves_early_is_seen_off_too(make_site: Any) -> None:
    def endless(request: Any) -> StreamingHttpResponse:
        return StreamingHttpResponse(iter(lambda: b"more", b""))

    site = make_site(path("x/", endless))
    environ = {"PATH_INFO": "/x/", "REQUEST_METHOD": "GET", "wsgi.input": io.BytesIO(), "HTTP_HOST": "localhost"}
    with heard() as events:
        body = site.handler(environ, lambda status, headers: None)
        next(iter(body))
        body.close()
        body.close()
    assert events[:2] == ["started by WSGIHandler for /x/", "finished by WSGIHandler"]


def test_contract_57_a_path_that_is_not_utf_8_is_no_server_error(make_site: Any) -> None:
    def echo(request: Any, rest: str) -> HttpResponse:
        return HttpResponse(rest)

    site = make_site(path("x/<rest>", echo))
    assert site.get("/caf\xe9").status == "404 Not Found"
    assert site.get("/x/caf\xe9").body == b"caf%E9"


def test_contract_57_a_request_that_cannot_be_decoded_is_a_400_and_a_warning(
    make_site: Any, caplog: pytest.LogCaptureFixture
) -> None:
    class Strict(WSGIRequest):
        def __init__(self, environ: dict[str, Any]) -> None:
            environ["PATH_INFO"].encode("latin-1").decode()
            super().__init__(environ)

    class Handler(WSGIHandler):
        request_class = Strict

    site = make_site(path("", hello), handler=Handler)
    with heard() as events:
        assert site.get("/caf\xe9\r\nforged").status == "400 Bad Request"
    assert events[1:] == ["finished by Handler"]
    [record] = caplog.records
    assert (record.levelname, record.name) == ("WARNING", "miniframe.request")
    assert record.getMessage() == r"Bad Request (UnicodeDecodeError): /caf\xe9\r\nforged"


def test_contract_58_the_response_knows_its_handler_class(make_site: Any) -> None:
    responses: list[HttpResponseBase] = []

    class Handler(WSGIHandler):
        def get_response(self, request: Any) -> HttpResponseBase:
            responses.append(super().get_response(request))
            return responses[0]

    make_site(path("", hello), handler=Handler).get()
    assert responses[0]._handler_class is Handler


def test_contract_59_the_status_line_has_the_response_s_own_words(make_site: Any) -> None:
    site = make_site(path("", lambda request: HttpResponse(status=299, reason="Odd")))
    assert site.get().status == "299 Odd"


def test_contract_59_control_characters_in_the_reason_are_refused(
    make_site: Any, caplog: pytest.LogCaptureFixture
) -> None:
    def sly(request: Any) -> HttpResponse:
        response = HttpResponse("x")
        response._reason_phrase = "OK\r\nX-Forged: yes"  # round the check
        return response

    with pytest.raises(BadHeaderError):
        HttpResponse(reason="OK\r\nX-Forged: yes")
    with heard() as events:
        answer = make_site(path("", sly)).get()
    assert answer.status == "500 Internal Server Error"
    assert len(events) == 2
    assert "X-Forged" not in str(answer.headers)


def test_contract_60_each_cookie_has_a_header_of_its_own(make_site: Any) -> None:
    def view(request: Any) -> HttpResponse:
        response = HttpResponse()
        response.set_cookie("a", "1")
        response.set_cookie("b", "2", httponly=True)
        return response

    headers = make_site(path("", view)).get().headers
    cookies = [value for name, value in headers if name == "Set-Cookie"]
    assert len(cookies) == 2
    assert cookies[0].startswith("a=1")
    assert cookies[1].startswith("b=2")


def test_contract_61_a_file_is_handed_to_the_server_and_closed_at_the_end(make_site: Any, tmp_path: Path) -> None:
    source = tmp_path / "file.bin"
    source.write_bytes(bytes(range(256)) * 100)
    files: list[Any] = []

    def view(request: Any) -> FileResponse:
        files.append(source.open("rb"))
        return FileResponse(files[0])

    made: list[FileWrapper] = []

    def wrapper(file: Any, block_size: int) -> FileWrapper:
        # The file is as good as the real one for sendfile().
        assert file.fileno() == files[0].fileno()
        made.append(FileWrapper(file, block_size))
        return made[0]

    with heard() as events:
        answer = make_site(path("", view)).get(**{"wsgi.file_wrapper": wrapper})
    assert answer.body == source.read_bytes()
    assert made[0].blksize == FileResponse.block_size
    assert files[0].closed
    assert events[1:] == ["finished by WSGIHandler"]


def test_contract_61_without_the_server_s_help_the_file_is_closed_all_the_same(make_site: Any) -> None:
    file = io.BytesIO(b"content")
    assert make_site(path("", lambda request: FileResponse(file))).get().body == b"content"
    assert file.closed


def test_uploads_are_closed_with_the_response(make_site: Any) -> None:
    uploads: list[Any] = []

    def view(request: Any) -> HttpResponse:
        uploads.append(request.FILES["file"])
        return HttpResponse()

    body = (
        b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n'
        b"Content-Type: text/plain\r\n\r\nwords\r\n--b--\r\n"
    )
    make_site(path("", view)).get(
        REQUEST_METHOD="POST",
        CONTENT_TYPE="multipart/form-data; boundary=b",
        CONTENT_LENGTH=str(len(body)),
        **{"wsgi.input": io.BytesIO(body)},
    )
    assert uploads[0].closed


@pytest.mark.parametrize(
    ("length", "terminated", "body"),
    [
        pytest.param("4", False, b"body", id="length"),
        pytest.param("4", True, b"body", id="length-wins"),
        pytest.param("", False, b"", id="nothing-announced"),
        pytest.param("", True, b"body and more", id="chunked"),
        pytest.param("four", False, b"", id="no-number"),
        pytest.param("-1", False, b"", id="negative"),
    ],
)
def test_the_body_ends_where_the_request_ends(length: str, terminated: bool, body: bytes) -> None:
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/",
        "CONTENT_LENGTH": length,
        "wsgi.input": io.BytesIO(b"body and more"),
        "wsgi.input_terminated": terminated,
    }
    assert WSGIRequest(environ).read() == body


def test_a_limited_stream_can_be_read_in_any_way() -> None:
    def stream(limit: int = 11) -> LimitedStream:
        return LimitedStream(io.BytesIO(b"one\ntwo\nthree and more"), limit)

    assert stream().read() == stream().read(None) == stream().read(-1) == stream().read(99) == b"one\ntwo\nthr"
    assert list(stream()) == stream().readlines() == [b"one\n", b"two\n", b"thr"]
    assert stream().readline(2) == b"on"
    half = stream()
    assert (half.read(5), half.readline(), half.read(), half.read()) == (b"one\nt", b"wo\n", b"thr", b"")
    assert stream(0).read() == stream(0).readline() == stream(-1).read() == b""


class Trickle(io.BytesIO):
    """A stream that gives what has come, as a socket does, in place of all that was asked for."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(min(size or 0, 2))

    def readline(self, size: int | None = -1, /) -> bytes:
        return super().readline(min(size or 0, 2))


@pytest.mark.parametrize("kind", [io.BytesIO, Trickle])
def test_a_limited_stream_is_read_whole_or_is_an_error(kind: Any) -> None:
    assert LimitedStream(kind(b"one\ntwo"), 7).read() == b"one\ntwo"
    assert list(LimitedStream(kind(b"one\ntwo and more"), 7)) == [b"one\n", b"two"]
    cut = LimitedStream(kind(b"one\ntwo"), 10)
    assert (cut.readline(), cut.read(2)) == (b"one\n", b"tw")
    for read in (cut.read, cut.readline, cut.readlines):
        with pytest.raises(UnreadablePostError, match="the body ended after 7 of 10 octets"):
            read()
    lax = LimitedStream(kind(b"one\ntwo"), 10, whole=False)
    assert (lax.readline(), lax.read(), lax.read(), lax.readline()) == (b"one\n", b"two", b"", b"")


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_what_comes_with_a_get_may_be_less_than_announced(method: str) -> None:
    # As Django has it, and its tests.
    request = WSGIRequest({"REQUEST_METHOD": method, "CONTENT_LENGTH": "3", "wsgi.input": io.BytesIO()})
    assert request.body == b""


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        pytest.param({"PATH_INFO": "/a/"}, ("/a/", "/a/"), id="plain"),
        pytest.param({"PATH_INFO": ""}, ("/", "/"), id="empty"),
        pytest.param({}, ("/", "/"), id="missing"),
        pytest.param({"PATH_INFO": "a/"}, ("/a/", "a/"), id="without-slash"),
        pytest.param({"PATH_INFO": "//host/"}, ("//host/", "//host/"), id="two-slashes"),
        pytest.param({"PATH_INFO": "/a/", "SCRIPT_NAME": "/p/"}, ("/p/a/", "/a/"), id="script-name"),
        pytest.param({"PATH_INFO": "/\xc3\xa9"}, ("/é", "/é"), id="utf-8"),
        pytest.param({"PATH_INFO": "/\xe9"}, ("/%E9", "/%E9"), id="latin-1"),
    ],
)
def test_paths_are_what_the_client_meant(environ: dict[str, Any], expected: tuple[str, str]) -> None:
    request = WSGIRequest({"REQUEST_METHOD": "get", "wsgi.input": io.BytesIO(), **environ})
    assert (request.path, request.path_info) == expected
    assert request.method == "GET"
    assert request.META["PATH_INFO"] == expected[1]


def test_the_helpers_read_an_environ_that_knows_nothing() -> None:
    assert (get_path_info({}), get_script_name({})) == ("/", "")
    with override_settings(FORCE_SCRIPT_NAME="/forced"):
        assert get_script_name({"SCRIPT_NAME": "/app"}) == "/forced"


def test_the_scheme_is_the_server_s() -> None:
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/", "wsgi.input": io.BytesIO()}
    assert WSGIRequest({**environ, "wsgi.url_scheme": "https"}).is_secure()
    assert WSGIRequest(environ).scheme == "http"


@pytest.mark.parametrize(
    ("debug", "path_info", "view_name"),
    [
        pytest.param(True, "/", "home", id="debug"),
        pytest.param(True, "/nowhere/", None, id="no-route"),
        pytest.param(False, "/", None, id="production"),
    ],
)
def test_under_debug_the_server_finds_the_match_in_the_environ(
    make_site: Any, debug: bool, path_info: str, view_name: str | None
) -> None:
    site = make_site(path("", hello, name="home"), DEBUG=debug)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path_info,
        "HTTP_HOST": "localhost",
        "wsgi.input": io.BytesIO(),
    }
    site.handler(environ, lambda *head: None).close()
    match = environ.get("miniframe.match")
    assert (match and match.view_name) == view_name
    assert ("miniframe.match" in environ) is debug


@pytest.mark.parametrize("kind", ["whole", "streamed", "file"])
def test_the_answer_to_head_has_no_body_whatever_the_server_does_with_one(make_site: Any, kind: str) -> None:
    made: dict[str, HttpResponseBase] = {
        "whole": HttpResponse("hello", headers={"Content-Length": "5"}),
        "streamed": StreamingHttpResponse([b"hello"], headers={"Content-Length": "5"}),
        "file": FileResponse(io.BytesIO(b"hello")),
    }

    def view(request: Any) -> HttpResponseBase:
        return made[kind]

    with heard() as events:
        answer = make_site(path("", view)).get(REQUEST_METHOD="HEAD", **{"wsgi.file_wrapper": FileWrapper})
    assert (answer.status, answer.body) == ("200 OK", b"")
    assert ("Content-Length", "5") in answer.headers
    assert made[kind].closed
    assert events[1:] == ["finished by WSGIHandler"]


@pytest.mark.parametrize("response", [HttpResponse, StreamingHttpResponse])
def test_wsgiref_gives_no_length_to_a_head_whose_get_has_none(make_site: Any, response: Any) -> None:
    site, sent = make_site(path("", lambda request: response(["hello"])), ALLOWED_HOSTS=["x"]), io.BytesIO()
    environ = {"REQUEST_METHOD": "HEAD", "PATH_INFO": "/", "HTTP_HOST": "x", "SERVER_PROTOCOL": "HTTP/1.1"}
    SimpleHandler(io.BytesIO(), sent, io.StringIO(), environ).run(site.handler)
    assert b"200 OK" in sent.getvalue()
    assert b"Content-Length" not in sent.getvalue()


@pytest.mark.parametrize(
    ("start", "header", "expected"),
    [
        pytest.param(0, "", [], id="whole-by-the-server"),
        pytest.param(2, "", [b"llo"], id="from-the-middle"),
        pytest.param(0, "bytes=0-1", [b"he"], id="a-part"),
    ],
)
def test_uwsgi_which_sends_files_from_their_first_octet_is_handed_whole_ones_only(
    make_site: Any, tmp_path: Path, start: int, header: str, expected: list[bytes]
) -> None:
    (tmp_path / "file.txt").write_bytes(b"hello")

    def view(request: Any) -> FileResponse:
        file = (tmp_path / "file.txt").open("rb")
        file.seek(start)
        return FileResponse(file)

    class Sender(FileWrapper):
        """Sends the file by itself, so that nothing is left to do."""

        def __iter__(self) -> Any:
            return iter(())

    more = {"HTTP_RANGE": header} if header else {}
    server = {"wsgi.file_wrapper": Sender, "uwsgi.version": b"2"}
    assert make_site(path("", view)).get(**server, **more).body == b"".join(expected)
