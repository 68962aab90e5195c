"""The app that INSTALLED_APPS names as "miniframe.staticfiles"."""

from __future__ import annotations

from typing import Any

from miniframe.apps import AppConfig, apps
from miniframe.checks import Tags, register
from miniframe.signals import setting_changed
from miniframe.staticfiles.checks import check_collected, check_finders, check_storages
from miniframe.templatetags.static import build_with

__all__ = ["StaticFilesConfig"]


class StaticFilesConfig(AppConfig):
    """Registers the app's checks, and lets its storage make the addresses; its commands are found by their folder."""

    name = "miniframe.staticfiles"
    verbose_name = "Static Files"
    ignore_patterns: list[str] = ["CVS", ".*", "*~"]

    def ready(self) -> None:
        """Register the checks, and take over `static()`."""
        register(check_finders, Tags.staticfiles)
        register(check_storages, Tags.staticfiles)
        register(check_collected, Tags.staticfiles, deploy=True)
        build_with(_address)


def _address(path: str) -> str:
    from miniframe.staticfiles.storage import staticfiles_storage  # hashlib, json: for the first address only

    address: str = staticfiles_storage.url(path)
    return address


def _step_back(*, setting: str, **kwargs: Any) -> None:
    # A test may take the app out of the settings, or put it back.
    if setting == "INSTALLED_APPS":
        build_with(_address if apps.is_installed("miniframe.staticfiles") else None)


setting_changed.connect(_step_back)
