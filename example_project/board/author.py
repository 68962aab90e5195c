"""Who may change a notice: the browser that pinned it, which holds a random key in a signed cookie.

There are no accounts in Port Merrow. Clearing the cookies means losing the pen.
"""

from __future__ import annotations

import secrets

from miniframe.http import HttpRequest, HttpResponseBase

COOKIE = "harbour_author"
SALT = "board.author"
MAX_AGE = 365 * 24 * 3600


def author_key(request: HttpRequest) -> str:
    """Return the key of this browser, "" if it has pinned nothing yet."""
    key: str = request.get_signed_cookie(COOKIE, default="", salt=SALT, max_age=MAX_AGE)
    return key


def new_author_key() -> str:
    """Return a key that nobody can guess."""
    return secrets.token_urlsafe(16)


def remember_author(request: HttpRequest, response: HttpResponseBase, key: str) -> None:
    """Give the browser its key."""
    response.set_signed_cookie(
        COOKIE, key, salt=SALT, max_age=MAX_AGE, httponly=True, samesite="Lax", secure=request.is_secure()
    )
