"""Sign values, so that one that comes back from a browser is known to be ours and unchanged.

A signed value is the value itself, a separator and a base 64 HMAC: anyone can read it, nobody can
change it without the key.  A timestamp may stand between the two.

>>> Signer(key="secret", salt="for the example", fallback_keys=[]).sign("hello")
'hello:1Srv8n5nvMlixVQqRMdYjRN-42rS1zSdZaxKJscO3Ao'

The bytes are those of Django with the same key and salt, so that links and cookies outlive a move
from one to the other; that is why the salts below are spelled as they are.  itsdangerous does the
cryptography.

Source: Django's topic "Cryptographic signing"; RFC 2104 (HMAC); RFC 4648, section 5 (base 64).
"""

from __future__ import annotations

import base64
import datetime
import json
import re
import time
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Protocol

from miniframe.conf import import_from_setting, settings
from miniframe.utils.crypto import InvalidAlgorithm, constant_time_compare, salted_hmac
from miniframe.utils.encoding import force_bytes

__all__ = [
    "BadSignature",
    "JSONSerializer",
    "SignatureExpired",
    "Signer",
    "TimestampSigner",
    "b62_decode",
    "b62_encode",
    "b64_decode",
    "b64_encode",
    "base64_hmac",
    "dumps",
    "get_cookie_signer",
    "loads",
    "sign_cookie",
    "unsign_cookie",
]

BASE62_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

# What a value or a signature may hold: a separator made of these could not be told from them.
_SEP_UNSAFE = re.compile(r"[A-Za-z0-9_=-]*")

_DEFAULT_SALT = "django.core.signing"


class BadSignature(Exception):
    """The value was changed, or signed with another key or salt."""


class SignatureExpired(BadSignature):
    """The signature is right, but older than it may be."""


def b62_encode(s: int) -> str:
    """Return a number in base 62.

    >>> b62_encode(1234567890)
    '1LY7VK'
    """
    digits = ""
    rest = abs(s)
    while rest:
        rest, digit = divmod(rest, 62)
        digits = BASE62_ALPHABET[digit] + digits
    return ("-" if s < 0 else "") + (digits or "0")


def b62_decode(s: str) -> int:
    """Return the number that `b62_encode` wrote.

    Raises:
        ValueError: it is no number in base 62.
    """
    digits = s.removeprefix("-")
    if not digits:
        raise ValueError(f"{s!r} is no number in base 62")
    number = 0
    for digit in digits:
        number = number * 62 + BASE62_ALPHABET.index(digit)
    return -number if s.startswith("-") else number


def b64_encode(s: bytes) -> bytes:
    """Return bytes in base 64 that may stand in a URL, without padding."""
    return base64.urlsafe_b64encode(s).rstrip(b"=")


def b64_decode(s: bytes) -> bytes:
    """Return what `b64_encode` was given.

    Raises:
        binascii.Error: it is no base 64.
    """
    return base64.urlsafe_b64decode(s + b"=" * (-len(s) % 4))


def base64_hmac(salt: str, value: str | bytes, key: str | bytes, algorithm: str = "sha1") -> str:
    """Return the HMAC of `value` in base 64, under a key made of `salt` and `key`."""
    return b64_encode(salted_hmac(salt, value, key, algorithm=algorithm).digest()).decode()


class Serializer(Protocol):
    """What turns an object into bytes and back: `dumps` and `loads`; made without arguments."""

    def dumps(self, obj: Any) -> bytes:
        """Return an object as bytes."""

    def loads(self, data: bytes) -> Any:
        """Return the object that the bytes stand for."""


class JSONSerializer:
    """Objects as compact JSON."""

    def dumps(self, obj: Any) -> bytes:
        """Return an object as JSON."""
        return json.dumps(obj, separators=(",", ":")).encode("latin-1")

    def loads(self, data: bytes) -> Any:
        """Return the object in some JSON."""
        return json.loads(data.decode("latin-1"))


