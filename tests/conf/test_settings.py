"""Settings: loaded when first read, cheap afterwards, clear when they are wrong."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from miniframe.checks.settings import check_setting_names
from miniframe.conf import ENVIRONMENT_VARIABLE, LazySettings, Settings, settings
from miniframe.exceptions import ImproperlyConfigured
from miniframe.signals import setting_changed
from miniframe.test import modify_settings, override_settings


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Write a settings module of that text and name it in the environment; return a fresh settings object."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def write(text: str, name: str = "made_settings") -> LazySettings:
        (tmp_path / f"{name}.py").write_text(text)
        monkeypatch.setenv(ENVIRONMENT_VARIABLE, name)
        monkeypatch.delitem(sys.modules, name, raising=False)
        return LazySettings()

    return write


def test_contract_72_settings_are_loaded_at_the_first_read(module: Any) -> None:
    made = module("DEBUG = True\nMINE = 'kept'\nlower = 1\n")
    assert not made.configured
    assert made.DEBUG is True
    assert made.MINE == "kept"
    assert made.APPEND_SLASH is True
    assert made.is_overridden("DEBUG")
    assert not made.is_overridden("APPEND_SLASH")
    with pytest.raises(AttributeError, match="lower"):
        made.lower  # noqa: B018


def test_contract_72_unset_settings_name_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(ENVIRONMENT_VARIABLE, raising=False)
    with pytest.raises(
        ImproperlyConfigured, match=r"Requested setting DEBUG.*MINIFRAME_SETTINGS_MODULE.*configure\(\)"
    ):
        LazySettings().DEBUG  # noqa: B018


def test_a_missing_module_is_told_from_a_broken_one(module: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ENVIRONMENT_VARIABLE, "no_such.settings")
    with pytest.raises(ImproperlyConfigured, match=r"'no_such\.settings'.*No module named 'no_such'") as caught:
        LazySettings().DEBUG  # noqa: B018
    assert isinstance(caught.value, ImportError)
    with pytest.raises(ModuleNotFoundError, match="not_installed"):
        module("import not_installed").DEBUG  # noqa: B018
    with pytest.raises(ZeroDivisionError):
        module("1 / 0", "broken_settings").DEBUG  # noqa: B018


def test_a_string_where_a_list_is_meant_is_refused(module: Any) -> None:
    with pytest.raises(ImproperlyConfigured, match="ALLOWED_HOSTS setting must be a list or a tuple"):
        module("ALLOWED_HOSTS = 'example.com'").DEBUG  # noqa: B018


def test_configure_is_for_once_and_for_capitals() -> None:
    made = LazySettings()
    with pytest.raises(TypeError, match="'debug' must be uppercase"):
        made.configure(debug=True)
    made.configure(DEBUG=True)
    assert made.DEBUG is True
    with pytest.raises(RuntimeError, match="already configured"):
        made.configure()


def test_a_second_read_does_not_look_behind(module: Any) -> None:
    made = module("MINE = object()")
    assert made.MINE is made.MINE
    assert "MINE" in vars(made)

    made.MINE = 2
    assert made.MINE == 2
    del made.MINE
    with pytest.raises(AttributeError):
        made.MINE  # noqa: B018


def test_an_empty_secret_key_is_refused_when_it_is_needed(module: Any) -> None:
    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY setting must not be empty"):
        module("DEBUG = True").SECRET_KEY  # noqa: B018


def test_settings_are_overridden_for_a_while_and_announced() -> None:
    heard: list[tuple[str, Any, bool]] = []

    def listen(setting: str, value: Any, enter: bool, **kwargs: Any) -> None:
        heard.append((setting, value, enter))

    setting_changed.connect(listen)
    before = settings.DEBUG
    try:
        with override_settings(DEBUG="for a while", NEW_ONE=1):
            assert settings.DEBUG == "for a while"
            assert settings.NEW_ONE == 1
        assert settings.DEBUG is before
        assert not hasattr(settings, "NEW_ONE")
    finally:
        setting_changed.disconnect(listen)
    assert heard == [
        ("DEBUG", "for a while", True),
        ("NEW_ONE", 1, True),
        ("DEBUG", before, False),
        ("NEW_ONE", None, False),
    ]


def test_lists_are_modified_for_a_while() -> None:
    with (
        override_settings(MIDDLEWARE=["a", "b"]),
        modify_settings(MIDDLEWARE={"append": "c", "prepend": ["z"], "remove": "b"}),
    ):
        assert settings.MIDDLEWARE == ["z", "a", "c"]


def test_misspelt_and_lower_case_names_are_found_by_a_check(module: Any) -> None:
    module("ALOWED_HOSTS = []\ndebug = True\nMY_OWN_THING = 1\n", "misspelt_settings")
    with override_settings(SETTINGS_MODULE="misspelt_settings"):
        Settings("misspelt_settings")
        found = {message.id: message for message in check_setting_names()}
    assert "'ALLOWED_HOSTS'" in str(found["settings.W101"].hint)
    assert "'DEBUG'" in str(found["settings.W100"].hint)
    assert len(found) == 2


def test_reading_settings_without_any_tells_what_to_do() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from miniframe.conf import settings; settings.DEBUG"],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": ""},
    )
    assert done.returncode == 1
    assert "MINIFRAME_SETTINGS_MODULE" in done.stderr.splitlines()[-1]
