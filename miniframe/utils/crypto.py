"""Random strings, keyed hashes, comparisons that tell nothing by their duration.

Source: Django's reference "Utils", section `django.utils.crypto`; RFC 2104 (HMAC).
"""

from __future__ import annotations

from _operator import _compare_digest  # what hmac.compare_digest is, without hashlib
from typing import TYPE_CHECKING, Any

from miniframe.conf import settings
from miniframe.utils.encoding import force_bytes

if TYPE_CHECKING:
    from hmac import HMAC

__all__ = [
    "RANDOM_STRING_CHARS",
    "InvalidAlgorithm",
    "constant_time_compare",
    "get_random_string",
    "pbkdf2",
    "salted_hmac",
]

RANDOM_STRING_CHARS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


class InvalidAlgorithm(ValueError):
    """hashlib does not know this algorithm."""


def salted_hmac(key_salt: Any, value: Any, secret: Any = None, *, algorithm: str = "sha1") -> HMAC:
    """Return the HMAC of `value` under a key made of `key_salt` and `secret` (default: settings.SECRET_KEY).

    Each use has its own `key_salt`, so that what is signed for one purpose is worthless for another.
    The default algorithm is Django's, because the bytes have to be the same.

    Raises:
        InvalidAlgorithm: hashlib has no such algorithm.
    """
    import hashlib  # OpenSSL with it: 2 ms, and a site that signs nothing need not wait for them
    import hmac

    if secret is None:
        secret = settings.SECRET_KEY
    try:
        hasher = getattr(hashlib, algorithm)
    except AttributeError as error:
        raise InvalidAlgorithm(f"{algorithm!r} is not an algorithm accepted by the hashlib module.") from error
    key = hasher(force_bytes(key_salt) + force_bytes(secret)).digest()
    return hmac.new(key, msg=force_bytes(value), digestmod=hasher)


def get_random_string(length: int, allowed_chars: str = RANDOM_STRING_CHARS) -> str:
    """Return `length` random characters that nobody can guess; 22 of the default ones have 131 bits."""
    import secrets  # pulls in `random`; only those who make a token need it

    return "".join(secrets.choice(allowed_chars) for _ in range(length))


def constant_time_compare(val1: Any, val2: Any) -> bool:
    """Return whether two strings are equal, in a time that does not depend on where they differ."""
    return _compare_digest(force_bytes(val1), force_bytes(val2))


def pbkdf2(password: Any, salt: Any, iterations: int, dklen: int = 0, digest: Any = None) -> bytes:
    """Return PBKDF2's key for a password (RFC 8018); `digest` defaults to SHA-256, `dklen` 0 to its length."""
    import hashlib

    name = (digest or hashlib.sha256)().name
    return hashlib.pbkdf2_hmac(name, force_bytes(password), force_bytes(salt), iterations, dklen or None)
