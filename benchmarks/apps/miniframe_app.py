"""The scenarios with miniframe; Django's are made of this file, by the rule that moves imports.

`django_app` turns it around: what is said here about one framework is said about the other.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from typing import Any

import spec

from miniframe.cache import cache
from miniframe.conf import settings
from miniframe.http import HttpRequest, HttpResponse, JsonResponse
from miniframe.messages import add_message, get_messages
from miniframe.shortcuts import render
from miniframe.urls import path, reverse
from miniframe.wsgi import get_wsgi_application

PLAIN = "text/plain; charset=utf-8"


def text(request: HttpRequest) -> HttpResponse:
    return HttpResponse("Hello", content_type=PLAIN)


def item(request: HttpRequest, pk: int) -> HttpResponse:
    return JsonResponse({"id": pk, "q": request.GET["q"], "page": int(request.GET["page"])})


def form(request: HttpRequest) -> HttpResponse:
    return HttpResponse("|".join([request.POST[name] for name in spec.FORM_FIELDS]), content_type=PLAIN)


def cookies(request: HttpRequest) -> HttpResponse:
    visits = request.COOKIES["visits"]
    response = HttpResponse(visits, content_type=PLAIN)
    response.set_cookie("visits", str(int(visits) + 1), httponly=True, samesite="Lax")
    return response


def table(request: HttpRequest) -> HttpResponse:
    return render(request, "table.html", {"title": "Table", "rows": spec.ROWS})


def upload(request: HttpRequest) -> HttpResponse:
    size = len(request.FILES["file"].read())
    return HttpResponse(f"{request.POST['title']}:{size}", content_type=PLAIN)


def session(request: Any) -> HttpResponse:
    return HttpResponse(request.session["name"], content_type=PLAIN)


def set_session(request: Any) -> HttpResponse:
    request.session["name"] = "Ada"
    return HttpResponse()


def messages(request: HttpRequest) -> HttpResponse:
    return HttpResponse("".join([str(message) for message in get_messages(request)]), content_type=PLAIN)


def add(request: HttpRequest) -> HttpResponse:
    add_message(request, 25, "Saved.")
    return HttpResponse()


def cached(request: HttpRequest) -> HttpResponse:
    return HttpResponse(cache.get("page")["title"], content_type=PLAIN)


def set_cached(request: HttpRequest) -> HttpResponse:
    cache.set("page", spec.CACHED)
    return HttpResponse()


def idle(get_response: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def middleware(request: HttpRequest) -> Any:
        return get_response(request)

    return middleware


urlpatterns = [
    path("text", text),
    path("items/<int:pk>", item),
    path("form", form),
    path("cookies", cookies),
    path("table", table),
    path("upload", upload),
    path("session", session),
    path("session/set", set_session),
    path("messages", messages),
    path("messages/add", add),
    path("cache", cached),
    path("cache/set", set_cached),
]

MIDDLEWARE = {
    "middleware": [f"{__name__}.idle"] * 5,
    "stack": [
        "miniframe.middleware.security.SecurityMiddleware",
        "miniframe.middleware.common.CommonMiddleware",
        "miniframe.middleware.csrf.CsrfViewMiddleware",
        "miniframe.middleware.clickjacking.XFrameOptionsMiddleware",
    ],
    "session": ["miniframe.sessions.middleware.SessionMiddleware"],
    "messages": ["miniframe.messages.middleware.MessageMiddleware"],
}


def make(scenario: str) -> Callable[..., Iterable[bytes]] | None:
    engine = {"BACKEND": "miniframe.template.backends.jinja2.Jinja2", "DIRS": [str(spec.TEMPLATES)]}
    return _application(MIDDLEWARE=MIDDLEWARE.get(scenario, []), TEMPLATES=[engine] if scenario == "template" else [])


def _application(**options: Any) -> Callable[..., Iterable[bytes]]:
    settings.configure(
        ROOT_URLCONF=__name__,
        ALLOWED_HOSTS=["*"],
        SECRET_KEY="a secret of the benchmarks",
        SESSION_ENGINE="miniframe.sessions.backends.signed_cookies",
        MESSAGE_STORAGE="miniframe.messages.storage.cookie.CookieStorage",
        **options,
    )
    return get_wsgi_application()


def _page(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok")


def _page_of(request: HttpRequest, arg: Any) -> HttpResponse:
    return HttpResponse(f"ok {arg}")


def make_routes(count: int) -> Callable[..., Iterable[bytes]]:
    _use_routes(count)
    return _application()


def make_reverse(count: int) -> Callable[[str, dict[str, Any]], str]:
    _use_routes(count)
    _application()
    return lambda name, arguments: reverse(name, kwargs=arguments)


def _use_routes(count: int) -> None:
    sys.modules[__name__].urlpatterns = [  # type: ignore[attr-defined]  # this module's own list
        path(route.head, _page, name=route.name)
        if route.kind == "plain"
        else path(f"{route.head}<{route.kind}:arg>/", _page_of, name=route.name)
        for route in spec.routes(count)
    ]
