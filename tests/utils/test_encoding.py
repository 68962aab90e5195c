"""utils.encoding: what an address may contain, compared with Django's answers."""

from __future__ import annotations

import datetime

import pytest
from django.utils import encoding as django_encoding

from miniframe.utils import encoding
from miniframe.utils.functional import lazystr

ODD = [
    "/plain/",
    "/I ♥ Django/",
    "/a%20b/",
    "/red%09ros%C3%A9#red",
    "/?q=a b&c=%2F",
    "/%",
    "/%zz/%4",
    "/%E2%99%A5%E2%99",
    "/%25/%2f",
    "/%00/%7f",
    "",
]


@pytest.mark.parametrize("text", ODD)
def test_an_address_becomes_ascii_as_in_django(text: str) -> None:
    assert encoding.iri_to_uri(text) == django_encoding.iri_to_uri(text)
    assert encoding.escape_uri_path(text) == django_encoding.escape_uri_path(text)
    assert encoding.filepath_to_uri(text) == django_encoding.filepath_to_uri(text)


@pytest.mark.parametrize("text", ODD)
def test_an_address_becomes_readable_as_in_django(text: str) -> None:
    assert encoding.uri_to_iri(text) == django_encoding.uri_to_iri(text)


@pytest.mark.parametrize("path", [b"", b"/a", b"/\xff/\xe2\x99\xa5/\xe2\x99", b"\xff" * 50])
def test_what_is_no_utf_8_is_percent_encoded(path: bytes) -> None:
    assert encoding.repercent_broken_unicode(path) == django_encoding.repercent_broken_unicode(path)


def test_a_long_broken_path_takes_linear_time() -> None:
    # A quadratic way through this would not end within the life of the test run.
    assert len(encoding.repercent_broken_unicode(b"\xff" * 2_000_000)) == 6_000_000


def test_text_and_bytes() -> None:
    assert encoding.force_str(b"\xc3\xa9") == "é"
    assert encoding.force_str(7) == "7"
    assert encoding.force_bytes("é") == b"\xc3\xa9"
    assert encoding.force_bytes(memoryview(b"x")) == b"x"
    day = datetime.date(2026, 1, 2)
    assert encoding.force_str(day, strings_only=True) is day
    lazy_text = lazystr("later")
    assert encoding.smart_str(lazy_text) is lazy_text


def test_undecodable_bytes_are_shown() -> None:
    with pytest.raises(encoding.DjangoUnicodeDecodeError, match=r"You passed in b'\\xff'"):
        encoding.force_str(b"\xff")
