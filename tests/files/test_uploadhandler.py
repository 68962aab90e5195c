"""Upload handlers: who is asked in which order, and what an exception changes."""

from __future__ import annotations

import os
from io import BytesIO
from typing import Any

import pytest

from miniframe.files.uploadedfile import SimpleUploadedFile
from miniframe.files.uploadhandler import (
    FileUploadHandler,
    MemoryFileUploadHandler,
    SkipFile,
    StopFutureHandlers,
    StopUpload,
    TemporaryFileUploadHandler,
    load_handler,
)
from miniframe.http import HttpRequest, QueryDict
from miniframe.test.utils import override_settings
from miniframe.utils.datastructures import MultiValueDict

BODY = (
    b'--X\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
    b'--X\r\nContent-Disposition: form-data; name="f"; filename="one.txt"\r\nContent-Type: text/x; charset=latin-1'
    b"\r\n\r\nfirst\r\n"
    b'--X\r\nContent-Disposition: form-data; name="f"; filename="two.txt"\r\n\r\nsecond\r\n'
    b'--X\r\nContent-Disposition: form-data; name="b"\r\n\r\n2\r\n--X--\r\n'
)


def upload(*handlers: Any, body: bytes = BODY) -> HttpRequest:
    request = HttpRequest()
    for name in ("_post", "_files", "content_type", "content_params"):
        del request.__dict__[name]
    request.method = "POST"
    request.META = {"CONTENT_TYPE": "multipart/form-data; boundary=X", "CONTENT_LENGTH": str(len(body))}
    request._stream = BytesIO(body)
    request.upload_handlers = list(handlers)
    return request


class Recorder(FileUploadHandler):
    """Notes every call, and passes data on."""

    def __init__(self, request: Any = None, raises: Any = None) -> None:
        super().__init__(request)
        self.calls: list[Any] = []
        self.raises = raises or {}

    def _note(self, name: str, *values: Any) -> None:
        self.calls.append((name, *values))
        if name in self.raises:
            raise self.raises[name]

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self._note("new_file", self.field_name, self.file_name, self.content_type, self.charset)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        self._note("data", raw_data, start)
        return raw_data

    def file_complete(self, file_size: int) -> Any:
        self._note("complete", file_size)

    def upload_complete(self) -> Any:
        self._note("all_complete")

    def upload_interrupted(self) -> None:
        self._note("interrupted")


class Keeper(Recorder):
    """Makes files of what it gets."""

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        super().receive_data_chunk(raw_data, start)
        return None

    def file_complete(self, file_size: int) -> Any:
        super().file_complete(file_size)
        return SimpleUploadedFile(self.file_name, b"x" * file_size)


def names(request: HttpRequest) -> list[str]:
    return [file.name for file in request.FILES.getlist("f")]


def test_every_handler_is_told_everything_in_order() -> None:
    first, second = Recorder(), Keeper()
    request = upload(first, second)
    assert request.POST.urlencode() == "a=1&b=2"
    assert names(request) == ["one.txt", "two.txt"]
    assert first.calls == second.calls
    assert first.calls == [
        ("new_file", "f", "one.txt", "text/x", "latin-1"),
        ("data", b"first", 0),
        ("complete", 5),
        ("new_file", "f", "two.txt", "", None),
        ("data", b"second", 0),
        ("complete", 6),
        ("all_complete",),
    ]


def test_a_handler_may_change_the_data_for_those_after_it() -> None:
    class Doubler(Recorder):
        def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
            return raw_data * 2

    keeper = Keeper()
    request = upload(Doubler(), keeper)
    assert [file.size for file in request.FILES.getlist("f")] == [10, 12]


def test_stop_future_handlers_keeps_the_file_from_the_rest() -> None:
    first, second = Keeper(raises={"new_file": StopFutureHandlers()}), Recorder()
    assert names(upload(first, second)) == ["one.txt", "two.txt"]
    assert second.calls == [("all_complete",)]


