"""What a notice can be about."""

from __future__ import annotations

CATEGORIES = {
    "office": "Harbour office",
    "events": "Events",
    "sale": "For sale",
    "crew": "Crew & work",
    "lost": "Lost & found",
}
