"""Values of settings with which a site cannot start are told by the checks, with what was meant."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from miniframe.checks import CheckMessage
from miniframe.checks.settings import (
    check_allowed_hosts,
    check_middleware,
    check_secret_key,
    check_template_keys,
    check_wsgi_application,
)
from miniframe.checks.urls import check_root_urlconf
from miniframe.test.utils import override_settings

OURS = "miniframe.middleware.common.CommonMiddleware"
ENGINE = {"BACKEND": "miniframe.template.backends.jinja2.Jinja2"}
Check = Callable[..., list[CheckMessage]]


@pytest.fixture(autouse=True)
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {
        "served_here.py": "application = None\n",
        "layers_here.py": "def timer(get_response): return get_response\n",
        "broken_here.py": "import not_installed_anywhere\n",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text)
        monkeypatch.delitem(sys.modules, name.removesuffix(".py"), raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))


def told(messages: list[CheckMessage]) -> str:
    return "\n".join(f"{message.id} {message.msg} {message.hint}" for message in messages)


@pytest.mark.parametrize(
    ("check", "changed", "said"),
    [
        pytest.param(check_secret_key, {"SECRET_KEY": ""}, ["settings.E100", "must not be empty"], id="no-key"),
        pytest.param(
            check_allowed_hosts,
            {"DEBUG": False, "ALLOWED_HOSTS": []},
            ["settings.W102", "ALLOWED_HOSTS is empty", "example.com"],
            id="no-hosts",
        ),
        pytest.param(
            check_middleware,
            {"MIDDLEWARE": [OURS, "miniframe.middleware.comon.CommonMiddleware"]},
            ["settings.E101", "MIDDLEWARE", "'miniframe.middleware.comon.CommonMiddleware'", f"Did you mean '{OURS}'?"],
            id="middleware-module",
        ),
        pytest.param(
            check_middleware,
            {"MIDDLEWARE": ["miniframe.middleware.common.ComonMiddleware"]},
            ["settings.E101", "did you mean 'CommonMiddleware'?"],
            id="middleware-class",
        ),
        pytest.param(
            check_middleware,
            {"MIDDLEWARE": ["layers_here.tmer"]},
            ["settings.E101", "'timer'"],
            id="middleware-of-theirs",
        ),
        pytest.param(
            check_middleware, {"MIDDLEWARE": [""]}, ["settings.E101", "has the entry ''"], id="middleware-empty"
        ),
        pytest.param(
            check_middleware,
            {"MIDDLEWARE": [f"{OURS}layers_here.timer"]},
            ["settings.E101", f"a comma forgotten between '{OURS}' and 'layers_here.timer'?"],
            id="middleware-comma",
        ),
        pytest.param(
            check_wsgi_application,
            {"WSGI_APPLICATION": "served_hre.application"},
            [
                "settings.E102",
                "WSGI application 'served_hre.application' could not be loaded; Error importing module.",
                "WSGI_APPLICATION",
                "Did you mean 'served_here.application'?",
            ],
            id="wsgi-module",
        ),
        pytest.param(
            check_wsgi_application,
            {"WSGI_APPLICATION": "served_here.aplication"},
            ["settings.E102", "Did you mean 'served_here.application'?"],
            id="wsgi-name",
        ),
        pytest.param(
            check_wsgi_application, {"WSGI_APPLICATION": "served_here"}, ["settings.E102"], id="wsgi-without-a-name"
        ),
        pytest.param(
            check_template_keys,
            {"TEMPLATES": [{**ENGINE, "DIR": []}]},
            ["settings.E103", "TEMPLATES", "'DIR'", "Did you mean 'DIRS'?"],
            id="templates-key",
        ),
        pytest.param(
            check_template_keys,
            {"TEMPLATES": [{**ENGINE, "autoescape": True}]},
            ["settings.E103", "'autoescape'", "OPTIONS"],
            id="templates-option",
        ),
        pytest.param(check_root_urlconf, {"ROOT_URLCONF": ""}, ["urls.E100", "ROOT_URLCONF", "empty"], id="no-urlconf"),
    ],
)
def test_what_keeps_a_site_from_starting_is_told(check: Check, changed: dict[str, Any], said: list[str]) -> None:
    with override_settings(**changed):
        messages = check(None)
    assert len(messages) == 1
    for words in said:
        assert words in told(messages)


@pytest.mark.parametrize(
    ("check", "changed"),
    [
        pytest.param(check_secret_key, {"SECRET_KEY": "long"}, id="key"),
        pytest.param(check_allowed_hosts, {"DEBUG": True, "ALLOWED_HOSTS": []}, id="debug-allows-localhost"),
        pytest.param(check_allowed_hosts, {"DEBUG": False, "ALLOWED_HOSTS": ["example.com"]}, id="hosts"),
        pytest.param(check_allowed_hosts, {"ALLOWED_HOSTS": [], "ROOT_URLCONF": ""}, id="no-site"),
        pytest.param(check_middleware, {"MIDDLEWARE": [OURS, "layers_here.timer"]}, id="middleware"),
        pytest.param(check_wsgi_application, {"WSGI_APPLICATION": None}, id="default-application"),
        pytest.param(check_wsgi_application, {"WSGI_APPLICATION": "served_here.application"}, id="application"),
        pytest.param(check_template_keys, {"TEMPLATES": [{**ENGINE, "NAME": "a", "DIRS": []}]}, id="templates"),
        pytest.param(
            check_template_keys, {"TEMPLATES": [{"BACKEND": "their.Engine", "LEVEL": 1}]}, id="foreign-engine"
        ),
    ],
)
def test_what_is_right_is_passed_over(check: Check, changed: dict[str, Any]) -> None:
    with override_settings(**changed):
        assert check(None) == []


def test_an_import_that_fails_inside_a_middleware_is_seen_as_it_is() -> None:
    with (
        override_settings(MIDDLEWARE=["broken_here.timer"]),
        pytest.raises(ModuleNotFoundError, match="not_installed_anywhere"),
    ):
        check_middleware(None)


def test_the_application_is_not_imported_to_see_that_it_is_there() -> None:
    with override_settings(WSGI_APPLICATION="served_here.application"):
        check_wsgi_application(None)
    assert "served_here" not in sys.modules
