"""Multipart forms: good ones, odd ones, hostile ones."""

from __future__ import annotations

import time
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from miniframe.exceptions import RequestDataTooBig, SuspiciousOperation, TooManyFieldsSent, TooManyFilesSent
from miniframe.files.uploadedfile import InMemoryUploadedFile, TemporaryUploadedFile
from miniframe.http import HttpRequest, MultiPartParserError
from miniframe.http.multipartparser import MAX_TOTAL_HEADER_SIZE
from miniframe.http.parts import sanitize_file_name
from miniframe.test.utils import override_settings

END = b"--XX--\r\n"


def part(name: str | bytes, data: bytes = b"", file_name: str | bytes | None = None, *lines: str) -> bytes:
    def raw(text: str | bytes) -> bytes:
        return text.encode() if isinstance(text, str) else text

    disposition = b'Content-Disposition: form-data; name="' + raw(name) + b'"'
    if file_name is not None:
        disposition += b'; filename="' + raw(file_name) + b'"'
    return b"--XX\r\n" + b"\r\n".join([disposition, *map(raw, lines)]) + b"\r\n\r\n" + data + b"\r\n"


def upload(body: bytes, content_type: str = "multipart/form-data; boundary=XX", **meta: str) -> HttpRequest:
    request = HttpRequest()
    for name in ("GET", "_post", "_files", "content_type", "content_params"):
        del request.__dict__[name]
    request.method = "POST"
    request.META = {"CONTENT_TYPE": content_type, "CONTENT_LENGTH": str(len(body)), **meta}
    request._stream = BytesIO(body)
    return request


def fields(request: HttpRequest) -> dict[str, list[str]]:
    return dict(request.POST.lists())


def file_names(request: HttpRequest) -> list[str]:
    return [file.name for _, files in request.FILES.lists() for file in files]


def test_fields_and_files_arrive() -> None:
    data = bytes(range(256))
    body = part("a", b"1") + part("a", b"x\r\ny") + part("f", data, "n.bin", "Content-Type: image/png; x=y") + END
    request = upload(body)
    assert fields(request) == {"a": ["1", "x\r\ny"]}
    file = request.FILES["f"]
    assert isinstance(file, InMemoryUploadedFile)
    assert (file.name, file.size, file.content_type, file.read()) == ("n.bin", 256, "image/png", data)
    assert (file.field_name, file.charset, file.content_type_extra) == ("f", None, {"x": b"y"})
    with pytest.raises(AttributeError, match="immutable"):
        request.POST["a"] = "2"
    request.close()
    assert file.closed


def test_a_body_that_was_read_can_still_be_parsed() -> None:
    request = upload(part("a", b"1") + END)
    assert request.body.startswith(b"--XX")
    assert fields(request) == {"a": ["1"]}


@pytest.mark.parametrize(
    "content_type",
    [
        "multipart/form-data; boundary=XX",
        'multipart/form-data; charset=utf-8; boundary="XX"',
        "Multipart/Form-Data; Boundary=XX",
        "multipart/form-data; boundary=XX; x=y",
    ],
)
def test_preamble_epilogue_and_quoted_boundary_are_fine(content_type: str) -> None:
    body = b"preamble\r\n" + part("a", b"1") + END + b"epilogue\r\n--XX\r\n"
    assert fields(upload(body, content_type)) == {"a": ["1"]}


@pytest.mark.parametrize("size", range(1, 40))
def test_chunks_may_break_anywhere(size: int) -> None:
    class Slow(BytesIO):
        def read(self, ignored: int | None = None, /) -> bytes:
            return super().read(size)

    request = upload(b"")
    request.META["CONTENT_LENGTH"] = ""
    request._stream = Slow(part("a", b"1\r\n--X") + part("f", b"\r\n--X\r\n", "n") + END)
    assert fields(request) == {"a": ["1\r\n--X"]}
    assert request.FILES["f"].read() == b"\r\n--X\r\n"


def test_a_body_of_unknown_length_goes_to_a_temporary_file() -> None:
    request = upload(part("a", b"1") + part("f", b"data", "n.txt") + END)
    del request.META["CONTENT_LENGTH"]
    request._stream = iter_stream(request._stream)
    assert fields(request) == {"a": ["1"]}
    file = request.FILES["f"]
    assert isinstance(file, TemporaryUploadedFile)
    assert file.read() == b"data"
    request.close()


def iter_stream(stream: Any) -> Any:
    """Return a stream that cannot be rewound."""

    class OneWay:
        read = stream.read

    return OneWay()


