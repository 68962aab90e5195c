"""No value can break, hang or fill the page."""

from __future__ import annotations

import time
from collections import OrderedDict
from typing import Any

import pytest

from miniframe.http import QueryDict
from miniframe.views.report.values import STARS, ValuePrinter


class Raises:
    def __repr__(self) -> str:
        raise ValueError("no repr for you")


class Exits:
    def __repr__(self) -> str:
        raise SystemExit(3)


class RaisesTheUnprintable:
    def __repr__(self) -> str:
        class Nested(Exception):
            def __str__(self) -> str:
                raise RuntimeError

        raise Nested


class NoText:
    def __repr__(self) -> str:
        return 5  # type: ignore[return-value]  # that is the point


class Slow:
    def __repr__(self) -> str:
        time.sleep(30)
        return "done"


class Endless:
    def __repr__(self) -> str:
        return repr(self)


class Long:
    def __repr__(self) -> str:
        return "x" * 1_000_000


def nested(depth: int) -> Any:
    value: Any = "core"
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("value", "text"),
    [
        pytest.param("plain", "'plain'", id="text"),
        pytest.param([1, "a", None, 2.5], "[1, 'a', None, 2.5]", id="list"),
        pytest.param((1,), "(1,)", id="tuple-of-one"),
        pytest.param((), "()", id="empty-tuple"),
        pytest.param(set(), "set()", id="empty-set"),
        pytest.param(frozenset({1}), "frozenset({1})", id="frozenset"),
        pytest.param({"a": {"b": 1}}, "{'a': {'b': 1}}", id="dict"),
        pytest.param(OrderedDict(a=1), "OrderedDict({'a': 1})", id="subclass"),
        pytest.param(range(10**9), "range(0, 1000000000)", id="range"),
        pytest.param(10**10_000, "<int of 33,220 bits>", id="huge-int"),
        pytest.param(nested(9), "[[[[[… 1 items]]]]]", id="deep"),
    ],
)
def test_how_values_are_shown(value: object, text: str) -> None:
    assert ValuePrinter().show(value) == text


@pytest.mark.parametrize(
    ("value", "part"),
    [
        pytest.param(Raises(), "<Raises object; its repr raised ValueError: no repr for you>", id="raises"),
        pytest.param(Exits(), "repr raised SystemExit: 3", id="exits"),
        pytest.param(RaisesTheUnprintable(), "and that cannot be printed either", id="raises-the-unprintable"),
        pytest.param(NoText(), "repr raised TypeError", id="returns-no-text"),
        pytest.param(Endless(), "repr raised RecursionError", id="endless"),
        pytest.param(Long(), "1,000,000 characters in all", id="long-repr"),
        pytest.param("x" * 10**7, "10,000,000 characters in all", id="long-text"),
        pytest.param(list(range(10**6)), "… 999,970 more", id="long-list"),
        pytest.param([Raises()], "[<Raises object;", id="inside-a-list"),
    ],
)
def test_a_bad_value_is_described_and_stays_short(value: object, part: str) -> None:
    text = ValuePrinter().show(value)
    assert part in text
    assert len(text) < 1500


def test_slow_values_take_a_bounded_time_together() -> None:
    printer = ValuePrinter()
    started = time.monotonic()
    texts = [printer.show(Slow()) for _ in range(20)]
    assert time.monotonic() - started < 3
    assert "takes longer than 0.25 s" in texts[0]
    assert "not shown, other values took too long" in texts[-1]


def test_a_list_that_holds_itself_ends() -> None:
    circle: list[Any] = []
    circle.append(circle)
    assert "… 1 items" in ValuePrinter().show(circle)


def test_a_form_among_the_variables_does_not_tell_its_passwords() -> None:
    printer = ValuePrinter(is_secret=lambda name: name == "password")
    assert (
        printer.show(QueryDict("user=ann&password=geheim")) == f"QueryDict({{'user': ['ann'], 'password': '{STARS}'}})"
    )


def test_secret_names_are_starred_at_any_depth() -> None:
    printer = ValuePrinter(is_secret=lambda name: name == "password")
    assert printer.show("geheim", "password") == STARS
    assert printer.show([{"password": "geheim"}]) == f"[{{'password': '{STARS}'}}]"
