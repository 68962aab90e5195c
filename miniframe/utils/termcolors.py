"""Colour on a terminal: which codes, and whether to use them at all.

Source: ECMA-48 "Select Graphic Rendition"; https://no-color.org; Django's reference "django-admin",
section "Syntax coloring".
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any

__all__ = ["Style", "color_style", "colorize", "make_style", "no_style", "supports_color"]

_COLOURS = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
_OPTIONS = {"bold": 1, "underscore": 4, "blink": 5, "reverse": 7, "conceal": 8, "noreset": None}

PALETTES: dict[str, dict[str, tuple[str, ...]]] = {
    "dark": {
        "ERROR": ("red", "bold"),
        "SUCCESS": ("green", "bold"),
        "WARNING": ("yellow", "bold"),
        "NOTICE": ("red",),
        "HTTP_INFO": ("", "bold"),
        "HTTP_SUCCESS": (),
        "HTTP_REDIRECT": ("green",),
        "HTTP_NOT_MODIFIED": ("cyan",),
        "HTTP_BAD_REQUEST": ("red", "bold"),
        "HTTP_NOT_FOUND": ("yellow",),
        "HTTP_SERVER_ERROR": ("magenta", "bold"),
        "MIGRATE_HEADING": ("cyan", "bold"),
        "MIGRATE_LABEL": ("", "bold"),
    },
    "nocolor": {},
}
# A light background drowns yellow; blue reads on it.
PALETTES["light"] = {**PALETTES["dark"], "WARNING": ("blue", "bold"), "HTTP_NOT_FOUND": ("blue",)}

ROLES = tuple(PALETTES["dark"])


def colorize(text: str = "", opts: tuple[str, ...] = (), fg: str = "", bg: str = "") -> str:
    r"""Return `text` wrapped in the codes for a foreground, a background and options.

    >>> colorize("hot", fg="red", opts=("bold",))
    '\x1b[31;1mhot\x1b[0m'
    """
    codes = []
    if fg in _COLOURS:
        codes.append(str(30 + _COLOURS.index(fg)))
    if bg in _COLOURS:
        codes.append(str(40 + _COLOURS.index(bg)))
    codes += [str(_OPTIONS[option]) for option in opts if _OPTIONS.get(option)]
    if not codes:
        return text
    return f"\x1b[{';'.join(codes)}m{text}" + ("" if "noreset" in opts else "\x1b[0m")


class Style:
    """One callable for each role (`style.ERROR("...")`); without colour each returns its text unchanged."""

    def __init__(self, palette: dict[str, tuple[str, ...]]) -> None:
        for role in {*ROLES, *palette}:
            setattr(self, role, self._paint(palette.get(role, ())))

    @staticmethod
    def _paint(look: tuple[str, ...]) -> Callable[[str], str]:
        if not look:
            return lambda text: text
        fg, *opts = look
        return lambda text: colorize(text, fg=fg, opts=tuple(opts))

    def ERROR_OUTPUT(self, text: str) -> str:  # noqa: N802  # the name of Django's style
        """Paint a message of the system checks; the same look as an error."""
        painted: str = self.__dict__["ERROR"](text)
        return painted

    def __getattr__(self, role: str) -> Any:
        # A role that a plug-in asks for and nobody defined is plain text, not a crash.
        if role.isupper():
            return lambda text: text
        raise AttributeError(role)


def supports_color(stream: Any = None) -> bool:
    """Return whether colour codes sent to `stream` (default: standard output) will be shown as colour.

    NO_COLOR wins over FORCE_COLOR, and both over what the stream is.
    """
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    stream = sys.stdout if stream is None else stream
    if not (hasattr(stream, "isatty") and stream.isatty()):
        return False
    if os.environ.get("TERM") == "dumb":
        return False
    return sys.platform != "win32" or any(name in os.environ for name in ("WT_SESSION", "ANSICON", "TERM_PROGRAM"))


def make_style(config_string: str = "") -> Style:
    """Return the style that MINIFRAME_COLORS describes: a palette, then "role=fg,option" parts, separated by ";".

    Unknown roles, colours and options are passed over: a setting for looks must not stop a command.
    """
    name, *rules = config_string.lower().split(";") if config_string else ["dark"]
    if name not in PALETTES:
        rules, name = [name, *rules], "dark"
    palette = dict(PALETTES[name])
    for rule in rules:
        role, equals, look = rule.partition("=")
        if equals and role.upper() in ROLES:
            fg, *opts = look.split(",")
            colour = fg.partition("/")[0]
            palette[role.upper()] = (colour if colour in _COLOURS else "", *opts)
    return Style(palette)


def no_style() -> Style:
    """Return the style that changes nothing."""
    return Style({})


def color_style(force_color: bool = False, stream: Any = None) -> Style:
    """Return the style for `stream`, plain where colour is not seen; MINIFRAME_COLORS picks the palette."""
    if not force_color and not supports_color(stream):
        return no_style()
    return make_style(os.environ.get("MINIFRAME_COLORS", ""))
