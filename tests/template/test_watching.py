"""Something put around the rendering of every template."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from miniframe.template.backends.base import BaseEngine
from miniframe.template.utils import EngineHandler

JINJA2 = {"BACKEND": "miniframe.template.backends.jinja2.Jinja2"}
OWN = {"BACKEND": f"{__name__}.Shouting", "NAME": "own"}


class Shouting(BaseEngine):
    """An engine of one's own, which has nothing but templates by name."""

    def __init__(self, params: dict[str, Any]) -> None:
        params.pop("OPTIONS")
        super().__init__(params)

    def get_template(self, template_name: str) -> Any:
        return Shout(template_name)


class Shout:
    def __init__(self, name: str) -> None:
        self.name = name

    def render(self, context: Any = None, request: Any = None) -> str:
        return self.name.upper()


class Around:
    """Collects the names of what is rendered."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def __call__(self, template: Any, render: Callable[[], Any]) -> Any:
        self.names.append(template.name or "from a string")
        return f"<{render()}>"


def test_engines_that_are_there_and_those_that_come_are_watched() -> None:
    engines = EngineHandler([JINJA2, OWN])
    engines["own"]
    around = Around()
    with engines.watched_by(around):
        assert engines["own"].get_template("hey").render() == "<HEY>"
        assert engines["jinja2"].from_string("{{ word }}").render({"word": "hello"}) == "<hello>"
    assert around.names == ["hey", "from a string"]


def test_afterwards_nothing_of_it_is_left() -> None:
    engines = EngineHandler([JINJA2, OWN])
    before = {alias: set(vars(engines[alias])) for alias in engines}
    with engines.watched_by(Around()):
        pass
    assert {alias: set(vars(engines[alias])) for alias in engines} == before
    assert type(engines["own"].get_template("hey")) is Shout


def test_who_watched_before_watches_again() -> None:
    engines = EngineHandler([OWN])
    outer, inner = Around(), Around()
    engines.watch(outer)
    with engines.watched_by(inner):
        assert engines["own"].get_template("one").render() == "<ONE>"
    assert engines["own"].get_template("two").render() == "<TWO>"
    assert (inner.names, outer.names) == (["one"], ["two"])


def test_a_watched_template_is_otherwise_itself() -> None:
    engines = EngineHandler([OWN])
    engines.watch(Around())
    template = engines["own"].get_template("hey")
    assert template.name == "hey"
    with pytest.raises(AttributeError):
        template.origin  # noqa: B018  # asked for what it does not have
