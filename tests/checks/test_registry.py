"""The check framework: registration, tags, deployment checks, messages."""

from __future__ import annotations

from typing import Any

import pytest

from miniframe.checks import CheckMessage, Error, Warning
from miniframe.checks.registry import CheckRegistry


def test_checks_run_in_order_and_by_tag() -> None:
    registry = CheckRegistry()

    @registry.register("colours", "shapes")
    def first(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
        return [Error("first")]

    @registry.register
    def second(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
        return [Warning("second")]

    @registry.register("colours", deploy=True)
    def third(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
        return [Error("third")]

    def texts(**kwargs: Any) -> list[str]:
        return [message.msg for message in registry.run_checks(**kwargs)]

    assert texts() == ["first", "second"]
    assert texts(tags=["shapes"]) == ["first"]
    assert texts(tags=["colours"], include_deployment_checks=True) == ["first", "third"]
    assert registry.tags_available() == {"colours", "shapes"}
    assert registry.tag_exists("shapes")
    assert not registry.tag_exists("smells")


def test_a_check_must_take_keywords_and_return_a_list() -> None:
    registry = CheckRegistry()
    with pytest.raises(TypeError, match="must accept keyword arguments"):
        registry.register(lambda app_configs: [])
    registry.register(lambda app_configs, **kwargs: "text")  # type: ignore[type-var]
    with pytest.raises(TypeError, match="must return a list"):
        registry.run_checks()


def test_a_message_shows_what_it_is_about() -> None:
    message = Warning("Odd.", hint="Make it even.", obj="number", id="numbers.W001")
    assert str(message) == "number: (numbers.W001) Odd.\n\tHINT: Make it even."
    assert message == Warning("Odd.", hint="Make it even.", obj="number", id="numbers.W001")
    assert not message.is_serious()
    assert message.is_silenced(["numbers.W001"])
    assert Error("Wrong.").is_serious()
    assert str(Error("Wrong.")) == "?: Wrong."
