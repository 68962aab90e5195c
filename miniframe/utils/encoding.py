"""Text, bytes, and what an address may contain.

Source: Django's reference "Utils", section `django.utils.encoding`; RFC 3986 and 3987.
"""

from __future__ import annotations

import codecs
from typing import Any
from urllib.parse import quote

from miniframe.utils.functional import Promise

__all__ = [
    "DjangoUnicodeDecodeError",
    "escape_uri_path",
    "filepath_to_uri",
    "force_bytes",
    "force_str",
    "get_system_encoding",
    "iri_to_uri",
    "is_protected_type",
    "is_web_encoding",
    "repercent_broken_unicode",
    "smart_bytes",
    "smart_str",
    "uri_to_iri",
]


class DjangoUnicodeDecodeError(UnicodeDecodeError):
    """A UnicodeDecodeError that shows what could not be decoded; the name is the one people catch."""

    def __str__(self) -> str:
        return f"{super().__str__()}. You passed in {self.object!r} ({type(self.object)})"


# What the web uses, by Python's names (the WHATWG's Encoding Standard, section 4.2).  Python knows many more, and
# some of those would let a client choose quadratic work (punycode) or bytes that are no text at all (hex).
_WEB_ENCODINGS = frozenset(
    "ascii utf-8 utf-16 utf-16-le utf-16-be iso8859-1 iso8859-2 iso8859-3 iso8859-4 iso8859-5 iso8859-6 iso8859-7 "
    "iso8859-8 iso8859-9 iso8859-10 iso8859-13 iso8859-14 iso8859-15 iso8859-16 koi8-r koi8-u mac-roman mac-cyrillic "
    "cp866 cp874 cp1250 cp1251 cp1252 cp1253 cp1254 cp1255 cp1256 cp1257 cp1258 gbk gb2312 gb18030 big5 big5hkscs "
    "euc_jp iso2022_jp shift_jis cp932 euc_kr cp949".split()
)


def is_web_encoding(name: str) -> bool:
    """Return whether a client may name this encoding for what it sends.

    >>> is_web_encoding("UTF8"), is_web_encoding("punycode"), is_web_encoding("nonsense")
    (True, False, False)
    """
    try:
        return codecs.lookup(name).name in _WEB_ENCODINGS
    except (LookupError, ValueError):
        return False


def is_protected_type(obj: object) -> bool:
    """Return whether `obj` keeps its type under `strings_only`: None, numbers, dates and times."""
    import datetime  # 1 ms at every start, and hardly anybody asks

    # Decimal is not imported for this: it says its own name.
    kinds = (type(None), int, float, datetime.datetime, datetime.date, datetime.time)
    return isinstance(obj, kinds) or type(obj).__name__ == "Decimal"


def force_str(s: Any, encoding: str = "utf-8", strings_only: bool = False, errors: str = "strict") -> Any:
    """Return `s` as text; with `strings_only`, leave numbers, dates and None as they are."""
    if type(s) is str or (strings_only and is_protected_type(s)):
        return s
    try:
        return str(s, encoding, errors) if isinstance(s, bytes) else str(s)
    except UnicodeDecodeError as error:
        raise DjangoUnicodeDecodeError(*error.args) from None


def force_bytes(s: Any, encoding: str = "utf-8", strings_only: bool = False, errors: str = "strict") -> Any:
    """Return `s` as bytes in `encoding`; bytes are taken to be UTF-8 already."""
    if isinstance(s, bytes):
        return s if encoding == "utf-8" else s.decode("utf-8", errors).encode(encoding, errors)
    if strings_only and is_protected_type(s):
        return s
    return bytes(s) if isinstance(s, memoryview) else str(s).encode(encoding, errors)


def smart_str(s: Any, encoding: str = "utf-8", strings_only: bool = False, errors: str = "strict") -> Any:
    """Do as `force_str`, but leave a lazy value lazy."""
    return s if isinstance(s, Promise) else force_str(s, encoding, strings_only, errors)


def smart_bytes(s: Any, encoding: str = "utf-8", strings_only: bool = False, errors: str = "strict") -> Any:
    """Do as `force_bytes`, but leave a lazy value lazy."""
    return s if isinstance(s, Promise) else force_bytes(s, encoding, strings_only, errors)


def iri_to_uri(iri: Any) -> Any:
    """Return an address in ASCII: what an address may not contain is percent-encoded as UTF-8, the rest is kept.

    >>> iri_to_uri("/I ♥ Django/?q=a%20b")
    '/I%20%E2%99%A5%20Django/?q=a%20b'
    """
    if iri is None:
        return None
    # RFC 3986's reserved and unreserved characters and "%": what is encoded already stays.
    return quote(str(iri) if isinstance(iri, Promise) else iri, safe="/#%[]=:;$&()+,!?*@'~")


# RFC 3986, section 2.3: only these mean the same whether they are encoded or not.
_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


def uri_to_iri(uri: Any) -> Any:
    """Return an address for people: percent-encoded UTF-8 as letters, all else left encoded.

    >>> uri_to_iri("/%E2%99%A5%2F/")
    '/♥%2F/'
    """
    if uri is None:
        return None
    parts = force_bytes(uri).split(b"%")
    pieces = [parts[0]]
    for part in parts[1:]:
        try:
            octet = int(part[:2], 16) if len(part) > 1 else None
        except ValueError:
            octet = None
        if octet is None or (octet < 128 and octet not in _UNRESERVED):
            pieces += [b"%", part]
        else:
            pieces += [bytes([octet]), part[2:]]
    return repercent_broken_unicode(b"".join(pieces)).decode()


def escape_uri_path(path: str) -> str:
    """Percent-encode a path, and only what a path may not contain (so "?" and "#" too)."""
    return quote(path, safe="/:@&+$,-_.!~*'()")


def _percent_encoded(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)
    return quote(error.object[error.start : error.end]), error.end


codecs.register_error("miniframe.repercent", _percent_encoded)


def repercent_broken_unicode(path: bytes) -> bytes:
    """Percent-encode the bytes that are no UTF-8.

    As an error handler of the codec it takes linear time, which a loop over the errors would not.
    """
    return path.decode("utf-8", "miniframe.repercent").encode()


def filepath_to_uri(path: Any) -> Any:
    """Return a file's relative path as a part of an address: "\\" becomes "/", odd characters are encoded."""
    if path is None:
        return None
    return quote(str(path).replace("\\", "/"), safe="/~!*()'")


def get_system_encoding() -> str:
    """Return the encoding of the machine's locale, "ascii" if it is unknown."""
    import locale  # for the few who ask

    return locale.getpreferredencoding(False) or "ascii"
