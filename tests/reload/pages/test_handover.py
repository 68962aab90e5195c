"""A tab's connection changes hands: a plain one as it is, any other by way of a thread that passes words on."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from miniframe.autoreload.pages import handover
from miniframe.autoreload.pages.refresh import EVENTS

HEAD = f"GET {EVENTS}?since=17 HTTP/1.1\r\nHost: localhost".encode()


class Encrypted(socket.socket):
    """Stands for a connection that no other process could use."""

    def send(self, data: Any, flags: int = 0) -> int:
        return super().send(bytes(data).upper(), flags)


class Handler:
    """A server's handler, as far as it is asked."""

    def __init__(self, connection: socket.socket, head: bytes = HEAD) -> None:
        connection.setblocking(False)
        self.connection = connection
        self.raw_head = head
        self.server = self
        self.released: list[int] = []

    def release(self, connection: socket.socket) -> None:
        self.released.append(connection.fileno())


class Supervisor:
    """Takes what it is handed."""

    def __init__(self) -> None:
        self.given: list[tuple[socket.socket, int]] = []

    def hand_tab(self, tab: socket.socket, since: int, relay: threading.Thread | None) -> None:
        self.given.append((tab.dup(), since))


@pytest.fixture
def supervisor(monkeypatch: pytest.MonkeyPatch) -> Iterator[Supervisor]:
    taker = Supervisor()
    monkeypatch.setattr(handover, "hand_tab", taker.hand_tab)
    yield taker
    for tab, _ in taker.given:
        tab.close()


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    """The browser's end and the worker's."""
    browser, connection = socket.socketpair()
    browser.settimeout(10)
    with browser, connection:
        yield browser, connection


def relays() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "tab"]


def test_a_plain_connection_goes_as_it_is(supervisor: Supervisor, pair: tuple[socket.socket, socket.socket]) -> None:
    browser, connection = pair
    handler = Handler(connection)
    number = connection.fileno()
    assert handover.take(handler)
    assert handler.released == [number]
    assert connection.fileno() == -1
    ((tab, since),) = supervisor.given
    assert since == 17
    tab.sendall(b"hello")
    assert browser.recv(100) == b"hello"
    assert not relays()


@pytest.mark.parametrize("who_ends", ["browser", "supervisor"])
def test_words_to_an_encrypted_one_are_passed_on_until_one_side_ends(supervisor: Supervisor, who_ends: str) -> None:
    browser, plain = socket.socketpair()
    browser.settimeout(10)
    with browser:
        assert handover.take(Handler(Encrypted(fileno=plain.detach())))
        ((tab, _),) = supervisor.given
        for word in (b"hello", b"reload"):
            tab.sendall(word)
            assert browser.recv(100) == word.upper()
        if who_ends == "supervisor":
            tab.close()
            assert browser.recv(100) == b""
        else:
            browser.close()
            tab.settimeout(10)
            assert tab.recv(100) == b""
    for thread in relays():
        thread.join(10)
    assert not relays()


def test_what_is_no_tab_is_left_alone(supervisor: Supervisor, pair: tuple[socket.socket, socket.socket]) -> None:
    handler = Handler(pair[1], HEAD.replace(b"localhost", b"evil.example"))
    assert not handover.take(handler)
    assert not handler.released
    assert pair[1].fileno() >= 0
    assert not supervisor.given
