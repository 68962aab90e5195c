"""The signal by which a test client learns which templates made a response.

Source: Django's topic "Testing tools", section "Response objects" (`templates`, `context`).
"""

from __future__ import annotations

from miniframe.dispatch import Signal

__all__ = ["template_rendered"]

template_rendered = Signal()
"""Sent with `template` and `context` after each rendering; nothing is sent while nobody listens."""
