"""The app that INSTALLED_APPS names as "miniframe.staticfiles"."""

from __future__ import annotations

from miniframe.apps import AppConfig
from miniframe.checks import Tags, register
from miniframe.staticfiles.checks import check_finders, check_storages

__all__ = ["StaticFilesConfig"]


class StaticFilesConfig(AppConfig):
    """Registers the app's checks; its commands are found by their folder."""

    name = "miniframe.staticfiles"
    verbose_name = "Static Files"
    ignore_patterns = ["CVS", ".*", "*~"]

    def ready(self) -> None:
        """Register the checks."""
        register(check_finders, Tags.staticfiles)
        register(check_storages, Tags.staticfiles)
