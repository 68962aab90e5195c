"""INSTALLED_APPS become AppConfigs: by package, by apps.py, by dotted path; mistakes are explained."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from miniframe.apps import AppConfig, Apps, apps
from miniframe.exceptions import AppRegistryNotReady, ImproperlyConfigured
from miniframe.test import override_settings


@pytest.fixture(autouse=True)
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    files = {
        "plain_app/__init__.py": "",
        "named_app/__init__.py": "",
        "named_app/apps.py": (
            "from miniframe.apps import AppConfig\n"
            "class NamedConfig(AppConfig):\n"
            "    name = 'named_app'\n"
            "    label = 'other'\n"
            "    started = 0\n"
            "    def ready(self):\n"
            "        type(self).started += 1\n"
        ),
        "broken_app/__init__.py": "import not_installed_anywhere\n",
        "misnamed_app/__init__.py": "",
        "misnamed_app/apps.py": (
            "from miniframe.apps import AppConfig\nclass MisnamedConfig(AppConfig):\n    name = 'misnamd_app'\n"
        ),
        "twice_app/__init__.py": "",
        "twice_app/apps.py": (
            "from miniframe.apps import AppConfig\n"
            "class A(AppConfig):\n    name = 'twice_app'\n    default = True\n"
            "class B(AppConfig):\n    name = 'twice_app'\n    default = True\n"
        ),
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    monkeypatch.syspath_prepend(str(tmp_path))
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        if name.partition(".")[0].endswith("_app"):
            del sys.modules[name]


def test_a_package_becomes_an_app_with_its_own_name() -> None:
    registry = Apps(["plain_app"])
    (config,) = registry.get_app_configs()
    assert (config.name, config.label, config.verbose_name) == ("plain_app", "plain_app", "Plain App")
    assert config.path.endswith("plain_app")
    assert registry.is_installed("plain_app")
    assert registry.get_app_config("plain_app") is config


@pytest.mark.parametrize("entry", ["named_app", "named_app.apps.NamedConfig"])
def test_the_config_in_apps_py_is_found_and_made_ready_once(entry: str) -> None:
    registry = Apps([entry])
    registry.populate([entry])
    config = registry.get_app_config("other")
    assert type(config).__name__ == "NamedConfig"
    assert config.started == 1  # type: ignore[attr-defined]
    assert registry.get_containing_app_config("named_app.models.Thing") is config


@pytest.mark.parametrize(
    ("installed", "error", "message"),
    [
        pytest.param(
            ["no_such_app"], ImproperlyConfigured, "No module named 'no_such_app'.*INSTALLED_APPS", id="missing"
        ),
        pytest.param(
            ["no_such.app"], ModuleNotFoundError, "No module named 'no_such'.*'no_such.app'", id="missing-below"
        ),
        pytest.param(["plainapp"], ModuleNotFoundError, "Did you mean 'plain_app'", id="near"),
        pytest.param(["plain_appnamed_app"], ModuleNotFoundError, "comma forgotten.*'named_app'", id="forgotten-comma"),
        pytest.param(["plain_app.something"], ModuleNotFoundError, "No module named 'plain_app.something'", id="below"),
        pytest.param(
            ["named_app.apps.NamdConfig"],
            ImportError,
            "Module 'named_app.apps' does not contain a 'NamdConfig' class. Choices are: 'NamedConfig'. "
            ".*INSTALLED_APPS.*Did you mean 'named_app.apps.NamedConfig'",
            id="config-near",
        ),
        pytest.param(
            ["misnamed_app"],
            ImproperlyConfigured,
            "'misnamed_app.apps.MisnamedConfig.name' is correct. Did you mean 'misnamed_app'.*INSTALLED_APPS",
            id="name-of-a-config",
        ),
        pytest.param([""], ImproperlyConfigured, "INSTALLED_APPS has the entry ''", id="empty"),
        pytest.param([None], ImproperlyConfigured, "INSTALLED_APPS has the entry None", id="no-text"),
        pytest.param(["broken_app"], ModuleNotFoundError, "not_installed_anywhere", id="fails-inside"),
        pytest.param(["plain_app", "plain_app"], ImproperlyConfigured, "labels aren't unique", id="twice"),
        pytest.param(["plain_app.Nothing"], ImportError, "Nothing", id="no-such-config"),
        pytest.param(
            ["miniframe.utils.text.slugify"],
            ImproperlyConfigured,
            "subclass of AppConfig.*INSTALLED_APPS",
            id="no-config",
        ),
        pytest.param(["twice_app"], RuntimeError, "more than one default", id="two-defaults"),
    ],
)
def test_a_wrong_entry_is_explained(installed: list[str], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        Apps(installed)


def test_a_failed_start_can_be_repeated() -> None:
    registry = Apps(installed_apps=None)
    with pytest.raises(ModuleNotFoundError):
        registry.populate(["plain_app", "no_such_app"])
    with pytest.raises(AppRegistryNotReady, match=r"miniframe\.setup\(\)"):
        registry.get_app_configs()
    registry.populate(["plain_app"])
    assert registry.ready


def test_an_unknown_label_offers_the_nearest() -> None:
    with pytest.raises(LookupError, match="Did you mean 'plain_app'"):
        Apps(["plain_app"]).get_app_config("plain_ap")


def test_overriding_installed_apps_reloads_the_registry() -> None:
    with override_settings(INSTALLED_APPS=["plain_app"]):
        assert apps.is_installed("plain_app")
    assert not apps.is_installed("plain_app")


def test_a_config_without_one_folder_has_to_name_it() -> None:
    with pytest.raises(ImproperlyConfigured, match="no filesystem location"):
        AppConfig("x", None)
