"""The levels of messages, and the CSS class of each.

Source: Django's reference "The messages framework", section "Message levels".
"""

from __future__ import annotations

__all__ = ["DEBUG", "DEFAULT_LEVELS", "DEFAULT_TAGS", "ERROR", "INFO", "SUCCESS", "WARNING"]

DEBUG, INFO, SUCCESS, WARNING, ERROR = 10, 20, 25, 30, 40

DEFAULT_TAGS = {DEBUG: "debug", INFO: "info", SUCCESS: "success", WARNING: "warning", ERROR: "error"}
"""Level -> tag; settings.MESSAGE_TAGS is laid over it."""

DEFAULT_LEVELS = {"DEBUG": DEBUG, "INFO": INFO, "SUCCESS": SUCCESS, "WARNING": WARNING, "ERROR": ERROR}
"""Name -> level, for templates."""
