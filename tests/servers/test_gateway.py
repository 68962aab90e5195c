"""Between a request and an application: PEP 3333, with a list in the client's place."""

from __future__ import annotations

import asyncio
import io
import logging
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from miniframe.servers.errors import ApplicationError, BrokenBody, ClientGone, Terminated
from miniframe.servers.filewrapper import FileWrapper
from miniframe.servers.gateway import ServerHandler

Environ = dict[str, Any]


class Wire:
    """The client's side: keeps each write, and may hang up."""

    def __init__(self, takes: int = 1000) -> None:
        self.writes: list[bytes] = []
        self.takes = takes

    def write(self, data: bytes) -> int:
        if len(self.writes) >= self.takes:
            raise ClientGone("gone")
        self.writes.append(data)
        return len(data)

    @property
    def octets(self) -> bytes:
        return b"".join(self.writes)

    @property
    def body(self) -> bytes:
        return self.octets.partition(b"\r\n\r\n")[2]


class Connection:
    """What a handler asks of the connection it serves."""

    def __init__(self) -> None:
        self.close_connection = False
        self.logged: list[tuple[Any, Any]] = []

    def may_keep_alive(self) -> bool:
        return True

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        self.logged.append((code, size))


class Blocks:
    """An application's answer that counts how often it is closed."""

    def __init__(self, *blocks: Any) -> None:
        self.blocks = blocks
        self.closed = 0

    def __iter__(self) -> Iterator[Any]:
        for block in self.blocks:
            if isinstance(block, Exception):
                raise block
            yield block

    def close(self) -> None:
        self.closed += 1


def make(wire: Wire, **environ: Any) -> tuple[ServerHandler, Connection]:
    variables = {"REQUEST_METHOD": "GET", "SERVER_PROTOCOL": "HTTP/1.1", "PATH_INFO": "/", **environ}
    handler = ServerHandler(io.BytesIO(), wire, io.StringIO(), variables)
    connection = Connection()
    handler.request_handler = connection
    return handler, connection


def answering(body: Any, headers: list[tuple[str, str]] | None = None, status: str = "200 OK") -> Callable[..., Any]:
    def application(environ: Environ, start_response: Any) -> Any:
        start_response(status, headers if headers is not None else [("Content-Type", "text/plain")])
        return body

    return application


# ---------------------------------------------------------------- row 44 to 46
def test_contract_44_handler_is_made_of_streams_and_environ_and_knows_its_connection() -> None:
    stdin, wire, stderr = io.BytesIO(b"x"), Wire(), io.StringIO()
    handler = ServerHandler(stdin, wire, stderr, {"SERVER_PROTOCOL": "HTTP/1.1"})
    connection = Connection()
    handler.request_handler = connection
    handler.run(answering([b"hello"]))
    assert handler.environ["wsgi.input"] is stdin
    assert handler.environ["wsgi.errors"] is stderr
    assert connection.logged == [("200", 5)]
    assert connection.close_connection is False


def test_contract_45_failure_before_the_headers_is_a_500(caplog: pytest.LogCaptureFixture) -> None:
    def application(environ: Environ, start_response: Any) -> Any:
        raise RuntimeError("a secret")

    wire = Wire()
    handler, connection = make(wire)
    handler.run(application)
    assert wire.octets.startswith(b"HTTP/1.1 500 Internal Server Error\r\n")
    assert b"secret" not in wire.octets
    assert "a secret" in caplog.text
    assert connection.logged == [("500", len(ServerHandler.error_body))]


def test_contract_45_failure_after_start_response_is_still_a_500(caplog: pytest.LogCaptureFixture) -> None:
    wire = Wire()
    blocks = Blocks(RuntimeError("early"))
    handler, _ = make(wire)
    handler.run(answering(blocks))
    assert wire.octets.startswith(b"HTTP/1.1 500 ")
    assert blocks.closed == 1


def test_contract_45_failure_after_the_headers_cuts_the_connection(caplog: pytest.LogCaptureFixture) -> None:
    wire = Wire()
    handler, connection = make(wire)
    handler.run(answering(Blocks(b"part", RuntimeError("late"))))
    assert wire.body == b"4\r\npart\r\n"  # and no last chunk: the client sees that it was cut
    assert connection.close_connection is True
    assert "late" in caplog.text


def test_contract_45_error_in_the_error_answer_closes_and_goes_on() -> None:
    class Clumsy(ServerHandler):
        def error_output(self, environ: Environ, start_response: Any) -> list[bytes]:
            raise LookupError("again")

    def application(environ: Environ, start_response: Any) -> Any:
        raise RuntimeError("first")

    handler = Clumsy(io.BytesIO(), Wire(), io.StringIO(), {})
    connection = Connection()
    handler.request_handler = connection
    with pytest.raises(LookupError, match="again"):
        handler.run(application)
    assert connection.close_connection is True


