"""The decorators for views: each does its one thing, on plain and on async views."""

from __future__ import annotations

import asyncio
import datetime
from typing import Any

import pytest

from miniframe.http import HttpResponse
from miniframe.utils.coroutines import is_coroutine_function
from miniframe.utils.decorators import method_decorator
from miniframe.views.decorators.cache import cache_control, never_cache
from miniframe.views.decorators.clickjacking import xframe_options_exempt, xframe_options_sameorigin
from miniframe.views.decorators.common import no_append_slash
from miniframe.views.decorators.csrf import (
    csrf_exempt,
    csrf_protect,
    ensure_csrf_cookie,
    requires_csrf_token,
)
from miniframe.views.decorators.gzip import gzip_page
from miniframe.views.decorators.http import (
    condition,
    conditional_page,
    etag,
    last_modified,
    require_GET,
    require_http_methods,
    require_POST,
    require_safe,
)
from miniframe.views.decorators.vary import vary_on_cookie, vary_on_headers


def page(request: Any) -> HttpResponse:
    return HttpResponse()


DECORATORS = [
    cache_control(max_age=1),
    never_cache,
    xframe_options_exempt,
    xframe_options_sameorigin,
    no_append_slash,
    csrf_exempt,
    condition(),
    require_safe,
    vary_on_cookie,
]


@pytest.mark.parametrize("decorator", DECORATORS)
def test_a_decorated_view_stays_what_it_was(make_request: Any, kind: Any, decorator: Any) -> None:
    view = decorator(kind.view)
    assert view is not kind.view
    assert (view.__name__, view.__doc__) == (kind.view.__name__, "A page.")
    assert is_coroutine_function(view) == is_coroutine_function(kind.view)
    assert kind.call(view, make_request(), 1, a=2).content == b"page (1,) {'a': 2}"


@pytest.mark.parametrize("decorator", [csrf_protect, requires_csrf_token, gzip_page, conditional_page])
def test_a_view_in_a_middleware_keeps_its_name_and_arguments(make_request: Any, decorator: Any) -> None:
    def view(request: Any, pk: int) -> HttpResponse:
        """A page."""
        return HttpResponse(str(pk))

    decorated = decorator(view)
    assert (decorated.__name__, decorated.__doc__) == ("view", "A page.")
    assert decorated(make_request(), pk=3).content == b"3"


@pytest.mark.parametrize(
    ("decorator", "allowed", "refused"),
    [
        pytest.param(require_GET, ["GET"], ["HEAD", "POST"], id="get"),
        pytest.param(require_POST, ["POST"], ["GET"], id="post"),
        pytest.param(require_safe, ["GET", "HEAD"], ["POST", "OPTIONS"], id="safe"),
        pytest.param(require_http_methods(["PUT", "PATCH"]), ["PUT", "PATCH"], ["GET"], id="list"),
    ],
)
def test_other_methods_are_refused(
    make_request: Any,
    kind: Any,
    caplog: pytest.LogCaptureFixture,
    decorator: Any,
    allowed: list[str],
    refused: list[str],
) -> None:
    view = decorator(kind.view)
    for method in allowed:
        assert kind.call(view, make_request(method)).status_code == 200
    assert caplog.messages == []
    for method in refused:
        response = kind.call(view, make_request(method))
        assert (response.status_code, response["Allow"]) == (405, ", ".join(allowed))
    assert caplog.messages == [f"Method Not Allowed ({method}): /page/" for method in refused]


def test_cache_control_adds_its_directives(make_request: Any, kind: Any) -> None:
    view = cache_control(max_age=60, private=True, stale_while_revalidate=5)(kind.view)
    assert kind.call(view, make_request())["Cache-Control"] == "max-age=60, private, stale-while-revalidate=5"


