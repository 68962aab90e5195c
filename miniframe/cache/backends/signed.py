"""Pickled values with a signature: only what this site wrote itself is ever unpickled.

Unpickling runs what the bytes say, so whoever can write into a cache folder or a Redis server could run code here.
Each value therefore carries an HMAC under a key made from SECRET_KEY and the kind of cache, which is good at one place
only; what does not fit it is as good as absent.  A place is signed with its length before it: keys hold what visitors
send, and one that ends like the beginning of a pickle must not lend its signature to what begins there.
SECRET_KEY_FALLBACKS are honoured, so that a new key need not empty the caches.

Source: RFC 2104 (HMAC); Python's reference, module `pickle`, its first warning.
"""

from __future__ import annotations

import hmac
import logging
import pickle
from functools import cache
from typing import Any

from miniframe.conf import settings
from miniframe.signals import forget_when_changed
from miniframe.utils.encoding import force_bytes

__all__ = ["UnusableValue", "load", "sign", "unpickle", "verify"]

_SALT = "miniframe.cache"
_SIZE = 32

logger: logging.Logger = logging.getLogger("miniframe.cache")


class UnusableValue(Exception):
    """These bytes were not written by this site, or not for this place, or their class is gone."""


def sign(data: bytes, kind: str, place: str) -> bytes:
    """Return bytes with their signature before them.

    It is good in caches of this `kind` ("redis", say), at `place`, where the bytes belong, and nowhere else.
    """
    return _signature(_keys(kind)[0], data, place) + data


def verify(signed: bytes, kind: str, place: str) -> memoryview:
    """Return what `sign` was given.

    Raises:
        UnusableValue: the signature is not ours, or not that of these bytes at this place.
    """
    found, data = signed[:_SIZE], memoryview(signed)[_SIZE:]
    if len(found) == _SIZE and any(hmac.compare_digest(found, _signature(key, data, place)) for key in _keys(kind)):
        return data
    raise UnusableValue("it was not written with this site's SECRET_KEY, or is damaged")


def unpickle(data: bytes | memoryview) -> Any:
    """Return the value that signed bytes stand for; call it with what `verify` returned and nothing else.

    Raises:
        UnusableValue: its class is no longer there, or does not take what it once wrote.
    """
    try:
        return pickle.loads(data)
    except Exception as error:
        # After a deployment old values may name what is no more; a cache forgets them.
        raise UnusableValue(f"it cannot be unpickled any more: {type(error).__name__}: {error}") from error


def load(signed: bytes, kind: str, place: str) -> Any:
    """Return the value of signed pickled bytes.

    Raises:
        UnusableValue: the signature is not ours, or what it is for cannot be unpickled.
    """
    return unpickle(verify(signed, kind, place))


def _signature(key: bytes, data: bytes | memoryview, place: str) -> bytes:
    name = place.encode()
    return hmac.digest(key, b"".join([len(name).to_bytes(8), name, data]), "sha256")


@cache
def _keys(kind: str) -> list[bytes]:
    """Return the key to write with in caches of this kind, and then those that were used before."""
    secrets: list[Any] = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return [hmac.digest(f"{_SALT}.{kind}".encode(), force_bytes(secret), "sha256") for secret in secrets]


forget_when_changed("SECRET_KEY", "SECRET_KEY_FALLBACKS", forget=_keys.cache_clear)
