"""Requests on real connections, octet by octet."""

from __future__ import annotations

import hashlib
import io
import json
import logging
import socket
import struct
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from miniframe.servers.basehttp import FileWrapper, WSGIRequestHandler
from miniframe.servers.requestlog import Octets
from miniframe.urls import ResolverMatch

Environ = dict[str, Any]
BOTH = pytest.mark.parametrize("threads", [True, False], ids=["threads", "serial"])
GET = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


def hello(environ: Environ, start_response: Any) -> list[bytes]:
    """Answer with "hello", reading nothing."""
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "5")])
    return [b"hello"]


def echo(environ: Environ, start_response: Any) -> list[bytes]:
    """Answer with the request's body."""
    body = environ["wsgi.input"].read()
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]


def environ_as_json(environ: Environ, start_response: Any) -> list[bytes]:
    """Answer with the environ's strings."""
    start_response("200 OK", [])
    return [json.dumps({key: value for key, value in environ.items() if isinstance(value, str)}).encode()]


def stream(environ: Environ, start_response: Any) -> Iterator[bytes]:
    """Answer in two blocks of unknown length."""
    start_response("200 OK", [])
    yield b"one"
    yield b"two"


def post(body: bytes, *fields: bytes, version: bytes = b"1.1") -> bytes:
    lines = [b"POST / HTTP/" + version, b"Host: localhost", b"Content-Length: %d" % len(body), *fields]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


