"""Which notices a visitor has read lately: a few numbers in the session.

The session lies in a signed cookie of the visitor's: there is no table of who read what.
"""

from __future__ import annotations

from miniframe.http import HttpRequest

from board import store
from board.models import Notice

KEY = "read"
MOST = 3


def remember_reading(request: HttpRequest, notice: Notice) -> None:
    """Put `notice` in front of what the visitor has read."""
    earlier = [pk for pk in request.session.get(KEY, []) if pk != notice.id]
    # A new list each time: the session sees that a key is set, not what happens inside its value.
    request.session[KEY] = [notice.id, *earlier][:MOST]


def read_lately(request: HttpRequest) -> list[Notice]:
    """Return what the visitor has read, the last first, without what has been taken down since."""
    found = map(store.get, request.session.get(KEY, []))
    return [notice for notice in found if notice is not None]
