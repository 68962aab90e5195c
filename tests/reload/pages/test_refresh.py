"""The script comes into whole pages that a browser shows, and into nothing else; the rest stays octet for octet."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable
from typing import Any
from wsgiref.util import setup_testing_defaults
from wsgiref.validate import validator

import pytest

from miniframe.autoreload.audience import Audience
from miniframe.autoreload.pages.refresh import EVENTS, Refresh, asked_since

PAGE = b"<!doctype html>\n<title>T</title><body><h1>Boats</h1></body></html>\n"
HTML = ("Content-Type", "text/html; charset=utf-8")
App = Callable[[dict[str, Any], Any], Iterable[bytes]]


class Answer:
    """What came of a request."""

    def __init__(self, app: App, **environ: str) -> None:
        self.status = ""
        self.headers: list[tuple[str, str]] = []
        self.written = b""
        asked = {"HTTP_ACCEPT": "text/html,*/*;q=0.8", **environ}
        setup_testing_defaults(asked)
        asked = {name: value for name, value in asked.items() if value != "-"}
        result = Refresh(app)(asked, self._start)
        self.body = self.written + b"".join(result)
        if hasattr(result, "close"):
            result.close()

    def _start(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], None]:
        self.status, self.headers = status, headers
        return self._write

    def _write(self, data: bytes) -> None:
        self.written += data

    def __getitem__(self, name: str) -> str | None:
        return dict(self.headers).get(name)

    @property
    def is_refreshed(self) -> bool:
        """Whether the script is in it."""
        return b"<script" in self.body


def answering(*headers: tuple[str, str], status: str = "200 OK", body: Iterable[bytes] = (PAGE,)) -> App:
    """Return an application that answers so, as a list of octets if `body` is a tuple."""

    def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        start_response(status, [*headers])
        return list(body) if isinstance(body, tuple) else body

    return app


def test_the_script_stands_at_the_end_of_the_body_with_the_moment_of_the_request() -> None:
    before = time.monotonic_ns()
    answer = Answer(answering(HTML, ("Content-Length", str(len(PAGE)))))
    head, _, rest = answer.body.partition(b"<script data-since=")
    assert head + rest.partition(b"</script>")[2] == PAGE
    assert rest.endswith(b"</script></body></html>\n")
    assert before <= int(rest.split(b'"')[1]) <= time.monotonic_ns()
    assert EVENTS.encode() in rest
    assert answer["Content-Length"] == str(len(answer.body))


def test_what_is_no_longer_true_of_the_octets_is_not_said() -> None:
    answer = Answer(
        answering(HTML, ("ETag", '"a"'), ("Last-Modified", "Thu, 01 Jan 1970 00:00:00 GMT"), ("X-Kept", "1"))
    )
    assert [name for name, _ in answer.headers] == ["Content-Type", "X-Kept", "Content-Length"]


@pytest.mark.parametrize(
    ("body", "refreshed"),
    [
        pytest.param((PAGE,), True, id="page"),
        pytest.param((PAGE[:20], PAGE[20:]), True, id="page-in-two"),
        pytest.param((b"<h1>Boats</h1></BODY>",), True, id="end-of-body-in-capitals"),
        pytest.param((b"\xef\xbb\xbf\n<!DOCTYPE html><p>Boats",), True, id="without-an-end"),
        pytest.param((b"<HTML><p>Boats",), True, id="without-a-doctype"),
        pytest.param((b"<p>Boats</p>",), False, id="fragment"),
        pytest.param((b"",), False, id="nothing"),
        pytest.param((), False, id="nothing-at-all"),
        pytest.param(PAGE.decode().encode("utf-16").split(b"-"), False, id="utf-16"),
    ],
)
def test_only_whole_pages(body: Any, refreshed: bool) -> None:
    answer = Answer(answering(HTML, body=tuple(body)))
    assert answer.is_refreshed is refreshed
    if not refreshed:
        assert answer.body == b"".join(body)


NAVIGATION = {"HTTP_SEC_FETCH_DEST": "document", "HTTP_SEC_FETCH_MODE": "navigate"}


@pytest.mark.parametrize(
    ("environ", "body", "refreshed"),
    [
        pytest.param(NAVIGATION, b"Hello, world.", True, id="text"),
        pytest.param(NAVIGATION, b"<h1>Boats</h1>", True, id="fragment"),
        pytest.param(NAVIGATION, b"", True, id="nothing"),
        pytest.param(NAVIGATION, "Boats".encode("utf-16"), False, id="utf-16"),
        pytest.param({"HTTP_SEC_FETCH_DEST": "empty", "HTTP_SEC_FETCH_MODE": "cors"}, b"Boats", False, id="htmx"),
        pytest.param({**NAVIGATION, "HTTP_SEC_FETCH_DEST": "iframe"}, b"Boats", False, id="frame"),
        pytest.param({**NAVIGATION, "HTTP_SEC_FETCH_MODE": "no-cors"}, b"Boats", False, id="no-navigation"),
        pytest.param({"HTTP_SEC_FETCH_DEST": "document"}, b"Boats", False, id="says-half"),
        pytest.param({}, b"Boats", False, id="says-nothing"),
    ],
)
def test_what_a_tab_goes_to_is_a_whole_page(environ: dict[str, str], body: bytes, refreshed: bool) -> None:
    answer = Answer(answering(HTML, body=(body,)), **environ)
    assert answer.is_refreshed is refreshed
    assert answer.body.startswith(body)
    assert answer["Content-Length"] == (str(len(answer.body)) if refreshed else None)


@pytest.mark.parametrize(
    ("status", "headers", "refreshed"),
    [
        pytest.param("200 OK", [("content-type", "TEXT/HTML")], True, id="in-capitals"),
        pytest.param("404 Not Found", [HTML], True, id="not-found"),
        pytest.param("500 Internal Server Error", [HTML], True, id="error"),
        pytest.param("206 Partial Content", [HTML], False, id="part"),
        pytest.param("205 Reset Content", [HTML], False, id="reset"),
        pytest.param("304 Not Modified", [HTML], False, id="not-modified"),
        pytest.param("302 Found", [HTML], False, id="elsewhere"),
        pytest.param("200 OK", [("Content-Type", "text/plain")], False, id="text"),
        pytest.param("200 OK", [("Content-Type", "application/xhtml+xml")], False, id="xml"),
        pytest.param("200 OK", [], False, id="no-type"),
        pytest.param("200 OK", [HTML, ("Content-Encoding", "gzip")], False, id="packed"),
        pytest.param("200 OK", [HTML, ("Content-Disposition", 'Attachment; filename="a"')], False, id="download"),
        pytest.param("200 OK", [HTML, ("Cache-Control", "max-age=9, No-Transform")], False, id="not-to-be-touched"),
        pytest.param("200 OK", [HTML, ("Content-Security-Policy", "sandbox")], False, id="sandbox"),
    ],
)
def test_only_what_is_shown_as_a_page(status: str, headers: list[tuple[str, str]], refreshed: bool) -> None:
    headers = [*headers, ("ETag", '"a"')]
    answer = Answer(answering(*headers, status=status))
    assert answer.is_refreshed is refreshed
    assert answer.status == status
    if not refreshed:
        assert (answer.headers, answer.body) == (headers, PAGE)


@pytest.mark.parametrize(
    ("environ", "refreshed"),
    [
        pytest.param({"HTTP_SEC_FETCH_DEST": "document"}, True, id="browser"),
        pytest.param({"HTTP_SEC_FETCH_DEST": "iframe"}, True, id="frame"),
        pytest.param({"HTTP_SEC_FETCH_DEST": "empty"}, False, id="fetched-by-a-script"),
        pytest.param({"HTTP_ACCEPT": "*/*"}, False, id="program"),
        pytest.param({"HTTP_ACCEPT": "-"}, False, id="says-nothing"),
        pytest.param({"REQUEST_METHOD": "HEAD"}, False, id="head"),
        pytest.param({"REQUEST_METHOD": "POST"}, True, id="form"),
        pytest.param({"REQUEST_METHOD": "PUT"}, False, id="put"),
        pytest.param({"HTTP_RANGE": "bytes=0-"}, False, id="range"),
    ],
)
def test_only_for_browsers_that_show_it(environ: dict[str, str], refreshed: bool) -> None:
    assert Answer(answering(HTML), **environ).is_refreshed is refreshed


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_answer_to_a_form_is_not_loaded_anew(method: str) -> None:
    assert (b" data-stays>" in Answer(answering(HTML), REQUEST_METHOD=method).body) is (method == "POST")


def test_a_nonce_of_the_page_is_used() -> None:
    answer = Answer(answering(HTML, ("Content-Security-Policy", "script-src 'nonce-abc='")))
    assert b' nonce="abc=">' in answer.body
    assert answer["Content-Security-Policy"] == "script-src 'nonce-abc='"


def test_a_policy_without_room_gets_it_in_each_header() -> None:
    answer = Answer(
        answering(
            ("content-security-policy", "default-src 'none'"),
            HTML,
            ("Content-Security-Policy-Report-Only", "img-src *"),
        ),
        HTTP_HOST="localhost:8000",
    )
    found = re.search(rb' nonce="(\w{32})">', answer.body)
    assert found
    stream = f"connect-src localhost:8000{EVENTS}"
    wider = f"default-src 'none'; script-src-elem 'nonce-{found[1].decode()}'; {stream}"
    assert answer.headers[0] == ("content-security-policy", wider)
    assert answer["Content-Security-Policy-Report-Only"] == "img-src *"


def test_a_stream_passes_piece_by_piece() -> None:
    pulled = []

    def pieces() -> Iterable[bytes]:
        for piece in (PAGE[:9], PAGE[9:]):
            pulled.append(piece)
            yield piece

    environ: dict[str, Any] = {"HTTP_ACCEPT": "text/html"}
    setup_testing_defaults(environ)
    result = iter(Refresh(answering(HTML, body=pieces()))(environ, lambda *head: None))
    assert next(result) == PAGE[:9]
    assert pulled == [PAGE[:9]]


def test_an_application_that_begins_late_writes_or_fails_is_let_through() -> None:
    def late(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", [HTML])
        yield PAGE

    def writes(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", [HTML])(PAGE)
        return [b"more"]

    def changes_its_mind(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", [HTML])
        start_response("500 Oh", [HTML], (ValueError, ValueError(), None))
        return [PAGE]

    assert (Answer(late).status, Answer(late).body) == ("200 OK", PAGE)
    assert (Answer(writes).status, Answer(writes).body) == ("200 OK", PAGE + b"more")
    assert (Answer(changes_its_mind).status, Answer(changes_its_mind).is_refreshed) == ("500 Oh", True)


@pytest.mark.parametrize(
    ("status", "headers", "body"),
    [
        pytest.param("200 OK", [HTML], ["<!doctype html>"], id="text"),
        pytest.param("200 OK", [HTML, ("X-Number", 1)], [PAGE], id="a-number"),
        pytest.param("200 OK", [HTML, "X"], [PAGE], id="no-pair"),
        pytest.param(200, [HTML], [PAGE], id="status"),
        pytest.param("200 OK", None, [PAGE], id="no-headers"),
        pytest.param("200 OK", [HTML, ("Content-Length", "5")], [PAGE], id="another-length"),
    ],
)
def test_mistakes_of_the_application_are_the_servers_to_tell(status: Any, headers: Any, body: Any) -> None:
    def app(environ: dict[str, Any], start_response: Any) -> Any:
        start_response(status, headers)
        return body

    started: list[Any] = []
    environ: dict[str, Any] = {"HTTP_ACCEPT": "text/html"}
    setup_testing_defaults(environ)
    assert Refresh(app)(environ, lambda *head: started.append(head)) is body
    assert started == [(status, headers, None)]


@pytest.mark.parametrize(
    "end",
    [
        pytest.param(b"<script>show('<body></body>')</script>", id="script"),
        pytest.param(b"</body><!-- no </body> --></html>", id="comment"),
        pytest.param(b'<iframe srcdoc="<body></body>"></iframe>', id="attribute"),
        pytest.param(b"</body><script>go()</script></html>", id="script-behind-the-body"),
    ],
)
def test_an_end_of_a_body_with_more_behind_it_is_left_alone(end: bytes) -> None:
    page = b"<!doctype html><body>Boats" + end
    answer = Answer(answering(HTML, body=(page,)))
    assert answer.body.startswith(page + b"<script data-since=")


def test_a_fragment_whose_script_speaks_of_an_end_is_left_as_it_is() -> None:
    fragment = b"<p><script>frame('</body>')</script>"
    assert Answer(answering(HTML, body=(fragment,))).body == fragment


def test_an_answer_that_fails_while_it_is_read_is_closed() -> None:
    closed = []

    class Response:
        streaming = False

        def __iter__(self) -> Any:
            raise RuntimeError("no page")

        def close(self) -> None:
            closed.append(True)

    def app(environ: dict[str, Any], start_response: Any) -> Any:
        start_response("200 OK", [HTML])
        return Response()

    with pytest.raises(RuntimeError, match="no page"):
        Answer(app)
    assert closed == [True]


def test_the_answer_that_the_page_was_made_of_is_closed() -> None:
    closed = []

    class Response:
        streaming = False

        def __iter__(self) -> Any:
            return iter([PAGE])

        def close(self) -> None:
            closed.append(True)

    def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", [HTML])
        return Response()

    assert Answer(app).is_refreshed
    assert closed == [True]


@pytest.mark.parametrize("accept", ["text/html", "*/*"])
def test_it_is_a_good_wsgi_application_and_server(accept: str) -> None:
    environ: dict[str, Any] = {"HTTP_ACCEPT": accept, "QUERY_STRING": ""}
    setup_testing_defaults(environ)
    app = validator(Refresh(validator(answering(HTML))))  # type: ignore[arg-type]  # typeshed is stricter than PEP 3333
    result = app(environ, lambda status, headers, exc_info=None: lambda data: None)
    assert PAGE[:20] in b"".join(result)
    result.close()  # type: ignore[attr-defined]  # the validator's iterator has it


@pytest.mark.parametrize(
    ("request_line", "fields", "since"),
    [
        pytest.param(f"GET {EVENTS}?since=17 HTTP/1.1", [], 17, id="a-moment"),
        pytest.param(f"GET {EVENTS}?since=17 HTTP/1.1", ["Last-Event-ID: 19"], 19, id="after-a-break"),
        pytest.param(f"GET {EVENTS}?since=x HTTP/1.1", [], 0, id="no-moment"),
        pytest.param(f"GET {EVENTS} HTTP/1.1", [], 0, id="says-nothing"),
        pytest.param(f"GET {EVENTS}?since={'9' * 21} HTTP/1.1", [], 0, id="too-long"),
        pytest.param(f"POST {EVENTS}?since=17 HTTP/1.1", [], None, id="form"),
        pytest.param("GET /other?since=17 HTTP/1.1", [], None, id="another-path"),
        pytest.param(f"GET {EVENTS}?since=17 HTTP/1.1", ["Sec-Fetch-Site: same-origin"], 17, id="own-page"),
        pytest.param(f"GET {EVENTS}?since=17 HTTP/1.1", ["Sec-Fetch-Site: cross-site"], None, id="foreign-page"),
        pytest.param(f"GET {EVENTS}?since=17 HTTP/1.1", ["ORIGIN: http://localhost:8000"], 17, id="own-origin"),
        pytest.param(f"GET {EVENTS}?since=17 HTTP/1.1", ["Origin: http://evil.example"], None, id="foreign-origin"),
        pytest.param(f"GET {EVENTS}?since=17 HTTP/1.1", ["Origin: null"], None, id="no-origin"),
        pytest.param(f"GET {EVENTS}?since=17 HTTP/1.1", ["host: localhost"], None, id="two-hosts"),
    ],
)
def test_who_may_listen(request_line: str, fields: list[str], since: int | None) -> None:
    head = "\r\n".join([request_line, "Host: localhost:8000", *fields])
    assert asked_since(head.encode(), Audience().refusal) == since


def test_only_hosts_of_the_audience_may_listen() -> None:
    head = f"GET {EVENTS} HTTP/1.1\r\nHost: dev.example".encode()
    assert asked_since(head, Audience().refusal) is None
    assert asked_since(head, Audience(hosts=("dev.example",)).refusal) == 0
    assert asked_since(head, Audience(debug=False, hosts=("dev.example",)).refusal) is None


def test_a_page_out_of_a_store_listens_from_now_on() -> None:
    before = time.monotonic_ns()
    since = asked_since(f"GET {EVENTS}?since= HTTP/1.1\r\nHost: localhost".encode(), Audience().refusal)
    assert since is not None
    assert since >= before
