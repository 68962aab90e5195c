"""What every template can use: the menu, words for dates."""

from __future__ import annotations

from typing import Any, NamedTuple

from miniframe.http import HttpRequest
from miniframe.urls import reverse

from core.when import ago, long_date


class MenuEntry(NamedTuple):
    """One link of the menu; `current` when the visitor is in that part of the site."""

    label: str
    address: str
    current: bool


MENU = (
    ("Notices", "board:index"),
    ("Gallery", "gallery:index"),
    ("Tides", "tides:today"),
    ("Live", "live:index"),
    ("API", "api:index"),
    ("About", "core:about"),
)


def harbour(request: HttpRequest) -> dict[str, Any]:
    """Return the context that the layout needs."""
    match = request.resolver_match
    namespace = match.namespace if match is not None else ""
    view_name = match.view_name if match is not None else ""
    return {
        "menu": [
            MenuEntry(label, reverse(name), name == view_name or _same_part(name, namespace)) for label, name in MENU
        ],
        "ago": ago,
        "long_date": long_date,
    }


def _same_part(name: str, namespace: str) -> bool:
    part = name.partition(":")[0]
    return part == namespace and part != "core"
