"""settings.STORAGES: each alias is one storage, made at first use and forgotten when the setting changes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from miniframe.files.storage import (
    FileSystemStorage,
    InMemoryStorage,
    InvalidStorageError,
    StorageHandler,
    default_storage,
    storages,
)
from miniframe.test.utils import override_settings

MEMORY = "miniframe.files.storage.InMemoryStorage"


def test_the_default_is_the_file_system() -> None:
    assert isinstance(default_storage, FileSystemStorage)
    assert storages["default"] is storages["default"]
    assert sorted(StorageHandler().backends) == ["default", "staticfiles"]


def test_options_are_the_backends_arguments(tmp_path: Path) -> None:
    handler = StorageHandler(
        {"x": {"BACKEND": "miniframe.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path}}}
    )
    assert handler["x"].path("a") == str(tmp_path / "a")


def test_a_changed_setting_is_seen_by_all() -> None:
    with override_settings(STORAGES={"default": {"BACKEND": MEMORY}}):
        assert isinstance(default_storage, InMemoryStorage)
        assert storages["default"] == default_storage
    assert isinstance(default_storage, FileSystemStorage)


@pytest.mark.parametrize(
    ("backends", "alias", "message"),
    [
        pytest.param({"default": {}}, "defalt", r"config for 'defalt' .* Did you mean 'default'\?", id="typo"),
        pytest.param({"x": {}}, "x", "has no BACKEND", id="no-backend"),
        pytest.param(
            {"x": {"OPTIONS": {"secret": "s3"}}}, "x", r"BACKEND: it is a dict of \['OPTIONS'\]\. ", id="no-secrets"
        ),
        pytest.param({"x": None}, "x", "has no BACKEND", id="none"),
        pytest.param(
            {"x": {"BACKEND": "no.such.Storage"}},
            "x",
            "Could not find backend 'no.such.Storage': No module named 'no'",
            id="no-module",
        ),
        pytest.param(
            {"x": {"BACKEND": MEMORY.replace("In", "Inn")}}, "x", "Did you mean .*InMemoryStorage", id="misspelt"
        ),
    ],
)
def test_mistakes_are_named(backends: dict[str, Any], alias: str, message: str) -> None:
    with pytest.raises(InvalidStorageError, match=message):
        StorageHandler(backends)[alias]
