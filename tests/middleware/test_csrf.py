"""CSRF protection: who may send forms, with which token, and what is told to whoever may not."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from miniframe.exceptions import ImproperlyConfigured
from miniframe.handlers.wsgi import WSGIRequest
from miniframe.http import HttpResponse, HttpResponseBase
from miniframe.middleware import csrf
from miniframe.middleware.csrf import CsrfViewMiddleware, get_token, rotate_token
from miniframe.test.utils import override_settings
from miniframe.views.decorators.csrf import csrf_exempt

SECRET = "abcdefghijklmnopqrstuvwxyzABCDEF"
OTHER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


def form(request: Any) -> HttpResponse:
    return HttpResponse(get_token(request))


def page(request: Any) -> HttpResponse:
    return HttpResponse("nothing to send")


def through(request: WSGIRequest, view: Any = form, **settings: Any) -> HttpResponseBase:
    """Send a request through the middleware, as a handler does."""
    with override_settings(**settings):
        middleware = CsrfViewMiddleware(view)
        middleware.process_request(request)
        response = middleware.process_view(request, view, (), {}) or view(request)
        return middleware.process_response(request, response)


@pytest.fixture
def make_post(make_request: Any) -> Any:
    """A POST with the secret's cookie and the right token, unless told otherwise."""

    def make(
        token: str | None = SECRET, cookie: str | None = SECRET, method: str = "POST", **environ: Any
    ) -> WSGIRequest:
        if cookie is not None:
            environ["HTTP_COOKIE"] = f"csrftoken={cookie}"
        body = b"" if token is None else f"csrfmiddlewaretoken={token}".encode()
        request: WSGIRequest = make_request("/form/", method=method, body=body, **environ)
        return request

    return make


def reason_for(request: WSGIRequest, caplog: pytest.LogCaptureFixture, **settings: Any) -> str | None:
    """Return why a request is refused, or None; the log and the page say the same."""
    caplog.clear()
    response = through(request, page, DEBUG=True, **settings)
    if response.status_code == 200:
        return None
    assert response.status_code == 403
    [record] = caplog.records
    assert (record.name, record.levelno) == ("miniframe.security.csrf", logging.WARNING)
    return record.getMessage().removeprefix("Forbidden (").removesuffix("): /form/")


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "TRACE"])
def test_methods_that_only_read_need_no_token(make_request: Any, method: str) -> None:
    assert through(make_request(method=method)).status_code == 200


MASKED = csrf._mask_cipher_secret(SECRET)


@pytest.mark.parametrize(
    ("token", "cookie", "environ", "reason"),
    [
        pytest.param(SECRET, SECRET, {}, None, id="bare"),
        pytest.param(MASKED, SECRET, {}, None, id="masked"),
        pytest.param(MASKED, csrf._mask_cipher_secret(SECRET), {}, None, id="masked-cookie-of-old-django"),
        pytest.param(None, SECRET, {"HTTP_X_CSRFTOKEN": MASKED}, None, id="header"),
        pytest.param(SECRET, None, {}, "CSRF cookie not set.", id="no-cookie"),
        pytest.param(SECRET, "short", {}, "CSRF cookie has incorrect length.", id="short-cookie"),
        pytest.param(SECRET, "*" * 32, {}, "CSRF cookie has invalid characters.", id="odd-cookie"),
        pytest.param(None, SECRET, {}, "CSRF token missing.", id="no-token"),
        pytest.param(OTHER, SECRET, {}, "CSRF token from POST incorrect.", id="wrong"),
        pytest.param("short", SECRET, {}, "CSRF token from POST has incorrect length.", id="short"),
        pytest.param("*" * 64, SECRET, {}, "CSRF token from POST has invalid characters.", id="odd"),
        pytest.param(
            None,
            SECRET,
            {"HTTP_X_CSRFTOKEN": OTHER},
            "CSRF token from the 'X-Csrftoken' HTTP header incorrect.",
            id="wrong-header",
        ),
        pytest.param(OTHER, SECRET, {"HTTP_X_CSRFTOKEN": SECRET}, "CSRF token from POST incorrect.", id="form-wins"),
    ],
)
def test_the_token_must_fit_the_cookie(
    make_post: Any,
    caplog: pytest.LogCaptureFixture,
    token: str | None,
    cookie: str | None,
    environ: dict[str, str],
    reason: str | None,
) -> None:
    assert reason_for(make_post(token, cookie, **environ), caplog) == reason


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "BREW"])
def test_every_method_that_may_change_something_needs_a_token(
    make_post: Any, caplog: pytest.LogCaptureFixture, method: str
) -> None:
    assert reason_for(make_post(None, method=method), caplog) == "CSRF token missing."
    assert reason_for(make_post(None, method=method, HTTP_X_CSRFTOKEN=SECRET), caplog) is None


