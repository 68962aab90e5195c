"""Hostile bodies, each with the right status: forms, multipart, JSON; at, and one over, each limit."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest

from miniframe.test.utils import override_settings

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=XX"
END = b"--XX--\r\n"


def part(disposition: str, data: bytes = b"1", *lines: str) -> bytes:
    head = "\r\n".join([f"--XX\r\nContent-Disposition: {disposition}", *lines])
    return head.encode() + b"\r\n\r\n" + data + b"\r\n"


def fields(count: int) -> bytes:
    return b"".join(part(f'form-data; name="a{n}"') for n in range(count)) + END


def files(count: int) -> bytes:
    return b"".join(part(f'form-data; name="a{n}"; filename="f"') for n in range(count)) + END


LIMITS = [
    pytest.param("DATA_UPLOAD_MAX_NUMBER_FIELDS", FORM, lambda n: b"a=1&" * (n - 1) + b"a=1", 1000, id="form-fields"),
    pytest.param("DATA_UPLOAD_MAX_NUMBER_FIELDS", MULTIPART, fields, 1000, id="multipart-fields"),
    pytest.param("DATA_UPLOAD_MAX_NUMBER_FILES", MULTIPART, files, 100, id="multipart-files"),
    pytest.param("DATA_UPLOAD_MAX_MEMORY_SIZE", FORM, lambda n: b"a=" + b"x" * (n - 2), 2_621_440, id="form-size"),
    pytest.param(
        "DATA_UPLOAD_MAX_MEMORY_SIZE",
        MULTIPART,
        lambda n: part('form-data; name="a"', b"x" * (n - 3)) + END,
        2_621_440,
        id="multipart-field-size",
    ),
]


@pytest.mark.parametrize(("name", "kind", "make", "limit"), LIMITS)
def test_what_is_at_a_limit_passes_and_one_more_is_a_bad_request(
    site: Any, name: str, kind: str, make: Callable[[int], bytes], limit: int
) -> None:
    assert site.ask("POST", "/read/", make(limit), CONTENT_TYPE=kind).status == 200
    assert site.ask("POST", "/read/", make(limit + 1), CONTENT_TYPE=kind).status == 400
    with override_settings(**{name: None}):
        assert site.ask("POST", "/read/", make(limit + 1), CONTENT_TYPE=kind).status == 200


def test_a_query_string_has_the_limit_of_fields(site: Any) -> None:
    assert site.ask(target="/read/?" + "&".join(["a=1"] * 1000)).status == 200
    assert site.ask(target="/read/?" + "&".join(["a=1"] * 1001)).status == 400


@pytest.mark.parametrize("length", ["2621441", None, "", "x", "-1", "0"])
def test_a_body_over_the_limit_is_refused_whatever_length_it_announces(site: Any, length: str | None) -> None:
    answer = site.ask("POST", "/body/", b"x" * 2_621_441, CONTENT_TYPE="a/b", CONTENT_LENGTH=length)
    # A length of 0, or none that can be read, ends the body there: nothing is read.
    assert (answer.status, answer.body) == (200, b"0") if length in ("x", "-1", "0") else answer.status == 400


def test_no_octet_of_a_body_that_announces_too_much_is_read(site: Any) -> None:
    class Unread(BytesIO):
        def read(self, *args: Any) -> bytes:
            raise AssertionError("read")

    length = str(2_621_441)
    answer = site.ask("POST", "/body/", CONTENT_TYPE="a/b", CONTENT_LENGTH=length, **{"wsgi.input": Unread()})
    assert answer.status == 400


MULTIPARTS = [
    pytest.param("multipart/form-data", fields(1), 400, id="no-boundary"),
    pytest.param("multipart/form-data; boundary=", fields(1), 400, id="empty-boundary"),
    pytest.param("multipart/form-data; boundary=\xff", fields(1), 400, id="boundary-not-ascii"),
    pytest.param("multipart/form-data; boundary=" + "X" * 20_000, fields(1), 400, id="boundary-of-20000"),
    pytest.param("multipart/form-data; boundary=YY", fields(1), 200, id="another-boundary"),
    pytest.param("multipart/form-data; boundary=XX; charset=nosuch", fields(1), 200, id="unknown-charset"),
    pytest.param(MULTIPART, b"", 200, id="empty"),
    pytest.param(MULTIPART, b"--XX", 200, id="truncated-in-the-boundary"),
    pytest.param(MULTIPART, fields(1)[:30], 200, id="truncated-in-a-header"),
    pytest.param(MULTIPART, files(1)[:-12], 200, id="truncated-in-a-file"),
    pytest.param(MULTIPART, b"--XX\r\n\r\n1\r\n" + END, 400, id="no-headers"),
    pytest.param(MULTIPART, b"--XX\r\nX: y\r\n\r\n1\r\n" + END, 400, id="no-disposition"),
    pytest.param(MULTIPART, part("attachment; name=a") + END, 400, id="another-disposition"),
    pytest.param(MULTIPART, part("form-data; name=a", b"1", "X-" + "Y" * 2000 + ": z") + END, 400, id="long-header"),
    pytest.param(MULTIPART, part("form-data; name=a", b"1", *["X: y"] * 50) + END, 400, id="50-headers"),
    pytest.param(MULTIPART, part('form-data; name="' + "a" * 100_000 + '"') + END, 400, id="long-name"),
    pytest.param(MULTIPART, part("form-data; name=a", b"1", "Content-Length: 99") + END, 400, id="wrong-length"),
    pytest.param(MULTIPART, part("form-data; name=a; filename*=nosuch''x") + END, 400, id="charset-of-a-file-name"),
    pytest.param(MULTIPART, part("form-data; name=a; filename*=utf-8''%ff%fe") + END, 200, id="file-name-not-utf-8"),
    pytest.param(MULTIPART, part("form-data; name=a; filename*=utf-8") + END, 200, id="file-name-without-quotes"),
    pytest.param(MULTIPART, b"\r\n" * 100_000 + fields(1), 200, id="a-preamble-of-line-breaks"),
    pytest.param(MULTIPART, b"--XX\r\n" * 50_000 + END, 400, id="50000-boundaries"),
    pytest.param(MULTIPART, b"\x00" * 100_000, 200, id="nul"),
    pytest.param("multipart/mixed; boundary=XX", fields(1), 200, id="mixed-is-no-form"),
]


@pytest.mark.parametrize(("kind", "body", "status"), MULTIPARTS)
def test_bad_multipart_is_a_bad_request_or_read_as_far_as_it_goes(
    site: Any, kind: str, body: bytes, status: int
) -> None:
    assert site.ask("POST", "/read/", body, CONTENT_TYPE=kind).status == status


BASE64 = "Content-Transfer-Encoding: base64"


@pytest.mark.parametrize(
    ("data", "status"),
    [(b"!", 400), (b"a", 400), (b"a===", 400), (b"\xff" * 100, 200), (b"=" * 1000, 200), (b"YQ==YQ==", 200)],
)
def test_bad_base64_in_a_file_is_refused_or_forgiven_and_in_a_field_it_is_text(
    site: Any, data: bytes, status: int
) -> None:
    file = part('form-data; name="a"; filename="f"', data, BASE64) + END
    assert site.ask("POST", "/read/", file, CONTENT_TYPE=MULTIPART).status == status
    field = part('form-data; name="a"', data, BASE64) + END
    assert site.ask("POST", "/read/", field, CONTENT_TYPE=MULTIPART).status == 200


TRAVERSAL = [
    *("../../etc/passwd", "/etc/passwd", "..\\..\\x", "C:\\x", "a/../../b", "....//x", "..", ".", "&#46;&#46;/x"),
    *("\x00x", "&sol;etc&sol;passwd", "..%2fx", "x\x00.png", "~/.ssh/id", "//host/share", "..&bsol;..&bsol;x"),
    *("\u202exe.gpj",),
]


@pytest.mark.parametrize("style", ['filename="{}"', "filename*=utf-8''{}"])
def test_a_file_name_never_has_a_folder_in_it(site: Any, style: str) -> None:
    for name in TRAVERSAL:
        written = style.format(name if '"' in style else "".join(f"%{octet:02x}" for octet in name.encode()))
        answer = site.ask("POST", "/read/", part(f"form-data; name=a; {written}") + END, CONTENT_TYPE=MULTIPART)
        for kept in json.loads(answer.body)["files"]:
            assert kept not in ("", ".", "..")
            assert not set(kept) & {"/", "\\", "\x00", "\u202e"}


JSON = [
    pytest.param(b"", 400, id="empty"),
    pytest.param(b"{", 400, id="open"),
    pytest.param(b"\xff", 400, id="not-utf-8"),
    pytest.param(b"[" * 100_000, 400, id="deep"),
    pytest.param(b'{"a":' * 50_000, 400, id="deep-objects"),
    pytest.param(b"9" * 100_000, 400, id="long-number"),
    pytest.param(b"1e999999999", 200, id="infinite-by-exponent"),
    pytest.param(b"NaN", 400, id="nan"),
    pytest.param(b'"\\ud800"', 400, id="lonely-surrogate"),
    pytest.param(b'{"\\uDC00": 1}', 400, id="lonely-surrogate-as-a-key"),
    pytest.param(b'"\xed\xa0\x80"', 400, id="lonely-surrogate-in-octets"),
    pytest.param(b'"\\ud83d\\ude00"', 200, id="surrogate-pair"),
    pytest.param(b'"\\\\ud800"', 200, id="backslash-and-letters"),
    pytest.param('"\u00e9"'.encode("utf-16"), 200, id="utf-16"),
    pytest.param(b'{"a":1,"a":2}', 200, id="one-key-twice"),
    pytest.param(b"\xef\xbb\xbf{}", 200, id="byte-order-mark"),
    pytest.param(b"{}\x00", 400, id="nul-behind-it"),
    pytest.param(b"x" * 2_621_441, 400, id="too-large"),
]


@pytest.mark.parametrize(("body", "status"), JSON)
def test_json_is_read_or_a_bad_request(site: Any, body: bytes, status: int) -> None:
    assert site.ask("POST", "/json/", body, CONTENT_TYPE="application/json").status == status


@pytest.mark.parametrize("kind", ["", "text/plain", FORM, MULTIPART, "application/jsonx", "text/json;x", "\xff", None])
def test_json_of_another_type_is_415(site: Any, kind: str | None) -> None:
    assert site.ask("POST", "/json/", b"{}", CONTENT_TYPE=kind).status == 415


@pytest.mark.parametrize("charset", ["latin-1", "utf-16", "utf-7", "cp037", "unicode_escape", "raw_unicode_escape"])
def test_a_form_in_another_charset_is_a_bad_request(site: Any, charset: str) -> None:
    assert site.ask("POST", "/read/", b"a=1", CONTENT_TYPE=f"{FORM}; charset={charset}").status == 400


@pytest.mark.parametrize(
    "charset", ["rot13", "hex", "zlib", "base64", "idna", "punycode", "undefined", "mbcs", "\x00", "é"]
)
@pytest.mark.parametrize("kind", [FORM, MULTIPART, "text/plain"])
def test_a_charset_that_is_no_charset_is_no_error(site: Any, kind: str, charset: str) -> None:
    assert site.ask("POST", "/read/?a=%ff", fields(1), CONTENT_TYPE=f"{kind}; charset={charset}").status in (200, 400)


def test_a_client_that_goes_away_is_no_server_error(site: Any) -> None:
    class Broken(BytesIO):
        def read(self, *args: Any) -> bytes:
            raise ConnectionResetError("gone")

    for target, kind in (("/read/", FORM), ("/read/", MULTIPART), ("/body/", ""), ("/json/", "application/json")):
        more = {"wsgi.input": Broken(), "CONTENT_LENGTH": "10", "CONTENT_TYPE": kind}
        assert site.ask("POST", target, **more).status == 400


WHOLE = b'--b\r\nContent-Disposition: form-data; name="f"; filename="a"\r\n\r\n' + b"x" * 70_000 + b"\r\n--b--\r\n"


@pytest.mark.parametrize(
    ("target", "kind", "content"),
    [
        pytest.param("/read/", FORM, b"amount=1000", id="a-form"),
        pytest.param("/read/", "multipart/form-data; boundary=b", WHOLE, id="an-upload"),
        pytest.param("/body/", "text/plain", b"words", id="body"),
        pytest.param("/stream/", "text/plain", b"words\n" * 3, id="a-stream"),
        pytest.param("/stream/?by=line", "text/plain", b"words\n" * 3, id="lines"),
        pytest.param("/json/", "application/json", b"1000", id="json"),
    ],
)
def test_a_body_that_is_cut_off_is_never_taken_for_the_whole(site: Any, target: str, kind: str, content: bytes) -> None:
    # Some servers, granian for one, hand over what came before the client broke off, and then an end.
    length = str(len(content))
    assert site.ask("POST", target, content, CONTENT_TYPE=kind, CONTENT_LENGTH=length).status == 200
    for cut in (0, 1, len(content) // 2, len(content) - 1):
        answer = site.ask("POST", target, content[:cut], CONTENT_TYPE=kind, CONTENT_LENGTH=length)
        assert (cut, answer.status) == (cut, 400)
