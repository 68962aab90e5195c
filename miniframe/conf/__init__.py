"""The project's settings: one lazy object that everybody may read."""

from __future__ import annotations

from miniframe.conf.loading import (
    ENVIRONMENT_VARIABLE,
    LazySettings,
    Settings,
    SettingsModuleNotFound,
    UserSettingsHolder,
    settings,
)
from miniframe.conf.paths import PathNotFound, import_from_setting, place_of, problem_with_path

DEFAULT_STORAGE_ALIAS = "default"
STATICFILES_STORAGE_ALIAS = "staticfiles"

__all__ = [
    "DEFAULT_STORAGE_ALIAS",
    "ENVIRONMENT_VARIABLE",
    "STATICFILES_STORAGE_ALIAS",
    "LazySettings",
    "PathNotFound",
    "Settings",
    "SettingsModuleNotFound",
    "UserSettingsHolder",
    "import_from_setting",
    "place_of",
    "problem_with_path",
    "settings",
]
