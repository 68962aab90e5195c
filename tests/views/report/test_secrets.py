"""What a request, a setting or a variable holds of secrets is in no face of the report."""

from __future__ import annotations

import base64
import json
import re
import time
from pathlib import Path
from typing import Any

import pytest

from miniframe.exceptions import BadRequest
from miniframe.template.backends.utils import csrf_input
from miniframe.template.loader import render_to_string
from miniframe.test import RequestFactory
from miniframe.test.utils import override_settings
from miniframe.views.report.building import FACES, build_report
from miniframe.views.report.filter import SafeExceptionReporterFilter
from miniframe.views.report.secrets import (
    secrets_of,
    star_address,
    star_addresses,
    star_fields,
    star_headers,
    star_named,
)
from miniframe.views.report.values import MOST_TEXT, STARS, ValuePrinter

safe = SafeExceptionReporterFilter()


def faces(error: BaseException, request: Any = None) -> str:
    report = build_report(request, error)
    return "".join(render(report) for _, render in FACES.values())


def raised(call: Any) -> BaseException:
    try:
        call()
    except Exception as error:
        return error
    raise AssertionError("it should have failed")


def below(error: BaseException) -> BaseException:
    """Return the error without its first two calls: the source of the tests has the secrets in clear."""
    assert error.__traceback__ is not None
    assert error.__traceback__.tb_next is not None
    return error.with_traceback(error.__traceback__.tb_next.tb_next)


def request_with(**headers: str) -> Any:
    return RequestFactory().get("/shop/", headers={name.replace("_", "-"): value for name, value in headers.items()})


def look_into_the_body_of(request: Any) -> None:
    b = request.body
    text = b.decode()
    value = text[text.index("geh") :][:8]
    raise LookupError(f"{value} is wrong")


BASIC = base64.b64encode(b"ann:basic-geheim").decode()


@pytest.mark.parametrize(
    ("headers", "secrets"),
    [
        pytest.param({"authorization": "Bearer abc123def"}, ["abc123def"], id="bearer"),
        pytest.param({"authorization": f"Basic {BASIC}"}, [BASIC, "basic-geheim"], id="basic"),
        pytest.param({"cookie": "sessionid=s1234; theme=very-own-theme"}, ["s1234", "very-own-theme"], id="cookies"),
        pytest.param({"x_api_key": "key-of-ann"}, ["key-of-ann"], id="header"),
    ],
)
def test_no_face_shows_the_secrets_of_headers(headers: dict[str, str], secrets: list[str]) -> None:
    request = request_with(**headers)

    def view() -> None:
        h = request.headers
        pieces = [value.split("=")[-1].split()[-1] for value in h.values()]
        raise LookupError(f"no luck with {h!r} and {pieces}")

    text = faces(raised(view), request)
    assert "no luck" in text
    assert [secret for secret in secrets if secret in text] == []


def test_headers_are_shown_with_their_names_and_other_values() -> None:
    shown = ValuePrinter(safe.is_secret_name).show(request_with(authorization="Bearer abc", accept="text/x").headers)
    assert "'Accept': 'text/x'" in shown
    assert f"'Authorization': '{STARS}'" in shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("postgres://bob:s3cretpw@db/x", "postgres://bob:***@db/x", id="plain"),
        pytest.param("redis://:s3cretpw@db:6379/0", "redis://:***@db:6379/0", id="no-user"),
        pytest.param("amqp://bob:s3@cret@db/x", "amqp://bob:***@db/x", id="at-sign"),
        pytest.param("amqp://bob:s3/cret@db/x", "amqp://bob:***@db/x", id="slash"),
        pytest.param("at amqp://bob:s3/c@ret@db/x", "at amqp://bob:***@db/x", id="slash-and-at-sign"),
        pytest.param("at amqp://bob:my s3cret@db/x", "at amqp://bob:***@db/x", id="blank"),
        pytest.param("at amqp://bob:my s@ c ret@db/x to b@c", "at amqp://bob:***@db/x to b@c", id="blanks-and-at-sign"),
        pytest.param("'amqp://db:x', by 'bob@db'", "'amqp://db:x', by 'bob@db'", id="quotes-end-it"),
        pytest.param("a://b:c@d e://f:g@h", "a://b:***@d e://f:***@h", id="two"),
        pytest.param("http://localhost:8000/~bob@home", "http://localhost:8000/~bob@home", id="port"),
        pytest.param("http://db:8000, by bob@home", "http://db:8000, by bob@home", id="port-and-more"),
        pytest.param("http://db:8000\n@decorator", "http://db:8000\n@decorator", id="port-and-lines"),
        pytest.param('f"http://{db}:{port}/"  # bob@db', 'f"http://{db}:{port}/"  # bob@db', id="a-port-to-be"),
        pytest.param('f"redis://{user}:{password}@{host}"', 'f"redis://{user}:{password}@{host}"', id="placeholder"),
    ],
)
def test_passwords_in_addresses(text: str, shown: str) -> None:
    assert star_addresses(text, "***") == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        pytest.param('postgres://bob:it\'s "s3"\n@cret@db/x', "postgres://bob:***@db/x", id="any-character"),
        pytest.param("postgres://bob:" + "s3" * 5000 + "@db/x", "postgres://bob:***@db/x", id="long"),
        pytest.param("postgres://bob:s3cret@db/x?user=a@b", "postgres://bob:***@db/x?user=a@b", id="at-sign-behind"),
        pytest.param("redis://:a b@h1/0;redis://:c d@h2/0", "redis://:***@h1/0;redis://:***@h2/0", id="two"),
        pytest.param("redis://h1:6379/0;redis://:c d@h2/0", "redis://h1:6379/0;redis://:***@h2/0", id="port"),
        pytest.param("http://localhost:8000/@bob", "http://localhost:8000/@bob", id="no-password"),
        pytest.param("no address", "no address", id="no-address"),
    ],
)
def test_the_password_of_a_value_that_is_an_address(value: str, shown: str) -> None:
    assert star_address(value, "***") == shown


