"""Signals: who hears what, in which order, and for how long."""

from __future__ import annotations

import asyncio
import gc
import sys
from typing import Any

import pytest

from miniframe.dispatch import Signal, receiver


class Sender:
    pass


def test_receivers_are_called_in_the_order_of_connection() -> None:
    signal, heard = Signal(), []

    def first(**kwargs: Any) -> str:
        heard.append("first")
        return "1"

    def second(value: int, **kwargs: Any) -> str:
        heard.append(f"second {value}")
        return "2"

    signal.connect(first)
    signal.connect(second)
    signal.connect(first)  # the second time changes nothing
    assert signal.send(Sender, value=7) == [(first, "1"), (second, "2")]
    assert heard == ["first", "second 7"]


def test_a_receiver_may_listen_to_one_sender_only() -> None:
    signal, heard = Signal(), []

    def listen(sender: Any, **kwargs: Any) -> None:
        heard.append(sender)

    signal.connect(listen, sender=Sender)
    signal.send("somebody else")
    signal.send(Sender)
    assert heard == [Sender]
    assert signal.has_listeners(Sender)
    assert not signal.has_listeners("somebody else")
    assert signal.disconnect(listen, sender=Sender)
    assert not signal.disconnect(listen, sender=Sender)
    assert not signal.receivers


def test_a_receiver_that_is_gone_is_forgotten() -> None:
    signal = Signal()

    class Listener:
        def listen(self, **kwargs: Any) -> str:
            return "heard"

    listener = Listener()
    signal.connect(listener.listen)
    assert [answer for _, answer in signal.send(None)] == ["heard"]
    del listener
    gc.collect()
    assert signal.send(None) == []
    assert not signal.receivers


def test_a_strong_connection_keeps_its_receiver() -> None:
    signal = Signal()
    signal.connect(lambda **kwargs: "kept", weak=False, dispatch_uid="mine")
    signal.connect(lambda **kwargs: "another", weak=False, dispatch_uid="mine")
    gc.collect()
    assert [answer for _, answer in signal.send(None)] == ["kept"]
    assert signal.disconnect(dispatch_uid="mine")


def test_send_robust_goes_on_after_an_error_and_logs_it(caplog: pytest.LogCaptureFixture) -> None:
    signal = Signal()

    @receiver(signal)
    def fails(**kwargs: Any) -> None:
        raise ValueError("on purpose")

    @receiver([signal])
    def works(**kwargs: Any) -> str:
        return "fine"

    (_, error), (_, answer) = signal.send_robust(None)
    assert isinstance(error, ValueError)
    assert answer == "fine"
    assert "fails" in caplog.text
    with pytest.raises(ValueError, match="on purpose"):
        signal.send(None)


def test_send_to_all_calls_those_behind_a_failed_receiver_and_raises_its_error(
    caplog: pytest.LogCaptureFixture,
) -> None:
    signal, heard = Signal(), []

    @receiver(signal)
    def fails(**kwargs: Any) -> None:
        sys.exit("on purpose")

    @receiver(signal)
    def fails_too(**kwargs: Any) -> None:
        raise ValueError("another")

    @receiver(signal)
    def works(**kwargs: Any) -> None:
        heard.append("works")

    with pytest.raises(SystemExit, match="on purpose"):
        signal.send_to_all(None)
    assert heard == ["works"]
    assert "fails_too in Signal.send_to_all() (another)" in caplog.text


def test_a_receiver_may_be_put_before_the_others() -> None:
    signal = Signal()
    signal.connect(lambda **kwargs: "earlier", weak=False)
    signal.connect(lambda **kwargs: "first", weak=False, first=True)
    assert [answer for _, answer in signal.send(None)] == ["first", "earlier"]


@pytest.mark.parametrize("robust", [False, True], ids=["plain", "robust"])
@pytest.mark.parametrize("awaited", [False, True], ids=["from-a-view", "from-an-async-view"])
def test_async_receivers_are_run_to_their_end(robust: bool, awaited: bool) -> None:
    signal = Signal()

    @receiver(signal)
    async def later(**kwargs: Any) -> str:
        await asyncio.sleep(0)
        return "later"

    @receiver(signal)
    def now(**kwargs: Any) -> str:
        return "now"

    name = f"{'a' if awaited else ''}send{'_robust' if robust else ''}"
    sent = getattr(signal, name)(None, a=1)
    assert (asyncio.run(sent) if awaited else sent) == [(later, "later"), (now, "now")]


@pytest.mark.parametrize("awaited", [False, True], ids=["from-a-view", "from-an-async-view"])
def test_the_error_of_an_async_receiver_is_handed_on_or_returned(awaited: bool) -> None:
    signal = Signal()

    @receiver(signal)
    async def fails(**kwargs: Any) -> None:
        raise ValueError("on purpose")

    def sent(name: str) -> Any:
        return asyncio.run(getattr(signal, f"a{name}")(None)) if awaited else getattr(signal, name)(None)

    [(_, error)] = sent("send_robust")
    assert isinstance(error, ValueError)
    with pytest.raises(ValueError, match="on purpose"):
        sent("send")


def test_only_callables_can_be_connected() -> None:
    with pytest.raises(TypeError, match=r"must be callable\. 'text' is not"):
        Signal().connect("text")  # type: ignore[arg-type]
