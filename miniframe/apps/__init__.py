"""The installed apps: what INSTALLED_APPS names, as objects."""

from __future__ import annotations

from miniframe.apps.config import AppConfig
from miniframe.apps.registry import Apps, apps

__all__ = ["AppConfig", "Apps", "apps"]
