"""What has to happen once before a project can serve or run a command.

Source: Django's topic "Applications", section "Initialization process".
"""

from __future__ import annotations

from miniframe.apps import apps
from miniframe.conf import settings
from miniframe.urls import set_script_prefix
from miniframe.utils.log import configure_logging

__all__ = ["setup"]


def setup(set_prefix: bool = True) -> None:
    """See `miniframe.setup`, which is how everyone calls this."""
    configure_logging(settings.LOGGING_CONFIG, settings.LOGGING)
    if set_prefix:
        set_script_prefix("/" if settings.FORCE_SCRIPT_NAME is None else settings.FORCE_SCRIPT_NAME)
    apps.populate(settings.INSTALLED_APPS)