HTTPS = {"secure": True}
TRUSTED = {"CSRF_TRUSTED_ORIGINS": ["https://good.example", "https://*.wide.example", "http://plain.example:8000"]}


@pytest.mark.parametrize(
    ("environ", "settings", "reason"),
    [
        pytest.param({"HTTP_ORIGIN": "http://testserver"}, {}, None, id="own-origin"),
        pytest.param({"HTTP_ORIGIN": "https://testserver", **HTTPS}, {}, None, id="own-secure-origin"),
        pytest.param({"HTTP_ORIGIN": "https://testserver"}, {}, "https://testserver", id="other-scheme"),
        pytest.param({"HTTP_ORIGIN": "http://evil.example"}, TRUSTED, "http://evil.example", id="stranger"),
        pytest.param({"HTTP_ORIGIN": "null"}, TRUSTED, "null", id="null"),
        pytest.param({"HTTP_ORIGIN": "null"}, {"CSRF_TRUSTED_ORIGINS": ["null"]}, "null", id="null-trusted"),
        pytest.param({"HTTP_ORIGIN": "http://["}, TRUSTED, "http://[", id="no-address"),
        pytest.param({"HTTP_ORIGIN": "https://good.example"}, TRUSTED, None, id="trusted"),
        pytest.param({"HTTP_ORIGIN": "https://a.wide.example"}, TRUSTED, None, id="trusted-subdomain"),
        pytest.param({"HTTP_ORIGIN": "http://a.wide.example"}, TRUSTED, "http://a.wide.example", id="its-scheme"),
        pytest.param({"HTTP_ORIGIN": "https://awide.example"}, TRUSTED, "https://awide.example", id="not-below-it"),
        pytest.param({"HTTP_ORIGIN": "http://plain.example:8000"}, TRUSTED, None, id="trusted-port"),
    ],
)
def test_the_origin_must_be_ours_or_trusted(
    make_post: Any, caplog: pytest.LogCaptureFixture, environ: Any, settings: Any, reason: str | None
) -> None:
    expected = reason and f"Origin checking failed - {reason} does not match any trusted origins."
    assert reason_for(make_post(**environ), caplog, **settings) == expected


BAD_REFERER = "Referer checking failed - %s does not match any trusted origins."


@pytest.mark.parametrize(
    ("referer", "settings", "reason"),
    [
        pytest.param("https://testserver/page", {}, None, id="own"),
        pytest.param(None, {}, "Referer checking failed - no Referer.", id="none"),
        pytest.param("", {}, "Referer checking failed - Referer is malformed.", id="empty"),
        pytest.param("https://[", {}, "Referer checking failed - Referer is malformed.", id="no-address"),
        pytest.param("//testserver/", {}, "Referer checking failed - Referer is malformed.", id="no-scheme"),
        pytest.param(
            "http://testserver/", {}, "Referer checking failed - Referer is insecure while host is secure.", id="http"
        ),
        pytest.param("https://evil.example/", TRUSTED, BAD_REFERER % "https://evil.example/", id="stranger"),
        pytest.param("https://testserver:99/", {}, BAD_REFERER % "https://testserver:99/", id="other-port"),
        pytest.param("https://good.example/", TRUSTED, None, id="trusted"),
        pytest.param("https://a.wide.example/", TRUSTED, None, id="trusted-subdomain"),
        pytest.param("https://a.example.com/", {"CSRF_COOKIE_DOMAIN": ".example.com"}, None, id="cookie-domain"),
        pytest.param(
            "https://evil.example/",
            {"CSRF_COOKIE_DOMAIN": ".example.com"},
            BAD_REFERER % "https://evil.example/",
            id="not-the-cookie-domain",
        ),
    ],
)
def test_over_https_a_form_without_origin_needs_a_referer_of_ours(
    make_post: Any, caplog: pytest.LogCaptureFixture, referer: str | None, settings: Any, reason: str | None
) -> None:
    environ = {} if referer is None else {"HTTP_REFERER": referer}
    assert reason_for(make_post(secure=True, **environ), caplog, **settings) == reason


def test_over_http_the_referer_does_not_matter(make_post: Any, caplog: pytest.LogCaptureFixture) -> None:
    assert reason_for(make_post(HTTP_REFERER="http://evil.example/"), caplog) is None


def test_an_exempt_view_lets_everybody_in(make_request: Any) -> None:
    assert through(make_request(method="POST"), csrf_exempt(page)).status_code == 200


