"""What counts as async, and how a coroutine is run where nothing else is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextvars import ContextVar
from functools import partial
from typing import Any
from unittest import mock

import pytest

from miniframe.utils.coroutines import as_coroutine_function, is_coroutine_function, run_coroutine

ZONE: ContextVar[str] = ContextVar("zone", default="none")


async def waits() -> None: ...


def plain() -> None: ...


class WaitsWhenCalled:
    async def __call__(self) -> None: ...

    async def method(self) -> None: ...


def marked() -> Any:
    def function() -> Any:
        return waits()

    function._is_coroutine = True  # type: ignore[attr-defined]  # as asgiref and asyncio mark them
    return function


@pytest.mark.parametrize(
    ("function", "is_async"),
    [
        pytest.param(waits, True, id="async-def"),
        pytest.param(partial(partial(waits)), True, id="partial"),
        pytest.param(WaitsWhenCalled(), True, id="async-call"),
        pytest.param(WaitsWhenCalled().method, True, id="method"),
        pytest.param(marked(), True, id="marked"),
        pytest.param(mock.AsyncMock(), True, id="async-mock"),
        pytest.param(plain, False, id="def"),
        pytest.param(partial(plain), False, id="partial-of-def"),
        pytest.param(mock.Mock(), False, id="mock"),
        pytest.param(print, False, id="built-in"),
    ],
)
def test_which_functions_have_to_be_awaited(function: Any, is_async: bool) -> None:
    assert is_coroutine_function(function) is is_async


async def choose_a_zone() -> str:
    before = ZONE.get()
    ZONE.set("inside")
    return before


def choose_it_in_a_loop_of_its_own(request: Any) -> str:
    return asyncio.run(choose_a_zone()) if request is None else run_coroutine(choose_a_zone())


@pytest.mark.parametrize(
    "run",
    [
        pytest.param(lambda: run_coroutine(choose_a_zone()), id="in-no-loop"),
        pytest.param(
            lambda: run_coroutine(as_coroutine_function(choose_it_in_a_loop_of_its_own)("request")),
            id="below-another-loop",
        ),
    ],
)
def test_what_is_set_around_a_coroutine_is_seen_in_it_and_the_other_way_round(run: Callable[[], str]) -> None:
    token = ZONE.set("outside")
    try:
        assert (run(), ZONE.get()) == ("outside", "inside")
    finally:
        ZONE.reset(token)


def test_a_plain_function_below_an_async_one_may_run_a_loop() -> None:
    assert run_coroutine(as_coroutine_function(choose_it_in_a_loop_of_its_own)(None)) == "none"


async def fails() -> None:
    raise LookupError("not here")


def test_an_error_comes_out_as_it_is() -> None:
    with pytest.raises(LookupError, match="not here") as raised:
        run_coroutine(fails())
    assert raised.value.__context__ is None
    with pytest.raises(LookupError, match="not here"):
        run_coroutine(as_coroutine_function(lambda request: run_coroutine(fails()))(None))
