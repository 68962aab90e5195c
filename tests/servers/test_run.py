"""`run()` in processes of its own: signals, and the end."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

SCRIPT = """
import sys, threading, time
from miniframe.servers.basehttp import run

def application(environ, start_response):
    path = environ["PATH_INFO"]
    print("begun", path, flush=True)
    if path == "/stream":
        start_response("200 OK", [])
        def forever():
            while True:
                yield b"again"
                time.sleep(0.01)
        return forever()
    if path == "/slow":
        time.sleep(0.15)
    if path == "/stuck":
        time.sleep(60)
    if path == "/exit":
        sys.exit(5)
    start_response("200 OK", [])
    return [b"hello"]

try:
    run("127.0.0.1", 0, application, threading=sys.argv[1] == "threads", on_bind=lambda port: print(port, flush=True))
except KeyboardInterrupt:
    print("interrupted", flush=True)
    sys.exit(0)
print("returned", flush=True)
"""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")


class Running:
    """A process that serves."""

    def __init__(self, mode: str) -> None:
        command = [sys.executable, "-c", SCRIPT, mode]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.port = int(self.line())

    def line(self) -> str:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, self.process.stderr and self.process.stderr.read()
        return line.strip()

    def request(self, path: str) -> socket.socket:
        """Send a request and wait until the application has begun it."""
        client = socket.create_connection(("127.0.0.1", self.port), timeout=10)
        client.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        assert self.line() == f"begun {path}"
        return client

    def end(self, number: int) -> tuple[int, float, str, str]:
        """Send the signal; return exit code, seconds, standard output and error."""
        began = time.monotonic()
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=10)
        return self.process.returncode, time.monotonic() - began, out, err


Start = Callable[[str], Running]


@pytest.fixture
def start() -> Iterator[Start]:
    running: list[Running] = []

    def begin(mode: str) -> Running:
        running.append(Running(mode))
        return running[-1]

    yield begin
    for one in running:
        one.process.kill()
        one.process.communicate()


def read_all(client: socket.socket) -> bytes:
    data = b""
    while more := client.recv(65536):
        data += more
    return data


@pytest.mark.parametrize("mode", ["threads", "serial"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_idle_server_ends_at_once(start: Start, mode: str, number: int) -> None:
    running = start(mode)
    with running.request("/") as client:
        assert client.recv(65536).endswith(b"hello")  # and now it is idle
        code, seconds, out, err = running.end(number)
    assert (code, out, err) == (0, "interrupted\n" if number == signal.SIGINT else "returned\n", "")
    assert seconds < 1.0  # 0.3 on an idle machine


@pytest.mark.parametrize("mode", ["threads", "serial"])
def test_terminated_server_waits_for_no_connection_that_has_said_nothing(start: Start, mode: str) -> None:
    seconds = []
    # A server of its own each time: the fastest shows what it takes, the others how busy the machine is.
    for _ in range(3):
        running = start(mode)
        with running.request("/") as client, socket.create_connection(("127.0.0.1", running.port), timeout=10):
            assert client.recv(65536).endswith(b"hello")
            with running.request("/") as second:
                assert second.recv(65536).endswith(b"hello")
            code, took, out, err = running.end(signal.SIGTERM)
        assert (code, out, err) == (0, "returned\n", "")
        seconds.append(took)
    assert min(seconds) < 0.2


@pytest.mark.parametrize("mode", ["threads", "serial"])
def test_exit_of_a_view_is_answered_and_ctrl_c_still_ends_the_server(start: Start, mode: str) -> None:
    running = start(mode)
    for _ in range(3):
        with running.request("/exit") as client:
            assert client.recv(65536).startswith(b"HTTP/1.1 500 ")
    with running.request("/stuck"):
        code, seconds, out, err = running.end(signal.SIGINT)
    assert (code, out) == (0, "interrupted\n")
    assert err.count("The application failed: GET /exit") == 3
    assert seconds < 1.0


@pytest.mark.parametrize("mode", ["threads", "serial"])
def test_terminated_server_finishes_what_has_begun(start: Start, mode: str) -> None:
    running = start(mode)
    with running.request("/slow") as client:
        code, _, out, err = running.end(signal.SIGTERM)
        answer = read_all(client)
    assert answer.endswith(b"hello")
    assert b"Connection: close\r\n" in answer
    assert (code, out, err) == (0, "returned\n", "")


@pytest.mark.parametrize("mode", ["threads", "serial"])
@pytest.mark.parametrize("path", ["/stream", "/stuck"])
def test_terminated_server_does_not_wait_for_ever(start: Start, mode: str, path: str) -> None:
    running = start(mode)
    with running.request(path):
        code, seconds, _, err = running.end(signal.SIGTERM)
    assert (code, err) == (0, "")
    assert seconds < 2.0


@pytest.mark.parametrize("mode", ["threads", "serial"])
@pytest.mark.parametrize("path", ["/stream", "/stuck"])
def test_interrupted_server_ends_at_once_with_requests_open(start: Start, mode: str, path: str) -> None:
    running = start(mode)
    with running.request(path):
        code, seconds, out, err = running.end(signal.SIGINT)
    assert (code, out, err) == (0, "interrupted\n", "")
    assert seconds < 1.0


BARE_SYSTEM = """
import os, select, selectors, socket, sys, tempfile, threading
for module, name in ((os, "sendfile"), (os, "pread"), (select, "epoll"), (select, "poll"), (socket, "MSG_MORE")):
    if hasattr(module, name):
        delattr(module, name)
