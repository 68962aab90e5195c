"""What others may want to know about the board."""

from __future__ import annotations

from miniframe.dispatch import Signal

# Sent after a notice was pinned by a person, with `notice`.
notice_pinned = Signal()
