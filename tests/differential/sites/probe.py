"""A site that tells what it understood of a request, as JSON; written for Django."""

import json

from django.http import HttpResponse, HttpResponseRedirect, JsonResponse, StreamingHttpResponse
from django.middleware.csrf import get_token
from django.urls import path, re_path
from django.views.decorators.csrf import csrf_exempt


def attempt(ask):
    """Return what `ask` gives, or the name of its error."""
    try:
        return ask()
    except Exception as error:
        return f"<{type(error).__name__}>"


def told_files(request):
    return {
        name: [
            [
                file.name,
                file.size,
                file.content_type,
                file.charset.decode() if isinstance(file.charset, bytes) else file.charset,
                {key: value.decode("latin-1") for key, value in (file.content_type_extra or {}).items()},
                file.read().decode("latin-1"),
                type(file).__name__,
            ]
            for file in files
        ]
        for name, files in request.FILES.lists()
    }


CANDIDATES = ["text/html", "application/json", "text/plain", "image/png", "text/html; level=1"]

FACTS = {
    "method": lambda request: request.method,
    "path": lambda request: request.path,
    "path_info": lambda request: request.path_info,
    "full": lambda request: request.get_full_path(),
    "full_info": lambda request: request.get_full_path_info(),
    "slash": lambda request: request.get_full_path(force_append_slash=True),
    "scheme": lambda request: request.scheme,
    "secure": lambda request: request.is_secure(),
    "host": lambda request: request.get_host(),
    "port": lambda request: request.get_port(),
    "uri": lambda request: request.build_absolute_uri(),
    "uri_of_path": lambda request: request.build_absolute_uri("/x/?y=é"),
    "uri_of_relative": lambda request: request.build_absolute_uri("../z"),
    "encoding": lambda request: request.encoding,
    "content_type": lambda request: request.content_type,
    "content_params": lambda request: request.content_params,
    "headers": lambda request: sorted(request.headers.items()),
    "GET": lambda request: list(request.GET.lists()),
    "query": lambda request: request.GET.urlencode(),
    "COOKIES": lambda request: list(request.COOKIES.items()),
    "POST": lambda request: list(request.POST.lists()),
    "FILES": told_files,
    "body": lambda request: request.body.decode("latin-1"),
    "accepts": lambda request: [request.accepts(one) for one in CANDIDATES],
    "preferred": lambda request: request.get_preferred_type(CANDIDATES),
    "accepted": lambda request: [str(one) for one in request.accepted_types],
    "repr": repr,
    "match": lambda request: [
        request.resolver_match.args,
        request.resolver_match.kwargs,
        request.resolver_match.route,
        request.resolver_match.url_name,
        request.resolver_match.view_name,
    ],
}


@csrf_exempt
def tell(request, *args, **kwargs):
    """Answer with every fact, each asked for in a guarded way."""
    return JsonResponse({name: attempt(lambda ask=ask: ask(request)) for name, ask in FACTS.items()})


@csrf_exempt
def tell_one(request, fact):
    """Answer with one fact; what goes wrong goes on to the framework."""
    return HttpResponse(json.dumps(FACTS[fact](request)))


def page(request):
    return HttpResponse("<p>" + "page " * 100 + "</p>")


def stream(request):
    return StreamingHttpResponse(iter(["one ", b"two ", "drei \xe9"] * 50))


def tagged(request):
    return HttpResponse(
        "tagged " * 50,
        headers={"ETag": request.GET["etag"]} if "etag" in request.GET else {"Last-Modified": request.GET["modified"]},
    )


def go(request):
    return HttpResponseRedirect(request.GET["to"])


def form(request):
    return HttpResponse("accepted")


def token(request):
    """Answer with a token, masked anew each time, that fits the cookie."""
    return HttpResponse(get_token(request))


def fail(request):
    raise {"key": KeyError("no"), "value": ValueError("no")}[request.GET.get("kind", "key")]


def error_page(status):
    """Return a handler for errors whose page is the same everywhere: the default pages are a matter of taste."""

    def handler(request, exception=None):
        return HttpResponse(f"error {status}", status=status)

    return handler


def csrf_failure(request, reason=""):
    return HttpResponse(f"csrf: {reason}", status=403)


handler400, handler403, handler404, handler500 = map(error_page, (400, 403, 404, 500))

urlpatterns = [
    path("one/<slug:fact>/", tell_one, name="one"),
    path("page/", page, name="page"),
    path("stream/", stream),
    path("tagged/", tagged),
    path("go/", go),
    path("form/", form),
    path("token/", token),
    path("fail/", fail),
    path("number/<int:number>/", tell, name="number"),
    path("text/<str:text>/<path:rest>", tell),
    re_path(r"^re/(\d+)/(?P<name>[a-z]+)?/?$", tell, name="re"),
    re_path(r"", tell, name="any"),
]
