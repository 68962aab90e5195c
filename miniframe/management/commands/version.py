"""`version`: which miniframe this is."""

from __future__ import annotations

from typing import Any

from miniframe.management.base import BaseCommand


class Command(BaseCommand):
    """Print the version."""

    help = "Print the version of miniframe."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> str:
        """Return the version, which is then printed."""
        return self.get_version()
