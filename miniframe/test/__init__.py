"""Drive an application in tests, without a server or with one."""

from __future__ import annotations

from miniframe.test.utils import ignore_warnings, modify_settings, override_settings

__all__ = ["ignore_warnings", "modify_settings", "override_settings"]
