"""How the log looks, as a command line asks for it: coloured, plain, or JSON.

The formatter that is there already is changed, and the environment tells those that are made when the application
sets logging up once more.

Not here: the formatters (see `utils.log` and `utils.jsonlog`).
"""

from __future__ import annotations

import logging
import os
from typing import Any

from miniframe.utils.jsonlog import LOG_FORMAT, is_wanted
from miniframe.utils.log import ServerFormatter, speak_json
from miniframe.utils.termcolors import Style, color_style, no_style

__all__ = ["apply"]


def apply(options: dict[str, Any]) -> None:
    """Have the log follow --no-color, --force-color and --log-format."""
    if options.get("no_color"):
        os.environ["MINIFRAME_COLORS"] = "nocolor"
        _paint(no_style())
    elif options.get("force_color"):
        os.environ.pop("NO_COLOR", None)
        os.environ["FORCE_COLOR"] = "1"
        _paint(color_style(force_color=True))
    if options.get("log_format") == "text":
        os.environ.pop(LOG_FORMAT, None)
    elif options.get("log_format") == "json" or is_wanted():
        speak_json()


def _paint(style: Style) -> None:
    for handler in logging.getLogger("miniframe.server").handlers:
        if isinstance(handler.formatter, ServerFormatter):
            handler.formatter.style = style
