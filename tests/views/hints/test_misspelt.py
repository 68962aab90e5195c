"""A misspelt name in the settings is told first, on the page of the error that comes of it, and in the terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

from miniframe import messages
from miniframe.autoreload.audience import Audience
from miniframe.checks import Error
from miniframe.db import session
from miniframe.http import HttpRequest
from miniframe.management.errors import SystemCheckError, describe
from miniframe.management.serving.failing import failure_app
from miniframe.template.loader import render_to_string
from miniframe.test import RequestFactory
from miniframe.test.utils import override_settings
from miniframe.views.hints import find_hints
from miniframe.views.report.building import build_report

NAME = "settings_of_misspelt"
ENGINE = {"BACKEND": "miniframe.template.backends.jinja2.Jinja2", "DIRS": ["/nowhere"]}


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The settings module that the error pages know."""
    module = ModuleType(NAME)
    monkeypatch.setitem(sys.modules, NAME, module)
    with override_settings(SETTINGS_MODULE=NAME):
        yield module


def use_session(request: HttpRequest) -> object:
    return request.session


def use_database(request: HttpRequest) -> object:
    return session()


def use_template(request: HttpRequest) -> object:
    with override_settings(TEMPLATES=[ENGINE]):
        return render_to_string("things/index.html")


def use_messages(request: HttpRequest) -> None:
    messages.info(request, "saved")


def use_host(request: HttpRequest) -> object:
    request.META["HTTP_HOST"] = "shop.example"
    return request.get_host()


def failure_of(use: Any) -> Exception:
    with pytest.raises(Exception) as caught:  # each has a class of its own
        use(RequestFactory().get("/"))
    return caught.value


CASES = [
    pytest.param(use_database, "DATABASE", "DATABASES", id="database"),
    pytest.param(use_template, "INSTALED_APPS", "INSTALLED_APPS", id="template-of-an-app"),
    pytest.param(use_template, "TEMPLATE", "TEMPLATES", id="template"),
    pytest.param(use_session, "MIDDLEWARES", "MIDDLEWARE", id="session"),
    pytest.param(use_messages, "MIDDLEWARES", "MIDDLEWARE", id="messages"),
    pytest.param(use_host, "ALOWED_HOSTS", "ALLOWED_HOSTS", id="host"),
    pytest.param(use_database, "databases", "DATABASES", id="lower-case"),
]


@pytest.mark.parametrize(("use", "written", "meant"), CASES)
def test_the_error_that_comes_of_it_begins_with_it(module: ModuleType, use: Any, written: str, meant: str) -> None:
    setattr(module, written, ["something"])
    error = failure_of(use)
    hints = build_report(None, error).hints
    assert hints[0] == f"Nothing reads `{written}` in `{NAME}`: did you mean `{meant}`?"
    assert describe(error).endswith(f"Hint: Nothing reads {written} in {NAME}: did you mean {meant}?")


def test_nothing_else_is_advised_unless_the_setting_is_there_too(module: ModuleType) -> None:
    module.TEMPLATE = []  # type: ignore[attr-defined]
    error = failure_of(use_template)
    assert len(find_hints(error, None)) == 1
    with override_settings(TEMPLATES=[ENGINE], SETTINGS_MODULE=NAME):
        assert "Correct the name" in find_hints(error, None)[1]


def test_what_is_silenced_for_the_checks_is_silent_here(module: ModuleType) -> None:
    module.MIDDLEWARES = []  # type: ignore[attr-defined]
    with override_settings(SILENCED_SYSTEM_CHECKS=["settings.W101"]):
        assert "MIDDLEWARES" not in find_hints(failure_of(use_session), None)[0]


def test_an_error_about_something_else_says_nothing_of_it(module: ModuleType) -> None:
    module.MIDDLEWARES = []  # type: ignore[attr-defined]
    assert find_hints(LookupError("MIDDLEWARE_OF_MINE"), None) == ()


def test_names_in_the_module_that_do_not_like_to_be_looked_at_do_no_harm(module: ModuleType) -> None:
    class Hostile:
        def __getattr__(self, name: str) -> Any:
            raise RuntimeError(name)

    module.THING = Hostile()  # type: ignore[attr-defined]
    assert len(find_hints(failure_of(use_session), None)) == 1


def test_the_page_of_a_project_that_the_checks_refuse_begins_with_it(module: ModuleType) -> None:
    module.ROOT_URLCON = "shop.urls"  # type: ignore[attr-defined]
    issue = Error("ROOT_URLCONF is empty.", hint="Name a module.")
    failure = SystemCheckError("ROOT_URLCONF is empty.", issues=[issue])
    told: list[str] = []
    environ = {"HTTP_ACCEPT": "text/plain", "HTTP_HOST": "localhost", "REQUEST_METHOD": "GET"}
    body = failure_app(failure, Audience())(environ, lambda *head: told.append(head[0]))
    text = b"".join(body).decode()
    assert text.index(f"Nothing reads ROOT_URLCON in {NAME}") < text.index("Name a module.")
    assert text.count("ROOT_URLCON in") == 1
