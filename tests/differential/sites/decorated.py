"""Views behind every decorator and generic view that Django documents for HTTP; written for Django."""

import datetime

from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpResponse, JsonResponse, StreamingHttpResponse
from django.middleware.common import CommonMiddleware
from django.shortcuts import redirect
from django.urls import include, path, reverse, reverse_lazy
from django.utils.decorators import decorator_from_middleware, method_decorator
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.clickjacking import xframe_options_deny, xframe_options_exempt, xframe_options_sameorigin
from django.views.decorators.common import no_append_slash
from django.views.decorators.csrf import csrf_exempt, ensure_csrf_cookie
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import (
    condition,
    conditional_page,
    etag,
    last_modified,
    require_GET,
    require_http_methods,
    require_POST,
    require_safe,
)
from django.views.decorators.vary import vary_on_cookie, vary_on_headers
from django.views.generic import RedirectView, View

MOMENT = datetime.datetime(1994, 11, 6, 8, 49, 37, tzinfo=datetime.UTC)


def plain(request, *args, **kwargs):
    return HttpResponse("plain " * 60)


class Methods(View):
    """A class-based view with three methods."""

    def get(self, request, number=0):
        return HttpResponse(f"get {number} {self.args} {self.kwargs}")

    def post(self, request, **kwargs):
        return JsonResponse(kwargs, status=201)

    def delete(self, request, **kwargs):
        return HttpResponse(status=204)


@method_decorator([never_cache, require_safe], name="dispatch")
class Guarded(View):
    def get(self, request):
        return HttpResponse("guarded")


class Elsewhere(RedirectView):
    pattern_name = "methods"
    query_string = True


def error_page(status):
    """Return a handler for errors whose page is the same everywhere."""

    def handler(request, exception=None):
        return HttpResponse(f"error {status}", status=status)

    return handler


handler400, handler403, handler404, handler500 = map(error_page, (400, 403, 404, 500))


def raising(request, kind):
    raise {
        "404": Http404("not here"),
        "403": PermissionDenied("not you"),
        "400": BadRequest("not so"),
        "suspicious": SuspiciousOperation("not likely"),
        "500": RuntimeError("not well"),
    }[kind]


def going(request, where):
    return {
        "view": lambda: redirect("methods", number=5),
        "path": lambda: redirect("/x/?y=1"),
        "relative": lambda: redirect("../x"),
        "permanent": lambda: redirect("/x", permanent=True),
        "kept": lambda: redirect("/x", preserve_request=True),
        "both": lambda: redirect("/x", permanent=True, preserve_request=True),
        "lazy": lambda: redirect(reverse_lazy("inner:deep", args=["a b/c"])),
        "query": lambda: redirect(reverse("methods", kwargs={"number": 1}, query={"a": ["1", "é"]}, fragment="f")),
        "nowhere": lambda: redirect("no-such-name"),
    }[where]()


inner = ([path("deep/<path:rest>", plain, name="deep"), path("", plain, {"extra": 1}, name="top")], "inner")

urlpatterns = [
    path("get/", require_GET(plain)),
    path("post/", csrf_exempt(require_POST(plain))),
    path("safe/", require_safe(plain)),
    path("methods/", require_http_methods(["GET", "PURGE"])(plain)),
    path("class/", Methods.as_view()),
    path("class/<int:number>/", Methods.as_view(), name="methods"),
    path("guarded/", Guarded.as_view()),
    path("elsewhere/<int:number>/", Elsewhere.as_view()),
    path("gone/", RedirectView.as_view(url=None)),
    path("away/<slug:name>/", RedirectView.as_view(url="/to/%(name)s/?p=100%%", permanent=True)),
    path("etag/", etag(lambda request: '"abc"')(plain)),
    path("weak/", etag(lambda request: 'W/"abc"')(plain)),
    path("bare/", etag(lambda request: "abc")(plain)),
    path("none/", condition(lambda request: None, lambda request: None)(plain)),
    path("modified/", last_modified(lambda request: MOMENT)(plain)),
    path("both/", condition(lambda request: '"abc"', lambda request: MOMENT)(plain)),
    path("conditional/", conditional_page(plain)),
    path("gzip/", gzip_page(plain)),
    path("never/", never_cache(plain)),
    path("control/", cache_control(private=True, max_age=60, must_revalidate=True)(plain)),
    path("nocache/", cache_control(no_cache="Set-Cookie", public=True)(cache_control(max_age=3)(plain))),
    path("cookie/", vary_on_cookie(vary_on_headers("X-A", "Cookie")(plain))),
    path("frame/deny/", xframe_options_deny(plain)),
    path("frame/same/", xframe_options_sameorigin(plain)),
    path("frame/exempt/", xframe_options_exempt(plain)),
    path("unslashed/", no_append_slash(plain)),
    path("token/", ensure_csrf_cookie(plain)),
    path("common/", decorator_from_middleware(CommonMiddleware)(plain)),
    path("raise/<str:kind>/", raising),
    path("go/<str:where>/", going),
    path("inner/", include(inner)),
    path("stream/", lambda request: StreamingHttpResponse(["a", "b"], headers={"Content-Length": "2"})),
]