# ---------------------------------------------------------------- row 40
@BOTH
def test_contract_40_connection_serves_one_request_after_the_other_until_told(serve: Any, threads: bool) -> None:
    client = serve(hello, threads=threads).connect()
    for _ in range(3):
        status, headers, body = client.get()
        assert (status, body) == (200, b"hello")
        assert "connection" not in headers
    client.send(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    assert b"Connection: close\r\n" in client.read_to_end()


@BOTH
@pytest.mark.parametrize(
    "first",
    [
        pytest.param(b"HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n", id="head"),
        pytest.param(post(b"unread" * 1000), id="unread-body"),
        pytest.param(
            b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
            id="unread-chunks",
        ),
        pytest.param(b"OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n", id="asterisk"),
        pytest.param(b"\r\n\r\n" + GET, id="empty-lines-first"),
    ],
)
def test_connection_survives(serve: Any, threads: bool, first: bytes) -> None:
    client = serve(hello, threads=threads).connect().send(first)
    client.read_until(b"\r\n\r\n")
    status, _, body = client.get("/next")
    assert status == 200
    assert body.endswith(b"hello")


@pytest.mark.parametrize("status", ["204 No Content", "304 Not Modified"])
def test_connection_survives_an_answer_without_body(serve: Any, status: str) -> None:
    def application(environ: Environ, start_response: Any) -> list[bytes]:
        start_response(status, [("Content-Length", "0")])
        return [b""]

    client = serve(application).connect()
    for _ in range(2):
        got, headers, _ = client.get()
        assert str(got) == status[:3]
        assert "content-length" not in headers


def test_pipelined_requests_are_answered_in_order(serve: Any) -> None:
    client = serve(environ_as_json).connect()
    client.send(b"".join(b"GET /?%d HTTP/1.1\r\nHost: localhost\r\n\r\n" % number for number in range(5)))
    for number in range(5):
        _, _, body = client.read_answer()
        assert json.loads(body)["QUERY_STRING"] == str(number)


def test_bad_request_behind_a_good_one_ends_the_connection(serve: Any) -> None:
    client = serve(hello).connect().send(GET + b"NONSENSE\r\n\r\n" + GET)
    assert client.read_answer()[2] == b"hello"
    rest = client.read_to_end()
    assert rest.startswith(b"HTTP/1.1 400 ")
    assert rest.count(b"HTTP/1.1 ") == 1


@pytest.mark.parametrize(
    ("fields", "closed"), [("", True), ("Connection: keep-alive\r\n", False)], ids=["plain", "keep-alive"]
)
def test_http_1_0_closes_unless_asked(serve: Any, fields: str, closed: bool) -> None:
    client = serve(hello).connect().send(f"GET / HTTP/1.0\r\n{fields}\r\n".encode())
    _, headers, body = client.read_answer()
    assert body == b"hello"
    if closed:
        assert client.read_to_end() == b""
    else:
        assert headers["connection"] == "keep-alive"
        assert client.get()[0] == 200


def test_stream_is_chunked_for_1_1_and_ends_by_closing_for_1_0(serve: Any) -> None:
    served = serve(stream)
    client = served.connect()
    assert client.get()[2] == b"onetwo"
    assert client.get()[2] == b"onetwo"
    old = served.connect().send(b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").read_to_end()
    assert old.endswith(b"\r\n\r\nonetwo")
    assert b"chunked" not in old


# ---------------------------------------------------------------- row 41 and 42
def test_contract_41_request_line_of_65536_octets_is_served_and_of_65537_is_not(serve: Any) -> None:
    served = serve(hello)
    line = b"GET /" + b"a" * (65536 - 16) + b" HTTP/1.1\r\n"
    assert len(line) == 65536
    assert served.connect().send(line + b"Host: localhost\r\n\r\n").read_answer()[0] == 200
    client = served.connect().send(line.replace(b"/a", b"/aa") + b"Host: localhost\r\n\r\n")
    answer = client.read_to_end()
    assert answer.startswith(b"HTTP/1.1 414 URI Too Long\r\n")
    assert answer.count(b"HTTP/1.1") == 1


def test_contract_41_limits_are_class_attributes(serve: Any) -> None:
    served = serve(hello, max_request_line=30, max_fields=2, max_head=100)
    assert served.get("/")[0] == 200
    assert served.get("/a-path-too-long-for-this")[0] == 414
    assert served.get("/", "A: 1", "B: 2")[0] == 431
    assert served.get("/", "A: " + "1" * 100)[0] == 431


@pytest.mark.parametrize(
    ("data", "status"),
    [
        pytest.param(b"GET / HTTP/3.0\r\nHost: localhost\r\n\r\n", 505, id="version"),
        pytest.param(b"GET /\r\n\r\n", 400, id="no-version"),
        pytest.param(b"GET / HTTP/1.1\r\n\r\n", 400, id="no-host"),
        pytest.param(b"GET / HTTP/1.1\nHost: localhost\n\n", 400, id="bare-lf"),
        pytest.param(post(b"x", b"Transfer-Encoding: chunked"), 400, id="length-and-chunked"),
        pytest.param(
            b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n+5\r\nhello\r\n0\r\n\r\n",
            400,
            id="chunk-size",
        ),
    ],
)
def test_contract_42_bad_request_gets_one_answer_and_a_close(serve: Any, data: bytes, status: int) -> None:
    answer = serve(hello).connect().send(data + GET).read_to_end()
    assert answer.startswith(b"HTTP/1.1 %d " % status)
    assert b"Connection: close\r\n" in answer
    assert answer.count(b"Date: ") == 1


def test_refused_head_request_has_no_body(serve: Any) -> None:
    answer = serve(hello).connect().send(b"HEAD / HTTP/1.1\r\n\r\n").read_to_end()
    assert answer.endswith(b"\r\n\r\n")


# ---------------------------------------------------------------- row 43 and 46
def test_contract_43_environ_has_the_cgi_variables(serve: Any) -> None:
    served = serve(environ_as_json)
    client = served.connect()
    client.send(
        b"POST /caf%C3%A9/%zz?a=%20b HTTP/1.1\r\nHost: localhost:1\r\nContent-Type: text/x\r\nContent-Length: 2\r\n"
        b"X-A: 1\r\nX-A: 2\r\nX_B: evil\r\nAccept: */*\r\n\r\nhi"
    )
    environ = json.loads(client.read_answer()[2])
    expected = {
        "REQUEST_METHOD": "POST",
        "SCRIPT_NAME": "",
        "PATH_INFO": "/caf\xc3\xa9/%zz",
        "QUERY_STRING": "a=%20b",
        "CONTENT_TYPE": "text/x",
        "CONTENT_LENGTH": "2",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": str(served.port),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "GATEWAY_INTERFACE": "CGI/1.1",
        "HTTP_HOST": "localhost:1",
        "HTTP_X_A": "1,2",
        "HTTP_ACCEPT": "*/*",
        "wsgi.url_scheme": "http",
    }
    assert {key: environ.get(key) for key in expected} == expected
    assert "HTTP_X_B" not in environ


def test_next_request_sees_nothing_of_the_one_before(serve: Any) -> None:
    client = serve(environ_as_json).connect()
    client.send(post(b"body", b"X-First: 1"))
    client.read_answer()
    environ = json.loads(client.get()[2])
    assert "HTTP_X_FIRST" not in environ
    assert "CONTENT_LENGTH" not in environ


@BOTH
def test_contract_46_environ_is_valid_on_the_wire(serve: Any, threads: bool) -> None:
    from wsgiref.validate import validator

    def application(environ: Environ, start_response: Any) -> Any:
        environ["wsgi.input"].read(3)
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [str(environ["wsgi.multithread"]).encode()]

    client = serve(validator(application), threads=threads).connect().send(post(b"hello"))
    assert client.read_answer()[2] == str(threads).encode()


# ---------------------------------------------------------------- bodies
@BOTH
@pytest.mark.parametrize("size", [0, 1, 65536, 131072, 131073, 3_000_000])
@pytest.mark.parametrize("chunked", [False, True], ids=["length", "chunked"])
def test_body_arrives_whole(serve: Any, size: int, chunked: bool, threads: bool) -> None:
    body = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    client = serve(echo, threads=threads).connect()
    if chunked:
        client.send(b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
        for start in range(0, size, 100_000):
            piece = body[start : start + 100_000]
            client.send(b"%x\r\n%b\r\n" % (len(piece), piece))
        client.send(b"0\r\nX-Trailer: dropped\r\n\r\n")
    else:
        client.send(post(body))
    assert client.read_answer()[2] == body
    assert client.get()[0] == 200


def test_collected_chunks_have_a_content_length_and_no_transfer_encoding(serve: Any) -> None:
    client = serve(environ_as_json).connect()
    client.send(b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n")
    environ = json.loads(client.read_answer()[2])
    assert environ["CONTENT_LENGTH"] == "5"
    assert "HTTP_TRANSFER_ENCODING" not in environ


def test_input_ends_where_the_body_does_and_reads_by_lines(serve: Any) -> None:
    def application(environ: Environ, start_response: Any) -> list[bytes]:
        source = environ["wsgi.input"]
        parts = [source.readline(), source.read(2), *source, source.read(), source.read(10)]
        start_response("200 OK", [])
        return [repr(parts).encode()]

    for size in (0, 200_000):
        client = serve(application).connect().send(post(b"one\ntwo\nthree\n" + b"x" * size))
        parts = [b"one\n", b"tw", b"o\n", b"three\n", *([b"x" * size] if size else []), b"", b""]
        assert client.read_answer()[2] == repr(parts).encode()


@BOTH
def test_100_continue_is_said_once_and_when_the_application_reads(serve: Any, threads: bool) -> None:
    client = serve(echo, threads=threads).connect()
    client.send(post(b"", b"Expect: 100-continue").replace(b"Length: 0", b"Length: 10"))
    assert client.read_until(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
    client.send(b"hello").send(b"world")
    status, _, body = client.read_answer()
    assert (status, body) == (200, b"helloworld")
    assert client.get()[0] == 200


def test_unwanted_expected_body_is_not_invited(serve: Any) -> None:
    client = serve(hello).connect()
    client.send(post(b"", b"Expect: 100-continue").replace(b"Length: 0", b"Length: 10"))
    status, headers, body = client.read_answer()
    assert (status, body, headers["connection"]) == (200, b"hello", "close")


def test_cut_body_is_not_served(serve: Any) -> None:
    seen: list[int] = []

    def application(environ: Environ, start_response: Any) -> list[bytes]:
        seen.append(1)
        return echo(environ, start_response)

    client = serve(application).connect().send(post(b"hello").replace(b"Length: 5", b"Length: 9"))
    client.socket.shutdown(socket.SHUT_WR)
    assert client.read_to_end().startswith(b"HTTP/1.1 400 ")
    assert seen == []


@pytest.mark.parametrize("how", ["end", "chunk"])
def test_large_body_that_breaks_off_is_a_400(serve: Any, how: str) -> None:
    client = serve(echo).connect()
    if how == "end":
        client.send(post(b"x" * 200_000).replace(b"Length: 2", b"Length: 3"))
        client.socket.shutdown(socket.SHUT_WR)
    else:
        client.send(b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
        client.send(b"30d40\r\n" + b"x" * 200_000 + b"\r\nnonsense\r\n\r\n")
    assert client.read_to_end().startswith(b"HTTP/1.1 400 ")


def test_large_unread_body_closes_so_that_the_answer_can_be_read(serve: Any) -> None:
    client = serve(hello).connect()
    answer: list[bytes] = []
    reader = threading.Thread(target=lambda: answer.append(client.read_to_end()))
    reader.start()
    try:
        client.send(post(b"x" * 4_000_000))
    except OSError:
        pass  # we stopped listening before all was sent
    reader.join(10)
    assert answer[0].startswith(b"HTTP/1.1 200 ")
    assert b"Connection: close" in answer[0]
    assert answer[0].endswith(b"hello")


def test_early_refusal_reaches_a_client_that_still_sends(serve: Any) -> None:
    client = serve(hello).connect().send(b"POST / HTTP/1.1\r\nContent-Length: 4000000\r\n\r\n")
    for _ in range(20):
        client.send(b"x" * 50_000)
    assert client.read_to_end().startswith(b"HTTP/1.1 400 ")


# ---------------------------------------------------------------- files
@BOTH
@pytest.mark.parametrize("size", [0, 1000, 5_000_000])
def test_contract_47_file_reaches_the_client_unchanged(
    serve: Any, until: Any, tmp_path: Path, size: int, threads: bool
) -> None:
    content = hashlib.sha256(b"seed").digest() * (size // 32 + 1)
    path = tmp_path / "file"
    path.write_bytes(content[:size])
    opened: list[Any] = []

    def application(environ: Environ, start_response: Any) -> Any:
        file = path.open("rb")
        opened.append(file)
        start_response("200 OK", [("Content-Length", str(size))])
        return environ["wsgi.file_wrapper"](file)

    client = serve(application, threads=threads).connect()
    for _ in range(2):
        assert client.get()[2] == content[:size]
    until(lambda: all(file.closed for file in opened), "closing the files")


def test_file_is_copied_where_the_system_cannot_send_it(
    serve: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(*args: Any) -> int:
        raise OSError(22, "not for this file system")

    monkeypatch.setattr("miniframe.servers.streams.os.sendfile", refuses)
    path = tmp_path / "file"
    path.write_bytes(b"x" * 300_000)

    def application(environ: Environ, start_response: Any) -> Any:
        start_response("200 OK", [])
        return FileWrapper(path.open("rb"))

    assert serve(application).get()[2] == b"x" * 300_000


# ---------------------------------------------------------------- time
def test_head_that_does_not_end_gets_a_408(serve: Any) -> None:
    client = serve(hello, head_timeout=0.1).connect().send(b"GET / HTTP/1.1\r\nHost: loc")
    assert client.read_to_end().startswith(b"HTTP/1.1 408 Request Timeout\r\n")


def test_trickling_does_not_prolong_the_head(serve: Any) -> None:
    client = serve(hello, head_timeout=0.3).connect().send(b"GET / HTTP/1.1\r\nHost: loc")
    began = time.monotonic()
    client.socket.settimeout(0.02)
    answer = b""
    while not answer and time.monotonic() - began < 5:
        try:
            client.send(b"a")
            answer = client.socket.recv(100)
        except TimeoutError:
            pass
    assert answer.startswith(b"HTTP/1.1 408 ")


def drip(client: Any, data: bytes) -> None:
    """Send octet by octet, each in a packet of its own as far as the system goes along."""
    client.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for octet in data:
        client.send(bytes((octet,)))
        time.sleep(0.0005)  # no wait for anything: only to keep the octets apart


@BOTH
def test_dripped_requests_are_served(serve: Any, threads: bool) -> None:
    client = serve(echo, threads=threads).connect()
    for _ in range(2):
        drip(client, b"\r\n" + post(b"body"))
        assert client.read_answer()[2] == b"body"
    drip(client, GET[:-1])
    client.send(b"\n" + GET)
    assert [client.read_answer()[0] for _ in range(2)] == [200, 200]


def test_dripped_head_that_is_too_long_is_refused_and_logged(serve: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    client = serve(hello, max_request_line=64).connect()
    drip(client, b"GET /" + b"a" * 60)
    assert client.read_to_end().startswith(b"HTTP/1.1 414 ")
    assert '"GET /aaaa' in caplog.text


def test_dripped_tls_hello_is_explained(serve: Any, caplog: pytest.LogCaptureFixture) -> None:
    client = serve(hello).connect()
    drip(client, b"\x16\x03\x01")
    assert client.read_to_end() == b""
    assert "over HTTPS, but it only supports HTTP" in caplog.text


def test_body_that_does_not_come_gets_a_408(serve: Any) -> None:
    client = serve(echo, body_timeout=0.1).connect().send(post(b"he").replace(b"Length: 2", b"Length: 9"))
    assert client.read_to_end().startswith(b"HTTP/1.1 408 ")


def test_large_body_that_does_not_come_gets_a_408(serve: Any) -> None:
    client = serve(echo, body_timeout=0.1).connect().send(post(b"he").replace(b"Length: 2", b"Length: 900000"))
    assert client.read_to_end().startswith(b"HTTP/1.1 408 ")


@BOTH
def test_idle_connection_is_closed_without_a_word(serve: Any, threads: bool) -> None:
    served = serve(hello, threads=threads, keep_alive_timeout=0.1)
    silent, used = served.connect(), served.connect()
    assert used.get()[0] == 200
    assert silent.read_to_end() == b""
    assert used.read_to_end() == b""


def test_client_that_takes_nothing_loses_its_connection(
    serve: Any, until: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "miniframe.server")

    def application(environ: Environ, start_response: Any) -> list[bytes]:
        start_response("200 OK", [])
        return [b"x" * 20_000_000]

    serve(application, send_timeout=0.1).connect().send(GET)
    until(lambda: "took nothing for 0.1 seconds" in caplog.text)


# ---------------------------------------------------------------- clients that leave
def test_half_closed_client_is_answered(serve: Any) -> None:
    client = serve(hello).connect().send(GET)
    client.socket.shutdown(socket.SHUT_WR)
    assert client.read_to_end().endswith(b"hello")


@BOTH
def test_vanished_client_leaves_one_debug_line_and_no_traceback(
    serve: Any, until: Any, threads: bool, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "miniframe.server")
    begun = threading.Event()
    closed = threading.Event()

    class Endless:
        def __iter__(self) -> Iterator[bytes]:
            while True:
                begun.set()
                yield b"x" * 65536

        def close(self) -> None:
            closed.set()

    def application(environ: Environ, start_response: Any) -> Any:
        if environ["PATH_INFO"] == "/":
            return hello(environ, start_response)
        start_response("200 OK", [])
        return Endless()

    served = serve(application, threads=threads)
    client = served.connect().send(GET.replace(b" / ", b" /endless "))
    assert begun.wait(10)
    client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()
    assert closed.wait(10)
    until(lambda: "The client went away" in caplog.text)
    assert served.get()[0] == 200
    assert sum("went away" in record.getMessage() for record in caplog.records) == 1
    assert all(record.exc_info is None for record in caplog.records)


def test_tls_on_the_plain_port_is_explained(serve: Any, caplog: pytest.LogCaptureFixture) -> None:
    client = serve(hello).connect().send(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 20)
    assert client.read_to_end() == b""
    messages = [record.getMessage() for record in caplog.records]
    assert messages == ["You're accessing the development server over HTTPS, but it only supports HTTP."]
    assert caplog.records[0].levelname == "ERROR"


# ---------------------------------------------------------------- row 50 and 51
@pytest.mark.parametrize(
    ("status", "level"), [(200, "INFO"), (302, "INFO"), (304, "INFO"), (404, "WARNING"), (500, "ERROR"), (599, "ERROR")]
)
def test_contract_51_request_is_logged_with_what_formatters_need(
    serve: Any, caplog: pytest.LogCaptureFixture, until: Any, status: int, level: str
) -> None:
    caplog.set_level(logging.INFO, "miniframe.server")

    def application(environ: Environ, start_response: Any) -> list[bytes]:
        start_response(f"{status} Whatever", [])
        return [] if status == 304 else [b"12345"]

    serve(application).get("/a?b")
    until(lambda: caplog.records)
    (record,) = caplog.records
    assert record.name == "miniframe.server"
    assert record.levelname == level
    size = 0 if status == 304 else 5
    line, _, taken = record.getMessage().rpartition(" ")
    assert line == f"GET /a?b {status} {size}B"
    assert taken.endswith("ms")
    assert float(taken[:-2]) >= 0
    extra: Any = record
    assert extra.status_code == status
    assert extra.server_time
    assert (extra.method, extra.path, extra.size, extra.view) == ("GET", "/a?b", size, None)
    assert extra.duration_ms > 0
    assert isinstance(extra.request, socket.socket)


@pytest.mark.parametrize(
    ("octets", "shown"),
    [(0, "0B"), (999, "999B"), (1000, "1.0kB"), (99_949, "99.9kB"), (99_950, "100kB"), (999_499, "999kB"),
     (999_500, "1.0MB"), (10_485_760, "10.5MB"), (5_000_000_000, "5.0GB"), (5_000_000_000_000, "5000GB")],
)  # fmt: skip
def test_sizes_are_shown_in_round_figures_and_kept_as_they_are(octets: int, shown: str) -> None:
    assert (str(Octets(octets)), Octets(octets)) == (shown, octets)


def test_the_line_names_the_view_that_the_application_has_left_in_the_environ(
    serve: Any, caplog: pytest.LogCaptureFixture, until: Any
) -> None:
    caplog.set_level(logging.INFO, "miniframe.server")

    def application(environ: Environ, start_response: Any) -> list[bytes]:
        if environ["PATH_INFO"] == "/shop/":
            environ["miniframe.match"] = ResolverMatch(application, (), {})
        return hello(environ, start_response)

    client = serve(application).connect()
    client.get("/shop/")
    client.get("/")
    until(lambda: len(caplog.records) == 2)
    named, nameless = caplog.records
    assert named.getMessage().endswith(f"ms {__name__}.application")
    assert named.__dict__["view"] == f"{__name__}.application"
    assert nameless.getMessage().endswith("ms")


def test_request_records_are_as_logging_makes_them(serve: Any, caplog: pytest.LogCaptureFixture, until: Any) -> None:
    caplog.set_level(logging.INFO, "miniframe.server")
    served = serve(hello)
    kept = logging.getLogRecordFactory()

    class Marked(logging.LogRecord):
        pass

    served.get()
    until(lambda: len(caplog.records) == 1)
    logging.setLogRecordFactory(Marked)
    try:
        served.get()
        until(lambda: len(caplog.records) == 2)
    finally:
        logging.setLogRecordFactory(kept)
    ours, theirs = caplog.records
    assert isinstance(theirs, Marked)
    assert vars(ours).keys() == vars(theirs).keys()
    different = {key for key in vars(ours) if type(getattr(ours, key)) is not type(getattr(theirs, key))}
    assert different == set()
    for key in ("name", "levelname", "levelno", "filename", "module", "process", "processName", "thread", "threadName"):
        assert getattr(ours, key) == getattr(theirs, key)
    assert 0 <= theirs.created - ours.created < 60
    assert abs((theirs.relativeCreated - ours.relativeCreated) / 1000 - (theirs.created - ours.created)) < 0.1


def test_contract_50_server_formatter_colours_the_line_by_its_status(serve: Any, until: Any) -> None:
    from miniframe.utils.log import ServerFormatter
    from miniframe.utils.termcolors import color_style

    formatter = ServerFormatter("[{server_time}] {message}", style="{")
    formatter.style = color_style(force_color=True)
    lines: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(self.format(record))

    keep = Keep()
    keep.setFormatter(formatter)
    logger = logging.getLogger("miniframe.server")
    before = logger.level
    logger.addHandler(keep)
    logger.setLevel(logging.INFO)
    try:

        def application(environ: Environ, start_response: Any) -> list[bytes]:
            start_response("404 Not Found" if environ["PATH_INFO"] == "/no" else "200 OK", [])
            return [b""]

        served = serve(application)
        served.get("/yes")
        served.get("/no")
        until(lambda: len(lines) == 2)
    finally:
        logger.removeHandler(keep)
        logger.setLevel(before)
    assert "\x1b[" not in lines[0]
    assert "\x1b[33" in lines[1]
    assert "GET /no 404 0B" in lines[1]


def test_contract_51_log_can_be_silenced(serve: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL, "miniframe.server")
    served = serve(hello)
    assert served.get()[0] == 200
    assert caplog.records == []


def test_client_cannot_write_lines_of_its_own_into_the_log(serve: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "miniframe.server")
    serve(hello).connect().send(b"GET /\x1b[31m\x85\rx HTTP/1.1\r\nHost: localhost\r\n\r\n").read_to_end()
    for record in caplog.records:
        assert record.getMessage().isprintable()
    assert "\\x1b[31m" in caplog.text


# ---------------------------------------------------------------- a file in a socket's place
class Files:
    """A "request" made of files, as tests of handlers use it."""

    def __init__(self, data: bytes) -> None:
        self.data = io.BytesIO(data)
        self.answer = io.BytesIO()
        self.answer.close = lambda: None  # type: ignore[method-assign]  # to be read afterwards

    def makefile(self, mode: str, *args: Any) -> io.BytesIO:
        return self.data if mode == "rb" else self.answer


class StubServer:
    """As little of a server as a handler needs."""

    base_environ: dict[str, Any] = {}

    def get_app(self) -> Any:
        return hello


def test_handler_takes_files_for_a_connection_and_their_end_for_the_heads() -> None:
    request = Files(b"GET / HTTP/1.0\r\nX-A: 1\r\n")
    WSGIRequestHandler(request, "192.0.2.1", StubServer())
    assert request.answer.getvalue().endswith(b"\r\n\r\nhello")


def test_headers_are_found_in_any_case() -> None:
    seen: list[Any] = []

    class Handler(WSGIRequestHandler):
        def handle_one_request(self) -> None:
            seen.append((self.headers["X-A"], self.headers.get("x-a"), self.headers.get("None"), self.command))
            super().handle_one_request()

    Handler(Files(b"GET /p HTTP/1.0\r\nX-a: 1\r\n\r\n"), ("192.0.2.1", 1), StubServer())
    assert seen == [("1", "1", None, "GET")]
