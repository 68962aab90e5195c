"""The supervisor's loop: sockets, signals, times and other threads all end up as calls in one thread."""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Iterator

import pytest

from miniframe.autoreload.loop import Loop


@pytest.fixture
def loop() -> Iterator[Loop]:
    """A loop that is closed afterwards."""
    loop = Loop()
    yield loop
    loop.close()


def test_what_can_be_read_is_dealt_with_until_it_is_off(loop: Loop) -> None:
    here, there = socket.socketpair()
    with here, there:
        heard: list[bytes] = []
        loop.on(here, lambda: heard.append(here.recv(10)))
        there.send(b"one")
        loop.turn()
        loop.off(here)
        there.send(b"two")
        loop.later(0.01, lambda: heard.append(b"late"))
        loop.turn()
    assert heard == [b"one", b"late"]


def test_a_source_that_another_has_ended_meanwhile_is_passed_over(loop: Loop) -> None:
    pairs = [socket.socketpair() for _ in range(2)]
    heard: list[int] = []

    def end_all() -> None:
        heard.append(1)
        for here, _ in pairs:
            loop.off(here)

    for here, there in pairs:
        loop.on(here, end_all)
        there.send(b"x")
    loop.turn()
    assert heard == [1]
    for pair in pairs:
        for end in pair:
            end.close()


def test_times_come_in_their_order_and_not_when_cancelled(loop: Loop) -> None:
    heard: list[str] = []
    loop.later(0.02, lambda: heard.append("second"))
    loop.later(0.0, lambda: heard.append("first"))
    loop.later(0.0, lambda: heard.append("never")).cancel()
    while len(heard) < 2:
        loop.turn()
    assert heard == ["first", "second"]


def test_another_thread_has_its_call_made_here(loop: Loop) -> None:
    heard: list[threading.Thread] = []
    thread = threading.Thread(target=loop.call, args=(lambda: heard.append(threading.current_thread()),))
    thread.start()
    while not heard:
        loop.turn()
    thread.join()
    assert heard == [threading.current_thread()]


def test_very_many_calls_before_a_turn_are_all_made(loop: Loop) -> None:
    heard: list[int] = []
    for number in range(5000):
        loop.call(lambda number=number: heard.append(number))  # type: ignore[misc]
    while len(heard) < 5000:
        loop.turn()
    assert heard == list(range(5000))


def test_signals_arrive_as_calls_and_go_back_to_whom_they_were_before() -> None:
    before = signal.getsignal(signal.SIGUSR1)
    loop = Loop()
    heard: list[bytes] = []
    loop.signals([signal.SIGUSR1], heard.append)
    os.kill(os.getpid(), signal.SIGUSR1)
    while not heard:
        loop.turn()
    loop.close()
    assert heard == [bytes([signal.SIGUSR1])]
    assert signal.getsignal(signal.SIGUSR1) == before
