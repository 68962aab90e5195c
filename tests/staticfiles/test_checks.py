"""Wrong settings for static files are named by the system checks, or when files are to be served."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from miniframe.exceptions import ImproperlyConfigured
from miniframe.staticfiles.checks import E005, check_collected, check_finders, check_storages
from miniframe.staticfiles.utils import check_settings
from miniframe.test.utils import override_settings


def test_a_right_setup_has_nothing_to_say(project: Path) -> None:
    assert check_finders() == []


@pytest.mark.parametrize(
    ("overrides", "ids"),
    [
        pytest.param({"STATICFILES_DIRS": "a string"}, ["staticfiles.E001"], id="no-list"),
        pytest.param({"STATICFILES_DIRS": ["/"], "STATIC_ROOT": "/"}, ["staticfiles.E002"], id="contains-root"),
        pytest.param({"STATICFILES_DIRS": [("a/", "/")]}, ["staticfiles.E003"], id="prefix-with-slash"),
        pytest.param({"STATICFILES_DIRS": ["/no/such"]}, ["staticfiles.W004"], id="missing-folder"),
    ],
)
def test_what_the_checks_find(project: Path, overrides: dict[str, Any], ids: list[str]) -> None:
    with override_settings(**overrides):
        assert [message.id for message in check_finders()] == ids


def test_a_storage_for_static_files_is_wanted() -> None:
    assert check_storages() == []
    with override_settings(STORAGES={}):
        assert check_storages() == [E005]


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        pytest.param({"STATIC_URL": None}, "without having set the required STATIC_URL", id="missing"),
        pytest.param({"STATIC_URL": "/a/", "MEDIA_URL": "/a/"}, "must have different values", id="same-url"),
        pytest.param(
            {"DEBUG": True, "STATIC_URL": "/s/", "MEDIA_URL": "/s/m/"},
            "runserver can't serve media if MEDIA_URL is within STATIC_URL",
            id="media-within",
        ),
        pytest.param(
            {"STATIC_URL": "/s/", "STATIC_ROOT": "/x", "MEDIA_ROOT": "/x"}, "MEDIA_ROOT and STATIC_ROOT", id="same-root"
        ),
    ],
)
def test_settings_that_get_in_each_others_way(overrides: dict[str, Any], message: str) -> None:
    with override_settings(**overrides), pytest.raises(ImproperlyConfigured, match=message):
        check_settings()


def test_hashed_names_before_files_are_collected_are_told_of(project: Path) -> None:
    hashed = {"staticfiles": {"BACKEND": "miniframe.staticfiles.storage.ManifestStaticFilesStorage"}}
    with override_settings(STORAGES=hashed, STATIC_ROOT=project / "collected"):
        (message,) = check_collected()
        assert (message.id, "collectstatic" in str(message.hint)) == ("staticfiles.W100", True)
        (project / "collected").mkdir()
        manifest = {"version": "1.1", "paths": {"site.css": "site.0123.css"}}
        (project / "collected/staticfiles.json").write_text(json.dumps(manifest))
    with override_settings(STORAGES=hashed, STATIC_ROOT=project / "collected"):
        assert check_collected() == []


def test_plain_names_need_no_manifest(project: Path) -> None:
    with override_settings(STATIC_ROOT=project / "collected"):
        assert check_collected() == []