@lru_cache(maxsize=64)
def _derived_signer(key: str | bytes, salt: str, algorithm: str) -> Any:
    """Return itsdangerous' signer for the key derived from `key` and `salt`; a site has few, and signs often."""
    # 7 ms that only those who sign something should pay.
    import hashlib

    import itsdangerous

    digest = getattr(hashlib, algorithm, None)
    if digest is None:
        raise InvalidAlgorithm(f"{algorithm!r} is not an algorithm accepted by the hashlib module.")
    derived = itsdangerous.Signer(key, salt=salt, key_derivation="django-concat", digest_method=digest).derive_key()
    return itsdangerous.Signer(derived, salt=salt, key_derivation="none", digest_method=digest)


class Signer:
    """Sign text with the site's SECRET_KEY; a value signed with one of `fallback_keys` is still believed."""

    # Without a salt of its own a signer takes its class's name; ours keep the name that Django's have.
    _default_salt: str | None = "django.core.signing.Signer"

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "_default_salt" not in cls.__dict__:
            cls._default_salt = None

    def __init__(
        self,
        *,
        key: str | bytes | None = None,
        sep: str = ":",
        salt: str | None = None,
        algorithm: str | None = None,
        fallback_keys: Iterable[str | bytes] | None = None,
    ) -> None:
        """Make a signer; `salt` names the purpose, and what is signed for one is worthless for another.

        Raises:
            ValueError: `sep` could not be told from the signature.
        """
        self.key: str | bytes = key or settings.SECRET_KEY
        keys: Iterable[str | bytes] = settings.SECRET_KEY_FALLBACKS if fallback_keys is None else fallback_keys
        # A list, because cookies' keys come as an iterator and are wanted more than once.
        self.fallback_keys: list[str | bytes] = list(keys)
        self.sep = sep
        self.salt: str = salt or self._default_salt or f"{type(self).__module__}.{type(self).__name__}"
        self.algorithm: str = algorithm or "sha256"
        if _SEP_UNSAFE.fullmatch(sep):
            raise ValueError(
                f"Unsafe Signer separator: {sep!r} (cannot be empty or consist of only A-z0-9-_=)",
            )

    def signature(self, value: str | bytes, key: str | bytes | None = None) -> str:
        """Return the signature of `value` alone.

        Raises:
            InvalidAlgorithm: hashlib does not know the algorithm.
        """
        signature: bytes = _derived_signer(key or self.key, self.salt, self.algorithm).get_signature(value)
        return signature.decode("ascii")

    def sign(self, value: Any) -> str:
        """Return `value` with its signature."""
        return f"{value}{self.sep}{self.signature(str(value))}"

    def unsign(self, signed_value: str) -> str:
        """Return the value that was signed.

        Raises:
            BadSignature: it was not signed by us, or was changed.
        """
        value, sep, signature = signed_value.rpartition(self.sep)
        if not sep:
            raise BadSignature(f'No "{self.sep}" found in value')
        try:
            for key in (self.key, *self.fallback_keys):
                if constant_time_compare(signature, self.signature(value, key)):
                    return value
        except UnicodeEncodeError:
            # Half of a surrogate pair, from JSON say: nothing that we ever signed.
            pass
        raise BadSignature(f'Signature "{signature}" does not match')

    def sign_object(self, obj: Any, serializer: type[Serializer] = JSONSerializer, compress: bool = False) -> str:
        """Return an object as signed base 64; with `compress` a large one is compressed, marked by a "." in front."""
        data = serializer().dumps(obj)
        mark = ""
        if compress:
            # Only here, because hardly anybody asks for it.
            import zlib

            smaller = zlib.compress(data)
            if len(smaller) < len(data) - 1:
                data, mark = smaller, "."
        return self.sign(mark + b64_encode(data).decode())

    def unsign_object(self, signed_obj: str, serializer: type[Serializer] = JSONSerializer, **kwargs: Any) -> Any:
        """Return the object that was signed; raises what `unsign` does, which also takes `kwargs`."""
        text = self.unsign(signed_obj, **kwargs)
        data = b64_decode(text.removeprefix(".").encode())
        if text.startswith("."):
            # The signature covers the mark, so nobody but us can hand us something to blow up.
            import zlib

            data = zlib.decompress(data)
        return serializer().loads(data)


