"""How many threads serve, and where connections wait meanwhile."""

from __future__ import annotations

import os
import select
import selectors
import socket
import threading
import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from miniframe.servers import lot
from miniframe.servers.basehttp import WSGIServer
from miniframe.servers.crew import Crew, Worker
from miniframe.servers.pollers import EpollPoller, Poller, SelectorPoller

Environ = dict[str, Any]


def hello(environ: Environ, start_response: Any) -> list[bytes]:
    start_response("200 OK", [])
    return [b"hello"]


def workers() -> int:
    return sum(thread.name.startswith("miniframe-") for thread in threading.enumerate())


# ---------------------------------------------------------------- the crew
def test_quick_views_need_one_thread(serve: Any) -> None:
    names: set[str] = set()

    def application(environ: Environ, start_response: Any) -> list[bytes]:
        names.add(threading.current_thread().name)
        return hello(environ, start_response)

    served = serve(application)
    clients = [served.connect() for _ in range(20)]
    for _ in range(5):
        for client in clients:
            assert client.get()[0] == 200
    assert len(names) < 4  # one, unless the machine was held up for 5 ms


def test_threads_grow_with_stuck_views_and_leave_when_they_are_not_needed(
    serve: Any, until: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("miniframe.servers.crew.Crew.quiet", 0.1)
    release = threading.Event()

    def application(environ: Environ, start_response: Any) -> list[bytes]:
        if environ["PATH_INFO"] == "/stuck":
            release.wait(10)
        return hello(environ, start_response)

    served = serve(application)
    stuck = [served.connect().send(b"GET /stuck HTTP/1.1\r\nHost: localhost\r\n\r\n") for _ in range(8)]
    quick = served.connect()
    assert quick.get()[0] == 200
    until(lambda: workers() >= 9, "nine threads")
    release.set()
    for client in stuck:
        assert client.read_answer()[0] == 200

    def one_is_left() -> bool:
        quick.get()
        return workers() <= 2

    until(one_is_left, "the threads' leaving")


def test_a_lot_counts_who_is_waiting_and_loses_nobody() -> None:
    server: Any = SimpleNamespace(listeners=(), max_connections=0)
    parked = lot.Lot(server)
    pairs = [socket.socketpair() for _ in range(5)]
    try:
        for ours, theirs in pairs:
            parked.poller.add(ours.fileno())
            theirs.send(b"!")
        assert [parked.backlog(), parked.backlog()] == [5, 5]
        assert {parked.take(0, 1) for _ in pairs} == {ours.fileno() for ours, _ in pairs}
        assert parked.backlog() == 0
    finally:
        parked.close()
        for pair in pairs:
            for end in pair:
                end.close()


@pytest.mark.skipif(not os.path.exists("/proc/self/task"), reason="only Linux tells what a thread does")
def test_a_thread_that_only_waits_for_a_processor_is_not_stuck(until: Any) -> None:
    parked: Any = None
    crew = Crew(parked, 8, True)
    mine = Worker()
    mine.number, mine.since = threading.get_native_id(), 100.0
    assert crew._wants_processor(mine, 100.01)
    assert not crew._wants_processor(mine, 100.0 + crew.fair + 0.01), "it computes for too long"
    sleeper, release = Worker(), threading.Event()
    sleeper.since = 100.0
    thread = threading.Thread(target=release.wait)
    thread.start()
    sleeper.number = thread.native_id or 0
    try:
        until(lambda: not crew._wants_processor(sleeper, 100.01), "its waiting")
    finally:
        release.set()
        thread.join()
    until(lambda: not crew._wants_processor(sleeper, 100.01), "its end")  # the system is a moment behind join()


def test_threads_have_an_upper_bound(serve: Any, until: Any) -> None:
    release = threading.Event()
    at_a_time: list[int] = []
    lock = threading.Lock()
    count = [0]

    def application(environ: Environ, start_response: Any) -> list[bytes]:
        with lock:
            count[0] += 1
            at_a_time.append(count[0])
        release.wait(10)
        with lock:
            count[0] -= 1
        return hello(environ, start_response)

    served = serve(application)
    until(lambda: served.server._crew)
    served.server._crew.limit = 3
    clients = [served.connect().send(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n") for _ in range(6)]
    until(lambda: len(at_a_time) == 3)
    time.sleep(0.05)
    assert len(at_a_time) == 3
    release.set()
    assert [client.read_answer()[0] for client in clients] == [200] * 6
    assert max(at_a_time) == 3


@pytest.mark.parametrize("threads", [True, False], ids=["threads", "serial"])
def test_view_that_exits_ends_its_request_only(serve: Any, caplog: pytest.LogCaptureFixture, threads: bool) -> None:
    def application(environ: Environ, start_response: Any) -> list[bytes]:
        if environ["PATH_INFO"] == "/exit":
            raise SystemExit(1)
        return hello(environ, start_response)

    served = serve(application, threads=threads)
    client = served.connect()
    for _ in range(3):
        assert client.get("/exit")[0] == 500
    assert client.get()[0] == served.get()[0] == 200
    assert caplog.text.count("The application failed: GET /exit") == 3


def test_exit_around_the_application_ends_its_connection_only(serve: Any, caplog: pytest.LogCaptureFixture) -> None:
    def get_app(self: Any) -> Any:
        if next(calls) < 2:
            raise SystemExit(1)
        return hello

    calls = iter(range(9))
    served = serve(hello, server_cls=type("Exiting", (WSGIServer,), {"get_app": get_app}))
    for _ in range(2):
        assert served.connect().send(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").read_to_end() == b""
    assert served.get()[0] == 200
    assert "Serving raised SystemExit" in caplog.text


# ---------------------------------------------------------------- without epoll
def without_epoll() -> list[Callable[[], Poller]]:
    kinds: list[type[selectors.BaseSelector]] = [selectors.SelectSelector]
    if hasattr(selectors, "PollSelector"):
        kinds.append(selectors.PollSelector)
    return [lambda kind=kind: SelectorPoller(kind()) for kind in kinds]  # type: ignore[misc]


POLLERS: list[Callable[[], Poller]] = [*without_epoll(), *([EpollPoller] if hasattr(select, "epoll") else [])]


@pytest.fixture(params=POLLERS)
def poller(request: pytest.FixtureRequest) -> Iterator[Poller]:
    made = request.param()
    yield made
    made.close()


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    yield ours, theirs
    ours.close()
    theirs.close()


Pair = tuple[socket.socket, socket.socket]


def test_socket_is_reported_once_until_it_is_rearmed(poller: Poller, pair: Pair) -> None:
    ours, theirs = pair
    poller.add(ours.fileno())
    assert poller.wait(0.0, 5) == []
    theirs.send(b"x")
    assert poller.wait(1.0, 5) == [ours.fileno()]
    assert poller.wait(0.0, 5) == []
    poller.rearm(ours.fileno())
    assert poller.wait(1.0, 5) == [ours.fileno()]


def test_socket_can_be_added_while_another_thread_waits(poller: Poller, pair: Pair) -> None:
    ours, theirs = pair
    found: list[list[int]] = []
    waiting = threading.Thread(target=lambda: found.append(poller.wait(5.0, 1)))
    waiting.start()
    poller.add(ours.fileno())
    theirs.send(b"x")
    waiting.join(5)
    assert found == [[ours.fileno()]]


def test_removed_socket_is_not_reported(poller: Poller, pair: Pair) -> None:
    ours, theirs = pair
    poller.add(ours.fileno())
    theirs.send(b"x")
    poller.remove(ours.fileno())
    assert poller.wait(0.0, 5) == []


def test_wake_ends_every_wait_until_rest(poller: Poller) -> None:
    ended: list[list[int]] = []
    threads = [threading.Thread(target=lambda: ended.append(poller.wait(5.0, 1))) for _ in range(3)]
    for thread in threads:
        thread.start()
    poller.wake()
    for thread in threads:
        thread.join(5)
    assert ended == [[], [], []]
    poller.rest()
    began = time.monotonic()
    assert poller.wait(0.05, 1) == []
    assert time.monotonic() - began > 0.03


def test_sockets_may_be_closed_after_wake_just_before_the_selector_waits(pair: Pair) -> None:
    class Late(selectors.SelectSelector):
        """Waits a moment too late: the server was closed since."""

        def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
            made.wake()
            pair[0].close()
            return super().select(timeout)

    made = SelectorPoller(Late())
    made.add(pair[0].fileno())
    assert made.wait(5.0, 1) == []
    made.close()


def test_most_is_a_limit(poller: Poller) -> None:
    pairs = [socket.socketpair() for _ in range(3)]
    try:
        for ours, theirs in pairs:
            theirs.send(b"x")
            poller.add(ours.fileno())
        found = [*poller.wait(1.0, 1), *poller.wait(1.0, 1), *poller.wait(1.0, 5)]
        assert sorted(found) == sorted(ours.fileno() for ours, _ in pairs)
    finally:
        for one, other in pairs:
            one.close()
            other.close()


@pytest.mark.parametrize("make", without_epoll(), ids=["select", "poll"][: len(without_epoll())])
@pytest.mark.parametrize("threads", [True, False])
def test_server_works_without_epoll(
    serve: Any, make: Callable[[], Poller], threads: bool, monkeypatch: pytest.MonkeyPatch, until: Any
) -> None:
    monkeypatch.setattr(lot, "make_poller", make)
    served = serve(hello, threads=threads, keep_alive_timeout=0.2)
    clients = [served.connect() for _ in range(20)]
    for _ in range(3):
        for client in clients:
            assert client.get()[2] == b"hello"
    assert clients[0].read_to_end() == b""  # its time is over
    assert served.get()[0] == 200
    began = time.monotonic()
    served.server.shutdown()
    assert time.monotonic() - began < 0.3
