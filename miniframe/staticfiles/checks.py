"""System checks: whether every finder is set up well, whether there is a storage for static files, and files in it.

    staticfiles.W100   hashed names are wanted, and `collectstatic` has not run (ours; with `--deploy` only)

Source: Django's reference "System check framework", section "Static files".
"""

from __future__ import annotations

from typing import Any

from miniframe.checks import CheckMessage, Error, Warning
from miniframe.conf import settings

__all__ = ["E005", "check_collected", "check_finders", "check_storages"]

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


def check_collected(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Return W100 if each page with a static file in it would fail, because there is no manifest yet."""
    if check_storages():
        return []
    from miniframe.staticfiles.storage import ManifestFilesMixin, staticfiles_storage  # hashlib, json

    # `isinstance` looks through the lazy object.
    if not isinstance(staticfiles_storage, ManifestFilesMixin) or not staticfiles_storage.manifest_strict:
        return []
    # A site without static files has a manifest too, and nothing in it.
    if staticfiles_storage.hashed_files or staticfiles_storage.read_manifest() is not None:
        return []
    return [
        Warning(
            f"The storage of static files has no {staticfiles_storage.manifest_name!r}, so every page that names a "
            f"static file will fail when DEBUG is off.",
            hint="Run 'python manage.py collectstatic' before the site starts.",
            id="staticfiles.W100",
        )
    ]
