"""Views that fork: the child never becomes a second server."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="fork() of POSIX")

SCRIPT = """
import os, signal, sys, time
from miniframe.servers.basehttp import FileWrapper, ThreadingMixIn, WSGIRequestHandler, WSGIServer, run

class Plain(WSGIServer):
    def finish_request(self, request, client_address):
        super().finish_request(request, client_address)

def fork(path):
    child = os.fork()
    if child:
        return child
    if path == "/exit":
        sys.exit(0)
    if path == "/exit3":
        sys.exit(3)
    if path == "/words":
        sys.exit("some words")
    if path == "/raise":
        raise RuntimeError("in the child")
    if path == "/terminated":
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(10)
    if path == "/interrupted":
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(10)
    return 0

def end_of(child):
    return str(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])).encode() if child else b"the child's answer"

class Closing:
    def __iter__(self):
        return iter([b"closed later"])

    def close(self):
        child = fork("/close")
        if child:
            print("child", end_of(child).decode(), flush=True)

def application(environ, start_response):
    path = environ["PATH_INFO"]
    if path == "/":
        start_response("200 OK", [])
        return [b"hello"]
    if path == "/stream":
        start_response("200 OK", [])
        def stream():
            yield b"first "
            yield end_of(fork(path))
        return stream()
    if path == "/close":
        start_response("200 OK", [])
        return Closing()
    child = fork(path)
    if path == "/busy":
        if child:
            start_response("200 OK", [])
            return [b"gone on"]
        print("working", flush=True)
        time.sleep(0.3)
    if path == "/file" and not child:
        start_response("200 OK", [])
        return FileWrapper(open(os.__file__, "rb"))
    body = end_of(child)
    start_response("200 OK", [])
    return [body]

run(
    "127.0.0.1", 0, application, threading=sys.argv[1] == "threads",
    server_cls=Plain if sys.argv[1] == "plain" else WSGIServer,
    on_bind=lambda port: print(port, flush=True),
)
"""


class Running:
    """A process that serves."""

    def __init__(self, mode: str) -> None:
        self.process = subprocess.Popen(
            # Since Python 3.12 a fork among threads warns, and rightly so; here it is what is tested.
            [sys.executable, "-W", "ignore::DeprecationWarning", "-c", SCRIPT, mode],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.out = self.process.stdout
        self.port = int(self.out.readline())

    def get(self, path: str) -> bytes:
        """Return all that one connection brings."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as client:
            client.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
            data = b""
            while more := client.recv(65536):
                data += more
        return data

    def end(self) -> str:
        """End the server; return what it wrote to standard error."""
        self.process.send_signal(signal.SIGTERM)
        _, err = self.process.communicate(timeout=10)
        assert self.process.returncode == 0
        return err


@pytest.fixture(params=["threads", "serial", "plain"])
def running(request: pytest.FixtureRequest) -> Iterator[Running]:
    one = Running(request.param)
    yield one
    one.process.kill()
    one.process.communicate()


@pytest.mark.parametrize(
    ("path", "code", "said"),
    [
        pytest.param("/exit", 0, "", id="exit"),
        pytest.param("/exit3", 3, "", id="exit-with-a-code"),
        pytest.param("/words", 1, "some words", id="exit-with-words"),
        pytest.param("/return", 0, "came back from the view", id="return"),
        pytest.param("/file", 0, "came back from the view", id="return-a-file"),
        pytest.param("/raise", 1, "in the child", id="raise"),
        pytest.param("/terminated", -signal.SIGTERM, "", id="sigterm"),
        pytest.param("/interrupted", 130, "", id="sigint"),
    ],
)
def test_child_of_a_view_ends_and_the_server_goes_on(running: Running, path: str, code: int, said: str) -> None:
    for _ in range(3):
        answer = running.get(path)
        assert answer.count(b"HTTP/1.1 ") == 1
        assert answer.endswith(b"\r\n\r\n%d" % code)
        assert [running.get("/").endswith(b"\r\n\r\nhello") for _ in range(5)] == [True] * 5
    said_at_all = running.end()
    assert said in said_at_all
    assert said or not said_at_all


def test_child_that_is_forked_in_mid_stream_sends_nothing(running: Running) -> None:
    answer = running.get("/stream")
    assert answer.count(b"HTTP/1.1 ") == 1
    assert answer.endswith(b"\r\n\r\n6\r\nfirst \r\n1\r\n0\r\n0\r\n\r\n")
    assert running.get("/").endswith(b"hello")


def test_child_that_is_forked_while_an_answer_is_closed_ends(running: Running) -> None:
    assert running.get("/close").endswith(b"closed later")
    assert running.out.readline() == "child 0\n"
    assert running.get("/").endswith(b"hello")


def test_child_that_works_on_holds_up_nobody(running: Running) -> None:
    for _ in range(3):
        # The end of the answer comes although the child has a copy of the connection.
        assert running.get("/busy").endswith(b"gone on")
        assert [running.get("/").endswith(b"hello") for _ in range(20)] == [True] * 20
    assert [running.out.readline() for _ in range(3)] == ["working\n"] * 3
    assert running.get("/").endswith(b"hello")
    running.end()
