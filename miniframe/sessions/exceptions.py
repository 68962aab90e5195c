"""What can be wrong with a session.

SuspiciousOperation
|- InvalidSessionKey     a key that no store of ours ever made
'- SuspiciousSession     data that was tampered with (it lives in `miniframe.exceptions`)
BadRequest
'- SessionInterrupted    somebody ended the session while the request was on its way
ValueError
'- SessionTooLarge       more than a cookie can carry
"""

from __future__ import annotations

from miniframe.exceptions import BadRequest, SuspiciousOperation, SuspiciousSession

__all__ = ["InvalidSessionKey", "SessionInterrupted", "SessionTooLarge", "SuspiciousSession"]


class InvalidSessionKey(SuspiciousOperation):
    """The key has characters that no key of ours has, such as those of a path."""


class SessionInterrupted(BadRequest):
    """The session was deleted, by a logout in another tab say, before this request could save it; 400."""


class SessionTooLarge(ValueError):
    """The session does not fit into the cookie that has to carry it."""