class Stop(BaseException):
    """No Exception."""


class Unspeakable(Exception):
    """Not even its text can be had."""

    def __str__(self) -> str:
        raise SystemExit(7)


EXITS: list[BaseException] = [
    SystemExit(3),
    asyncio.CancelledError(),
    GeneratorExit(),
    Stop(),
    Unspeakable(),
]


@pytest.mark.parametrize("error", EXITS, ids=lambda error: type(error).__name__)
def test_contract_45_exit_of_the_application_is_answered_as_an_error(
    error: BaseException, caplog: pytest.LogCaptureFixture
) -> None:
    def application(environ: Environ, start_response: Any) -> Any:
        raise error

    wire = Wire()
    make(wire)[0].run(application)
    assert wire.octets.startswith(b"HTTP/1.1 500 Internal Server Error\r\n")
    assert "The application failed" in caplog.text
    assert type(error).__name__ in caplog.text


@pytest.mark.parametrize("error", EXITS, ids=lambda error: type(error).__name__)
def test_contract_45_exit_in_the_body_cuts_the_connection(
    error: BaseException, caplog: pytest.LogCaptureFixture
) -> None:
    def application(environ: Environ, start_response: Any) -> Any:
        start_response("200 OK", [])
        yield b"some"
        raise error

    wire = Wire()
    handler, connection = make(wire)
    handler.run(application)
    assert wire.octets.endswith(b"some\r\n")  # and no last chunk
    assert connection.close_connection is True
    assert "The application failed" in caplog.text


@pytest.mark.parametrize("error", [KeyboardInterrupt(), Terminated(0)], ids=["ctrl-c", "sigterm"])
def test_contract_45_signal_goes_on_to_the_server(error: BaseException) -> None:
    def application(environ: Environ, start_response: Any) -> Any:
        raise error

    wire = Wire()
    handler, connection = make(wire)
    with pytest.raises(type(error)):
        handler.run(application)
    assert connection.close_connection is True
    assert wire.octets == b""


def test_keyboard_interrupt_of_a_view_in_another_thread_is_an_error_like_others() -> None:
    def application(environ: Environ, start_response: Any) -> Any:
        raise KeyboardInterrupt

    wire = Wire()
    thread = threading.Thread(target=make(wire)[0].run, args=(application,))
    thread.start()
    thread.join(10)
    assert wire.octets.startswith(b"HTTP/1.1 500 ")


def test_path_cannot_forge_lines_of_the_log(caplog: pytest.LogCaptureFixture) -> None:
    def failing(environ: Environ, start_response: Any) -> Any:
        raise RuntimeError

    def quick(environ: Environ, start_response: Any) -> Any:
        start_response("200 OK", [])
        return [b"never read"]

    caplog.set_level(logging.DEBUG)
    forged = "/a\rFORGED1\nFORGED2\x1b[31m\x85"
    make(Wire(), PATH_INFO=forged)[0].run(failing)
    make(Wire(takes=0), PATH_INFO=forged)[0].run(quick)
    messages = [record.getMessage() for record in caplog.records]
    assert [message.split(" ")[1] for message in messages] == ["application", "client"]
    for message in messages:
        assert message.isprintable()
        assert r"/a\rFORGED1\nFORGED2\x1b[31m\x85" in message


def test_broken_body_is_the_clients_fault(caplog: pytest.LogCaptureFixture) -> None:
    def application(environ: Environ, start_response: Any) -> Any:
        raise BrokenBody(400, "Malformed chunk size")

    wire = Wire()
    make(wire)[0].run(application)
    assert wire.octets.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert wire.body == b"Malformed chunk size\n"
    assert "Traceback" not in caplog.text


def test_contract_46_environ_passes_the_standard_librarys_validator() -> None:
    from wsgiref.validate import validator

    wire = Wire()
    environ = {"SERVER_NAME": "localhost", "SERVER_PORT": "80", "SCRIPT_NAME": "", "QUERY_STRING": ""}
    handler, connection = make(wire, **environ)
    handler.run(validator(answering([b"hello"])))
    assert wire.body == b"5\r\nhello\r\n0\r\n\r\n"  # the validator hides the list, and with it the length
    assert connection.logged == [("200", 5)]
    assert handler.environ["wsgi.version"] == (1, 0)
    assert handler.environ["wsgi.multithread"] is True
    assert handler.environ["wsgi.multiprocess"] is handler.environ["wsgi.run_once"] is False
    assert handler.environ["wsgi.file_wrapper"] is FileWrapper


