"""The page for a refused form: it helps the developer in DEBUG, and tells strangers nothing."""

from __future__ import annotations

import re
from typing import Any

import pytest

from miniframe.middleware import csrf
from miniframe.template import TemplateDoesNotExist
from miniframe.test.utils import override_settings
from miniframe.utils.html import escape
from miniframe.views.csrf import csrf_failure
from miniframe.views.hints.csrf import advise_on_csrf


@pytest.mark.parametrize(
    ("reason", "hint"),
    [
        pytest.param(csrf.REASON_CSRF_TOKEN_MISSING, "{{ csrf_input }}", id="no-token"),
        pytest.param(csrf.REASON_NO_CSRF_COOKIE, "{{ csrf_input }}", id="no-cookie"),
        pytest.param(csrf.REASON_BAD_ORIGIN % "https://a.example", "CSRF_TRUSTED_ORIGINS = [", id="origin"),
        pytest.param(csrf.REASON_NO_REFERER, "Referrer-Policy", id="no-referer"),
        pytest.param(csrf.REASON_BAD_REFERER % "https://b.example/p", "https://b.example", id="referer"),
        pytest.param("CSRF token from POST incorrect.", "Load the page with the form again", id="old-token"),
    ],
)
def test_in_debug_the_page_tells_how_to_mend_it(make_request: Any, reason: str, hint: str) -> None:
    request = make_request("/form/", HTTP_ORIGIN="https://a.example", HTTP_REFERER="https://b.example/p")
    with override_settings(DEBUG=True, TEMPLATES=[]):
        page = csrf_failure(request, reason)
    assert page.status_code == 403
    assert "<h1>CSRF verification failed. Request aborted.</h1>" in page.text
    assert f'<p class="message">{escape(reason)}</p>' in page.text
    assert hint in page.text.replace("&#x27;", "'").replace("&#39;", "'")
    with override_settings(DEBUG=False, TEMPLATES=[]):
        plain = csrf_failure(request, reason).text
    assert "CSRF verification failed. Request aborted." in plain
    assert hint not in plain
    assert "CSRF_TRUSTED_ORIGINS" not in plain


@pytest.mark.parametrize("origin", ["null", "https://", "example.com"])
def test_an_origin_that_could_be_anybody_is_never_advised_to_be_trusted(make_request: Any, origin: str) -> None:
    with override_settings(DEBUG=True, TEMPLATES=[]):
        page = csrf_failure(make_request("/form/", HTTP_ORIGIN=origin), csrf.REASON_BAD_ORIGIN % origin).text
    assert "CSRF_TRUSTED_ORIGINS" not in page
    assert "<code>sandbox</code>" in page
    assert "<code>no-referrer</code>" in page


def test_the_page_has_no_empty_paragraph(make_request: Any) -> None:
    with override_settings(DEBUG=False, TEMPLATES=[]):
        page = csrf_failure(make_request(), csrf.REASON_CSRF_TOKEN_MISSING).text
    assert re.search(r"<p>\s*</p>", page) is None
    assert page.count("<p>") == page.count("</p>") == 1


def test_what_the_client_sent_is_escaped(make_request: Any) -> None:
    request = make_request("/<b>/", HTTP_ORIGIN="https://<script>")
    with override_settings(DEBUG=True, TEMPLATES=[]):
        page = csrf_failure(request, csrf.REASON_BAD_ORIGIN % "https://<script>")
        other = csrf_failure(request, csrf.REASON_NO_CSRF_COOKIE)
    assert "https://<script>" not in page.text
    assert "/<b>/" not in other.text


@pytest.mark.parametrize(
    ("accept", "words"),
    [
        pytest.param("*/*", "\nCSRF verification failed. Request aborted. CSRF token missing.\n", id="text"),
        pytest.param(
            "text/markdown", "# CSRF verification failed. Request aborted. CSRF token missing.", id="markdown"
        ),
        pytest.param("application/json", '"message": "CSRF token missing."', id="json"),
    ],
)
def test_tools_get_the_same_report_in_their_face(make_request: Any, accept: str, words: str) -> None:
    request = make_request("/form/", HTTP_ACCEPT=accept, REQUEST_METHOD="POST")
    with override_settings(DEBUG=True, TEMPLATES=[]):
        response = csrf_failure(request, csrf.REASON_CSRF_TOKEN_MISSING)
    assert response.status_code == 403
    assert words in response.text
    assert "csrf_input" in response.text


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param({"CONTENT_TYPE": "application/json"}, id="json"),
        pytest.param({"HTTP_SEC_FETCH_MODE": "cors"}, id="fetch"),
        pytest.param({"HTTP_X_REQUESTED_WITH": "XMLHttpRequest"}, id="jquery"),
    ],
)
def test_the_author_of_a_script_is_told_the_header_first(make_request: Any, sent: dict[str, str]) -> None:
    assert advise_on_csrf(make_request(**sent), csrf.REASON_CSRF_TOKEN_MISSING)[0].startswith("A script sends")
    form = {"CONTENT_TYPE": "multipart/form-data; boundary=x", "HTTP_SEC_FETCH_MODE": "navigate"}
    assert advise_on_csrf(make_request(**form), csrf.REASON_CSRF_TOKEN_MISSING)[1].startswith("A script sends")


def test_a_form_with_a_token_whose_cookie_is_gone_is_told_where_cookies_go(make_request: Any) -> None:
    sent = make_request("/form/", method="POST", body=b"csrfmiddlewaretoken=x")
    advice = advise_on_csrf(sent, csrf.REASON_NO_CSRF_COOKIE)
    assert "it sets the cookie `csrftoken`" in advice[0]
    assert "`http://testserver/form/`" in advice[1]


def test_a_script_that_may_not_read_the_cookie_is_told_where_else_the_token_is(make_request: Any) -> None:
    with override_settings(CSRF_COOKIE_HTTPONLY=True):
        advice = advise_on_csrf(make_request(), csrf.REASON_CSRF_TOKEN_MISSING)
    assert "it may not read the cookie" in advice[1]
    assert "document.cookie" not in "".join(advice)


def test_the_project_s_template_makes_the_page(make_request: Any, tmp_path: Any) -> None:
    (tmp_path / "403_csrf.html").write_text("refused: {{ reason }}")
    (tmp_path / "other.html").write_text("other: {{ reason }}")
    engine = {"BACKEND": "miniframe.template.backends.jinja2.Jinja2", "DIRS": [tmp_path]}
    with override_settings(TEMPLATES=[engine]):
        assert csrf_failure(make_request(), "because").text == "refused: because"
        assert csrf_failure(make_request(), "because", template_name="other.html").text == "other: because"


def test_another_template_that_is_missing_is_an_error(make_request: Any, tmp_path: Any) -> None:
    engine = {"BACKEND": "miniframe.template.backends.jinja2.Jinja2", "DIRS": [tmp_path]}
    with override_settings(TEMPLATES=[engine]), pytest.raises(TemplateDoesNotExist):
        csrf_failure(make_request(), "because", template_name="missing.html")
