"""Advice on a setting whose name is misspelt, where an error comes of it: what stands under that name is not read."""

from __future__ import annotations

import re

from miniframe.checks.settings import Misspelt, misspelt_settings
from miniframe.conf import settings

__all__ = ["advise_on_misspelt", "misspelt_behind"]

# Errors that come of a setting and do not name it: class, pattern, and the settings.
_SILENT = (
    ("TemplateDoesNotExist", r"", {"TEMPLATES", "INSTALLED_APPS"}),
    ("MessageFailure", r"", {"MIDDLEWARE"}),
    ("AttributeError", r"^'\w*Request' object has no attribute", {"MIDDLEWARE"}),
    ("LookupError", r"^No installed app", {"INSTALLED_APPS"}),
)


def misspelt_behind(error: BaseException, text: str) -> list[Misspelt]:
    """Return the misspelt names for settings that `error` is about; `text` is what it says."""
    try:
        found = misspelt_settings() if settings.configured else []
        found = [each for each in found if each.id not in settings.SILENCED_SYSTEM_CHECKS]
    except Exception:  # what stands in the settings module is asked what it is, and may not like that
        return []
    if not found:
        return []
    kinds = {kind.__name__ for kind in type(error).__mro__}
    about = set(re.findall(r"[A-Z][A-Z0-9_]+", text))
    for kind, pattern, names in _SILENT:
        if kind in kinds and re.search(pattern, text):
            about |= names
    return [each for each in found if each.meant in about]


def advise_on_misspelt(each: Misspelt) -> str:
    """Return what to do about it."""
    return f"Nothing reads `{each.name}` in `{each.module}`: did you mean `{each.meant}`?"
