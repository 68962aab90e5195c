"""The error pages of a project that has none of its own, and of one that has templates for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from miniframe.exceptions import BadRequest, Http404, PermissionDenied, Resolver404, ServiceUnavailable
from miniframe.http import HttpRequest
from miniframe.middleware.csrf import _does_token_match, rotate_token
from miniframe.template import TemplateDoesNotExist
from miniframe.test import Client, RequestFactory
from miniframe.test.utils import override_settings
from miniframe.views import defaults

CSRF = "miniframe.middleware.csrf.CsrfViewMiddleware"
SECRET = "a" * 32

request = RequestFactory().get("/secret/<path>/")

PAGES: list[Any] = [
    pytest.param(lambda: defaults.page_not_found(request, Http404("why")), 404, b"<h1>Not Found</h1>", id="404"),
    pytest.param(lambda: defaults.permission_denied(request, PermissionDenied("why")), 403, b"403 Forbidden", id="403"),
    pytest.param(lambda: defaults.bad_request(request, BadRequest("why")), 400, b"Bad Request (400)", id="400"),
    pytest.param(lambda: defaults.server_error(request), 500, b"Server Error (500)", id="500"),
    pytest.param(
        lambda: defaults.service_unavailable(request, ServiceUnavailable("why")),
        503,
        b"Service Unavailable (503)",
        id="503",
    ),
]


@contextmanager
def templates(folder: Path, **files: str) -> Iterator[None]:
    for name, text in files.items():
        (folder / f"{name.removeprefix('page_')}.html").write_text(text)
    with override_settings(TEMPLATES=[{"BACKEND": "miniframe.template.backends.jinja2.Jinja2", "DIRS": [folder]}]):
        yield


@pytest.mark.parametrize(("answer", "status", "text"), PAGES)
@pytest.mark.parametrize("with_engine", [False, True], ids=["no-engine", "engine-without-the-template"])
def test_a_small_page_tells_the_status_and_nothing_else(
    answer: Callable[[], Any], status: int, text: bytes, with_engine: bool, tmp_path: Path
) -> None:
    with templates(tmp_path) if with_engine else override_settings(TEMPLATES=[]):
        response = answer()
    assert response.status_code == status
    assert text in response.content
    assert b"why" not in response.content
    assert b"secret" not in response.content


def test_the_projects_templates_are_used(tmp_path: Path) -> None:
    with templates(
        tmp_path,
        page_404="{{ request_path }} {{ exception }}",
        page_403="{{ exception }}",
        page_400="bad[{{ request }}]",
        page_500="broken[{{ request }}]",
        page_503="later[{{ request }}]",
    ):
        texts = [answer.values[0]().content.decode() for answer in PAGES]
    assert texts == ["/secret/%3Cpath%3E/ why", "why", "bad[]", "broken[]", "later[]"]


def test_who_raises_it_may_say_when_to_come_again() -> None:
    error = ServiceUnavailable("moving house")
    error.retry_after = 3600
    assert defaults.service_unavailable(request, error)["Retry-After"] == "3600"


def test_the_routes_tried_are_not_told_to_strangers(tmp_path: Path) -> None:
    with templates(tmp_path, page_404="{{ exception }}"):
        response = defaults.page_not_found(request, Resolver404({"tried": [["admin/"]], "path": "x"}))
    assert response.content == b"Resolver404"


def test_a_template_of_another_name_must_exist(tmp_path: Path) -> None:
    with templates(tmp_path), pytest.raises(TemplateDoesNotExist):
        defaults.page_not_found(request, Http404(), template_name="my404.html")


def test_a_404_template_that_extends_a_missing_one_is_told(tmp_path: Path) -> None:
    with templates(tmp_path, page_404="{% extends 'base.html' %}"), pytest.raises(TemplateDoesNotExist):
        defaults.page_not_found(request, Http404())


@pytest.mark.parametrize(
    ("answer", "status"), [(row.values[0], row.values[1]) for row in PAGES[1:3]], ids=["403", "400"]
)
def test_under_debug_the_developer_is_told_why(answer: Callable[[], Any], status: int) -> None:
    with override_settings(DEBUG=True, TEMPLATES=[]):
        response = answer()
    assert response.status_code == status
    assert b"why" in response.content


def _refuse(get_response: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def middleware(request: HttpRequest) -> Any:
        raise PermissionDenied

    return middleware


@pytest.mark.parametrize("with_cookie", [True, False], ids=["known", "new"])
@pytest.mark.parametrize("in_session", [False, True], ids=["cookie", "session"])
def test_a_form_on_an_error_page_can_be_sent_though_the_csrf_middleware_never_saw_the_request(
    with_cookie: bool, in_session: bool, tmp_path: Path
) -> None:
    chain = ["miniframe.sessions.middleware.SessionMiddleware", f"{__name__}._refuse", CSRF]
    with templates(tmp_path, page_403="{{ csrf_token }}"), override_settings(CSRF_USE_SESSIONS=in_session):
        client = Client()
        if with_cookie and in_session:
            session = client.session
            session["_csrftoken"] = SECRET
            session.save()
        elif with_cookie:
            client.cookies["csrftoken"] = SECRET
        with override_settings(MIDDLEWARE=chain, ROOT_URLCONF=[]):
            response = client.get("/")
        kept = client.session["_csrftoken"] if in_session else client.cookies["csrftoken"].value
    assert response.status_code == 403
    assert _does_token_match(response.text, kept)
    assert (kept == SECRET) is with_cookie
    assert response["Vary"] == "Cookie"


def test_an_error_page_keeps_a_secret_that_the_view_has_just_changed(tmp_path: Path) -> None:
    request = RequestFactory().get("/", headers={"cookie": f"csrftoken={SECRET}"})
    request.META["CSRF_COOKIE"] = SECRET
    rotate_token(request)
    with templates(tmp_path, page_404="{{ csrf_token }}"):
        response = defaults.page_not_found(request, Http404())
    kept = response.cookies["csrftoken"].value
    assert kept != SECRET
    assert _does_token_match(response.text, kept)


def test_an_error_page_needs_no_session_though_the_csrf_secret_is_kept_there(tmp_path: Path) -> None:
    with templates(tmp_path, page_404="plain"), override_settings(CSRF_USE_SESSIONS=True):
        assert defaults.page_not_found(RequestFactory().get("/"), Http404()).text == "plain"