def test_large_uploads_go_to_a_temporary_file() -> None:
    body = part("f", b"x" * 100, "n.txt") + END
    with override_settings(FILE_UPLOAD_MAX_MEMORY_SIZE=50):
        request = upload(body)
        assert isinstance(request.FILES["f"], TemporaryUploadedFile)
        request.close()
    with override_settings(FILE_UPLOAD_MAX_MEMORY_SIZE=500):
        assert isinstance(upload(body).FILES["f"], InMemoryUploadedFile)


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        ("ré sumé.txt", "ré sumé.txt"),
        ("a%22b.txt", 'a"b.txt'),
        ("../../x.txt", "x.txt"),
        ("/etc/passwd", "passwd"),
        ("a/../../b", "b"),
        (r"C:\dir\x.txt", "x.txt"),
        (r"..\..\x.txt", "x.txt"),
        ("&#46;&#46;&sol;x.txt", "x.txt"),
        ("..&bsol;x.txt", "x.txt"),
        ("a\0b\x01.txt", "ab.txt"),
        ("x" * 300 + ".txt", "x" * 251 + ".txt"),
        (".hidden", ".hidden"),
    ],
)
def test_a_file_name_has_no_folders_and_no_invisible_characters(sent: str, name: str) -> None:
    request = upload(part("f", b"x", sent) + part("z", b"1") + END)
    assert file_names(request) == [name]
    assert fields(request) == {"z": ["1"]}


@pytest.mark.parametrize("sent", [".", "..", "/", "a/", "&#46;&#46;", "\x01"])
def test_a_file_without_a_usable_name_is_left_out(sent: str) -> None:
    request = upload(part("f", b"x", sent) + part("z", b"1") + END)
    assert file_names(request) == []
    assert fields(request) == {"z": ["1"]}


@pytest.mark.parametrize(
    ("disposition", "names"),
    [
        ("form-data; name=f; filename*=UTF-8''na%C3%AFve.txt", ["naïve.txt"]),
        ("form-data; name=f; filename*=utf-8''..%2f..%2fx.txt", ["x.txt"]),
        ("form-data; name=f; filename*=iso-8859-1'en'%E9.txt", ["é.txt"]),
        ("form-data; name=f; filename=plain.txt", ["plain.txt"]),
        ('form-data; name="f"; filename="a;b.txt"', ["a;b.txt"]),
    ],
)
def test_names_in_every_spelling(disposition: str, names: list[str]) -> None:
    body = f"--XX\r\nContent-Disposition: {disposition}\r\n\r\nx\r\n".encode() + END
    assert file_names(upload(body)) == names


def test_names_and_values_are_decoded() -> None:
    request = upload(part("ключ", "знач".encode()) + part(b"\xff", b"\xff") + END)
    assert fields(request) == {"ключ": ["знач"], "\ufffd": ["\ufffd"]}
    request = upload(part(b"\xe9", b"\xe9") + END, "multipart/form-data; boundary=XX; charset=latin-1")
    assert fields(request) == {"é": ["é"]}


def test_a_nameless_field_is_left_out_and_one_with_an_empty_name_is_not() -> None:
    nameless = b"--XX\r\nContent-Disposition: form-data\r\n\r\n0\r\n"
    request = upload(nameless + part("", b"1") + part("  ", b"2") + part(" a ", b"3") + END)
    assert fields(request) == {"": ["1", "2"], "a": ["3"]}


def test_a_file_input_in_which_nothing_was_chosen_is_a_field() -> None:
    request = upload(part("f", b"", "", "Content-Type: application/octet-stream") + END)
    assert fields(request) == {"f": [""]}
    assert file_names(request) == []


# Malformed: always 400, never another error.


def handled(request: HttpRequest) -> tuple[dict[str, list[str]], list[str]] | None:
    """Return fields and files, or None after an error that is answered with 400."""
    try:
        result = fields(request), file_names(request)
    except (MultiPartParserError, SuspiciousOperation):
        assert (request.POST, request.FILES) == ({}, {})
        return None
    finally:
        request.close()
    return result


@pytest.mark.parametrize(
    "content_type",
    [
        pytest.param("multipart/form-data", id="none"),
        pytest.param("multipart/form-data; boundary=", id="empty"),
        pytest.param("multipart/form-data; boundary=\xff\xfe", id="not-ascii"),
        pytest.param("multipart/form-data; boundary=" + "x" * 5000, id="5000-characters"),
        pytest.param("multipart/form-data; boundary=" + "x" * 50_000, id="50000-characters"),
        pytest.param("multipart/form-data; boundary=a\x01b", id="control"),
        pytest.param('multipart/form-data; boundary="a "', id="ends-with-a-blank"),
    ],
)
def test_a_bad_boundary_is_a_bad_request(content_type: str) -> None:
    assert handled(upload(part("a", b"1") + END, content_type)) is None


