"""One view for each thing that a server has to do right; what they tell is what the tests look at.

A view that has to wait for its client waits for a file in the folder `var` of the project, and one that has to tell
what happened after its answer makes one there: so the tests see the order of things, and no clock decides.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from miniframe.conf import settings
from miniframe.http import (
    FileResponse,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    JsonResponse,
    StreamingHttpResponse,
)
from miniframe.http.events import EventStreamResponse, ServerSentEvent
from miniframe.templatetags.static import static
from miniframe.urls import reverse
from miniframe.utils.http import content_disposition_header
from miniframe.views.decorators.csrf import csrf_exempt
from miniframe.views.decorators.http import etag

from .version import VERSION

PATIENCE = 20.0


def var(name: str) -> Path:
    """Return a file by which view and test speak to each other."""
    path: Path = settings.BASE_DIR / "var" / Path(name).name
    return path


def wait_for(name: str) -> None:
    """Return when the test has made this file."""
    deadline = time.monotonic() + PATIENCE
    while not var(name).exists():
        if time.monotonic() > deadline:
            raise TimeoutError(f"the test has not made {name}")
        time.sleep(0.005)


def plain(request: HttpRequest) -> HttpResponse:
    """Answer with a page of known length."""
    return HttpResponse("hello\n", headers={"X-Pid": str(os.getpid()), "X-Version": VERSION})


@csrf_exempt
def echo(request: HttpRequest) -> JsonResponse:
    """Tell what the application sees of a request."""
    body = request.body
    told: dict[str, Any] = {
        "method": request.method,
        "scheme": request.scheme,
        "secure": request.is_secure(),
        "host": request.get_host(),
        "client": request.META.get("REMOTE_ADDR"),
        "path": request.path,
        "path_info": request.path_info,
        "script_name": request.META.get("SCRIPT_NAME", ""),
        "query": dict(request.GET.lists()),
        "cookies": dict(request.COOKIES),
        "headers": dict(request.headers),
        "length": len(body),
        "sha256": hashlib.sha256(body).hexdigest(),
        "reversed": reverse("echo"),
        "file_wrapper": "wsgi.file_wrapper" in request.META,
        "multithread": request.META.get("wsgi.multithread"),
    }
    return JsonResponse(told)


def named(request: HttpRequest, name: str) -> HttpResponse:
    """Answer with a part of the path and a value of the query, as text."""
    return HttpResponse(f"{name}|{request.GET.get('q', '')}", content_type="text/plain; charset=utf-8")


class Pieces:
    """Three pieces, of which the second and third wait for the test; `close` leaves a mark."""

    def __init__(self, token: str) -> None:
        self._token = token
        self._number = 0

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        self._number += 1
        if self._number > 3:
            raise StopIteration
        if self._number > 1:
            wait_for(f"{self._token}-{self._number}")
        return b"piece %d\n" % self._number

    def close(self) -> None:
        """Say that the server has closed the response."""
        var(f"{self._token}-closed").touch()


def stream(request: HttpRequest, token: str) -> StreamingHttpResponse:
    """Stream three pieces, each when the test has seen the one before."""
    response = StreamingHttpResponse(Pieces(token), content_type="text/plain")
    # As every page that is to arrive while it is made: a proxy in front would gather it first.
    response["X-Accel-Buffering"] = "no"
    return response


def endless(request: HttpRequest, token: str) -> StreamingHttpResponse:
    """Stream until the client goes away."""

    def pieces() -> Iterator[bytes]:
        try:
            while True:
                yield b"x" * 16384
                time.sleep(0.002)
        finally:
            var(f"{token}-closed").touch()

    response = StreamingHttpResponse(pieces(), content_type="text/plain")
    response["X-Accel-Buffering"] = "no"
    return response


def events(request: HttpRequest, token: str) -> EventStreamResponse:
    """Send three events, each when the test has seen the one before."""

    def told() -> Iterator[ServerSentEvent]:
        for number in range(1, 4):
            if number > 1:
                wait_for(f"{token}-{number}")
            yield ServerSentEvent(f"event {number}: grün", id=number)

    return EventStreamResponse(told())


def download(request: HttpRequest, name: str) -> HttpResponseBase:
    """Send a file that has no address of its own."""
    return FileResponse((settings.BASE_DIR / "var" / "private" / Path(name).name).open("rb"))


def accelerated(request: HttpRequest, name: str) -> HttpResponse:
    """Have the proxy in front send such a file."""
    response = HttpResponse(content_type=request.GET.get("type", "text/plain; charset=utf-8"))
    if "cache" in request.GET:
        response["Cache-Control"] = request.GET["cache"]
    response["X-Accel-Redirect"] = "/protected/" + quote(name)
    response["Content-Disposition"] = content_disposition_header(True, name) or ""
    return response


def offset(request: HttpRequest) -> HttpResponseBase:
    """Send a file from its middle on, where it was left open."""
    file = (settings.BASE_DIR / "var" / "private" / "large.bin").open("rb")
    file.seek(1_000_000)
    return FileResponse(file, content_type="application/octet-stream")


@csrf_exempt
def upload(request: HttpRequest) -> JsonResponse:
    """Tell the digest of each file of a form, read piece by piece."""
    told = {"text": request.POST.get("text", "")}
    for field, file in request.FILES.items():
        digest = hashlib.sha256()
        for chunk in file.chunks():
            digest.update(chunk)
        told[field] = digest.hexdigest()
        told[f"{field} name"] = file.name or ""
    return JsonResponse(told)


def cookies(request: HttpRequest) -> HttpResponse:
    """Set two cookies; the comma in the date of the first is where joined fields come apart wrongly."""
    response = HttpResponse("two\n")
    response.set_cookie("first", "1", expires="Wed, 21 Oct 2065 07:28:00 GMT")
    response.set_cookie("second", "2", path="/here/")
    return response


def visits(request: HttpRequest) -> HttpResponse:
    """Count in the session."""
    count = request.session.get("visits", 0) + 1
    request.session["visits"] = count
    return HttpResponse(f"visit {count}\n")


@etag(lambda request: '"as it was"')
def unchanged(request: HttpRequest) -> HttpResponse:
    """Answer with what a client can keep."""
    return HttpResponse("the same\n")


def go(request: HttpRequest) -> HttpResponseRedirect:
    """Lead to another page of this site."""
    return HttpResponseRedirect(reverse("plain"))


def broken(request: HttpRequest) -> HttpResponse:
    """Fail, with something in the message that no visitor may see."""
    raise RuntimeError("sesame-within " + request.GET.get("mark", ""))


def broken_stream(request: HttpRequest, token: str) -> StreamingHttpResponse:
    """Fail in the middle of the answer."""

    def pieces() -> Iterator[bytes]:
        yield b"begun\n"
        raise RuntimeError(f"stream-within {token}")

    return StreamingHttpResponse(pieces(), content_type="text/plain")


def slow(request: HttpRequest, token: str) -> HttpResponse:
    """Answer when the test says so; it says what the server was told meanwhile."""
    var(f"{token}-begun").touch()
    wait_for(f"{token}-go")
    return HttpResponse("slow but whole\n")


def brief(request: HttpRequest) -> HttpResponse:
    """Take some milliseconds, so that a request is always under way."""
    time.sleep(0.005)
    return HttpResponse(VERSION, headers={"X-Pid": str(os.getpid())})


def empty(request: HttpRequest) -> HttpResponse:
    """Answer with no content."""
    return HttpResponse(status=204)


def assets(request: HttpRequest, name: str) -> HttpResponse:
    """Tell the address of a static file."""
    return HttpResponse(static(name))
