"""The server classes: the names, the steps and the promises that people know."""

from __future__ import annotations

import errno
import os
import socket
import sys
import threading
import time
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

from miniframe.conf import PathNotFound
from miniframe.exceptions import ImproperlyConfigured
from miniframe.servers import basehttp
from miniframe.servers.basehttp import (
    BaseRequestHandler,
    BaseServer,
    TCPServer,
    ThreadingMixIn,
    WSGIRequestHandler,
    WSGIServer,
    get_internal_wsgi_application,
    run,
)
from miniframe.test.utils import override_settings

Environ = dict[str, Any]


def hello(environ: Environ, start_response: Any) -> list[bytes]:
    start_response("200 OK", [])
    return [b"hello"]


@pytest.fixture
def server() -> Iterator[WSGIServer]:
    """A server that listens and does not serve."""
    with WSGIServer(("127.0.0.1", 0), WSGIRequestHandler) as made:
        yield made


# ---------------------------------------------------------------- row 19 to 21
@pytest.fixture
def project() -> Iterator[ModuleType]:
    """A module "wsgi_of_tests" with an application."""
    module = ModuleType("wsgi_of_tests")
    module.application = hello  # type: ignore[attr-defined]
    sys.modules[module.__name__] = module
    yield module
    del sys.modules[module.__name__]


def test_contract_19_application_is_the_one_that_the_settings_name(project: ModuleType) -> None:
    with override_settings(WSGI_APPLICATION="wsgi_of_tests.application"):
        assert get_internal_wsgi_application() is hello


def test_contract_19_without_a_name_it_is_the_default_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(basehttp, "get_wsgi_application", lambda: hello)
    with override_settings(WSGI_APPLICATION=None):
        assert get_internal_wsgi_application() is hello


@pytest.mark.parametrize(
    ("path", "cause"),
    [
        pytest.param("nowhere", "nowhere", id="no-dotted-path"),
        pytest.param("no_such_module.application", "No module named 'no_such_module'", id="no-module"),
        pytest.param("wsgi_of_tests.missing", "missing", id="no-attribute"),
    ],
)
def test_contract_21_what_cannot_be_loaded_is_said_with_its_cause(project: ModuleType, path: str, cause: str) -> None:
    with (
        override_settings(WSGI_APPLICATION=path),
        pytest.raises(ImproperlyConfigured) as caught,
    ):
        get_internal_wsgi_application()
    assert str(caught.value) == f"WSGI application '{path}' could not be loaded; Error importing module."
    assert isinstance(caught.value.__cause__, ImportError)
    assert cause in str(caught.value.__cause__)


def test_contract_21_a_setting_below_that_leads_nowhere_speaks_for_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(path: str) -> Any:
        raise PathNotFound("MIDDLEWARE leads nowhere")

    monkeypatch.setattr(basehttp, "import_string", wrong)
    with override_settings(WSGI_APPLICATION="a.b"), pytest.raises(ImproperlyConfigured, match=r"^MIDDLEWARE leads"):
        get_internal_wsgi_application()


def test_contract_21_a_misspelt_path_gets_a_note_about_the_setting(project: ModuleType) -> None:
    with (
        override_settings(WSGI_APPLICATION="wsgi_of_tests.aplication", SETTINGS_MODULE="mysite.settings"),
        pytest.raises(ImproperlyConfigured) as caught,
    ):
        get_internal_wsgi_application()
    (note,) = caught.value.__notes__
    assert "WSGI_APPLICATION in mysite.settings leads nowhere. Did you mean 'wsgi_of_tests.application'?" in note


def test_contract_20_path_and_attribute_fail_with_different_words(project: ModuleType) -> None:
    from miniframe.utils.module_loading import import_string

    words = set()
    for path in ("nowhere", "no_such_module.application", "wsgi_of_tests.missing"):
        with pytest.raises(ImportError) as caught:
            import_string(path)
        words.add(str(caught.value).replace(path, ""))
    assert len(words) == 3


# ---------------------------------------------------------------- row 29 to 33
class Recorder(WSGIServer):
    """A server class that keeps what `run` makes of it, and does not serve."""

    made: list[Recorder] = []

    def serve_forever(self, poll_interval: float = 0.5) -> None:
        Recorder.made.append(self)


