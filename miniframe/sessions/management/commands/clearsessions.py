"""`clearsessions`: throw away the sessions that have expired; for a daily job."""

from __future__ import annotations

from typing import Any

from miniframe.conf import settings
from miniframe.management.base import BaseCommand, CommandError
from miniframe.sessions.engine import session_store

__all__ = ["Command"]


class Command(BaseCommand):
    """Ask the store of settings.SESSION_ENGINE to remove what has expired."""

    help = "Remove expired sessions; run it daily where they are kept in files."

    def handle(self, **options: Any) -> None:
        """Remove them.

        Raises:
            CommandError: the store cannot do that.
        """
        try:
            session_store().clear_expired()
        except NotImplementedError:
            raise CommandError(
                f"Session engine {settings.SESSION_ENGINE!r} doesn't support clearing expired sessions."
            ) from None
