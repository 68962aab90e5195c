"""How many pages a visitor has opened: a number in the session; `core.middleware` counts it up."""

from __future__ import annotations

from miniframe.http import HttpRequest

KEY = "visits"


def visits(request: HttpRequest) -> int:
    """Return which page of this visitor the present one is; 1 for the first."""
    # A request that is refused before it reaches SessionMiddleware has no session, and gets a page all the same.
    session = getattr(request, "session", {})
    return int(session.get(KEY, 0)) + 1


def count_visit(request: HttpRequest) -> None:
    """Remember that the visitor has seen this page."""
    request.session[KEY] = visits(request)