@pytest.fixture
def recorder() -> type[Recorder]:
    Recorder.made.clear()
    return Recorder


def test_contract_29_threads_are_mixed_in_before_the_server_class(recorder: type[Recorder]) -> None:
    run("127.0.0.1", 0, hello, threading=True, server_cls=recorder)
    (made,) = recorder.made
    order = type(made).__mro__
    assert type(made).__name__ == "WSGIServer"
    assert order.index(ThreadingMixIn) < order.index(recorder)


def test_contract_29_without_threads_the_class_is_used_as_it_is(recorder: type[Recorder]) -> None:
    run("127.0.0.1", 0, hello, threading=False, server_cls=recorder)
    assert type(recorder.made[0]) is recorder


def test_contract_30_threads_are_daemons(serve: Any) -> None:
    assert ThreadingMixIn.daemon_threads is True
    kinds: list[bool] = []

    def application(environ: Environ, start_response: Any) -> list[bytes]:
        kinds.append(threading.current_thread().daemon)
        return hello(environ, start_response)

    serve(application).get()
    assert kinds == [True]


def test_contract_30_stop_does_not_wait_for_a_stuck_view(serve: Any, until: Any) -> None:
    release = threading.Event()
    inside = threading.Event()

    def application(environ: Environ, start_response: Any) -> list[bytes]:
        inside.set()
        release.wait(10)
        return hello(environ, start_response)

    served = serve(application)
    served.connect().send(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert inside.wait(10)
    began = time.monotonic()
    served.server.shutdown()
    served.server.server_close()
    assert time.monotonic() - began < 0.3
    release.set()


def test_contract_31_application_is_set_and_got(recorder: type[Recorder]) -> None:
    run("127.0.0.1", 0, hello, server_cls=recorder)
    assert recorder.made[0].get_app() is hello
    recorder.made[0].set_app(None)
    assert recorder.made[0].application is None


def test_contract_32_mixin_holds_no_state_and_overrides_process_request_only() -> None:
    own = {name for name in vars(ThreadingMixIn) if not name.startswith("__")}
    methods = {name for name in own if callable(vars(ThreadingMixIn)[name])}
    assert methods == {"process_request", "process_request_thread"}
    assert "process_request_thread" not in dir(WSGIServer)
    assert all(isinstance(vars(ThreadingMixIn)[name], (bool, int)) for name in own - methods)
    assert not hasattr(ThreadingMixIn(), "__dict__") or vars(ThreadingMixIn()) == {}


def test_contract_33_server_stands_on_tcp_server_and_base_server() -> None:
    assert WSGIServer.__mro__[:4] == (WSGIServer, TCPServer, BaseServer, object)
    assert not {"http.server", "socketserver", "wsgiref"} & set(basehttp.__dict__)


def test_contract_33_nothing_heavy_is_imported() -> None:
    import subprocess

    code = (
        "import sys, miniframe.servers.gateway, miniframe.servers.lot, miniframe.servers.crew\n"
        "print([m for m in ('http.server', 'socketserver', 'wsgiref', 'email', 'http.client', 'asyncio', 'dataclasses')"
        " if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.skipif(not socket.has_ipv6, reason="no IPv6 here")
def test_contract_33_ipv6_listens_on_ipv6() -> None:
    try:
        server = WSGIServer(("::1", 0), WSGIRequestHandler, ipv6=True)
    except OSError:
        pytest.skip("no ::1 here")
    with server:
        assert server.address_family == socket.AF_INET6
        with socket.create_connection(("::1", server.server_port), timeout=5):
            pass


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="no /proc here")
@pytest.mark.parametrize("where", ["taken", "foreign"])
def test_contract_33_failed_bind_tells_errno_and_leaks_no_descriptor(where: str, server: WSGIServer) -> None:
    address = ("127.0.0.1", server.server_port) if where == "taken" else ("192.0.2.1", 0)
    before = descriptors()
    with pytest.raises(OSError, match=r"Errno") as caught:
        WSGIServer(address, WSGIRequestHandler)
    assert caught.value.errno == (errno.EADDRINUSE if where == "taken" else errno.EADDRNOTAVAIL)
    assert descriptors() == before


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="no /proc here")
@pytest.mark.parametrize("threads", [True, False])
def test_served_and_closed_server_leaks_no_descriptor(serve: Any, until: Any, threads: bool) -> None:
    before = descriptors()
    served = serve(hello, threads=threads)
    clients = [served.connect() for _ in range(5)]
    for client in clients:
        client.get()
        client.close()
    served.server.shutdown()
    served.server.server_close()
    until(lambda: descriptors() == before, "closing all descriptors")