# ---------------------------------------------------------------- row 47
@pytest.mark.parametrize(
    ("blocks", "takes"),
    [
        pytest.param((b"a", b"b"), 1000, id="success"),
        pytest.param((b"a", RuntimeError("x")), 1000, id="error"),
        pytest.param((RuntimeError("x"),), 1000, id="error-at-once"),
        pytest.param((b"a", b"b", b"c"), 1, id="client-gone"),
        pytest.param((), 1000, id="empty"),
    ],
)
def test_contract_47_answer_is_closed_once(
    blocks: tuple[Any, ...], takes: int, caplog: pytest.LogCaptureFixture
) -> None:
    answer = Blocks(*blocks)
    handler, connection = make(Wire(takes))
    handler.run(answering(answer))
    assert answer.closed == 1
    assert len(connection.logged) == 1


def test_contract_47_each_block_is_sent_when_it_comes() -> None:
    wire = Wire()
    seen: list[int] = []

    def blocks() -> Iterator[bytes]:
        yield b"one"
        seen.append(len(wire.writes))
        yield b""
        seen.append(len(wire.writes))
        yield b"two"
        seen.append(len(wire.writes))

    make(wire)[0].run(answering(blocks()))
    assert seen == [1, 1, 2]
    assert wire.body == b"3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n"


class Whole:
    """An answer of another kind whose blocks are all there."""

    def __iter__(self) -> Iterator[bytes]:
        return iter([b"he", b"llo"])


@pytest.mark.parametrize("blocks", [[b"hello"], [b"he", b"llo"], (b"hello",), [b"hello", b""], Whole()])
def test_contract_47_whole_answer_goes_out_in_one_piece_with_its_length(blocks: Any) -> None:
    wire = Wire()
    make(wire)[0].run(answering(blocks))
    assert len(wire.writes) == 1
    assert b"Content-Length: 5\r\n" in wire.octets
    assert wire.body == b"hello"


@pytest.mark.parametrize("body", [[], Blocks(), [b""]])
def test_contract_47_empty_answer_has_length_zero(body: Any) -> None:
    wire = Wire()
    make(wire)[0].run(answering(body))
    assert b"Content-Length: 0\r\n" in wire.octets
    assert wire.body == b""


@pytest.mark.parametrize("body", [[b"hello"], Blocks(b"he", b"llo")])
@pytest.mark.parametrize(
    ("method", "status"), [("HEAD", "200 OK"), ("GET", "204 No Content"), ("GET", "304 Not Modified")]
)
def test_body_that_may_not_be_sent_is_dropped(method: str, status: str, body: Any) -> None:
    wire = Wire()
    handler, connection = make(wire, REQUEST_METHOD=method)
    handler.run(answering(body, status=status))
    assert wire.body == b""
    assert connection.close_connection is False


def test_head_of_an_endless_stream_ends() -> None:
    def endless() -> Iterator[bytes]:
        while True:
            yield b"again"

    wire = Wire()
    make(wire, REQUEST_METHOD="HEAD")[0].run(answering(endless()))
    assert wire.body == b""


def test_body_longer_than_promised_is_cut_to_its_length(caplog: pytest.LogCaptureFixture) -> None:
    wire = Wire()
    handler, connection = make(wire)
    handler.run(answering(Blocks(b"hel", b"lo and more"), [("Content-Length", "5")]))
    assert wire.body == b"hello"
    assert connection.close_connection is False
    assert "more than the 5 octets" in caplog.text


def test_body_shorter_than_promised_cuts_the_connection(caplog: pytest.LogCaptureFixture) -> None:
    wire = Wire()
    handler, connection = make(wire)
    handler.run(answering([b"hel"], [("Content-Length", "5")]))
    assert wire.body == b"hel"
    assert connection.close_connection is True
    assert "promised 5 octets" in caplog.text


def test_client_that_left_is_one_debug_line(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "miniframe.server")
    handler, connection = make(Wire(takes=0))
    handler.run(answering([b"hello"]))
    assert connection.close_connection is True
    assert [record.levelname for record in caplog.records] == ["DEBUG"]
    assert caplog.records[0].exc_info is None


def test_connection_error_of_the_applications_own_is_no_vanished_client(caplog: pytest.LogCaptureFixture) -> None:
    def application(environ: Environ, start_response: Any) -> Any:
        raise ConnectionResetError("the database")

    wire = Wire()
    make(wire)[0].run(application)
    assert wire.octets.startswith(b"HTTP/1.1 500 ")


