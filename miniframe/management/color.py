"""The colours of commands, under the names that Django's commands import.

What they do is in `utils.termcolors`, on the ground floor, because the log has colours too.
"""

from __future__ import annotations

from miniframe.utils.termcolors import Style, color_style, make_style, no_style, supports_color

__all__ = ["Style", "color_style", "make_style", "no_style", "supports_color"]