def test_no_face_shows_the_password_of_an_address(tmp_path: Path) -> None:
    code = (
        "def f():\n"
        "    url = 'postgres://bob:s3cretpw@db/x'\n"
        "    inside = {'URL': [url]}\n"
        "    raise LookupError('cannot reach ' + url)\n"
        "f()\n"
    )
    file = tmp_path / "code.py"
    file.write_text(code)
    error = below(raised(lambda: exec(compile(code, str(file), "exec"), {})))
    error.add_note("postgres://bob:s3cretpw@db/x")
    address = "postgres://bob:s3cretpw@db/x"
    with override_settings(DATABASE_URL=address, REDIS=[address], DATABASES={"default": {"URL": address}}):
        text = faces(error)
        assert "s3cretpw" not in json.dumps(safe.get_safe_settings(), default=str)
    assert "s3cretpw" not in text
    assert f"postgres://bob:{STARS}@db/x" in text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param('{"password": "geheim", "user": "ann"}', '{"password": "***", "user": "ann"}', id="json"),
        pytest.param('{"user": "ann", "password": "gehe', '{"user": "ann", "password": "***', id="cut-off"),
        pytest.param(r'{"password": "ge\"heim"}', '{"password": "***"}', id="escaped-quote"),
        pytest.param(r'{"a": "{\"token\": \"geheim\"}"}', r'{"a": "{\"token\": \"***\"}"}', id="json-in-json"),
        pytest.param('{"tokens": ["geheim", "auch"], "b": "c"}', '{"tokens": ["***"], "b": "c"}', id="list"),
        pytest.param('{"password": 123456, "a": 1}', '{"password": ***, "a": 1}', id="number"),
        pytest.param("Login(user='ann', password='geheim')", "Login(user='ann', password='***')", id="repr"),
        pytest.param("{'X-Api-Key': 'geheim'}", "{'X-Api-Key': '***'}", id="header"),
        pytest.param("API_TOKEN: str = 'geheim'", "API_TOKEN: str = '***'", id="annotated"),
        pytest.param("password=''", "password=''", id="empty"),
        pytest.param("if token == 'x': pass", "if token == 'x': pass", id="compared"),
        pytest.param('{"title": "my password"}', '{"title": "my password"}', id="no-secret"),
    ],
)
def test_values_after_names_of_secrets(text: str, shown: str) -> None:
    assert star_named(text, safe.is_secret_name, "***") == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("user=ann&password=geheim&b=c", "user=ann&password=***&b=c", id="form"),
        pytest.param("see /reset?token=geheim for it", "see /reset?token=*** for it", id="query"),
        pytest.param("theme=dark; sessionid=geheim", "theme=dark; sessionid=***", id="cookies"),
        pytest.param("host=db user=ann password=geheim", "host=db user=ann password=***", id="database"),
        pytest.param("f(token=None)", "f(token=None)", id="code"),
        pytest.param("f(user, token=token)", "f(user, token=token)", id="code-with-more"),
        pytest.param(
            '<input type="hidden" name="csrfmiddlewaretoken" value="geheim">',
            '<input type="hidden" name="csrfmiddlewaretoken" value="***">',
            id="html",
        ),
        pytest.param(
            "'<input name=\\'password\\' class=big value=\\'geheim\\'>'",
            "'<input name=\\'password\\' class=big value=\\'***\\'>'",
            id="html-within-a-text",
        ),
        pytest.param('<input name="page" value="3">', '<input name="page" value="3">', id="html-without-a-secret"),
    ],
)
def test_fields_of_forms_and_queries(text: str, shown: str) -> None:
    assert star_fields(text, safe.is_secret_name, "***") == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("curl -H 'Authorization: Bearer geheim' /", "curl -H 'Authorization: ***' /", id="command"),
        pytest.param("a: b\r\nCookie: c=geheim; d=e\r\nf: g", "a: b\r\nCookie: ***\r\nf: g", id="head"),
        pytest.param(r"'\r\nX-Api-Key: geheim\r\nf: g'", r"'\r\nX-Api-Key: ***\r\nf: g'", id="repr-of-a-head"),
        pytest.param("X-Forwarded-For: 10.0.0.1", "X-Forwarded-For: 10.0.0.1", id="no-secret"),
        pytest.param("wrong password: too short", "wrong password: too short", id="prose"),
    ],
)
def test_fields_of_a_head_within_a_text(text: str, shown: str) -> None:
    assert star_headers(text, safe.is_secret_name, "***") == shown


