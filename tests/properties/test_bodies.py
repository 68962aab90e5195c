"""What an honest client encodes is read back, however it arrives; what a dishonest one sends is read or refused."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from miniframe import signing
from miniframe.exceptions import BadRequest, SuspiciousOperation
from miniframe.files.uploadedfile import SimpleUploadedFile
from miniframe.http import HttpRequest
from miniframe.messages.storage.base import Message
from miniframe.messages.storage.cookie import CookieStorage
from miniframe.sessions.backends.signed_cookies import SessionStore
from miniframe.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from miniframe.test.utils import override_settings

PRINTABLE = st.characters(codec="utf-8", exclude_categories=["C", "Z"])
# What stands in a name is encoded by the client as it likes; here it has no quotes and no percent signs.
NAME = st.text(PRINTABLE, min_size=1, max_size=6).filter(lambda name: not set(name) & set('"\\%&;*'))
FILE_NAME = NAME.filter(lambda name: not set(name) & {"/"} and name not in (".", ".."))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


class Slow(BytesIO):
    """Gives `step` octets at a time, whatever is asked for."""

    step = 1

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(self.step if size is None or size < 0 else min(self.step, size))


def posted(body: bytes, kind: str, step: int = 1 << 20) -> HttpRequest:
    request = HttpRequest()
    for name in ("_post", "_files", "content_type", "content_params"):
        del request.__dict__[name]
    request.method = "POST"
    request.META = {"CONTENT_TYPE": kind, "CONTENT_LENGTH": str(len(body))}
    request._stream = Slow(body)
    request._stream.step = step
    return request


@given(
    st.dictionaries(NAME, st.text(max_size=10), max_size=4),
    st.dictionaries(NAME, st.tuples(FILE_NAME, st.binary(max_size=30)), max_size=3),
    st.integers(1, 90),
)
def test_a_multipart_form_comes_back_in_pieces_of_any_size(
    fields: dict[str, str], files: dict[str, tuple[str, bytes]], step: int
) -> None:
    fields = {name: value.encode("utf-8", "replace").decode() for name, value in fields.items() if name not in files}
    data: dict[str, Any] = fields | {name: SimpleUploadedFile(*file) for name, file in files.items()}
    request = posted(encode_multipart(BOUNDARY, data), MULTIPART_CONTENT, step)
    assert request.POST.dict() == fields
    assert {name: (file.name, file.read()) for name, file in request.FILES.items()} == files
    request.close()


@given(
    st.lists(
        st.sampled_from(
            [
                *(b"--XX", b"--XX--", b"\r\n", b"\n", b"\r", b"--", b": ", b'"', b"\xff", b"data", b"\0", b";", b"="),
                *(
                    b'--XX\r\nContent-Disposition: form-data; name="a"',
                    b"; filename=f",
                    b"\r\n\r\n",
                    b"; filename*=x''y",
                ),
                *(b"\r\nContent-Type: a/b", b"\r\nContent-Transfer-Encoding: base64", b"\r\nContent-Length: 1"),
            ]
        ),
        max_size=14,
    ),
    st.integers(1, 40),
)
def test_any_multipart_body_is_read_the_same_in_pieces_of_any_size(parts: list[bytes], step: int) -> None:
    results = []
    for size in (step, 1 << 20):
        request = posted(b"".join(parts), "multipart/form-data; boundary=XX", size)
        try:
            files = {name: [(one.name, one.read()) for one in found] for name, found in request.FILES.lists()}
            results.append((list(request.POST.lists()), files))
        except (BadRequest, SuspiciousOperation) as error:
            results.append(([], {"": [(type(error).__name__, b"")]}))
        request.close()
    assert results[0] == results[1]


@given(JSON)
def test_json_comes_back(value: Any) -> None:
    assert posted(json.dumps(value).encode(), "application/json").json() == value


@given(
    st.binary(max_size=30)
    | st.lists(st.sampled_from('[]{}":,0-1.e5tnull\\ua'), max_size=12).map("".join).map(str.encode)
)
def test_any_octets_are_json_or_a_bad_request(body: bytes) -> None:
    try:
        json.dumps(posted(body, "application/json").json())
    except BadRequest:
        pass


@given(st.dictionaries(st.text(max_size=6), JSON, min_size=1, max_size=3), st.integers(0, 10_000), st.characters())
def test_a_session_comes_back_and_a_changed_one_does_not(data: dict[str, Any], place: int, letter: str) -> None:
    text = SessionStore().encode(data)
    assert SessionStore().decode(text) == json.loads(json.dumps(data))
    place %= len(text)
    changed = text[:place] + letter + text[place + 1 :]
    assert SessionStore().decode(changed) == ({} if changed != text else json.loads(json.dumps(data)))


@given(st.lists(st.tuples(st.integers(0, 50), st.text(max_size=20), st.text(max_size=5)), min_size=1, max_size=4))
def test_messages_come_back_from_their_cookie(written: list[tuple[int, str, str]]) -> None:
    storage = CookieStorage(HttpRequest())
    cookie = storage._encode([Message(level, text, extra_tags=tags) for level, text, tags in written])
    read = storage._decode(cookie)
    assert read is not None
    assert [(one.level, one.message, one.extra_tags or "") for one in read] == written


@given(JSON, st.text(max_size=8), st.booleans())
def test_signed_objects_come_back_and_are_worthless_with_another_salt(value: Any, salt: str, compress: bool) -> None:
    signed = signing.dumps(value, salt=salt, compress=compress)
    assert signing.loads(signed, salt=salt) == json.loads(json.dumps(value))
    try:
        signing.loads(signed, salt=salt + "x")
    except signing.BadSignature:
        return
    raise AssertionError("another salt was taken")


@given(st.binary(max_size=40), st.sampled_from(["utf-8", "UTF8", "utf_8", "nosuch", ""]))
def test_any_octets_are_a_form(body: bytes, charset: str) -> None:
    kind = "application/x-www-form-urlencoded" + (f"; charset={charset}" if charset else "")
    with override_settings(DATA_UPLOAD_MAX_NUMBER_FIELDS=None):
        fields = posted(body, kind).POST
    assert sum(map(len, fields.values())) <= 3 * len(body)
