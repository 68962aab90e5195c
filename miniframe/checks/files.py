"""Checks of the settings about files.

Source: Django's reference "System check framework", section "Files".
"""

from __future__ import annotations

import os
from typing import Any

from miniframe.checks.messages import CheckMessage, Error
from miniframe.checks.registry import Tags, register
from miniframe.conf import settings

__all__ = ["check_setting_file_upload_temp_dir"]


@register(Tags.files)
def check_setting_file_upload_temp_dir(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """E001: FILE_UPLOAD_TEMP_DIR is no folder, so that every large upload would fail."""
    folder: str | os.PathLike[str] | None = settings.FILE_UPLOAD_TEMP_DIR
    if not folder or os.path.isdir(folder):
        return []
    return [
        Error(
            f"The FILE_UPLOAD_TEMP_DIR setting refers to the nonexistent directory '{folder}'.",
            id="files.E001",
        )
    ]
