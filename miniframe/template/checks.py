"""System checks of settings.TEMPLATES: engines that do not exist here, folders that do not exist at all.

They make no engine, so that `check` need not import Jinja2.

Source: Django's reference "System check framework", section "Templates"; the ids from 100 on are ours.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

from miniframe.checks import CheckMessage, Error, Tags, Warning, register
from miniframe.conf import settings
from miniframe.exceptions import ImproperlyConfigured
from miniframe.template.utils import EngineHandler

__all__ = ["check_templates"]

BACKEND = "miniframe.template.backends.jinja2.Jinja2"


@register(Tags.templates)
def check_templates(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Return what is wrong with settings.TEMPLATES."""
    handler = EngineHandler(settings.TEMPLATES)
    try:
        rows = handler.templates
    except ImproperlyConfigured as error:
        return [Error(str(error), id="templates.E100")]
    return [message for alias, row in rows.items() for message in _check_engine(alias, row)]


def _check_engine(alias: str, row: dict[str, Any]) -> Iterator[CheckMessage]:
    backend: str = row["BACKEND"]
    if backend.startswith(("django.", "miniframe.")) and backend != BACKEND:
        yield Error(
            f"The template engine {alias!r} has the BACKEND {backend!r}, which miniframe does not have.",
            hint=f"The one engine is {BACKEND!r}; its language is Jinja2's.",
            id="templates.E101",
        )
    for folder in row["DIRS"]:
        if not os.path.isdir(folder):
            yield Warning(
                f"The folder {str(folder)!r} in DIRS of the template engine {alias!r} does not exist.",
                hint="Make it, or take it out of settings.TEMPLATES.",
                id="templates.W102",
            )
