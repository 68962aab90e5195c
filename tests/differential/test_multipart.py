"""Multipart forms give the fields and files that they give in Django, or are refused where a strict parser must."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

TYPE = "multipart/form-data; boundary=XX"
END = b"--XX--\r\n"


def part(disposition: str, data: bytes = b"1", *lines: str) -> bytes:
    head = "\r\n".join([f"--XX\r\nContent-Disposition: {disposition}", *lines])
    return head.encode() + b"\r\n\r\n" + data + b"\r\n"


FIELD = part('form-data; name="a"')
FILE = part('form-data; name="f"; filename="f"', b"d")
DISPOSITIONS = [
    *('form-data; name="a"', "form-data; name=a", 'form-data; name="a"; filename="f.txt"', "form-data"),
    *('FORM-DATA; NAME="a"', 'form-data; name="a"; filename=""'),
    *('form-data; name="a"; filename="C:\\\\dir\\\\f.txt"', "form-data;name=a;filename=b"),
    *('form-data; name="a"; filename="C:\\dir\\f.txt"', 'form-data; name="a"; filename="../../f"'),
    *('form-data; filename="f"', 'form-data; name="a"; filename=".."', 'form-data; name="é"; filename="ü.txt"'),
    *('form-data; name=""', 'form-data; name="a;b"', 'form-data; name="a\\"b"', 'form-data; name="a"; name="b"'),
    *('form-data; name="a"; filename="x"; filename="y"', "form-data; name=\"a\"; filename*=UTF-8''%e2%82%ac.txt"),
    *("form-data; name=\"a\"; filename=\"plain\"; filename*=UTF-8''ext", "form-data; name*=UTF-8''%61; filename=x"),
    *("form-data; name=\"a\"; filename*=UTF-8'x", 'form-data ; name = "a"', 'form-data; name="a" ; x'),
    *('form-data; name=" a "', 'form-data; name="a\tb"', 'form-data; name="a"; filename="&#46;&#46;/x"'),
    *('form-data; name="a"; filename="\u202egnp.exe"', 'form-data; name="a"; filename="x\\\\"'),
    *("form-data; name='a'", 'form-data; name="a"; filename="dir/"', 'form-data; name="a"; filename="nul"'),
    *('form-data; name="a' + "b" * 300 + '"', 'form-data; name="a"; filename="' + "b" * 300 + '.txt"'),
    *('form-data; name="a"; filename="a\\\\b"', 'form-data; name="_charset_"'),
    *('form-data; name="a"; filename="&lt;x&gt;.txt"', 'form-data; name="a"; filename="~"'),
    *('form-data; name="a"; filename=" f "', 'form-data; name="a"; filename="f.txt."'),
    *('form-data; name="a"; filename="a%0d%0ab"',),
]  # fmt: skip
LINES = [
    *("Content-Type: text/plain", "Content-Type: TEXT/Plain; charset=latin-1; x=y", "Content-Type:"),
    *("Content-Type: ;", "Content-Type: é", "content-type:text/plain", 'Content-Type: a/b; p="q;r"'),
    *("X-A: b\r\n continued", "X-Other: y", "Content-Transfer-Encoding: base64"),
    *("Content-Transfer-Encoding: BASE64", "Content-Transfer-Encoding: binary"),
    *("Content-Transfer-Encoding: quoted-printable", "Content-Type: multipart/mixed; boundary=YY"),
]
DATA = [b"1", b"aGk=", b"", b"\xff\xe9", b"a G\r\nk=", b"\r\n", b"--", b"\r\n--X", b"\x00"]


def test_dispositions(twins: Any, a_request: Any) -> None:
    with twins("probe") as both:
        both.agree(
            a_request("POST", "/", part(disposition, b"1", *lines) + END, CONTENT_TYPE=TYPE)
            for disposition, lines in product(DISPOSITIONS, [(), ("Content-Type: text/plain; charset=latin-1; x=y",)])
        )


def test_lines_and_contents(twins: Any, a_request: Any) -> None:
    with twins("probe") as both:
        both.agree(
            a_request("POST", target, part(disposition, data, line) + END, CONTENT_TYPE=TYPE)
            for target in ("/", "/one/POST/")
            for disposition, data, line in product(['form-data; name="a"', DISPOSITIONS[2]], DATA, LINES)
        )


BODIES = [
    *(b"", END, b"--XX", b"--XX\r\n", b"garbage", b"pre\r\n" + FIELD + END, b"\r\n" + FIELD + END),
    *(FIELD + END + b"epilogue", FIELD + END[:-2]),
    *(FIELD * 3 + END, FILE * 3 + END, FIELD + FILE + END, part('form-data; name="a"; filename="f"')[:-4]),
    *(FILE[:-6], FIELD + b"--XX\r\n"),
]  # fmt: skip
TYPES = [
    *("multipart/form-data", "multipart/form-data; boundary=", 'multipart/form-data; boundary="XX"'),
    *("multipart/mixed; boundary=XX", "multipart/form-data; boundary=XX; charset=latin-1"),
    *("multipart/form-data; boundary=XX; charset=nosuch", "multipart/form-data; boundary= XX "),
    *("multipart/form-data; boundary=\xe9", "multipart/form-data, boundary=XX"),
    *("multipart/form-data; boundary*=utf-8''XX", 'multipart/form-data; x=";boundary=ZZ"; boundary=XX'),
    *("multipart/form-data ; boundary=XX",),
]  # fmt: skip


def test_whole_bodies(twins: Any, a_request: Any) -> None:
    with twins("probe") as both:
        both.agree(a_request("POST", "/", body, CONTENT_TYPE=TYPE) for body in BODIES)
        both.agree(a_request("POST", "/", FIELD + FILE + END, CONTENT_TYPE=kind) for kind in TYPES)


STRICT = "parts without Content-Disposition or with another than form-data"
ON_PURPOSE = [
    pytest.param(part('attachment; name="a"') + END, STRICT, 400, id="attachment"),
    pytest.param(part('form-data; name="a"', b"1", "Content-Length: 5") + END, STRICT, 400, id="length"),
    pytest.param(part('form-data; name="a"', b"1", "X") + END, STRICT, 400, id="no-colon"),
    pytest.param(part("form-data; name=a; filename*=nosuch''x") + END, STRICT, 400, id="charset"),
    pytest.param(FIELD.replace(b"\r\n", b"\n") + END, STRICT, 400, id="bare-line-feeds"),
    pytest.param(
        part('form-data; name="a"', b"x\r\n--XXY") + END, "anything else in the line of a boundary", 400, id="junk"
    ),
    pytest.param(b" " + FIELD + END, "anything else in the line of a boundary", 400, id="blank-in-front"),
    pytest.param(FIELD, "a field that breaks off", 200, id="breaks-off"),
    pytest.param(FIELD + END + FIELD + END, "behind the last", 200, id="behind-the-last"),
    pytest.param(part('form-data; name="a%22b"') + END, "`%22`, `%0D`, `%0A` in names", 200, id="percent"),
    pytest.param(part("form-data; name=a b") + END, "a name or file name without quotes", 200, id="blank"),
    pytest.param(part('form-data; name="a"; filename*0="x"') + END, "`filename*0=`, `filename*1=`", 200, id="pieces"),
]


@pytest.mark.parametrize(("body", "row", "status"), ON_PURPOSE)
def test_a_stricter_reading_is_written_down(
    twins: Any, a_request: Any, differences: str, body: bytes, row: str, status: int
) -> None:
    with twins("probe") as both:
        answers = both.ask(a_request("POST", "/", body, CONTENT_TYPE=TYPE))
        alone = both.ask(a_request("POST", "/one/POST/", body, CONTENT_TYPE=TYPE))
    assert answers["django"] != answers["miniframe"]
    assert alone["miniframe"].status.startswith(str(status))
    assert row in differences


HANDLERS = "django.core.files.uploadhandler."
UPLOADS = [
    FIELD + part('form-data; name="f"; filename="f.txt"', b"x" * 50, "Content-Type: text/plain") + END,
    part('form-data; name="f"; filename="f.bin"', b"x" * 5000) + FILE + FIELD + END,
    part('form-data; name="f"; filename="e.txt"', b"") + END,
    part('form-data; name="a"', b"z" * 100) + END,
]
SETTINGS: list[dict[str, Any]] = [
    {"FILE_UPLOAD_MAX_MEMORY_SIZE": 0},
    {"FILE_UPLOAD_MAX_MEMORY_SIZE": 60},
    {"FILE_UPLOAD_HANDLERS": [HANDLERS + "TemporaryFileUploadHandler", HANDLERS + "MemoryFileUploadHandler"]},
    {"FILE_UPLOAD_HANDLERS": [HANDLERS + "MemoryFileUploadHandler"], "FILE_UPLOAD_MAX_MEMORY_SIZE": 10},
    {"FILE_UPLOAD_HANDLERS": []},
    {"DATA_UPLOAD_MAX_MEMORY_SIZE": 90},
    {"DATA_UPLOAD_MAX_NUMBER_FILES": 1},
    {"DATA_UPLOAD_MAX_NUMBER_FIELDS": 0},
    {"DEFAULT_CHARSET": "latin-1"},
]


@pytest.mark.parametrize("settings", SETTINGS, ids=lambda each: next(iter(each)))
def test_settings_of_uploads(twins: Any, a_request: Any, settings: dict[str, Any]) -> None:
    with twins("probe", **settings) as both:
        both.agree(
            a_request("POST", target, body, CONTENT_TYPE=TYPE)
            for target, body in product(["/", "/one/FILES/", "/one/POST/"], UPLOADS)
        )