def test_a_boundary_that_is_not_in_the_body_finds_nothing() -> None:
    assert handled(upload(part("a", b"1") + END, 'multipart/form-data; boundary="')) == ({}, [])
    assert handled(upload(part("a", b"1") + END, "multipart/form-data; boundary=YY")) == ({}, [])


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"--XX\r\n\r\n2\r\n" + END, id="no-header"),
        pytest.param(b'--XX\r\nContent-Disposition: ;=;"";name\r\n\r\n1\r\n' + END, id="garbage"),
        pytest.param(b"--XX\r\nX: \xff\r\n\xff\r\n\r\n1\r\n" + END, id="no-colon"),
        pytest.param(
            b"--XX\r\nContent-Disposition: form-data; name=f; filename*=nosuch''x.txt\r\n\r\n1\r\n" + END,
            id="unknown-charset",
        ),
        pytest.param(b'--XX\r\nContent-Disposition: attachment; name="a"\r\n\r\n1\r\n' + END, id="attachment"),
        pytest.param(b'--XX\nContent-Disposition: form-data; name="a"\n\n1\n--XX--\n', id="line-feeds-only"),
        pytest.param(part("a", b"1") + b"--XXjunk", id="junk-behind-the-boundary"),
        pytest.param(b"junk--XX\r\n", id="junk-before-the-boundary"),
        pytest.param(part("a" * (1 << 20), b"1") + END, id="name-of-1-MB"),
        pytest.param(b"--XX\r\n" + b"X-A: b\r\n" * 50_000, id="50000-headers"),
        pytest.param(part("a", b"1", None, "X-Long: " + "x" * MAX_TOTAL_HEADER_SIZE) + END, id="long-header"),
        pytest.param(part("a", b"1", None, "X-A: " + "x" * 600, "X-B: " + "x" * 600) + END, id="long-headers"),
        pytest.param(part("f", b"x", "n", "Content-Length: x") + END, id="part-length-no-number"),
        pytest.param(part("f", b"x", "n", "Content-Length: 5") + END, id="part-length-wrong"),
        pytest.param(part("f", b"x", "n", "Content-Type: " + "a;" * 500) + END, id="many-parameters"),
    ],
)
def test_a_malformed_part_is_a_bad_request(body: bytes) -> None:
    started = time.process_time()
    assert handled(upload(body)) is None
    assert time.process_time() - started < 1


@pytest.mark.parametrize(
    ("body", "result"),
    [
        pytest.param(b"", ({}, []), id="empty"),
        pytest.param(END, ({}, []), id="no-part"),
        pytest.param(b"--X", ({}, []), id="in-the-first-boundary"),
        pytest.param(b"no boundary at all", ({}, []), id="no-boundary"),
        pytest.param(b"--XX\r\nContent-Disposition: form-data; na", ({}, []), id="in-a-header"),
        pytest.param(part("a", b"1") + part("b", b"2")[:-3], ({"a": ["1"]}, []), id="in-a-field"),
        pytest.param(part("a", b"1") + part("f", b"data", "x")[:-3], ({"a": ["1"]}, []), id="in-a-file"),
        pytest.param(part("a", b"1") + part("f", b"data", "x"), ({"a": ["1"]}, []), id="before-the-last-boundary"),
    ],
)
def test_a_body_that_breaks_off_gives_its_complete_parts(
    body: bytes, result: tuple[dict[str, list[str]], list[str]]
) -> None:
    assert handled(upload(body)) == result
    with override_settings(FILE_UPLOAD_MAX_MEMORY_SIZE=0):
        assert handled(upload(body)) == result


@pytest.mark.parametrize(("length", "is_error"), [("-1", True), ("x", False), ("0", False)])
def test_an_odd_content_length_never_reads_on(length: str, is_error: bool) -> None:
    result = handled(upload(part("a", b"1") + END, CONTENT_LENGTH=length))
    assert result == (None if is_error else ({}, []))


@hypothesis_settings(deadline=None, max_examples=300)
@given(
    pieces=st.lists(
        st.sampled_from(
            [
                *(b"--XX", b"--XX--", b"\r\n", b"\n", b"\r", b"--", b"XX", b": ", b'"', b"\xff", b"data"),
                *(b"Content-Disposition: form-data", b'; name="a"', b"; filename=b", b"; filename*=utf-8''%ff"),
                *(b"Content-Type: text/plain", b"Content-Transfer-Encoding: base64", b"Content-Length: 3"),
                *(part("a", b"1"), part("f", b"1", "n"), END),
            ]
        ),
        max_size=25,
    )
)
def test_whatever_comes_it_is_parsed_or_refused(pieces: list[bytes]) -> None:
    handled(upload(b"".join(pieces)))


