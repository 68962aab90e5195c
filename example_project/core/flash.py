"""A word to the visitor on the next page ("Your notice is pinned"), carried there by a signed cookie.

A view puts the message on the redirect with `flash()`; the next page shows it; `core.middleware.flash_messages` takes
the cookie away again. The signature keeps others from putting words into our mouth: a forged cookie is ignored.
"""

from __future__ import annotations

from miniframe import signing
from miniframe.http import HttpRequest, HttpResponseBase

COOKIE = "harbour_flash"
SALT = "core.flash"
MAX_AGE = 60  # seconds; a message that waited longer is no news
_SHOWN = "harbour.flash_shown"


def flash(request: HttpRequest, response: HttpResponseBase, text: str) -> None:
    """Let the page that follows `response` say `text`."""
    # dumps() and not set_signed_cookie(): it packs the text into plain letters, and a message may hold any character.
    value = signing.dumps(text, salt=SALT)
    response.set_cookie(COOKIE, value, max_age=MAX_AGE, httponly=True, samesite="Lax", secure=request.is_secure())


def take(request: HttpRequest) -> str:
    """Return the message that waits for this visitor, "" if none does; it will not be shown again."""
    if COOKIE not in request.COOKIES:
        return ""
    request.META[_SHOWN] = True
    try:
        text: str = signing.loads(request.COOKIES[COOKIE], salt=SALT, max_age=MAX_AGE)
    except signing.BadSignature:
        return ""
    return text


def was_taken(request: HttpRequest) -> bool:
    """Tell whether a page of this request showed the message."""
    return _SHOWN in request.META
