"""Rows that `setUpTestData` made, for each test its own: loaded anew, so that they belong to the test's session.

Not here: other values (`owning`).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import inspect

from miniframe.db.sessions import close_sessions, scope_of_now, session
from miniframe.test.owning import EachItsOwn

__all__ = ["OwnRow", "keep"]


def keep() -> None:
    """Commit what the class's sessions have in hand, for all of its tests, and close them."""
    for each in (scope_of_now() or {}).values():
        each.commit()
    close_sessions()


class OwnRow(EachItsOwn):
    """An attribute of the class that may be a mapped object."""

    def copy_for(self, instance: Any) -> Any:
        """Return the row of a mapped object, from the database; of anything else a copy."""
        state = inspect(self.value, raiseerr=False)
        identity = getattr(state, "identity", None)
        if identity is None:
            return super().copy_for(instance)
        return session().get(type(self.value), identity)
