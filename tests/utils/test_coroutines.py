"""What counts as async."""

from __future__ import annotations

from functools import partial
from typing import Any
from unittest import mock

import pytest

from miniframe.utils.coroutines import is_coroutine_function


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