@pytest.mark.parametrize("where", ["new_file", "data"])
def test_skip_file_leaves_one_file_out(where: str) -> None:
    first = Recorder(raises={where: SkipFile()})
    request = upload(first, Keeper())
    assert names(request) == []
    assert request.POST.urlencode() == "a=1&b=2"


@pytest.mark.parametrize("reset", [True, False])
def test_stop_upload_ends_it_and_reads_the_rest_unless_the_connection_is_reset(reset: bool) -> None:
    first = Recorder(raises={"data": StopUpload(connection_reset=reset)})
    first.chunk_size = 10
    request = upload(first)
    assert request.POST.urlencode() == "a=1"
    assert names(request) == []
    assert bool(request._stream.read()) is reset
    assert first.calls[-1] == ("all_complete",)


def test_stop_upload_explains_itself() -> None:
    assert str(StopUpload()) == "StopUpload: Consume request data, then halt."
    assert str(StopUpload(True)) == "StopUpload: Halt current upload."


def test_a_handler_may_parse_the_body_itself() -> None:
    class Parser(FileUploadHandler):
        def handle_raw_input(self, input_data: Any, *args: Any, **kwargs: Any) -> Any:
            return QueryDict(f"read={len(input_data.read())}"), MultiValueDict()

    assert upload(Parser()).POST["read"] == str(len(BODY))


def test_an_interrupted_file_is_told_and_its_temporary_file_goes() -> None:
    recorder, handler = Recorder(), TemporaryFileUploadHandler()
    request = upload(recorder, handler, body=BODY[: BODY.index(b"cond")])
    assert names(request) == ["one.txt"]
    assert recorder.calls[-2:] == [("interrupted",), ("all_complete",)]
    assert not os.path.exists(handler.file.temporary_file_path())
    request.close()


def test_an_error_in_a_handler_leaves_no_temporary_file() -> None:
    handler = TemporaryFileUploadHandler()
    request = upload(handler, Recorder(raises={"new_file": ValueError("mine")}))
    with pytest.raises(ValueError, match="mine"):
        _ = request.POST
    assert not os.path.exists(handler.file.temporary_file_path())


def test_handlers_can_be_changed_before_the_upload_is_read_and_not_after() -> None:
    request = upload(Keeper())
    request.upload_handlers.insert(0, Recorder(request))
    _ = request.POST
    with pytest.raises(AttributeError, match="You cannot set the upload handlers after"):
        request.upload_handlers = []
    with pytest.raises(AttributeError, match="You cannot alter upload handlers after"):
        request.upload_handlers.append(Recorder())


def test_the_settings_name_the_handlers() -> None:
    with override_settings(FILE_UPLOAD_HANDLERS=["miniframe.files.uploadhandler.TemporaryFileUploadHandler"]):
        (handler,) = HttpRequest().upload_handlers
    assert isinstance(handler, TemporaryFileUploadHandler)
    assert isinstance(load_handler("miniframe.files.uploadhandler.MemoryFileUploadHandler"), MemoryFileUploadHandler)


def test_a_handler_must_say_what_it_does_with_data() -> None:
    handler = FileUploadHandler()
    with pytest.raises(NotImplementedError, match="receive_data_chunk"):
        handler.receive_data_chunk(b"", 0)
    with pytest.raises(NotImplementedError, match="file_complete"):
        handler.file_complete(0)


@pytest.mark.parametrize(("size", "limit", "activated"), [(10, 10, True), (11, 10, False), (None, 10, False)])
def test_the_memory_handler_steps_aside_for_large_bodies(size: int | None, limit: int, activated: bool) -> None:
    handler = MemoryFileUploadHandler()
    with override_settings(FILE_UPLOAD_MAX_MEMORY_SIZE=limit):
        handler.handle_raw_input(object(), {}, size, b"")
    assert handler.activated is activated


def test_the_memory_handler_believes_a_stream_more_than_a_header() -> None:
    handler = MemoryFileUploadHandler()
    with override_settings(FILE_UPLOAD_MAX_MEMORY_SIZE=5):
        handler.handle_raw_input(BytesIO(b"x" * 10), {}, 1, b"")
    assert handler.activated is False
