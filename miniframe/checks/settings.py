"""Checks of the settings module itself: names that nobody reads because they are misspelt or in lower case.

Source: ours; Django stays silent about both.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

from miniframe.checks.messages import CheckMessage, Warning
from miniframe.checks.registry import Tags, register
from miniframe.conf import global_settings, settings
from miniframe.utils.text import nearest

__all__ = ["check_setting_names"]


@register(Tags.settings)
def check_setting_names(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Warn of names in the settings module that are close to a setting and not quite it."""
    module = sys.modules.get(getattr(settings, "SETTINGS_MODULE", None) or "")
    if module is None:
        return []
    known = [name for name in dir(global_settings) if name.isupper()]
    return list(_misspelt(module, known))


def _misspelt(module: Any, known: list[str]) -> Iterator[CheckMessage]:
    for name, value in vars(module).items():
        if name.startswith("_") or name in known or callable(value) or hasattr(value, "__spec__"):
            continue
        if name == "BASE_DIR":
            continue  # every new project has it; comparing it with each setting would cost 2 ms
        if not name.isupper():
            if name.upper() in known:
                yield Warning(
                    f"{name!r} in {module.__name__} is not read as a setting, because it is not in capitals.",
                    hint=f"Write it {name.upper()!r}, or rename it if it is something of your own.",
                    id="settings.W100",
                )
        elif near := nearest(name, known, cutoff=0.85):
            yield Warning(
                f"Nothing reads the setting {name!r} in {module.__name__}.",
                hint=f"Did you mean {near!r}? Add 'settings.W101' to SILENCED_SYSTEM_CHECKS if it is your own.",
                id="settings.W101",
            )
