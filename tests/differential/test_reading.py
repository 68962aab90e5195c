"""In whatever order a view reads a request, it gets what it gets in Django."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import django.core.handlers.wsgi
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import miniframe.handlers.wsgi

MULTIPART = (
    b'--XX\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--XX\r\nContent-Disposition: form-data; name="f"; '
    b'filename="n"\r\nContent-Type: text/plain\r\n\r\nline one\nline two\r\n--XX--\r\n'
)


def _set(request: Any, name: str, value: Any) -> None:
    setattr(request, name, value)


def _files(request: Any) -> Any:
    return [(name, file.name, file.size, file.multiple_chunks()) for name, file in request.FILES.items()]


def _file(request: Any, *steps: str) -> Any:
    file = request.FILES["f"]
    ways = {
        "read": lambda: file.read(4),
        "line": file.readline,
        "chunks": lambda: b"|".join(file.chunks(3)),
        "lines": lambda: list(file),
        "open": lambda: file.open() is file,
        "close": file.close,
        "seek": lambda: file.seek(0),
        "closed": lambda: file.closed,
        "size": lambda: (len(file), bool(file), str(file)),
    }
    return [ways[step]() for step in steps]


STEPS: dict[str, Any] = {
    "body": lambda r: r.body,
    "read": lambda r: r.read(),
    "read-3": lambda r: r.read(3),
    "read-none": lambda r: r.read(None),
    "read-nothing": lambda r: r.read(0),
    "line": lambda r: r.readline(),
    "line-2": lambda r: r.readline(2),
    "lines": lambda r: r.readlines(),
    "iterate": lambda r: next(iter(r), "end"),
    "POST": lambda r: list(r.POST.lists()),
    "FILES": _files,
    "file": lambda r: _file(r, "read", "line", "chunks", "lines", "size"),
    "file-again": lambda r: _file(r, "open", "read", "close", "closed"),
    "GET": lambda r: list(r.GET.lists()),
    "encoding": lambda r: _set(r, "encoding", "latin-1"),
    "set-method": lambda r: _set(r, "method", "POST"),
    "set-handlers": lambda r: _set(r, "upload_handlers", r.upload_handlers[:1]),
    "add-handler": lambda r: r.upload_handlers.insert(0, r.upload_handlers[0]),
    "set-post": lambda r: _set(r, "POST", r.GET),
    "change-post": lambda r: r.POST.appendlist("x", "y"),
    "type": lambda r: (r.content_type, r.content_params, r.encoding),
    "close": lambda r: r.close(),
}
BODIES = [
    ("application/x-www-form-urlencoded", b"a=1&b=%C3%A9\nc"),
    ("application/x-www-form-urlencoded; charset=latin-1", b"a=1"),
    ("multipart/form-data; boundary=XX", MULTIPART),
    ("multipart/form-data; boundary=XX; charset=latin-1", MULTIPART),
    ("multipart/form-data", MULTIPART),
    ("text/plain; charset=latin-1", b"line one\nline two\n\xe9"),
    ("", b"x" * 20),
]


def told(cls: Any, steps: list[str], method: str, kind: str, body: bytes, more: int) -> list[Any]:
    """Return what each step gave on one request, or the name of its error."""
    request = cls(
        {
            "REQUEST_METHOD": method,
            "PATH_INFO": "/",
            "QUERY_STRING": "q=%E9&q=2",
            "CONTENT_TYPE": kind,
            "CONTENT_LENGTH": str(len(body) + more),
            "wsgi.input": BytesIO(body),
        }
    )
    results = []
    for step in steps:
        try:
            results.append((step, STEPS[step](request)))
        except Exception as error:
            results.append((step, type(error).__name__))
    request.close()
    return results


@settings(max_examples=100, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    st.lists(st.sampled_from(sorted(STEPS)), min_size=1, max_size=6),
    st.sampled_from(["POST", "POST", "PUT", "GET"]),
    st.sampled_from(BODIES),
    st.sampled_from([0, 0, 0, -5]),
)
def test_steps_give_what_they_give_in_django(
    steps: list[str], method: str, content: tuple[str, bytes], more: int
) -> None:
    theirs = told(django.core.handlers.wsgi.WSGIRequest, steps, method, *content, more)
    assert told(miniframe.handlers.wsgi.WSGIRequest, steps, method, *content, more) == theirs
