"""A whole site for hostile requests: every middleware, and views that read all that a client can send."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable, Iterator
from io import BytesIO
from types import ModuleType
from typing import Any, NamedTuple
from urllib.parse import unquote_to_bytes

import pytest

from miniframe import messages
from miniframe.handlers.wsgi import WSGIHandler
from miniframe.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from miniframe.test.utils import override_settings
from miniframe.urls import clear_script_prefix, path, re_path
from miniframe.views.decorators.csrf import csrf_exempt

FILE = bytes(range(256)) * 4


def reading(request: Any, **kwargs: Any) -> JsonResponse:
    """Read everything, unguarded: what goes wrong here goes on to the framework."""
    return JsonResponse(
        {
            "fields": sum(map(len, (*request.GET.lists(), *request.POST.lists()))),
            "files": [file.name for _, files in request.FILES.lists() for file in files],
            "cookies": request.COOKIES,
            "headers": dict(request.headers),
            "uri": request.build_absolute_uri(),
            "accepts": [str(one) for one in request.accepted_types],
            "preferred": request.get_preferred_type(["text/html", "application/json"]),
            "type": [request.content_type, request.content_params, request.encoding],
            "signed": request.get_signed_cookie("signed", default=None),
            "session": dict(request.session),
            "messages": [str(one) for one in messages.get_messages(request)],
        }
    )


def body(request: HttpRequest) -> HttpResponse:
    return HttpResponse(str(len(request.body)))


def streaming(request: HttpRequest) -> HttpResponse:
    """Read the body piece by piece, or line by line, as a view does that keeps little in memory."""
    pieces = request if request.GET.get("by") == "line" else iter(lambda: request.read(4), b"")
    return HttpResponse(str(sum(map(len, pieces))))


def as_json(request: HttpRequest) -> JsonResponse:
    return JsonResponse(request.json(), safe=False)


def remembering(request: Any) -> HttpResponse:
    """Set one of everything that comes back as a cookie."""
    request.session["user"] = "ann"
    messages.success(request, "hello")
    response = HttpResponse("kept")
    response.set_signed_cookie("signed", "value")
    return response


def file(request: HttpRequest) -> FileResponse:
    return FileResponse(BytesIO(FILE), filename="x.bin")


def going(request: HttpRequest) -> HttpResponseRedirect:
    return HttpResponseRedirect(request.GET.get("to", "/"))


def echoing(request: HttpRequest) -> HttpResponse:
    """Put what came into the head of the answer, as careless views do."""
    response = HttpResponse(headers={"X-Echo": request.GET.get("header", "")})
    response.set_cookie("echo", request.GET.get("cookie", ""), path=request.GET.get("path", "/"))
    return response


@csrf_exempt
def exempt_reading(request: Any) -> JsonResponse:
    return reading(request)


def form(request: HttpRequest) -> HttpResponse:
    return HttpResponse("accepted")


MIDDLEWARE = [
    "miniframe.middleware.security.SecurityMiddleware",
    "miniframe.middleware.gzip.GZipMiddleware",
    "miniframe.sessions.middleware.SessionMiddleware",
    "miniframe.middleware.http.ConditionalGetMiddleware",
    "miniframe.middleware.common.CommonMiddleware",
    "miniframe.middleware.csrf.CsrfViewMiddleware",
    "miniframe.messages.middleware.MessageMiddleware",
    "miniframe.middleware.clickjacking.XFrameOptionsMiddleware",
    "miniframe.middleware.csp.ContentSecurityPolicyMiddleware",
]
URLS = [
    path("read/", exempt_reading),
    path("body/", csrf_exempt(body)),
    path("stream/", csrf_exempt(streaming)),
    path("json/", csrf_exempt(as_json)),
    path("remember/", remembering),
    path("file/", file),
    path("go/", going),
    path("echo/", echoing),
    path("form/", form),
    path("number/<int:number>/", reading),
    path("slug/<slug:slug>/", reading),
    path("uuid/<uuid:id>/", reading),
    path("deep/<path:rest>/", reading),
    re_path(r"^re/(?P<year>[0-9]{4})/$", reading),
]


class Answer(NamedTuple):
    """What the client gets."""

    status: int
    headers: dict[str, str]
    cookies: dict[str, str]
    body: bytes


class Site:
    """The application, to be asked with an environ as odd as a server lets through."""

    def __init__(self) -> None:
        self.application = WSGIHandler()

    def ask(self, method: str = "GET", target: str = "/read/", body: bytes = b"", **more: Any) -> Answer:
        """Send one request.  Nothing that a client sends may be answered with a 500, so that is checked here."""
        path, _, query = target.partition("?")
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": query,
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_HOST": "localhost",
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.url_scheme": "http",
            "wsgi.input": BytesIO(body),
            "wsgi.errors": sys.stderr,
            "wsgi.input_terminated": True,
        }
        environ = {key: value for key, value in (environ | more).items() if value is not None}
        head: list[Any] = []
        result: Any = self.application(environ, lambda status, headers, *_: head.extend([status, headers]))
        content = b"".join(result)
        result.close()
        status = int(head[0][:3])
        assert status < 500, f"{method} {target[:200]} {more} was answered with {head[0]}"
        for name, value in head[1]:
            assert not set("\r\n\0") & set(name + value), f"{name}: {value} breaks the head of the answer"
        cookies = dict(value.split(";")[0].split("=", 1) for name, value in head[1] if name == "Set-Cookie")
        return Answer(status, dict(head[1]), cookies, content)


@pytest.fixture
def site() -> Iterator[Site]:
    """The site, with the default limits and DEBUG off."""
    module: Any = ModuleType("hostile_site")
    module.urlpatterns = URLS
    sys.modules["hostile_site"] = module
    logging.disable(logging.CRITICAL)
    with override_settings(ROOT_URLCONF="hostile_site", MIDDLEWARE=MIDDLEWARE, ALLOWED_HOSTS=["localhost"]):
        yield Site()
    clear_script_prefix()
    logging.disable(logging.NOTSET)


@pytest.fixture
def assert_linear() -> Callable[..., None]:
    """`assert_linear(work, make)`: the time of `work(make(n))` grows no faster than n, give or take.

    Sixteen times the input may take sixteen times as long, and four times that on a busy machine; what is quadratic
    takes 256 times as long.
    """

    def check(work: Callable[[Any], object], make: Callable[[int], Any], small: int = 1_000) -> None:
        def best(size: int) -> float:
            given = make(size)
            times = []
            for _ in range(3):
                started = time.process_time()
                work(given)
                times.append(time.process_time() - started)
            return min(times)

        work(make(small))
        # Below a tenth of a millisecond the clock is all that is measured.
        before = max(best(small), 0.0001)
        assert best(16 * small) < 64 * before

    return check
