"""Whole pages are kept, for one view or for the site; what is one visitor's own never is."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest

from miniframe.cache import cache, caches
from miniframe.cache.backends.locmem import LocMemCache
from miniframe.exceptions import ServiceUnavailable
from miniframe.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseNotModified,
    JsonResponse,
    StreamingHttpResponse,
)
from miniframe.middleware.cache import CacheMiddleware, FetchFromCacheMiddleware, UpdateCacheMiddleware
from miniframe.middleware.csrf import get_token
from miniframe.template.response import SimpleTemplateResponse
from miniframe.test import Client, RequestFactory
from miniframe.test.utils import override_settings
from miniframe.urls import path
from miniframe.utils.cache import get_cache_key, has_vary_header, learn_cache_key, patch_vary_headers
from miniframe.utils.csp import LazyNonce
from miniframe.utils.timezone import override as override_zone
from miniframe.views.decorators.cache import cache_control, cache_page, never_cache
from miniframe.views.decorators.vary import vary_on_cookie, vary_on_headers

View = Callable[..., Any]
LOCMEM = "miniframe.cache.backends.locmem.LocMemCache"

factory = RequestFactory()


@pytest.fixture(autouse=True)
def empty_caches() -> Iterator[None]:
    described = {name: {"BACKEND": LOCMEM, "LOCATION": f"pages-{name}"} for name in ("default", "other")}
    with override_settings(CACHES=described):
        for each in caches.all():
            each.clear()
        yield


class Gone(LocMemCache):
    """A cache whose server does not answer."""

    def get(self, *args: Any, **kwargs: Any) -> Any:
        raise ServiceUnavailable("the server of the cache is gone")

    set = add = get


def counting(make: View) -> View:
    """Return a view whose answers are numbered, made by `make(request, number)`."""
    numbers = itertools.count(1)

    def view(request: HttpRequest) -> Any:
        return make(request, next(numbers))

    return view


def plain(request: HttpRequest, number: int = 0) -> HttpResponse:
    return HttpResponse(f"page {number}")


def with_headers(**headers: str) -> View:
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda request, number: HttpResponse(f"page {number}", headers=fields)


def with_cookie(vary: str | None) -> View:
    def make(request: HttpRequest, number: int) -> HttpResponse:
        response = HttpResponse(f"page {number}", headers={"Vary": vary} if vary else {})
        response.set_cookie("seen", "1", max_age=5, httponly=True)
        return response

    return make


def with_nonce(request: Any, number: int, used: bool) -> HttpResponse:
    request._csp_nonce = LazyNonce()
    return HttpResponse(f"page {number} {len(str(request._csp_nonce)) if used else 0}")


def asked_twice(view: View, **extra: Any) -> bytes:
    """Return what the second of two equal requests is answered."""
    view(factory.get("/page/", **extra))
    second = view(factory.get("/page/", **extra))
    return b"".join(second) if not hasattr(second, "content") else bytes(second.content)


@pytest.mark.parametrize(
    ("make", "kept"),
    [
        pytest.param(plain, True, id="plain"),
        pytest.param(lambda request, number: JsonResponse({"page": number}), True, id="json"),
        pytest.param(with_headers(Cache_Control="public"), True, id="public"),
        pytest.param(with_headers(Cache_Control="max-age=5"), True, id="max-age"),
        pytest.param(with_headers(Vary="Accept"), True, id="vary"),
        pytest.param(with_cookie(None), True, id="a-cookie-for-everybody"),
        pytest.param(with_cookie("Cookie"), False, id="a-cookie-and-vary-on-cookies"),
        pytest.param(with_cookie("Accept, COOKIE"), False, id="vary-in-capitals"),
        pytest.param(with_headers(Vary="*"), False, id="vary-on-everything"),
        pytest.param(with_headers(Vary="Cookie, * "), False, id="vary-on-everything-too"),
        pytest.param(with_headers(Cache_Control="private"), False, id="private"),
        pytest.param(with_headers(Cache_Control='public,PRIVATE="Set-Cookie"'), False, id="private-with-a-value"),
        pytest.param(with_headers(Cache_Control="no-store"), False, id="no-store"),
        pytest.param(with_headers(Cache_Control="max-age=5, No-Cache"), False, id="no-cache"),
        pytest.param(lambda request, number: HttpResponse(f"{number}", status=201), False, id="another-status"),
        pytest.param(lambda request, number: HttpResponse(f"{number}", status=206), False, id="a-part"),
        pytest.param(lambda request, number: HttpResponse(f"{number}", status=404), False, id="not-found"),
        pytest.param(lambda request, number: StreamingHttpResponse([b"%d" % number]), False, id="streamed"),
        pytest.param(lambda request, number: HttpResponse(get_token(request) and f"{number}"), False, id="csrf-token"),
        pytest.param(lambda request, number: with_nonce(request, number, used=True), False, id="nonce"),
        pytest.param(lambda request, number: with_nonce(request, number, used=False), True, id="nonce-not-used"),
    ],
)
def test_what_is_kept_and_what_is_not(make: View, kept: bool) -> None:
    view = cache_page(60)(counting(make))
    assert (b"1" in asked_twice(view)) is kept


def test_without_the_caches_server_each_page_is_made_anew() -> None:
    view = cache_page(60)(counting(plain))
    with override_settings(CACHES={"default": {"BACKEND": f"{__name__}.Gone"}}):
        assert [view(factory.get("/page/")).content for _ in range(2)] == [b"page 1", b"page 2"]
        assert view(factory.get("/page/"))["Cache-Control"] == "max-age=60"


def test_a_304_is_not_kept_but_may_be_by_others() -> None:
    view = cache_page(60)(counting(lambda request, number: HttpResponseNotModified()))
    response = view(factory.get("/"))
    assert response.headers["Cache-Control"] == "max-age=60"
    assert not cache._cache  # type: ignore[attr-defined]  # LocMemCache
    assert get_cache_key(factory.get("/"), key_prefix="") is None


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        pytest.param(factory.get("/"), factory.get("/"), True, id="equal"),
        pytest.param(factory.get("/"), factory.head("/"), True, id="head-after-get"),
        pytest.param(factory.head("/"), factory.head("/"), True, id="head-after-head"),
        pytest.param(factory.head("/"), factory.get("/"), False, id="get-after-head"),
        pytest.param(factory.get("/"), factory.post("/"), False, id="post"),
        pytest.param(factory.post("/"), factory.post("/"), False, id="post-after-post"),
        pytest.param(factory.get("/"), factory.get("/?a=1"), False, id="query"),
        pytest.param(factory.get("/"), factory.get("/other/"), False, id="path"),
        # Servers hand on dots and octets as they come, and a view for <path:x> may answer with either.
        pytest.param(factory.get("/page/"), factory.get("/echo/../page/"), False, id="dots-in-the-path"),
        pytest.param(factory.get("/"), factory.get("/echo/.."), False, id="dots-at-the-end"),
        pytest.param(
            factory.get("/?a=%C3%83%C2%A9"),
            factory.generic("GET", "/", QUERY_STRING="a=\xc3\xa9"),
            False,
            id="octets-in-the-query",
        ),
        pytest.param(factory.get("/"), factory.get("/", secure=True), False, id="scheme"),
        pytest.param(factory.get("/"), factory.get("/", headers={"host": "localhost"}), False, id="host"),
        pytest.param(factory.get("/"), factory.get("/", headers={"x-a": "1"}), False, id="header-in-vary"),
        pytest.param(factory.get("/"), factory.get("/", headers={"x-a": ""}), False, id="empty-header-in-vary"),
        pytest.param(factory.get("/"), factory.get("/", headers={"x-c": "1"}), True, id="header-not-in-vary"),
        pytest.param(
            factory.get("/", headers={"x-a": "1,1:2"}),
            factory.get("/", headers={"x-a": "1", "x-b": "2"}),
            False,
            id="headers-that-look-like-others",
        ),
    ],
)
def test_which_requests_share_a_page(first: HttpRequest, second: HttpRequest, same: bool) -> None:
    view = cache_page(60)(vary_on_headers("X-A", "X-B")(counting(plain)))
    before = view(first).content
    assert (view(second).content == before) is same


def test_a_page_comes_back_as_it_was() -> None:
    def make(request: HttpRequest, number: int) -> HttpResponse:
        response = HttpResponse("ä", content_type="text/plain; charset=latin-1", reason="Fine")
        response.headers["X-Page"] = "1"
        response.set_cookie("seen", "a b", max_age=5, samesite="Lax")
        return response

    view = cache_page(60)(counting(make))
    first, second = view(factory.get("/")), view(factory.get("/"))
    assert second is not first
    assert second.content == first.content == b"\xe4"
    assert second.text == "ä"
    assert second.reason_phrase == "Fine"
    assert second.cookies == first.cookies
    assert second.headers.pop("Age") == "0"
    assert second.headers == first.headers


def test_each_visitor_has_a_response_of_his_own() -> None:
    view = cache_page(60)(counting(plain))
    view(factory.get("/"))
    view(factory.get("/")).headers["X-Ann"] = "secret"
    assert "X-Ann" not in view(factory.get("/")).headers


def test_age_grows_and_the_page_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1468749600.5]
    monkeypatch.setattr("time.time", lambda: now[0])
    view = cache_page(10)(counting(plain))
    first = view(factory.get("/"))
    assert first.headers["Expires"] == "Sun, 17 Jul 2016 10:00:10 GMT"
    assert first.headers["Cache-Control"] == "max-age=10"
    assert "Age" not in first.headers
    now[0] += 4
    second = view(factory.get("/"))
    assert (second.content, second.headers["Age"]) == (b"page 1", "4")
    assert second.headers["Expires"] == first.headers["Expires"]
    now[0] -= 60  # the clock is set back
    assert view(factory.get("/")).headers["Age"] == "0"
    now[0] += 70
    assert view(factory.get("/")).content == b"page 2"


@pytest.mark.parametrize(
    ("page_timeout", "max_age", "seconds"),
    [(None, None, 600), (None, 30, 30), (5, 30, 5), (30, 5, 30), (None, 0, None), (0, None, None), (0, 9, None)],
)
def test_how_long_a_page_is_kept(
    page_timeout: int | None, max_age: int | None, seconds: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1_000_000.0]
    monkeypatch.setattr("time.time", lambda: now[0])
    inner = counting(plain)
    view = cache_page(page_timeout)(inner if max_age is None else cache_control(max_age=max_age)(inner))
    view(factory.get("/"))
    now[0] += (seconds or 1) - 1
    assert view(factory.get("/")).content == (b"page 1" if seconds else b"page 2")
    now[0] += 2
    assert view(factory.get("/")).content != b"page 1"


@pytest.mark.parametrize(
    ("header", "make", "varies"),
    [
        pytest.param("token", plain, True, id="a-token"),
        pytest.param("", plain, False, id="an-empty-one"),
        pytest.param("token", with_headers(Cache_Control="public"), False, id="public"),
    ],
)
def test_who_says_who_he_is_has_pages_of_his_own(header: str, make: View, varies: bool) -> None:
    view = cache_page(60)(counting(make))
    response = view(factory.get("/", headers={"authorization": header}))
    assert has_vary_header(response, "Authorization") is varies
    other = view(factory.get("/", headers={"authorization": f"{header}-other"}))
    assert (other.content == b"page 1") is not varies


def test_a_late_template_is_kept_when_it_is_rendered() -> None:
    class Late(SimpleTemplateResponse):
        @property
        def rendered_content(self) -> str:
            return str(self.template_name)

    view = cache_page(60)(counting(lambda request, number: Late(f"page {number}")))
    for _ in range(2):
        response = view(factory.get("/"))
        if not getattr(response, "is_rendered", True):
            response.render()
        assert response.content == b"page 1"


def test_a_late_template_is_sent_though_the_server_goes_before_it_is_rendered(monkeypatch: pytest.MonkeyPatch) -> None:
    class Late(SimpleTemplateResponse):
        @property
        def rendered_content(self) -> str:
            return "late"

    response = cache_page(60)(lambda request: Late("late"))(factory.get("/"))
    monkeypatch.setattr(LocMemCache, "set", Gone.set)
    assert response.render().content == b"late"


def test_async_views_are_kept_too() -> None:
    numbers = itertools.count(1)

    @cache_page(60)
    async def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse(f"page {next(numbers)}")

    with site(view) as client:
        assert [client.get("/").content for _ in range(2)] == [b"page 1"] * 2


def test_views_with_other_prefixes_or_caches_are_apart() -> None:
    inner = counting(plain)
    views = [
        cache_page(60)(inner),
        cache_page(60, key_prefix="mobile")(inner),
        cache_page(60, cache="other")(inner),
        cache_page(60, cache="default", key_prefix="")(inner),
    ]
    assert [view(factory.get("/")).content for view in views] == [b"page 1", b"page 2", b"page 3", b"page 1"]


def test_never_cache_is_never_kept() -> None:
    assert asked_twice(cache_page(60)(never_cache(counting(plain)))) == b"page 2"


def test_what_another_program_left_under_a_pages_key_is_passed_over() -> None:
    view = cache_page(60)(counting(plain))
    view(factory.get("/"))
    key = get_cache_key(factory.get("/"), key_prefix="")
    assert key is not None
    cache.set(key, "something else")
    assert view(factory.get("/")).content == b"page 2"
    [names_key] = [each for each in cache._cache if "cache_header" in each]  # type: ignore[attr-defined]  # LocMemCache
    cache.set(names_key.removeprefix(":1:"), 5)
    assert view(factory.get("/")).content == b"page 3"


# The whole site.


class site:  # noqa: N801  # reads as a context
    """A site of one view, with these middlewares."""

    def __init__(self, view: View, *middleware: str, **settings: Any) -> None:
        module = ModuleType("cached_site")
        module.urlpatterns = [path("", view)]  # type: ignore[attr-defined]  # a URLconf
        sys.modules["cached_site"] = module
        self.settings = override_settings(
            ROOT_URLCONF="cached_site", MIDDLEWARE=[f"miniframe.{name}" for name in middleware], **settings
        )

    def __enter__(self) -> Client:
        self.settings.enable()
        return Client()

    def __exit__(self, *exc: object) -> None:
        self.settings.disable()
        del sys.modules["cached_site"]


UPDATE, FETCH = "middleware.cache.UpdateCacheMiddleware", "middleware.cache.FetchFromCacheMiddleware"
SESSION, CSRF = "sessions.middleware.SessionMiddleware", "middleware.csrf.CsrfViewMiddleware"


def test_a_site_is_kept_by_two_middlewares() -> None:
    with site(
        counting(plain),
        UPDATE,
        "middleware.common.CommonMiddleware",
        FETCH,
        CACHE_MIDDLEWARE_ALIAS="other",
        CACHE_MIDDLEWARE_SECONDS=30,
        CACHE_MIDDLEWARE_KEY_PREFIX="site",
    ) as client:
        first, second = client.get("/"), client.get("/")
        assert (first.content, second.content) == (b"page 1", b"page 1")
        assert second.headers["Cache-Control"] == "max-age=30"
        assert second.headers["Content-Length"] == "6"
        assert client.post("/").content == b"page 2"
        assert client.head("/").headers["Content-Length"] == "6"
        assert get_cache_key(factory.get("/")) is not None
        assert get_cache_key(factory.get("/"), cache=caches["default"]) is None


def reads_session(request: Any, number: int) -> HttpResponse:
    return HttpResponse(f"{request.session.get('name', 'nobody')} {number}")


def changes_session(request: Any, number: int) -> HttpResponse:
    request.session["number"] = number
    return HttpResponse(f"page {number}")


def shows_token(request: Any, number: int) -> HttpResponse:
    return HttpResponse(f"page {number} {bool(get_token(request))}")


@pytest.mark.parametrize("around", ["site", "view"])
@pytest.mark.parametrize(
    "make",
    [pytest.param(changes_session, id="changed-session"), pytest.param(shows_token, id="csrf-token")],
)
def test_what_will_set_a_cookie_of_ones_own_is_not_kept(make: View, around: str) -> None:
    view = counting(make)
    middleware = [SESSION, CSRF]
    if around == "site":
        middleware = [UPDATE, *middleware, FETCH]
    else:
        view = cache_page(60)(view)
    with site(view, *middleware) as client:
        assert client.get("/").content.startswith(b"page 1")
        assert client.get("/").content.startswith(b"page 2")
        assert Client().get("/").content.startswith(b"page 3")


@pytest.mark.parametrize("around", ["site", "view"])
def test_where_the_session_is_read_each_visitor_has_his_own_page(around: str) -> None:
    view = counting(reads_session)
    middleware = [SESSION]
    if around == "site":
        middleware = [UPDATE, *middleware, FETCH]
    else:
        view = cache_page(60)(view)
    with site(view, *middleware) as ann:
        session = ann.session
        session["name"] = "Ann"
        session.save()
        ann.cookies["sessionid"] = session.session_key
        assert ann.get("/").content == b"Ann 1"
        assert ann.get("/").content == b"Ann 1"
        assert Client().get("/").content == b"nobody 2"
        assert Client().get("/").content == b"nobody 2"


@pytest.mark.parametrize("mark", ["used", "added_new"])
def test_what_shows_or_adds_messages_is_not_kept(mark: str) -> None:
    class Storage:
        used = False
        added_new = False

    @cache_page(60)
    @counting
    def view(request: Any, number: int) -> HttpResponse:
        setattr(request._messages, mark, True)
        return HttpResponse(f"page {number}")

    for number in (1, 2):
        request: Any = factory.get("/")
        request._messages = Storage()
        assert view(request).content == b"page %d" % number


# The pieces.


def test_the_middlewares_read_their_settings() -> None:
    with override_settings(
        CACHE_MIDDLEWARE_ALIAS="other", CACHE_MIDDLEWARE_SECONDS=30, CACHE_MIDDLEWARE_KEY_PREFIX="p"
    ):
        for made in (UpdateCacheMiddleware(plain), CacheMiddleware(plain)):
            assert (made.cache_timeout, made.page_timeout, made.key_prefix, made.cache_alias) == (
                30,
                None,
                "p",
                "other",
            )
            assert made.cache is caches["other"]
        fetching = FetchFromCacheMiddleware(plain)
        assert (fetching.key_prefix, fetching.cache_alias) == ("p", "other")
        decorating = CacheMiddleware(plain, cache_alias=None, key_prefix=None, page_timeout=5)
        assert (decorating.cache_timeout, decorating.page_timeout) == (30, 5)
        assert (decorating.key_prefix, decorating.cache_alias) == ("", "default")


@pytest.mark.parametrize("vary", [None, "Pony", "Pony, X-Horse"])
@pytest.mark.parametrize("address", ["/cache/test/", "/cache/test/?test=1", "/ä b/?x=%C3%A4&y=%2F"])
def test_pages_have_the_keys_that_they_have_in_django(address: str, vary: str | None) -> None:
    from django.http import HttpResponse as TheirResponse
    from django.test import RequestFactory as TheirFactory
    from django.test.utils import override_settings as their_settings
    from django.utils import cache as theirs

    keys = []
    for make, response, learn, find, configured in [
        (factory, HttpResponse(), learn_cache_key, get_cache_key, override_settings),
        (TheirFactory(), TheirResponse(), theirs.learn_cache_key, theirs.get_cache_key, their_settings),
    ]:
        if vary:
            response.headers["Vary"] = vary
        with configured(USE_TZ=False, CACHE_MIDDLEWARE_KEY_PREFIX="site"):
            request: Any = make.get(address)
            keys.append([learn(request, response, 5), find(request)])
    assert keys[0] == keys[1]
    assert keys[0][0] == keys[0][1]


def test_each_time_zone_has_its_own_page() -> None:
    view = cache_page(60)(counting(plain))
    with override_zone("UTC"):
        assert view(factory.get("/")).content == b"page 1"
    with override_zone("Europe/Paris"):
        assert view(factory.get("/")).content == b"page 2"
    with override_zone("UTC"):
        assert view(factory.get("/")).content == b"page 1"


def test_vary_on_cookie_keeps_cookies_apart() -> None:
    view = cache_page(60)(vary_on_cookie(counting(plain)))
    pages = [view(factory.get("/", headers={"cookie": f"id={name}"})).content for name in ("ann", "bob", "ann")]
    assert pages == [b"page 1", b"page 2", b"page 1"]


def test_the_order_of_vary_makes_no_other_page() -> None:
    orders = iter([["X-A", "X-B"], ["x-b", "X-A"]])

    @counting
    def view(request: HttpRequest, number: int) -> HttpResponse:
        response = HttpResponse()
        patch_vary_headers(response, next(orders))
        return response

    request = factory.get("/", headers={"x-a": "1", "x-b": "2"})
    assert learn_cache_key(request, view(request)) == learn_cache_key(request, view(request))
