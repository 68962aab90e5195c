"""Code as a user writes it, to be read by type checkers and not to be run.

`mypy --strict` reads this with all tests; `test_types` has pyright read it, in its strict mode.
"""

from __future__ import annotations

import datetime
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, assert_type

from miniframe.apps import AppConfig, apps
from miniframe.cache import cache, caches
from miniframe.checks import CheckMessage, Error, Tags, register
from miniframe.conf import settings
from miniframe.dispatch import Signal, receiver
from miniframe.exceptions import ImproperlyConfigured, PermissionDenied, ValidationError
from miniframe.files.base import ContentFile
from miniframe.files.storage import default_storage
from miniframe.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    JsonResponse,
    QueryDict,
    StreamingHttpResponse,
)
from miniframe.management.base import BaseCommand, CommandError, CommandParser
from miniframe.messages import success
from miniframe.paginator import Paginator
from miniframe.shortcuts import redirect, render
from miniframe.signals import request_started
from miniframe.signing import TimestampSigner, dumps, loads
from miniframe.template.response import TemplateResponse
from miniframe.test import Client, RequestFactory, SimpleTestCase, override_settings
from miniframe.urls import include, path, re_path, reverse, reverse_lazy
from miniframe.utils.decorators import method_decorator
from miniframe.utils.functional import cached_property
from miniframe.validators import validate_email
from miniframe.views.decorators.cache import cache_page, never_cache
from miniframe.views.decorators.csrf import csrf_exempt
from miniframe.views.decorators.http import require_http_methods, require_POST
from miniframe.views.generic import RedirectView, TemplateView, View

GetResponse = Callable[[HttpRequest], HttpResponseBase]


class ShopConfig(AppConfig):
    name = "shop"

    def ready(self) -> None:
        assert_type(apps.get_app_config("shop"), AppConfig)


def home(request: HttpRequest) -> HttpResponse:
    assert_type(request.GET, QueryDict)
    assert_type(request.GET.get("page"), str | None)
    assert_type(request.GET.getlist("tag"), list[str])
    assert_type(request.body, bytes)
    assert_type(request.path, str)
    assert_type(request.get_host(), str)
    assert_type(request.headers.get("Accept"), str | None)
    assert_type(request.is_secure(), bool)
    return render(request, "home.html", {"page": request.GET.get("page", "1")})


@require_http_methods(["GET", "POST"])
@csrf_exempt
def contact(request: HttpRequest, name: str) -> HttpResponse:
    if request.method == "POST":
        try:
            validate_email(request.POST["email"])
        except ValidationError as error:
            return JsonResponse({"errors": error.messages}, status=400)
        success(request, "Thank you.")
        request.session["name"] = name
        return redirect("home")
    if name == "nobody":
        raise Http404("No such person.")
    return HttpResponse(f"{name}", content_type="text/plain", headers={"X-Name": name})


@never_cache
@cache_page(60)
def slow(request: HttpRequest) -> StreamingHttpResponse:
    def lines() -> Iterator[str]:
        yield "a"

    return StreamingHttpResponse(lines())


async def news(request: HttpRequest) -> HttpResponseBase:
    async def events() -> AsyncIterator[bytes]:
        yield b"data: 1\n\n"

    assert_type(await cache.aget("seen", 0), Any)
    return StreamingHttpResponse(events(), content_type="text/event-stream")


def download(request: HttpRequest) -> FileResponse:
    if not request.COOKIES.get("member"):
        raise PermissionDenied
    return FileResponse(default_storage.open("prices.pdf"), as_attachment=True, filename="prices.pdf")


def upload(request: HttpRequest) -> HttpResponse:
    name = default_storage.save("pictures/1.png", request.FILES["picture"])
    assert_type(name, str)
    default_storage.save("note.txt", ContentFile("text"))
    return HttpResponseRedirect(default_storage.url(name))


@method_decorator(never_cache, name="dispatch")
class Basket(View):
    def get(self, request: HttpRequest, number: int) -> HttpResponse:
        pages = Paginator(list(range(100)), 10)
        return TemplateResponse(request, "basket.html", {"page": pages.get_page(number)})

    @method_decorator(require_POST)
    def post(self, request: HttpRequest, number: int) -> HttpResponse:
        return HttpResponse(status=204)

    @cached_property
    def total(self) -> int:
        return 1


class About(TemplateView):
    template_name = "about.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "now": datetime.datetime.now(datetime.UTC)}


class Old(RedirectView):
    permanent = True
    pattern_name = "home"
    url = reverse_lazy("home")


def timing(get_response: GetResponse) -> GetResponse:
    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response.headers["X-Time"] = "1"
        response["X-Also"] = "1"
        response.set_cookie("seen", "yes", max_age=datetime.timedelta(days=1), secure=True, samesite="Lax")
        return response

    return middleware


class Counting:
    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        caches["default"].add("count", 0)
        cache.incr("count")
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return None


app_name = "shop"
urlpatterns = [
    path("", home, name="home"),
    path("contact/<str:name>/", contact, {"extra": 1}, name="contact"),
    path("slow/", slow),
    path("news/", news),
    path("basket/<int:number>/", Basket.as_view(), name="basket"),
    path("about/", About.as_view(template_name="other.html")),
    re_path(r"^old/(?P<year>[0-9]{4})/$", Old.as_view()),
    path("files/", include([path("get/", download), path("put/", upload)])),
    path("more/", include(("shop.more", "more"), namespace="more")),
]


@receiver(request_started)
def begun(sender: Any, environ: dict[str, Any], **kwargs: Any) -> None:
    assert_type(reverse("home", query={"page": 1}), str)


paid = Signal()
paid.connect(begun, dispatch_uid="begun")


@register(Tags.security)
def check_prices(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    if not hasattr(settings, "PRICES"):
        return [Error("No prices.", hint="Set PRICES.", id="shop.E001")]
    raise ImproperlyConfigured(settings.PRICES)


class Command(BaseCommand):
    help = "Count the money."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("day", nargs="?")
        parser.add_argument("--loud", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["day"] == "never":
            raise CommandError("That day does not come.", returncode=3)
        self.stdout.write(self.style.SUCCESS("12"), ending="")


def sign() -> None:
    signer = TimestampSigner(salt="shop")
    assert_type(signer.sign("a"), str)
    assert_type(signer.unsign("a:b", max_age=60), str)
    assert_type(dumps({"a": 1}), str)
    assert_type(loads("a:b"), Any)


class TestShop(SimpleTestCase):
    def test_home(self) -> None:
        with self.settings(DEBUG=True), override_settings(ALLOWED_HOSTS=["*"]):
            response = self.client.get("/", {"page": "2"}, headers={"accept": "text/html"})
        self.assertContains(response, "shop", status_code=200)
        self.assertRedirects(self.client.post("/contact/Ada/", {"email": "a@b.example"}), "/")


def test_with_a_fixture(client: Client, rf: RequestFactory) -> None:
    response = client.post("/contact/Ada/", {"email": "no"}, content_type="application/json")
    assert response.status_code == 400
    assert response.json()["errors"]
    assert response.headers["Content-Type"]
    assert home(rf.get("/")).content