def test_backlog_is_at_least_128() -> None:
    assert WSGIServer.request_queue_size >= 128


# ---------------------------------------------------------------- row 34
@pytest.mark.parametrize("threads", [True, False])
@pytest.mark.parametrize("used", [True, False])
def test_contract_34_shutdown_needs_no_poll_interval(serve: Any, threads: bool, used: bool) -> None:
    served = serve(hello, threads=threads, poll=30.0)
    if used:
        served.get()
    else:
        served.connect()
    began = time.monotonic()
    served.server.shutdown()
    assert time.monotonic() - began < 0.25  # 50 ms on an idle machine; it must not be 30 s


@pytest.mark.parametrize("threads", [True, False])
def test_contract_34_service_actions_run_every_poll_interval(serve: Any, threads: bool, until: Any) -> None:
    calls: list[float] = []

    class Server(WSGIServer):
        def service_actions(self) -> None:
            calls.append(time.monotonic())

    serve(hello, threads=threads, server_cls=Server, poll=0.02)
    until(lambda: len(calls) > 3)


def test_contract_34_nothing_is_accepted_after_shutdown(serve: Any) -> None:
    served = serve(hello)
    served.server.shutdown()
    client = served.connect()  # the system takes it in, we do not
    client.send(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    client.socket.settimeout(0.1)
    with pytest.raises(TimeoutError):
        client.socket.recv(1)


def test_contract_34_shutdown_before_serve_forever_is_not_lost(server: WSGIServer) -> None:
    server.shutdown()
    server.serve_forever()


def test_serve_forever_can_begin_again(serve: Any, until: Any) -> None:
    served = serve(hello)
    assert served.get()[0] == 200
    served.server.shutdown()
    again = threading.Thread(target=served.server.serve_forever)
    again.start()
    assert served.get()[0] == 200
    served.server.shutdown()
    again.join(10)


# ---------------------------------------------------------------- row 35
class FakeSocket:
    """A connection that notes how it ends."""

    def __init__(self) -> None:
        self.ended: list[str] = []

    def shutdown(self, how: int) -> None:
        self.ended.append("shutdown")
        raise OSError("not connected")

    def close(self) -> None:
        self.ended.append("close")


class Scripted(TCPServer):
    """A server whose steps do what the test says."""

    def __init__(self, **steps: Any) -> None:
        BaseServer.__init__(self, ("", 0), BaseRequestHandler)
        self.steps = steps
        self.request = FakeSocket()
        self.errors: list[Any] = []

    def _step(self, name: str, usual: Any) -> Any:
        step = self.steps.get(name, usual)
        if isinstance(step, BaseException):
            raise step
        return step

    def get_request(self) -> tuple[Any, Any]:
        self._step("accept", None)
        return self.request, ("192.0.2.1", 5)

    def verify_request(self, request: Any, client_address: Any) -> bool:
        return bool(self._step("verify", True))

    def finish_request(self, request: Any, client_address: Any) -> None:
        self._step("finish", None)

    def handle_error(self, request: Any, client_address: Any) -> None:
        self.errors.append(sys.exc_info()[1])


def test_contract_35_failing_accept_is_passed_over() -> None:
    server = Scripted(accept=OSError("gone already"))
    server._handle_request_noblock()
    assert (server.request.ended, server.errors) == ([], [])


def test_contract_35_unwanted_request_is_closed() -> None:
    server = Scripted(verify=False, finish=AssertionError("must not be served"))
    server._handle_request_noblock()
    assert (server.request.ended, server.errors) == (["shutdown", "close"], [])


@pytest.mark.parametrize("step", ["verify", "finish"])
def test_contract_35_exception_is_reported_and_the_request_closed(step: str) -> None:
    error = RuntimeError("x")
    server = Scripted(**{step: error})
    server._handle_request_noblock()
    assert (server.request.ended, server.errors) == (["shutdown", "close"], [error])


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit()])
def test_contract_35_exit_goes_on_after_the_request_is_closed(error: BaseException) -> None:
    server = Scripted(finish=error)
    with pytest.raises(type(error)):
        server._handle_request_noblock()
    assert (server.request.ended, server.errors) == (["shutdown", "close"], [])


