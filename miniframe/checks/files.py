"""Checks of the settings about files.

    files.E001   FILE_UPLOAD_TEMP_DIR is no folder
    files.E100   a backend in STORAGES leads nowhere (ours: Django finds out at the first upload)

Source: Django's reference "System check framework", section "Files".
"""

from __future__ import annotations

import os
from typing import Any

from miniframe.checks.messages import CheckMessage, Error
from miniframe.checks.registry import Tags, register
from miniframe.conf import global_settings, place_of, settings
from miniframe.utils.dotted import advice, exists

__all__ = ["check_setting_file_upload_temp_dir", "check_storage_backends"]


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


@register(Tags.files)
def check_storage_backends(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """E100: an entry of STORAGES has no BACKEND, or one that leads nowhere.  They are not imported for that."""
    found: list[CheckMessage] = []
    storages: dict[str, Any] = settings.STORAGES
    for alias, entry in storages.items():
        if entry == global_settings.STORAGES.get(alias):
            continue  # `check` need not look for what is ours
        backend = entry.get("BACKEND") if isinstance(entry, dict) else None
        if not isinstance(backend, str) or "." not in backend:
            hint = 'It is written {"BACKEND": "module.Class", "OPTIONS": {...}}.'
        elif exists(backend):
            continue
        else:
            hint = f"There is no {backend!r}.{advice(backend)}"
        message = f"The storage {alias!r} of {place_of('STORAGES')} has no backend that could be imported."
        found.append(Error(message, hint=hint, id="files.E100"))
    return found