selectors.DefaultSelector = selectors.SelectSelector
from miniframe.servers.basehttp import FileWrapper, ThreadingMixIn, WSGIRequestHandler, WSGIServer

file = tempfile.TemporaryFile()
file.write(b"x" * 300000)
file.seek(0)

def application(environ, start_response):
    start_response("200 OK", [])
    return FileWrapper(file)

server = type("Server", (ThreadingMixIn, WSGIServer), {})(("127.0.0.1", 0), WSGIRequestHandler)
server.set_app(application)
thread = threading.Thread(target=server.serve_forever)
thread.start()
with socket.create_connection(("127.0.0.1", server.server_port), timeout=10) as client:
    client.sendall(b"GET / HTTP/1.0\\r\\n\\r\\n")
    data = b""
    while more := client.recv(65536):
        data += more
server.shutdown()
server.server_close()
thread.join()
print(len(data.partition(b"\\r\\n\\r\\n")[2]))
"""


def test_server_works_where_the_system_offers_little() -> None:
    done = subprocess.run([sys.executable, "-c", BARE_SYSTEM], capture_output=True, text=True, timeout=30)
    assert (done.stdout, done.stderr) == ("300000\n", "")


@pytest.mark.parametrize("threads", [True, False])
def test_adopted_listeners_are_all_served(threads: bool) -> None:
    import threading

    from miniframe.servers.basehttp import run

    with socket.create_server(("127.0.0.1", 0)) as listener, socket.create_server(("127.0.0.2", 0)) as further:
        port = listener.getsockname()[1]
        seen: list[Any] = []
        ready = threading.Event()

        def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
            start_response("200 OK", [])
            return [environ["SERVER_PORT"].encode()]

        def on_bind(bound: int) -> None:
            seen.append(bound)
            ready.set()

        def go() -> None:
            run(
                "ignored",
                1,
                application,
                threading=threads,
                on_bind=on_bind,
                listeners=[listener.dup(), further.dup()],
                listening=seen.append,
            )

        thread = threading.Thread(target=go)
        thread.start()
        assert ready.wait(10)
        server, bound = seen
        assert bound == port == server.server_port
        for one in (listener, further, listener, further):
            with socket.create_connection(one.getsockname(), timeout=10) as client:
                client.sendall(b"GET / HTTP/1.0\r\n\r\n")
                assert read_all(client).endswith(str(port).encode())
        server.drain(5.0)
        thread.join(10)
        assert not thread.is_alive()
        # Those that we kept still listen: a client waits for whoever serves it next.
        for one in (listener, further):
            with socket.create_connection(one.getsockname(), timeout=10):
                pass


@pytest.mark.parametrize("threads", [True, False])
def test_drain_finishes_what_has_begun_and_closes_what_is_idle(serve: Any, until: Any, threads: bool) -> None:
    import threading

    inside, release = threading.Event(), threading.Event()

    def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        if environ["PATH_INFO"] == "/slow":
            inside.set()
            release.wait(10)
        start_response("200 OK", [])
        return [b"hello"]

    served = serve(application, threads=threads)
    idle, busy, half = served.connect(), served.connect(), served.connect()
    assert idle.get()[0] == 200
    assert half.get()[0] == 200
    half.send(b"GET / HTTP/1.1\r\nHost: ")
    half.socket.setblocking(True)
    busy.send(b"GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert inside.wait(10)
    drained = threading.Thread(target=served.server.drain, args=(8.0,))
    drained.start()
    until(lambda: served.server.draining)
    if threads:
        assert idle.read_to_end() == b""
    release.set()
    assert busy.read_answer()[1]["connection"] == "close"
    status, headers, _ = half.send(b"localhost\r\n\r\n").read_answer()
    assert (status, headers["connection"]) == (200, "close")
    drained.join(5)
    assert not drained.is_alive()
