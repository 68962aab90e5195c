"""A server that did not answer is left alone for a moment; then one asks, and the others still do not."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from miniframe.cache.backends.outage import PAUSE, Outage


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


def test_a_failure_keeps_everybody_out_for_a_moment(clock: Clock) -> None:
    outage = Outage()
    assert outage.failed("refused") is True
    assert outage.reason == "refused"
    clock.now += PAUSE - 0.01
    assert outage.keeps_out()


def test_after_that_one_asks_and_the_others_wait_for_what_he_finds(clock: Clock) -> None:
    outage = Outage()
    outage.failed("refused")
    clock.now += PAUSE
    assert [outage.keeps_out() for _ in range(3)] == [False, True, True]
    clock.now += 60  # he still waits for an answer
    assert outage.keeps_out()


def test_a_failure_is_news_once(clock: Clock) -> None:
    outage = Outage()
    assert [outage.failed(reason) for reason in ("refused", "refused", "hangs")] == [True, False, False]
    assert outage.reason == "hangs"


def test_an_answer_lets_everybody_in_and_tells_how_long_it_took(clock: Clock) -> None:
    outage = Outage()
    outage.failed("refused")
    clock.now += 2 * PAUSE
    assert not outage.keeps_out()
    clock.now += 0.25
    assert outage.answered() == pytest.approx(2 * PAUSE + 0.25)
    assert outage.answered() is None
    assert not outage.keeps_out()
    assert outage.failed("again") is True