class TimestampSigner(Signer):
    """Sign text together with the time."""

    _default_salt = "django.core.signing.TimestampSigner"

    def timestamp(self) -> str:
        """Return the time, in seconds, in base 62."""
        return b62_encode(int(time.time()))

    def sign(self, value: Any) -> str:
        """Return `value` with the time and a signature of both."""
        return super().sign(f"{value}{self.sep}{self.timestamp()}")

    def unsign(self, value: str, max_age: float | datetime.timedelta | None = None) -> str:
        """Return the value that was signed; `max_age` is in seconds or a timedelta.

        Raises:
            SignatureExpired: it was signed longer ago than that.
            BadSignature: it was not signed by us with a time, or was changed.
        """
        result, _, stamp = super().unsign(value).rpartition(self.sep)
        try:
            signed_at = b62_decode(stamp)
        except ValueError as error:
            raise BadSignature(f'No timestamp found before the signature, but "{stamp}"') from error
        if max_age is not None:
            limit = max_age.total_seconds() if isinstance(max_age, datetime.timedelta) else max_age
            age = time.time() - signed_at
            if age > limit:
                raise SignatureExpired(f"Signature age {age} > {limit} seconds")
        return result


def dumps(
    obj: Any,
    key: str | bytes | None = None,
    salt: str = _DEFAULT_SALT,
    serializer: type[Serializer] = JSONSerializer,
    compress: bool = False,
) -> str:
    """Return an object, signed with the time, as text that may stand in a URL."""
    return TimestampSigner(key=key, salt=salt).sign_object(obj, serializer=serializer, compress=compress)


def loads(
    s: str,
    key: str | bytes | None = None,
    salt: str = _DEFAULT_SALT,
    serializer: type[Serializer] = JSONSerializer,
    max_age: float | datetime.timedelta | None = None,
    fallback_keys: Iterable[str | bytes] | None = None,
) -> Any:
    """Return the object that `dumps` was given; `max_age` is in seconds or a timedelta.

    Raises:
        SignatureExpired: it is older than `max_age`.
        BadSignature: it was not made by `dumps` with this key and salt, or was changed.
    """
    signer = TimestampSigner(key=key, salt=salt, fallback_keys=fallback_keys)
    return signer.unsign_object(s, serializer=serializer, max_age=max_age)


def get_cookie_signer(salt: str = "django.core.signing.get_cookie_signer") -> Any:
    """Return a signer for cookies, of the class that settings.SIGNING_BACKEND names."""
    backend = import_from_setting("SIGNING_BACKEND", settings.SIGNING_BACKEND)
    return backend(
        key=_cookie_key(settings.SECRET_KEY),
        fallback_keys=[_cookie_key(key) for key in settings.SECRET_KEY_FALLBACKS],
        salt=salt,
    )


def _cookie_key(key: str | bytes) -> bytes:
    return b"django.http.cookies" + bytes(force_bytes(key))


def _cookie_salt(name: str, salt: str) -> str:
    # With the salt's length in it: else ("a", "bc") and ("ab", "c") would sign alike (CVE-2026-6873).
    return f"django.http.cookies.v2:{len(salt)}:{salt}{name}"


def sign_cookie(value: Any, name: str, salt: str = "") -> str:
    """Return `value` signed for a cookie of this name; it is worthless under another name."""
    return str(get_cookie_signer(_cookie_salt(name, salt)).sign(value))


def unsign_cookie(signed: str, name: str, salt: str = "", max_age: float | datetime.timedelta | None = None) -> str:
    """Return what `sign_cookie` was given.

    Raises:
        SignatureExpired: it is older than `max_age`.
        BadSignature: it was changed, or signed for another name or salt.
    """
    return str(get_cookie_signer(_cookie_salt(name, salt)).unsign(signed, max_age=max_age))