def test_headers_in_a_list_of_pairs_are_secrets_too() -> None:
    shown = ValuePrinter(safe.is_secret_name).show([("Accept", "text/x"), ("Cookie", "a=geheim"), (b"x-api-key", b"g")])
    assert shown == f"[('Accept', 'text/x'), ('Cookie', '{STARS}'), (b'x-api-key', '{STARS}')]"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        pytest.param(b'{"user": "ann", "password": "geheim42"}', "application/json", id="json"),
        pytest.param(b'{"user": "ann", "password": "geheim42", }', "application/json", id="broken-json"),
        pytest.param(b'{"user": "ann", "password": "geheim42', "application/json", id="cut-off"),
        pytest.param(b"user=ann&password=geheim42", "application/x-www-form-urlencoded", id="form"),
        pytest.param(b'{"user": "ann", "password": "geheim42"', "application/x-www-form-urlencoded", id="json-as-form"),
    ],
)
def test_no_face_shows_the_secrets_of_a_body(body: bytes, kind: str) -> None:
    request = RequestFactory().post("/", body, content_type=kind)
    error = raised(lambda: look_into_the_body_of(request))
    text = faces(below(error), request)
    assert "ann" in text
    assert "geheim42" not in text


def test_the_page_about_broken_json_shows_no_secret() -> None:
    body = b'{"user": "ann", "password": "geheim42", }'
    request: Any = RequestFactory().post("/", body, content_type="application/json")
    error = raised(request.json).with_traceback(None)
    assert isinstance(error.__cause__, ValueError)
    assert isinstance(error, BadRequest)
    text = faces(error, request)
    assert "the body is not JSON" in text
    assert "geheim42" not in text


def test_no_face_shows_the_token_of_a_form_that_a_template_made(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("{{ csrf_input }}{{ nothing.at_all }}")
    backend = {"BACKEND": "miniframe.template.backends.jinja2.Jinja2", "DIRS": [tmp_path]}
    request = RequestFactory().get("/")
    with override_settings(TEMPLATES=[backend]):
        shown = faces(raised(lambda: render_to_string("page.html", {"form": csrf_input(request)}, request)), request)
    assert "csrfmiddlewaretoken" in shown
    assert request.META["CSRF_COOKIE"] not in shown
    assert not re.search(r"[A-Za-z0-9]{64}", shown)


def test_a_secret_at_the_place_where_a_long_value_is_cut_is_not_cut_in_half() -> None:
    printer = ValuePrinter(safe.is_secret_name, safe.scrub)
    for length in range(MOST_TEXT - 40, MOST_TEXT + 5):
        text = "x" * length + " postgres://bob:s3cretpw@db " + "x" * 5000
        assert "s3c" not in printer.show(text)
        assert "s3c" not in printer.show(text.encode())


def test_of_a_secret_longer_than_what_is_shown_nothing_is_shown() -> None:
    token = "".join(f"{number:04x}" for number in range(1500)) + "x"
    request = request_with(authorization=f"Bearer {token}")
    printer = ValuePrinter(safe.is_secret_name, lambda text: safe.scrub(text, request))
    for length in (0, 500, MOST_TEXT - 20):
        shown = printer.show("x" * length + token)
        assert "x" * length in shown
        assert [number for number in range(1500) if f"{number:04x}{number + 1:04x}" in shown] == []


def test_a_longer_secret_goes_before_one_that_is_a_part_of_it() -> None:
    request = request_with(authorization="Bearer abcdefgh", x_api_key="abcdefgh-and-more")
    assert "and-more" not in safe.scrub("abcdefgh-and-more", request)


def test_secrets_are_those_that_have_been_read_and_no_others() -> None:
    request = RequestFactory().post("/", {"password": "geheim42"})
    assert "geheim42" not in secrets_of(request, safe.is_secret_name)
    assert request.POST
    assert "geheim42" in secrets_of(request, safe.is_secret_name)


def test_headers_of_bytes_are_asked_too() -> None:
    assert "geheim" not in ValuePrinter(safe.is_secret_name).show({b"authorization": b"geheim"})


@pytest.mark.parametrize("piece", ["://:", "token=", "token='", "password: str", '\\"', "a" * 50, "a." * 20, "?a=b&"])
def test_the_time_grows_with_the_text_and_no_faster(piece: str) -> None:
    text = piece * (20_000 // len(piece))
    started = time.monotonic()
    safe.scrub(text)
    assert time.monotonic() - started < 1
