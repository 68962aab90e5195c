"""How many pages a visitor has opened: a number in a signed cookie; `core.middleware` counts it up."""

from __future__ import annotations

from miniframe.http import HttpRequest

COOKIE = "harbour_visits"
SALT = "core.visits"
MAX_AGE = 365 * 24 * 3600
_KEY = "harbour.visits"


def visits(request: HttpRequest) -> int:
    """Return which page of this visitor the present one is; 1 for the first."""
    if _KEY not in request.META:
        text: str = request.get_signed_cookie(COOKIE, default="0", salt=SALT, max_age=MAX_AGE)
        # The signature says that we wrote it, not that we wrote it with today's code.
        request.META[_KEY] = int(text) + 1 if text.isdecimal() else 1
    number: int = request.META[_KEY]
    return number
