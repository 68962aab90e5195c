"""The signal by which a test client learns which templates made a response.

Source: Django's topic "Testing tools", section "Response objects" (`templates`, `context`).
"""

from __future__ import annotations

from miniframe.dispatch import Signal

__all__ = ["template_rendered"]

template_rendered: Signal = Signal()
"""Sent with `template` and `context` for each template that is rendered, and for each that it extends, includes or
imports; nothing is sent while nobody listens."""
