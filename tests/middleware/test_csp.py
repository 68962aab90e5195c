"""Content-Security-Policy: made from settings, changed by views, with a nonce for those pages that use one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from miniframe.checks.security.csp import CSP_MIDDLEWARE, check_csp_settings
from miniframe.conf import settings as site_settings
from miniframe.http import HttpResponse
from miniframe.middleware.csp import _MOST_POLICIES, ContentSecurityPolicyMiddleware, _compiled, get_nonce
from miniframe.template.context_processors import csp
from miniframe.test import Client, RequestFactory
from miniframe.test.utils import override_settings
from miniframe.urls import path
from miniframe.utils.csp import CSP, LazyNonce, build_policy
from miniframe.views.decorators.csp import csp_override, csp_report_only_override

ENFORCED, REPORTED = "Content-Security-Policy", "Content-Security-Policy-Report-Only"
WITH_NONCE = {"default-src": [CSP.SELF], "script-src": [CSP.SELF, CSP.NONCE]}


@pytest.mark.parametrize(
    ("config", "policy"),
    [
        pytest.param({}, "", id="empty"),
        pytest.param({"default-src": [CSP.SELF]}, "default-src 'self'", id="a-list"),
        pytest.param({"default-src": (CSP.SELF, "a.com")}, "default-src 'self' a.com", id="a-tuple"),
        pytest.param({"default-src": {"b.com", "a.com", CSP.SELF}}, "default-src 'self' a.com b.com", id="a-set"),
        pytest.param({"default-src": CSP.NONE}, "default-src 'none'", id="a-constant"),
        pytest.param({"report-uri": "/reports/"}, "report-uri /reports/", id="text"),
        pytest.param({"upgrade-insecure-requests": True}, "upgrade-insecure-requests", id="true"),
        pytest.param({"a": False, "b": None, "c": [], "d": "x"}, "d x", id="left-out"),
        pytest.param({"b": "1", "a": "2"}, "b 1; a 2", id="order-is-kept"),
        pytest.param(WITH_NONCE, "default-src 'self'; script-src 'self'", id="nonce-unused"),
        pytest.param({"script-src": [CSP.NONCE]}, "script-src 'none'", id="nothing-but-a-nonce-unused"),
    ],
)
def test_a_policy_is_made_from_a_dict(config: dict[str, Any], policy: str) -> None:
    assert build_policy(config) == policy


def test_the_nonce_stands_where_its_mark_stood() -> None:
    config = WITH_NONCE | {"style-src": CSP.NONCE}
    assert build_policy(config, "abc") == "default-src 'self'; script-src 'self' 'nonce-abc'; style-src 'nonce-abc'"


def test_a_nonce_is_made_when_it_is_used_and_stays() -> None:
    nonce = LazyNonce()
    assert not nonce
    assert build_policy(WITH_NONCE, nonce) == build_policy(WITH_NONCE)
    assert not nonce
    text = str(nonce)
    assert nonce
    assert (str(nonce), f"{nonce}") == (text, text)
    assert re.fullmatch(r"[\w-]{22}", text)
    assert text != str(LazyNonce())


def test_the_constants_are_text() -> None:
    assert (CSP.SELF, str(CSP.NONE), f"{CSP.NONCE}") == ("'self'", "'none'", "<CSP_NONCE_SENTINEL>")
    assert {name.name for name in CSP} >= {
        *("REPORT_SAMPLE", "STRICT_DYNAMIC", "UNSAFE_EVAL", "UNSAFE_HASHES", "UNSAFE_INLINE", "WASM_UNSAFE_EVAL"),
        *("HEADER_ENFORCE", "HEADER_REPORT_ONLY"),
    }


# The middleware.


def respond(response: HttpResponse | None = None, **settings: Any) -> HttpResponse:
    with override_settings(**settings):
        middleware = ContentSecurityPolicyMiddleware(lambda request: response or HttpResponse())
        answer: HttpResponse = middleware(RequestFactory().get("/"))
        return answer


@pytest.mark.parametrize(
    ("settings", "enforced", "reported"),
    [
        pytest.param({}, None, None, id="none"),
        pytest.param({"SECURE_CSP": {"a": "1"}}, "a 1", None, id="enforced"),
        pytest.param({"SECURE_CSP_REPORT_ONLY": {"a": "1"}}, None, "a 1", id="reported"),
        pytest.param({"SECURE_CSP": {"a": "1"}, "SECURE_CSP_REPORT_ONLY": {"b": "2"}}, "a 1", "b 2", id="both"),
    ],
)
def test_the_settings_become_headers(settings: dict[str, Any], enforced: str | None, reported: str | None) -> None:
    response = respond(**settings)
    assert (response.headers.get(ENFORCED), response.headers.get(REPORTED)) == (enforced, reported)


def test_a_policy_that_the_view_has_set_stays() -> None:
    own = HttpResponse(headers={ENFORCED: "a 'none'"})
    response = respond(own, SECURE_CSP={"a": "1"}, SECURE_CSP_REPORT_ONLY={"b": "2"})
    assert (response.headers[ENFORCED], response.headers[REPORTED]) == ("a 'none'", "b 2")


def test_a_policy_cannot_end_its_header() -> None:
    with pytest.raises(ValueError, match="can't contain newlines"):
        respond(SECURE_CSP={"default-src": "a\r\nX: y"})


def test_many_policies_leave_no_heap_behind() -> None:
    for number in range(200):
        assert respond(SECURE_CSP={"a": str(number)}).headers[ENFORCED] == f"a {number}"
    assert len(_compiled) <= _MOST_POLICIES < 200


def page(template: str, request: Any) -> HttpResponse:
    from miniframe.template import engines

    return HttpResponse(engines["jinja2"].from_string(template).render({}, request))


def plain(request: Any) -> HttpResponse:
    return page("no script", request)


def inline(request: Any) -> HttpResponse:
    return page('<script nonce="{{ csp_nonce }}">1</script><style nonce="{{ csp_nonce }}"></style>', request)


@csp_override({"default-src": "override.test", "script-src": [CSP.NONCE]})
def overridden(request: Any) -> HttpResponse:
    return inline(request)


@csp_report_only_override({"default-src": "override.test"})
def overridden_report(request: Any) -> HttpResponse:
    return plain(request)


@csp_override({})
@csp_report_only_override({})
def disabled(request: Any) -> HttpResponse:
    return plain(request)


@csp_override({"default-src": "async.test"})
async def asynchronous(request: Any) -> HttpResponse:
    return plain(request)


def broken(request: Any) -> HttpResponse:
    raise RuntimeError("broken")


VIEWS = (plain, inline, overridden, overridden_report, disabled, asynchronous, broken)
urlpatterns = [path(view.__name__, view) for view in VIEWS]


@pytest.fixture
def client() -> Iterator[Client]:
    with override_settings(
        ROOT_URLCONF=__name__,
        MIDDLEWARE=[CSP_MIDDLEWARE],
        TEMPLATES=[{"BACKEND": "miniframe.template.backends.jinja2.Jinja2"}],
        SECURE_CSP=WITH_NONCE,
        SECURE_CSP_REPORT_ONLY={"img-src": "'none'"},
    ):
        yield Client(raise_request_exception=False)


def test_a_page_that_uses_the_nonce_is_allowed_its_scripts(client: Client) -> None:
    response = client.get("/inline")
    first, second = re.findall(r'nonce="([\w-]+)"', response.text)
    assert first == second
    assert response.headers[ENFORCED] == f"default-src 'self'; script-src 'self' 'nonce-{first}'"
    assert first not in client.get("/inline").text


def test_a_page_without_inline_scripts_has_no_nonce(client: Client) -> None:
    assert client.get("/plain").headers[ENFORCED] == "default-src 'self'; script-src 'self'"


@pytest.mark.parametrize(
    ("address", "enforced", "reported"),
    [
        ("/overridden", r"default-src override.test; script-src 'nonce-[\w-]{22}'", "img-src 'none'"),
        ("/overridden_report", "default-src 'self'; script-src 'self'", "default-src override.test"),
        ("/disabled", None, None),
        ("/asynchronous", "default-src async.test", "img-src 'none'"),
    ],
)
def test_a_view_may_have_another_policy(client: Client, address: str, enforced: str, reported: str) -> None:
    headers = client.get(address).headers
    assert headers.get(REPORTED) == reported
    assert re.fullmatch(enforced, headers[ENFORCED]) if enforced else ENFORCED not in headers


@pytest.mark.parametrize("override", [csp_override, csp_report_only_override])
@pytest.mark.parametrize("config", [None, "default-src 'self'", ["default-src"], plain], ids=type)
def test_an_override_must_be_a_mapping(override: Any, config: Any) -> None:
    with pytest.raises(TypeError, match="CSP config should be a mapping"):
        override(config)


@pytest.mark.parametrize("debug", [True, False])
@pytest.mark.parametrize(("address", "status"), [("/nowhere", 404), ("/broken", 500)])
def test_our_own_error_pages_keep_their_style(client: Client, debug: bool, address: str, status: int) -> None:
    with override_settings(DEBUG=debug):
        response = client.get(address, headers={"accept": "text/html"})
    assert response.status_code == status
    assert "<style>" in response.text
    assert response.headers[ENFORCED].startswith("default-src 'none'; ")
    assert "style-src 'unsafe-inline'; img-src " in response.headers[ENFORCED]
    assert REPORTED not in response.headers


def test_the_nonce_can_be_had_without_templates() -> None:
    request: Any = RequestFactory().get("/")
    assert get_nonce(request) is None
    assert csp(request) == {"csp_nonce": ""}
    ContentSecurityPolicyMiddleware(lambda request: HttpResponse())(request)
    nonce = get_nonce(request)
    assert csp(request)["csp_nonce"] is nonce
    assert not nonce


# The checks.


def found(**settings: Any) -> list[tuple[str | None, str]]:
    with override_settings(**{"MIDDLEWARE": [CSP_MIDDLEWARE], **settings}):
        return [(message.id, f"{message.msg} {message.hint or ''}") for message in check_csp_settings()]


@pytest.mark.parametrize(
    "config",
    [
        {},
        WITH_NONCE,
        {"default-src": {"https:", "data:", "*.example.com", "'sha256-abc='"}, "upgrade-insecure-requests": True},
        {"report-to": "self", "sandbox": ["allow-forms"], "trusted-types": "none", "script-src-elem": False},
    ],
    ids=["none", "nonce", "sources", "no-sources"],
)
def test_good_policies_are_good(config: dict[str, Any]) -> None:
    assert found(SECURE_CSP=config, SECURE_CSP_REPORT_ONLY=config) == []


@pytest.mark.parametrize("name", ["SECURE_CSP", "SECURE_CSP_REPORT_ONLY"])
@pytest.mark.parametrize(
    ("config", "id", "words"),
    [
        pytest.param(
            None, "security.E026", "setting 'NAME' must be a dictionary (got None instead)", id="none-is-no-dict"
        ),
        pytest.param("default-src 'self'", "security.E026", "must be a dictionary", id="text-is-no-dict"),
        pytest.param({"default-src": "self"}, "security.W100", "NAME['default-src'] has the source", id="quotes"),
        pytest.param({"script-src": ["'self'", "nonce-a"]}, "security.W100", "'nonce-a'", id="quotes-of-a-nonce"),
        pytest.param({"script_src": "'self'"}, "security.W101", "Did you mean 'script-src'?", id="misspelt"),
        pytest.param({"default-src": "'self'; img-src *"}, "security.E100", "end a directive", id="two-directives"),
        pytest.param({"default-src": ["a.com,", "b.com"]}, "security.E100", "'a.com,'", id="comma"),
    ],
)
def test_a_mistake_in_a_policy_is_told(name: str, config: Any, id: str, words: str) -> None:
    ((found_id, text),) = found(**{name: config})
    assert found_id == id
    assert words.replace("NAME", name) in text


def test_a_policy_that_nobody_sends_is_told() -> None:
    assert [id for id, _ in found(MIDDLEWARE=[], SECURE_CSP=WITH_NONCE)] == ["security.W102"]
    assert site_settings.SECURE_CSP == {}
