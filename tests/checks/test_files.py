"""A folder for uploads that is not there is found before the first large upload fails."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from miniframe.checks.files import check_setting_file_upload_temp_dir
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