def test_the_test_client_s_switch_lets_everybody_in(make_request: Any) -> None:
    request = make_request(method="POST")
    request._dont_enforce_csrf_checks = True
    assert through(request, page).status_code == 200


def test_a_request_is_checked_once(make_request: Any) -> None:
    request = make_request(method="POST")
    request.csrf_processing_done = True
    assert through(request, page).status_code == 200


def test_a_page_without_a_form_sets_no_cookie(make_request: Any) -> None:
    response = through(make_request(), page)
    assert not response.cookies
    assert "Vary" not in response


def test_a_page_with_a_form_sets_the_cookie_and_varies_by_it(make_request: Any) -> None:
    response = through(
        make_request(),
        CSRF_COOKIE_NAME="mine",
        CSRF_COOKIE_DOMAIN="example.com",
        CSRF_COOKIE_PATH="/p/",
        CSRF_COOKIE_SECURE=True,
        CSRF_COOKIE_HTTPONLY=True,
        CSRF_COOKIE_SAMESITE="Strict",
        CSRF_COOKIE_AGE=60,
    )
    cookie = response.cookies["mine"]
    assert csrf._does_token_match(response.content.decode(), cookie.value)  # type: ignore[attr-defined]  # a form's
    assert (cookie["domain"], cookie["path"], cookie["secure"]) == ("example.com", "/p/", True)
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "Strict", 60)
    assert response["Vary"] == "Cookie"


def test_a_secret_that_is_in_use_is_kept_and_renewed(make_request: Any) -> None:
    response = through(make_request(HTTP_COOKIE=f"csrftoken={SECRET}"))
    assert response.cookies["csrftoken"].value == SECRET


def test_a_cookie_that_is_none_of_ours_is_replaced(make_request: Any) -> None:
    response = through(make_request(HTTP_COOKIE="csrftoken=<script>"), page)
    assert len(response.cookies["csrftoken"].value) == csrf.CSRF_SECRET_LENGTH


def test_the_cookie_is_set_once_if_middleware_and_decorator_meet(make_request: Any) -> None:
    request = make_request()
    response = through(request)
    del response.cookies["csrftoken"]
    assert not CsrfViewMiddleware(page).process_response(request, response).cookies


def test_tokens_differ_on_each_page_and_mean_the_same(make_request: Any) -> None:
    request = make_request(HTTP_COOKIE=f"csrftoken={SECRET}")
    CsrfViewMiddleware(page).process_request(request)
    tokens = {get_token(request) for _ in range(20)}
    assert len(tokens) == 20
    assert {csrf._unmask_cipher_token(token) for token in tokens} == {SECRET}


def test_a_rotated_secret_is_a_new_one(make_request: Any) -> None:
    request = make_request(HTTP_COOKIE=f"csrftoken={SECRET}")

    def login(request: Any) -> HttpResponse:
        rotate_token(request)
        return HttpResponse()

    assert through(request, login).cookies["csrftoken"].value not in ("", SECRET)


def test_the_secret_may_live_in_the_session(make_request: Any, make_post: Any) -> None:
    session: dict[str, str] = {}
    request = make_request()
    request.session = session
    response = through(request, CSRF_USE_SESSIONS=True)
    assert not response.cookies
    token = response.content.decode()  # type: ignore[attr-defined]  # a form's
    post = make_post(token, None)
    post.session = session
    assert through(post, page, CSRF_USE_SESSIONS=True).status_code == 200
    stranger = make_post(token, None)
    stranger.session = {}
    assert through(stranger, page, CSRF_USE_SESSIONS=True).status_code == 403


def test_a_secret_in_the_session_needs_a_session(make_request: Any) -> None:
    with pytest.raises(ImproperlyConfigured, match="SessionMiddleware must appear before CsrfViewMiddleware"):
        through(make_request(), CSRF_USE_SESSIONS=True)


def test_a_client_that_hung_up_in_its_form_is_refused_quietly(make_post: Any, caplog: pytest.LogCaptureFixture) -> None:
    class Torn:
        def read(self, *args: Any) -> bytes:
            raise ConnectionResetError

    assert reason_for(make_post(**{"wsgi.input": Torn()}), caplog) == "CSRF token missing."


def test_another_view_may_show_the_refusal(make_request: Any) -> None:
    response = through(make_request(method="POST"), CSRF_FAILURE_VIEW=f"{__name__}.own_failure")
    assert response.content == b"CSRF cookie not set."  # type: ignore[attr-defined]  # own_failure's


def own_failure(request: Any, reason: str) -> HttpResponse:
    return HttpResponse(reason, status=403)
