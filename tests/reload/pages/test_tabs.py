"""Tabs that listen hear of each change once, and who has gone or says too much is let go."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Iterator

import pytest

from miniframe.autoreload.loop import Loop
from miniframe.autoreload.pages import tabs as tabs_module
from miniframe.autoreload.pages.tabs import Tabs


class Room:
    """Some tabs, their loop, and the browsers' ends of the connections."""

    def __init__(self) -> None:
        self.loop = Loop()
        self.tabs = Tabs(self.loop)
        self.browsers: list[socket.socket] = []

    def open(self, since: int | None = None) -> socket.socket:
        """Let a tab join; its page was asked for at `since`, now by default."""
        browser, tab = socket.socketpair()
        browser.setblocking(False)
        self.browsers.append(browser)
        self.tabs.join(tab, time.monotonic_ns() if since is None else since)
        return browser

    def turn(self) -> None:
        """Let the loop deal with what has come."""
        self.loop.later(0, lambda: None)
        self.loop.turn()


@pytest.fixture
def room() -> Iterator[Room]:
    room = Room()
    yield room
    room.tabs.close()
    room.loop.close()
    for browser in room.browsers:
        browser.close()


def heard(browser: socket.socket) -> list[str]:
    """Return what a tab was told since the last time, as "event data"."""
    events = re.findall(r"id: \d+\r\nevent: (\w+)\r\ndata: (.*)\r\n\r\n", browser.recv(65536).decode())
    return [f"{name} {data}".rstrip() for name, data in events]


def test_the_answer_is_a_stream_of_events_that_nobody_keeps(room: Room) -> None:
    head, _, events = room.open().recv(65536).decode().partition("\r\n\r\n")
    assert head.startswith("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n")
    assert "Cache-Control: no-store" in head
    assert "Connection: close" in head
    assert events.startswith("retry: 1000\r\n\r\nid: ")


def test_all_tabs_are_told(room: Room) -> None:
    tabs = [room.open(), room.open()]
    room.tabs.restyle("css/site.css")
    room.tabs.reload()
    assert [heard(tab) for tab in tabs] == [["hello", "style css/site.css", "reload"]] * 2


def test_a_tab_hears_at_once_what_it_has_missed(room: Room) -> None:
    before = time.monotonic_ns()
    room.tabs.restyle("a.css")
    between = time.monotonic_ns()
    room.tabs.restyle("b.css")
    assert heard(room.open(before)) == ["style a.css", "style b.css", "hello"]
    assert heard(room.open(between)) == ["style b.css", "hello"]
    assert heard(room.open()) == ["hello"]
    room.tabs.reload()
    assert heard(room.open(between)) == ["reload"]
    assert heard(room.open()) == ["hello"]


@pytest.mark.parametrize(
    "since", [pytest.param(0, id="another-server's-time"), pytest.param(1 << 62, id="another-machine's-time")]
)
def test_a_page_of_another_time_is_loaded_anew(room: Room, since: int) -> None:
    assert heard(room.open(since)) == ["reload"]


def test_a_file_name_cannot_forge_an_event(room: Room) -> None:
    tab = room.open()
    room.tabs.restyle("a\ndata: b\n\n.css")
    room.tabs.restyle("\udcff.css")
    assert heard(tab) == ["hello", "style", "style"]


def test_after_very_many_stylesheets_all_is_loaded_anew(room: Room) -> None:
    tab = room.open()
    for number in range(51):
        room.tabs.restyle(f"{number}.css")
    assert heard(tab)[-1] == "reload"


def test_a_tab_that_closes_is_forgotten(room: Room) -> None:
    tab = room.open()
    tab.close()
    room.turn()
    assert len(room.tabs) == 0


def test_who_talks_is_no_tab(room: Room) -> None:
    room.open().sendall(b"x" * 1000)
    room.turn()
    assert len(room.tabs) == 0


def test_who_does_not_read_holds_nobody_up(room: Room) -> None:
    room.open()
    reader = room.open()
    for _ in range(20_000):
        room.tabs.reload()
        reader.recv(65536)
    assert len(room.tabs) == 1


@pytest.mark.parametrize("limit", ["MOST", "MOST_OF_ONE", "descriptors"])
def test_of_very_many_tabs_the_newest_stay(room: Room, monkeypatch: pytest.MonkeyPatch, limit: str) -> None:
    if limit == "descriptors":
        monkeypatch.setattr("os.sysconf", lambda name: 12)
    else:
        monkeypatch.setattr(tabs_module, limit, 3)
    tabs = [room.open() for _ in range(5)]
    assert len(room.tabs) == 3
    told = [tab.recv(65536) for tab in tabs]
    assert all(b"event: hello\r\n" in each for each in told)
    # They come again, and by then another is the oldest.
    assert [each.endswith(b"\r\n\r\nretry: 2000\r\n\r\n") for each in told] == [True, True, False, False, False]
    assert [_is_closed(tab) for tab in tabs] == [True, True, False, False, False]


def test_silence_is_broken_from_time_to_time(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tabs_module, "HEARTBEAT", 0.01)
    tab = room.open()
    heard(tab)
    for _ in range(2):
        room.loop.turn()
        assert tab.recv(100) == b":\r\n\r\n"


def _is_closed(browser: socket.socket) -> bool:
    try:
        return browser.recv(100) == b""
    except BlockingIOError:
        return False
