"""What the other apps stand on."""

from __future__ import annotations

from miniframe.apps import AppConfig


class CoreConfig(AppConfig):
    name = "core"
    verbose_name = "Port Merrow"
