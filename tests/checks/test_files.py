"""Settings with which no file could be kept are found before the first visitor brings one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from miniframe.checks.files import check_setting_file_upload_temp_dir, check_storage_backends
from miniframe.test.utils import override_settings


@pytest.mark.parametrize(
    ("folder", "ids"),
    [
        pytest.param(None, [], id="the-systems"),
        pytest.param(Path.cwd(), [], id="exists"),
        pytest.param("no/such", ["files.E001"], id="missing"),
        pytest.param(__file__, ["files.E001"], id="a-file"),
    ],
)
def test_the_folder_for_uploads(folder: Any, ids: list[str]) -> None:
    with override_settings(FILE_UPLOAD_TEMP_DIR=folder):
        assert [message.id for message in check_setting_file_upload_temp_dir()] == ids


@pytest.mark.parametrize(
    ("entry", "hint"),
    [
        pytest.param({"BACKEND": "miniframe.files.storage.InMemoryStorage"}, None, id="right"),
        pytest.param({"BACKEND": "miniframe.files.storage.InMemryStorage"}, "Did you mean", id="misspelt"),
        pytest.param({"BACKEND": "no.such.Storage"}, "There is no 'no.such.Storage'", id="nowhere"),
        pytest.param({"BACKEND": "Storage"}, "module.Class", id="no-module"),
        pytest.param({}, "module.Class", id="no-backend"),
        pytest.param("no.such.Storage", "module.Class", id="a-string"),
    ],
)
def test_backends_of_storages(entry: Any, hint: str | None) -> None:
    assert check_storage_backends() == []
    with override_settings(STORAGES={"mine": entry}):
        found = check_storage_backends()
    assert [message.id for message in found] == ([] if hint is None else ["files.E100"])
    assert all(hint in str(message.hint) for message in found if hint)
