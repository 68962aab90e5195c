"""What others may want to know about the gallery."""

from __future__ import annotations

from miniframe.dispatch import Signal

# Sent after a person's picture was kept, with `picture`.
picture_hung = Signal()