def test_never_cache_forbids_it_to_everybody(make_request: Any, kind: Any) -> None:
    response = kind.call(never_cache(kind.view), make_request())
    assert response["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"
    assert "Expires" in response


@pytest.mark.parametrize("decorator", [cache_control(max_age=1), never_cache], ids=["cache_control", "never_cache"])
def test_a_decorator_on_a_method_needs_method_decorator(make_request: Any, decorator: Any) -> None:
    def get(self: Any, request: Any) -> HttpResponse:
        return HttpResponse()

    class Wrong:
        get: Any

    class Right:
        get: Any

    Wrong.get = decorator(get)
    Right.get = method_decorator(decorator)(get)
    with pytest.raises(TypeError, match=r"didn't receive an HttpRequest.*@method_decorator"):
        Wrong().get(make_request())
    assert "Cache-Control" in Right().get(make_request())


def test_vary_names_headers_once(make_request: Any, kind: Any) -> None:
    view = vary_on_headers("Accept-Language", "cookie")(vary_on_cookie(kind.view))
    assert kind.call(view, make_request())["Vary"] == "Cookie, Accept-Language"


def test_marks_are_set_on_the_decorated_view_only(kind: Any) -> None:
    assert csrf_exempt(kind.view).csrf_exempt is True
    assert no_append_slash(kind.view).should_append_slash is False
    assert not hasattr(kind.view, "csrf_exempt")
    assert not hasattr(kind.view, "should_append_slash")


def test_csrf_protect_refuses_a_form_without_a_token(make_request: Any) -> None:
    assert csrf_protect(page)(make_request("POST")).status_code == 403
    assert requires_csrf_token(page)(make_request("POST")).status_code == 200


def test_ensure_csrf_cookie_sets_it(make_request: Any) -> None:
    view = ensure_csrf_cookie(page)
    assert "csrftoken" in view(make_request()).cookies
    assert "csrftoken" in view(make_request("POST")).cookies


NOON = datetime.datetime(2026, 1, 1, 12, tzinfo=datetime.UTC)
NOON_TEXT = "Thu, 01 Jan 2026 12:00:00 GMT"


@pytest.mark.parametrize(
    ("method", "meta", "status"),
    [
        pytest.param("GET", {}, 200, id="no-condition"),
        pytest.param("GET", {"HTTP_IF_NONE_MATCH": '"v1"'}, 304, id="same-tag"),
        pytest.param("GET", {"HTTP_IF_NONE_MATCH": '"v0"'}, 200, id="other-tag"),
        pytest.param("GET", {"HTTP_IF_MODIFIED_SINCE": NOON_TEXT}, 304, id="same-time"),
        pytest.param("PUT", {"HTTP_IF_MATCH": '"v1"'}, 200, id="put-on-what-it-was"),
        pytest.param("PUT", {"HTTP_IF_MATCH": '"v0"'}, 412, id="put-on-something-newer"),
        pytest.param("PUT", {"HTTP_IF_MATCH": "*"}, 200, id="put-on-anything"),
        pytest.param("PUT", {"HTTP_IF_NONE_MATCH": "*"}, 412, id="put-only-if-new"),
        pytest.param("PUT", {"HTTP_IF_UNMODIFIED_SINCE": NOON_TEXT}, 200, id="unmodified"),
        pytest.param("PUT", {"HTTP_IF_UNMODIFIED_SINCE": "Thu, 01 Jan 2026 11:00:00 GMT"}, 412, id="modified"),
    ],
)
def test_conditions_are_decided_before_the_view_runs(
    make_request: Any, kind: Any, method: str, meta: Any, status: int
) -> None:
    view = condition(lambda request, **kwargs: "v1", lambda request, **kwargs: NOON)(kind.view)
    response = kind.call(view, make_request(method, **meta), pk=1)
    assert response.status_code == status
    if method == "GET":
        assert (response["ETag"], response["Last-Modified"]) == ('"v1"', NOON_TEXT)
    else:
        assert "ETag" not in response


def test_a_weak_tag_matches_weakly_only(make_request: Any, kind: Any) -> None:
    view = etag(lambda request: 'W/"v1"')(kind.view)
    assert kind.call(view, make_request(HTTP_IF_NONE_MATCH='"v1"')).status_code == 304
    assert kind.call(view, make_request(HTTP_IF_MATCH='W/"v1"')).status_code == 412


def test_a_resource_that_is_not_there_has_no_validators(make_request: Any, kind: Any) -> None:
    view = condition(lambda request: None, lambda request: None)(kind.view)
    response = kind.call(view, make_request(HTTP_IF_NONE_MATCH="*"))
    assert (response.status_code, "ETag" in response, "Last-Modified" in response) == (200, False, False)


def test_a_naive_time_is_taken_as_utc(make_request: Any, kind: Any) -> None:
    view = last_modified(lambda request: NOON.replace(tzinfo=None))(kind.view)
    assert kind.call(view, make_request())["Last-Modified"] == NOON_TEXT


def test_the_view_s_own_validators_stay(make_request: Any) -> None:
    def own(request: Any) -> HttpResponse:
        return HttpResponse(headers={"ETag": '"own"'})

    view = etag(lambda request: "v1")(own)
    assert view(make_request())["ETag"] == '"own"'


def test_around_runs_before_view_and_after_in_order() -> None:
    from miniframe.views.decorators.around import around

    order: list[str] = []

    async def view(request: Any) -> str:
        order.append("view")
        return "response"

    wrapped = around(view, lambda request: order.append("before"), lambda request, response: order.append("after"))
    assert asyncio.run(wrapped(None)) == "response"
    assert order == ["before", "view", "after"]
