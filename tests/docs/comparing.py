"""Compare what a page shows with what there is: `...` stands for anything, within a line or for whole lines."""

from __future__ import annotations

import difflib
import re

__all__ = ["difference", "lines_in_order"]

# Colours and other sequences for terminals, which no page shows.
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07]*\x07")


def difference(shown: str, real: str) -> str:
    """Return "" if `real` reads as it is shown, else both of them; blank lines and blanks at ends do not count."""
    wanted, got = _lines(shown), _lines(real)
    pattern = "".join(r"(?:[^\n]*\n)*?" if line.strip() == "..." else _pattern(line) + r"\n" for line in wanted)
    if re.fullmatch(pattern, "".join(line + "\n" for line in got)):
        return ""
    return "\n".join(difflib.unified_diff(wanted, got, "as the page shows it", "as it is", lineterm="", n=50))


def lines_in_order(shown: str, real: str) -> str:
    """Return "" if each line that is shown is there, in this order, perhaps among others; else what is missing."""
    got = iter(_lines(real))
    for line in _lines(shown):
        if line.strip() == "...":
            continue
        if not any(re.fullmatch(_pattern(line.strip()), each.strip()) for each in got):
            return f"no line {line.strip()!r} (at this place) in:\n{real.strip()}"
    return ""


def _lines(text: str) -> list[str]:
    """Without colours, blank lines, and the widths of a table's columns, which hang on names that differ."""
    lines = _ESCAPES.sub("", text).replace("\r\n", "\n").splitlines()
    return [re.sub(r"(?<=\S) {2,}(?=\S)", " ", line).rstrip() for line in lines if line.strip()]


def _pattern(line: str) -> str:
    return "[^\n]*?".join(re.escape(part) for part in line.split("..."))