# Content-Transfer-Encoding.


def test_base64_is_decoded() -> None:
    lines = ("Content-Transfer-Encoding: base64",)
    request = upload(part("a", b"aGk=", None, *lines) + part("f", b"aGVs\r\nbG8=\r\n", "n", *lines) + END)
    assert fields(request) == {"a": ["hi"]}
    assert request.FILES["f"].read() == b"hello"


def test_base64_that_arrives_in_pieces_is_decoded_as_a_whole() -> None:
    class OneByOne(BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return super().read(1)

    body = part("f", b"aGVs\r\nbG8=\r\n", "n", "Content-Transfer-Encoding: base64") + END
    request = upload(body)
    request._stream = OneByOne(body)
    assert request.FILES["f"].read() == b"hello"


def test_a_field_that_is_not_base64_is_taken_as_it_is_and_a_file_is_refused() -> None:
    lines = ("Content-Transfer-Encoding: base64",)
    assert handled(upload(part("a", b"x", None, *lines) + END)) == ({"a": ["x"]}, [])
    assert handled(upload(part("f", b"!!!not base64???=", "n", *lines) + END)) is None
    assert handled(upload(part("f", b"abc", "n", *lines) + END)) is None


def test_an_unknown_transfer_encoding_is_ignored() -> None:
    request = upload(part("f", b"x", "n", "Content-Transfer-Encoding: nonsense") + END)
    assert request.FILES["f"].read() == b"x"


@pytest.mark.parametrize(
    "data", [pytest.param(b" \r\n" * 700_000, id="blanks"), pytest.param(b"a\n" * 1_000_000, id="letters-and-lines")]
)
def test_base64_with_millions_of_blanks_takes_linear_time(data: bytes) -> None:
    started = time.process_time()
    handled(upload(part("f", data, "n", "Content-Transfer-Encoding: base64") + END))
    assert time.process_time() - started < 2


# Limits.


@pytest.mark.parametrize(("limit", "is_error"), [(1, True), (2, False), (None, False)])
def test_the_number_of_fields_is_limited(limit: int | None, is_error: bool) -> None:
    request = upload(part("a", b"1") + part("b", b"2") + part("f", b"3", "n") + END)
    with override_settings(DATA_UPLOAD_MAX_NUMBER_FIELDS=limit):
        if is_error:
            with pytest.raises(TooManyFieldsSent, match=r"DATA_UPLOAD_MAX_NUMBER_FIELDS\."):
                _ = request.POST
            assert request.POST == {}
        else:
            assert len(request.POST) == 2


@pytest.mark.parametrize(("limit", "is_error"), [(1, True), (2, False), (None, False)])
def test_the_number_of_files_is_limited(limit: int | None, is_error: bool) -> None:
    request = upload(part("f", b"1", "n") + part("g", b"2", "..") + END)
    with override_settings(DATA_UPLOAD_MAX_NUMBER_FILES=limit):
        if is_error:
            with pytest.raises(TooManyFilesSent, match=r"DATA_UPLOAD_MAX_NUMBER_FILES\."):
                _ = request.FILES
        else:
            assert len(request.FILES) == 1


def test_ten_thousand_files_are_refused_quickly() -> None:
    started = time.process_time()
    with pytest.raises(TooManyFilesSent):
        _ = upload(b"".join(part(f"f{number}", b"", "x") for number in range(10_000)) + END).FILES
    assert time.process_time() - started < 1


def test_fields_count_against_memory_and_files_do_not() -> None:
    body = part("abc", b"12345") + part("f", b"x" * 100, "n") + END
    with override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=10):
        assert fields(upload(body)) == {"abc": ["12345"]}
    with override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=9), pytest.raises(RequestDataTooBig):
        _ = upload(body).POST
    with override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=None):
        assert fields(upload(body)) == {"abc": ["12345"]}


def test_a_field_of_five_megabytes_is_refused_before_it_is_read_whole() -> None:
    stream = BytesIO(part("a", b"x" * (5 << 20)) + END)
    request = upload(b"", CONTENT_LENGTH=str(len(stream.getvalue())))
    request._stream = stream
    with pytest.raises(RequestDataTooBig):
        _ = request.POST
    assert stream.tell() < 3 << 20


def test_sanitizing_a_name_twice_changes_nothing_more() -> None:
    assert sanitize_file_name("a/b.txt") == "b.txt"
    assert sanitize_file_name("b.txt") == "b.txt"