# ---------------------------------------------------------------- row 48
def test_contract_48_nothing_is_written_before_start_response(caplog: pytest.LogCaptureFixture) -> None:
    wire = Wire()
    make(wire)[0].run(lambda environ, start_response: [b"hello"])
    assert wire.octets.startswith(b"HTTP/1.1 500 ")
    assert "before it called start_response" in caplog.text


def test_contract_48_application_may_call_start_response_while_it_is_iterated() -> None:
    def application(environ: Environ, start_response: Any) -> Iterator[bytes]:
        start_response("200 OK", [])
        yield b"hello"

    wire = Wire()
    make(wire)[0].run(application)
    assert b"hello" in wire.body


def test_contract_48_second_start_response_needs_exc_info() -> None:
    handler, _ = make(Wire())
    handler.start_response("200 OK", [])
    with pytest.raises(ApplicationError, match="twice"):
        handler.start_response("200 OK", [])


def test_contract_48_exc_info_replaces_headers_that_were_not_sent() -> None:
    def application(environ: Environ, start_response: Any) -> list[bytes]:
        start_response("200 OK", [("X-A", "1")])
        try:
            raise RuntimeError("x")
        except RuntimeError:
            start_response("503 Service Unavailable", [("X-B", "2")], sys.exc_info())
        return [b"sorry"]

    wire = Wire()
    make(wire)[0].run(application)
    assert wire.octets.startswith(b"HTTP/1.1 503 Service Unavailable\r\n")
    assert b"X-A" not in wire.octets
    assert b"X-B: 2\r\n" in wire.octets


def test_contract_48_exc_info_is_raised_when_headers_were_sent() -> None:
    handler, _ = make(Wire())
    write = handler.start_response("200 OK", [])
    write(b"x")
    late = RuntimeError("late")
    with pytest.raises(RuntimeError, match="late"):
        handler.start_response("500 Oh", [], (RuntimeError, late, None))


def test_contract_48_write_sends_at_once() -> None:
    wire = Wire()

    def application(environ: Environ, start_response: Any) -> list[bytes]:
        write = start_response("200 OK", [])
        write(b"one")
        assert wire.body == b"3\r\none\r\n"
        return [b"two"]

    make(wire)[0].run(application)
    assert wire.body == b"3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n"


@pytest.mark.parametrize("body", [["text"], "text", Blocks("text"), [5]])
def test_body_must_be_bytes(body: Any, caplog: pytest.LogCaptureFixture) -> None:
    wire = Wire()
    make(wire)[0].run(answering(body))
    assert wire.octets.startswith(b"HTTP/1.1 500 ")
    assert "must be made of bytes" in caplog.text


# ---------------------------------------------------------------- row 49
def test_contract_49_file_wrapper_gives_blocks_and_passes_close_on() -> None:
    file = io.BytesIO(b"x" * 20000)
    wrapper = FileWrapper(file)
    assert [len(block) for block in wrapper] == [8192, 8192, 3616]
    wrapper.close()
    assert file.closed


def test_contract_49_file_wrapper_takes_a_block_size_and_needs_no_close() -> None:
    class Readable:
        def __init__(self) -> None:
            self.left = [b"abc", b"d"]

        def read(self, size: int) -> bytes:
            assert size == 3
            return self.left.pop(0) if self.left else b""

    wrapper = FileWrapper(Readable(), 3)
    assert list(wrapper) == [b"abc", b"d"]
    assert not hasattr(wrapper, "close")


class SendingWire(Wire):
    """A client's side that can send files."""

    def sendfile(self, head: bytes, descriptor: int, offset: int, count: int) -> int:
        import os

        self.write(head)
        self.writes.append(os.pread(descriptor, count, offset))
        return len(self.writes[-1])


@pytest.mark.parametrize("size", [0, 10, 100_000])
def test_contract_47_real_file_is_sent_by_the_system_from_where_it_stands(tmp_path: Path, size: int) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"ab" + b"c" * size)
    file = path.open("rb")
    file.read(2)
    wire = SendingWire()
    handler, connection = make(wire)
    handler.run(answering(FileWrapper(file)))
    assert wire.body == b"c" * size
    assert f"Content-Length: {size}\r\n".encode() in wire.octets
    assert file.closed
    assert connection.logged == [("200", size)]


def test_contract_47_part_of_a_file_ends_at_its_content_length(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"0123456789")
    wire = SendingWire()
    make(wire)[0].run(answering(FileWrapper(path.open("rb")), [("Content-Length", "4")]))
    assert wire.body == b"0123"


def test_contract_47_file_that_is_none_of_the_systems_is_iterated() -> None:
    wire = SendingWire()
    make(wire)[0].run(answering(FileWrapper(io.BytesIO(b"hello"))))
    assert wire.body == b"5\r\nhello\r\n0\r\n\r\n"
