"""The pages of DEBUG, as a client gets them."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from miniframe.exceptions import BadRequest, Http404, PermissionDenied
from miniframe.http import HttpRequest, HttpResponse
from miniframe.test import Client
from miniframe.test.utils import override_settings
from miniframe.urls import include, path
from miniframe.views.debug import ExceptionReporter

BROWSER = {"accept": "text/html,*/*;q=0.8"}


def fail(request: HttpRequest) -> HttpResponse:
    raise LookupError("'melon' is not in the price list")


def nothing(request: HttpRequest) -> Any:
    return None


def not_here(request: HttpRequest) -> HttpResponse:
    raise Http404("No such article")


def denied(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied("members only")


def bad(request: HttpRequest) -> HttpResponse:
    raise BadRequest("page must be a number")


def host(request: HttpRequest) -> HttpResponse:
    return HttpResponse(request.get_host())


def item(request: HttpRequest, pk: int) -> HttpResponse:
    return HttpResponse(str(pk))


@pytest.fixture(autouse=True)
def project() -> Iterator[None]:
    urls = ModuleType("urls_of_debug")
    shop = ([path("orders/<int:pk>/", item, name="order")], "shop")
    urls.urlpatterns = [  # type: ignore[attr-defined]
        path("fail/", fail, name="fail"),
        path("nothing/", nothing),
        path("gone/", not_here),
        path("denied/", denied),
        path("bad/", bad),
        path("host/", host),
        path("shop/", include(shop)),
    ]
    sys.modules["urls_of_debug"] = urls
    with override_settings(DEBUG=True, ROOT_URLCONF="urls_of_debug", ALLOWED_HOSTS=["example.com"], TEMPLATES=[]):
        yield


def get(address: str, **headers: str) -> Any:
    client = Client(raise_request_exception=False, headers={"host": "example.com", **BROWSER, **headers})
    return client.get(address)


@pytest.mark.parametrize(
    ("address", "status", "parts"),
    [
        pytest.param("/fail/", 500, ["LookupError", "price list", "test_debug.py"], id="500"),
        pytest.param(
            "/nothing/", 500, ["returned None instead", "ends without a <code>return</code>"], id="no-response"
        ),
        pytest.param("/gone/", 404, ["Page not found", "No such article", "not_here"], id="404-of-a-view"),
        pytest.param("/denied/", 403, ["PermissionDenied", "members only"], id="403"),
        pytest.param("/bad/", 400, ["BadRequest", "page must be a number"], id="400"),
    ],
)
def test_each_status_has_a_page_that_tells_why(address: str, status: int, parts: list[str]) -> None:
    response = get(address)
    text = response.content.decode()
    assert response.status_code == status
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    assert [part for part in parts if part.replace("'", "&#x27;") not in text] == []


def test_a_404_lists_the_routes_tried_with_their_names_and_the_nearest() -> None:
    text = get("/shop/order/3/").content.decode()
    assert "shop/orders/&lt;int:pk&gt;/" in text
    assert "shop:order" in text
    assert "did you mean <code>/shop/orders/3/</code>?" in text


def test_a_404_does_not_send_people_where_they_are() -> None:
    text = get("/shop/orders/x/", accept="*/*").content.decode()
    assert "its parameters do not take" in text
    assert "the address is /shop/orders/x/" not in text


def test_a_404_knows_a_missing_slash() -> None:
    assert "ends with a slash" in get("/fail", accept="*/*").content.decode()


def test_contract_71_a_forged_host_is_400_and_the_page_names_the_line_to_add() -> None:
    response = get("/host/", host="forged.example.net:8000")
    assert response.status_code == 400
    text = response.content.decode()
    assert "DisallowedHost" in text
    assert "ALLOWED_HOSTS = [&#x27;example.com&#x27;, &#x27;forged.example.net&#x27;]" in text


def test_a_refused_host_is_nowhere_in_the_project() -> None:
    with override_settings(MIDDLEWARE=["miniframe.middleware.common.CommonMiddleware"]):
        assert "<dt>Where</dt>" not in get("/fail/", host="forged.example.net").text
        assert "<dt>Where</dt>" in get("/fail/").text


@pytest.mark.parametrize("accept", ["text/html", "text/plain", "text/markdown", "application/json"])
@pytest.mark.parametrize("address", ["/host/", "/fail/", "/nowhere/"])
def test_a_foreign_name_for_this_machine_reads_nothing_of_the_project(address: str, accept: str) -> None:
    with override_settings(SHOP_FOLDER="/srv/shop"):
        text = get(address, host="rebound.example", accept=accept).text
    assert "The rest is shown to who asks for a host in" in text
    for part in ("/srv/shop", "test_debug.py", "orders", "urls_of_debug", "REMOTE_ADDR", sys.version.split()[0]):
        assert part not in text


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1:8000", "[::1]", "a.localhost"])
def test_contract_71_the_localhost_family_is_allowed_under_debug(name: str) -> None:
    with override_settings(ALLOWED_HOSTS=[]):
        assert get("/host/", host=name).status_code == 200


def test_the_faces_go_by_the_accept_header() -> None:
    assert (
        get("/fail/", accept="*/*").content.decode().splitlines()[1] == "LookupError: 'melon' is not in the price list"
    )
    assert get("/fail/", accept="application/json").json()["title"] == "LookupError"


def test_the_page_runs_its_own_script_and_asks_no_other_host() -> None:
    response = get("/fail/")
    policy = response.headers["Content-Security-Policy"]
    (script,) = re.findall(r"<script>(.*?)</script>", response.text, re.DOTALL)
    digest = b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"default-src 'none'; script-src 'sha256-{digest}' 'nonce-" in policy
    assert "; connect-src 'self'; " in policy
    assert "unsafe-inline" not in policy.partition("script-src")[2].partition(";")[0]


def test_the_policy_has_a_new_nonce_each_time() -> None:
    policies = {get("/fail/").headers["Content-Security-Policy"] for _ in range(2)}
    assert len(policies) == 2
    assert all(re.search(r"'nonce-[\w-]{22}'", policy) for policy in policies)


def test_an_untouched_project_is_welcomed() -> None:
    empty = ModuleType("urls_untouched")
    empty.urlpatterns = []  # type: ignore[attr-defined]
    sys.modules["urls_untouched"] = empty
    with override_settings(ROOT_URLCONF="urls_untouched"):
        response = get("/")
        assert (response.status_code, get("/other/").status_code) == (200, 404)
    assert b"<code>urls_untouched</code> has no routes yet" in response.content
    assert b"Put this into <code>urls_untouched.py</code>" in response.content


def test_a_project_of_one_file_is_told_that_file() -> None:
    single = ModuleType("urls_in_main")
    single.urlpatterns = []  # type: ignore[attr-defined]
    single.__file__ = str(Path.cwd() / "app.py")
    sys.modules["urls_in_main"] = single
    with override_settings(ROOT_URLCONF="urls_in_main"):
        assert b"Put this into <code>app.py</code>" in get("/").content


def test_a_project_may_have_its_own_reporter_for_all_requests_or_one() -> None:
    with override_settings(DEFAULT_EXCEPTION_REPORTER=f"{__name__}.OwnReporter"):
        assert get("/fail/").content == b"own LookupError"


class OwnReporter(ExceptionReporter):
    def get_traceback_html(self) -> str:
        assert self.exc_type is not None
        return f"own {self.exc_type.__name__}"


def test_a_file_name_that_is_not_utf8_does_not_break_the_page() -> None:
    def raising(request: HttpRequest) -> HttpResponse:
        raise FileNotFoundError("caf\udce9")

    urls = ModuleType("urls_of_bad_names")
    urls.urlpatterns = [path("", raising)]  # type: ignore[attr-defined]
    with override_settings(ROOT_URLCONF=urls):
        assert b"caf\\udce9" in get("/").content


def test_production_imports_none_of_the_report() -> None:
    code = (
        "import sys, miniframe.wsgi\n"
        "late = [name for name in sys.modules if name.startswith('miniframe.views.report')]\n"
        "assert not late, late\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=30)


def test_the_body_is_not_waited_for_when_it_is_long(tmp_path: Path) -> None:
    response = Client(raise_request_exception=False, headers={"host": "example.com", **BROWSER}).post(
        "/fail/", {"text": "x" * 300_000}
    )
    assert "the view had not read the body" in response.content.decode()


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(lambda request: request.__dict__.update(GET=None), id="get"),
        pytest.param(lambda request: request.__dict__.update(resolver_match=None), id="match"),
    ],
)
def test_a_request_with_broken_parts_is_shown_as_far_as_it_goes(broken: Callable[[Any], object]) -> None:
    def breaking(request: HttpRequest) -> HttpResponse:
        broken(request)
        raise LookupError("broken request")

    urls = ModuleType("urls_of_broken_requests")
    urls.urlpatterns = [path("", breaking)]  # type: ignore[attr-defined]
    with override_settings(ROOT_URLCONF=urls):
        assert b"broken request" in get("/").content


def silent(get_response: Any) -> Any:
    """A middleware without a return."""

    def middleware(request: HttpRequest) -> None:
        get_response(request)

    return middleware


def test_a_middleware_that_returns_none_is_not_blamed_on_the_view() -> None:
    with override_settings(MIDDLEWARE=[f"{__name__}.silent"]):
        text = get("/host/", accept="*/*").text
    assert f"The middleware {__name__}.silent didn't return an HttpResponse object." in text
    assert "get_response(request)" in text
    assert " in host" not in text
