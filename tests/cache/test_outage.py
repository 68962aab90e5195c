"""A server that did not answer is asked by nobody but one thread, until it is back."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from miniframe.cache.backends.outage import SILENCE, Outage


class Clock:
    now = 1000.0


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    clock = Clock()
    monkeypatch.setattr(time, "monotonic", lambda: clock.now)
    yield clock
    monkeypatch.undo()


def test_nobody_is_kept_out_while_it_answers(clock: Clock) -> None:
    outage = Outage()
    assert not outage.keeps_out()
    assert not outage.keeps_out()
    assert outage.answered() is None


def test_a_failure_keeps_everybody_out_for_as_long_as_the_watcher_says_so(clock: Clock) -> None:
    outage = Outage()
    assert outage.failed("refused") is True
    for _ in range(3):
        clock.now += SILENCE - 0.01
        assert outage.keeps_out()
        assert outage.failed("still refused") is False


def test_without_a_word_from_the_watcher_one_asks_and_the_others_wait_for_what_he_finds(clock: Clock) -> None:
    outage = Outage()
    outage.failed("refused")
    clock.now += SILENCE
    assert [outage.keeps_out() for _ in range(3)] == [None, "refused", "refused"]


def test_a_failure_is_news_once(clock: Clock) -> None:
    outage = Outage()
    assert [outage.failed(reason) for reason in ("refused", "refused", "hangs")] == [True, False, False]
    assert outage.reason == "hangs"


def test_an_answer_lets_everybody_in_and_tells_how_long_it_took(clock: Clock) -> None:
    outage = Outage()
    outage.failed("refused")
    clock.now += 0.25
    assert outage.answered() == pytest.approx(0.25)
    assert outage.answered() is None
    assert not outage.keeps_out()
    assert outage.failed("again") is True


@pytest.fixture
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("miniframe.cache.backends.outage.INTERVAL", 0.001)


def watcher_of(outage: Outage) -> threading.Thread:
    assert outage._watcher is not None
    return outage._watcher


def test_one_thread_looks_until_it_is_told_to_stop(quickly: None) -> None:
    outage = Outage()
    outage.failed("refused")
    looks = iter([True, True, False])
    outage.watch(lambda: next(looks))
    first = watcher_of(outage)
    outage.watch(lambda: pytest.fail("a second one looks"))
    assert watcher_of(outage) is first
    first.join(5)
    assert not first.is_alive()
    assert list(looks) == []


def test_it_stops_when_somebody_else_was_answered(quickly: None) -> None:
    outage = Outage()
    outage.failed("refused")
    looked = threading.Event()

    def look() -> bool:
        looked.set()
        return True

    outage.watch(look)
    watcher = watcher_of(outage)
    assert looked.wait(5)
    outage.answered()
    watcher.join(5)
    assert not watcher.is_alive()


def test_a_server_that_fails_again_at_once_is_looked_for_again(quickly: None) -> None:
    outage = Outage()
    outage.failed("refused")
    looked = threading.Event()

    def look_again() -> bool:
        looked.set()
        return False

    def look() -> bool:
        # While this thread has not ended yet, somebody's command fails.
        outage.answered()
        outage.failed("refused again")
        outage.watch(look_again)
        return False

    outage.watch(look)
    assert looked.wait(5)
    watcher_of(outage).join(5)


class Answering:
    """A lock that somebody else has held before, to note that the server has answered."""

    def __init__(self, outage: Outage) -> None:
        self._outage = outage

    def __enter__(self) -> None:
        self._outage.reason = None

    def __exit__(self, *error: object) -> None:
        pass


def test_nobody_is_kept_out_without_a_reason(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    outage = Outage()
    outage.failed("refused")
    monkeypatch.setattr(outage, "_lock", Answering(outage))
    assert not outage.keeps_out()


def test_a_thread_that_was_lost_is_replaced(quickly: None) -> None:
    outage = Outage()
    outage.failed("refused")
    outage.watch(lambda: False)
    lost = watcher_of(outage)
    lost.join(5)
    outage.watch(lambda: False)
    assert watcher_of(outage) is not lost
    watcher_of(outage).join(5)


def test_where_no_thread_can_be_started_it_goes_without(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    outage = Outage()
    outage.failed("refused")
    outage.watch(lambda: True)
    assert outage.keeps_out()