def test_contract_35_served_request_is_closed() -> None:
    server = Scripted()
    server._handle_request_noblock()
    assert server.request.ended == ["shutdown", "close"]


def test_contract_35_unwanted_client_gets_no_answer(serve: Any) -> None:
    class Picky(WSGIServer):
        def verify_request(self, request: Any, client_address: Any) -> bool:
            return False

    assert serve(hello, server_cls=Picky).connect().read_to_end() == b""


# ---------------------------------------------------------------- row 36 and 37
def in_parallel(served: Any, count: int) -> tuple[float, list[int]]:
    """Send `count` requests at a time; return how long the last answer took, and the statuses."""
    clients = [served.connect() for _ in range(count)]
    began = time.monotonic()
    for client in clients:
        client.send(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    statuses = [client.read_answer()[0] for client in clients]
    return time.monotonic() - began, statuses


def all_together(count: int) -> Any:
    """An application whose views end only when `count` of them are there at a time."""
    barrier = threading.Barrier(count, timeout=10)

    def application(environ: Environ, start_response: Any) -> list[bytes]:
        barrier.wait()
        return hello(environ, start_response)

    return application


def test_contract_36_twenty_slow_views_run_at_a_time(serve: Any) -> None:
    _, statuses = in_parallel(serve(all_together(20)), 20)
    assert statuses == [200] * 20


@pytest.mark.parametrize("step", ["process_request", "process_request_thread", "finish_request"])
@pytest.mark.parametrize("where", ["server-class", "above-the-mixin"])
def test_contract_36_server_that_changes_a_step_gets_a_thread_for_each_connection(
    serve: Any, step: str, where: str
) -> None:
    names: list[str] = []
    together = all_together(5)

    def application(environ: Environ, start_response: Any) -> list[bytes]:
        names.append(threading.current_thread().name)
        return together(environ, start_response)  # type: ignore[no-any-return]

    base: Any = WSGIServer if where == "server-class" else type("Mixed", (ThreadingMixIn, WSGIServer), {})
    original = getattr(base, step, None)

    def changed(self: Any, request: Any, client_address: Any) -> None:
        assert original is not None
        original(self, request, client_address)

    custom = type("Custom", (base,), {step: changed})
    served = serve(application, server_cls=custom, threads=where == "server-class")
    _, statuses = in_parallel(served, 5)
    assert statuses == [200] * 5
    assert len(set(names)) == 5
    assert not any(name.startswith("miniframe-") for name in names)


def test_contract_36_handler_that_changes_handle_gets_a_thread_for_each_connection(serve: Any) -> None:
    calls: list[str] = []

    def handle(self: WSGIRequestHandler) -> None:
        calls.append(threading.current_thread().name)
        WSGIRequestHandler.handle(self)

    served = serve(all_together(5), handle=handle)
    _, statuses = in_parallel(served, 5)
    assert statuses == [200] * 5
    assert len(set(calls)) == 5


def test_contract_37_without_the_mixin_the_second_view_starts_after_the_first_ends(serve: Any) -> None:
    order: list[str] = []

    def application(environ: Environ, start_response: Any) -> list[bytes]:
        order.append("begin")
        time.sleep(0.02)
        order.append("end")
        return hello(environ, start_response)

    in_parallel(serve(application, threads=False), 4)
    assert order == ["begin", "end"] * 4


@pytest.mark.parametrize("threads", [True, False])
def test_silent_connections_block_nobody(serve: Any, threads: bool) -> None:
    served = serve(hello, threads=threads)
    before = threading.active_count()
    silent = [served.connect() for _ in range(100)]
    for client in silent[:50]:
        client.send(b"GET / HTTP/1.1\r\nHost: loc")
    began = time.monotonic()
    assert served.get()[0] == 200
    assert time.monotonic() - began < 1
    assert threading.active_count() < before + 10


@pytest.mark.parametrize("threads", [True, False])
def test_slow_bodies_block_nobody(serve: Any, threads: bool) -> None:
    served = serve(hello, threads=threads)
    slow = [served.connect() for _ in range(30)]
    for client in slow:
        client.send(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nhel")
    assert served.get()[0] == 200
    for client in slow:
        assert client.send(b"lo and m").read_answer()[0] == 200


# ---------------------------------------------------------------- row 38 and 39
def test_contract_38_request_is_finished_by_making_its_handler(server: WSGIServer) -> None:
    made: list[Any] = []
    server.RequestHandlerClass = lambda *args: made.append(args)
    request, address = object(), ("192.0.2.1", 5)
    server.finish_request(request, address)
    assert made == [(request, address, server)]


def test_contract_38_handler_points_back_to_its_server(serve: Any) -> None:
    seen: list[Any] = []

    def handle_one_request(self: WSGIRequestHandler) -> None:
        seen.append((self.server, self.client_address[0], self.request is self.connection))
        WSGIRequestHandler.handle_one_request(self)

    served = serve(hello, handle_one_request=handle_one_request)
    served.get()
    assert seen == [(served.server, "127.0.0.1", True)]


def test_contract_39_finish_runs_after_handle_and_after_its_failure() -> None:
    steps: list[str] = []

    class Handler(BaseRequestHandler):
        def setup(self) -> None:
            steps.append(f"setup {self.request} {self.client_address} {self.server}")

        def handle(self) -> None:
            steps.append("handle")
            if self.request == "bad":
                raise RuntimeError("x")

        def finish(self) -> None:
            steps.append("finish")

    Handler("good", "client", "server")
    with pytest.raises(RuntimeError):
        Handler("bad", "client", "server")
    assert steps == ["setup good client server", "handle", "finish", "setup bad client server", "handle", "finish"]


def test_contract_39_finish_does_not_run_when_setup_fails() -> None:
    class Handler(BaseRequestHandler):
        def setup(self) -> None:
            raise RuntimeError("x")

        def finish(self) -> None:
            raise AssertionError("nothing to finish")

    with pytest.raises(RuntimeError):
        Handler(None, None, None)


# ---------------------------------------------------------------- errors
@pytest.mark.parametrize("threads", [True, False])
def test_error_in_the_server_is_logged_and_the_next_request_served(
    serve: Any, threads: bool, caplog: pytest.LogCaptureFixture
) -> None:
    def handle_one_request(self: WSGIRequestHandler) -> None:
        if self.path == "/bad":
            raise LookupError("in the handler")
        WSGIRequestHandler.handle_one_request(self)

    served = serve(hello, threads=threads, handle_one_request=handle_one_request)
    assert served.connect().send(b"GET /bad HTTP/1.1\r\nHost: localhost\r\n\r\n").read_to_end() == b""
    assert "in the handler" in caplog.text
    assert served.get()[0] == 200


@pytest.mark.parametrize("error", [BrokenPipeError, ConnectionAbortedError, ConnectionResetError])
def test_client_that_left_is_one_line(
    server: WSGIServer, error: type[Exception], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "miniframe.server")
    try:
        raise error
    except error:
        server.handle_error(None, ("192.0.2.1", 5))
    (record,) = caplog.records
    assert record.getMessage() == "- Broken pipe from ('192.0.2.1', 5)"
    assert record.exc_info is None


def test_server_out_of_descriptors_tries_again(serve: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    refusals = [OSError(errno.EMFILE, "too many")] * 3
    accept = TCPServer.get_request

    def get_request(self: Any) -> tuple[Any, Any]:
        if refusals:
            raise refusals.pop()
        return accept(self)

    monkeypatch.setattr(TCPServer, "get_request", get_request)
    assert serve(hello, poll=0.01).get()[0] == 200
    assert refusals == []


def test_handle_request_serves_one_connection(server: WSGIServer) -> None:
    server.set_app(hello)
    with socket.create_connection(("127.0.0.1", server.server_port), timeout=10) as client:
        client.sendall(b"GET / HTTP/1.0\r\n\r\n")
        server.handle_request()
        assert client.recv(65536).endswith(b"hello")


def test_handle_request_gives_up_after_its_timeout(server: WSGIServer) -> None:
    calls: list[int] = []
    server.timeout = 0.01
    server.handle_timeout = lambda: calls.append(1)  # type: ignore[method-assign]
    server.handle_request()
    assert calls == [1]
