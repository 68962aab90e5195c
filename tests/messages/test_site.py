"""Messages from one page to the next through the middleware, and in tests and templates."""

from __future__ import annotations

import logging
import random
import string
from typing import Any
from unittest import TestCase

import pytest

from miniframe import messages
from miniframe.exceptions import ImproperlyConfigured
from miniframe.http import HttpRequest
from miniframe.messages import Message, MessageFailure
from miniframe.messages.context_processors import messages as messages_in_templates
from miniframe.messages.middleware import MessageMiddleware
from miniframe.messages.test import MessagesTestMixin
from miniframe.template import engines
from miniframe.test.utils import override_settings

from .conftest import Site, new_request

STORAGE = "miniframe.messages.storage"


@pytest.mark.parametrize("name", ["cookie.CookieStorage", "session.SessionStorage", "fallback.FallbackStorage"])
def test_a_message_crosses_a_redirect(name: str, make_site: Site) -> None:
    client = make_site(MESSAGE_STORAGE=f"{STORAGE}.{name}")
    response = client.post("/add", {"text": ["saved", "<b>"]}, follow=True)
    assert response.content == b"success:saved|success:<b>"
    assert client.get("/show").content == b""


@pytest.mark.parametrize(("page", "vary"), [("/show", "Cookie"), ("/plain", None)])
def test_a_page_varies_by_the_cookie_if_it_looked_at_messages(page: str, vary: str | None, make_site: Site) -> None:
    assert make_site().get(page).get("Vary") == vary


@pytest.mark.parametrize("cookie", ["tampered", "x" * 20_000, "a:b:c", "\x80"])
def test_a_tampered_cookie_is_no_message(cookie: str, make_site: Site) -> None:
    response = make_site().get("/show", headers={"cookie": f"messages={cookie}"})
    assert (response.status_code, response.content) == (200, b"")
    assert response.cookies["messages"]["max-age"] == 0


def test_messages_that_fit_nowhere_are_told(make_site: Site, caplog: pytest.LogCaptureFixture) -> None:
    client = make_site(MESSAGE_STORAGE=f"{STORAGE}.cookie.CookieStorage")
    text = "".join(random.Random(1).choices(string.ascii_letters, k=9000))
    with caplog.at_level(logging.WARNING, "miniframe.messages"):
        client.post("/add", {"text": [text]})
    assert "CookieStorage has no room" in caplog.text
    with override_settings(DEBUG=True), pytest.raises(ValueError, match="Not all temporary messages could be stored"):
        client.post("/add", {"text": [text]})


def test_a_storage_that_does_not_exist_is_told(make_site: Site) -> None:
    client = make_site(MESSAGE_STORAGE=f"{STORAGE}.cookie.CookiStorage")
    with pytest.raises(ImproperlyConfigured, match=r"MESSAGE_STORAGE.*CookieStorage"):
        client.get("/plain")


def test_a_request_without_messages_passes(make_site: Site) -> None:
    response: Any = object()
    assert MessageMiddleware(lambda request: None).process_response(HttpRequest(), response) is response


# The functions of views.


@pytest.mark.parametrize("name", ["debug", "info", "success", "warning", "error"])
def test_each_level_has_a_function(name: str) -> None:
    request = new_request()
    MessageMiddleware(lambda request: None).process_request(request)
    assert messages.get_level(request) == messages.INFO
    assert messages.set_level(request, messages.DEBUG)
    getattr(messages, name)(request, "text", extra_tags="more")
    assert [(m.level, m.tags) for m in messages.get_messages(request)] == [
        (messages.DEFAULT_LEVELS[name.upper()], f"more {name}")
    ]
    assert messages.set_level(request, None)
    assert messages.get_level(request) == messages.INFO


def test_without_the_middleware_adding_fails_and_the_rest_does_not() -> None:
    request = HttpRequest()
    with pytest.raises(MessageFailure, match=r"without installing miniframe\.messages\.middleware\.MessageMiddleware"):
        messages.info(request, "x")
    messages.info(request, "x", fail_silently=True)
    assert list(messages.get_messages(request)) == []
    assert messages.set_level(request, 5) is False
    with override_settings(MESSAGE_LEVEL=29):
        assert messages.get_level(request) == 29


@pytest.mark.parametrize("wrong", [None, "request", 3])
def test_what_is_no_request_is_told(wrong: Any) -> None:
    with pytest.raises(TypeError, match=f"must be an HttpRequest object, not {type(wrong).__name__!r}"):
        messages.add_message(wrong, messages.INFO, "x")


def test_a_template_shows_messages_escaped_unless_safe() -> None:
    from miniframe.utils.safestring import mark_safe

    engine = {
        "BACKEND": "miniframe.template.backends.jinja2.Jinja2",
        "OPTIONS": {"context_processors": ["miniframe.messages.context_processors.messages"]},
    }
    request = new_request()
    MessageMiddleware(lambda request: None).process_request(request)
    messages.error(request, "<script>")
    messages.info(request, mark_safe("<b>ok</b>"))
    source = (
        "{% for m in messages %}<li class='{{ m.tags }}'>{{ m }}</li>"
        "{% if m.level == DEFAULT_MESSAGE_LEVELS.ERROR %}!{% endif %}{% endfor %}"
    )
    with override_settings(TEMPLATES=[engine]):
        page = engines["jinja2"].from_string(source).render({}, request)
    assert page == "<li class='error'>&lt;script&gt;</li>!<li class='info'><b>ok</b></li>"
    assert set(messages_in_templates(request)) == {"messages", "DEFAULT_MESSAGE_LEVELS"}


class WithMessages(MessagesTestMixin, TestCase):
    """A test case as users write them."""


def test_a_test_asserts_messages_in_order_or_not(make_site: Site) -> None:
    response = make_site().post("/add", {"text": ["one", "two"]})
    one, two = Message(messages.SUCCESS, "one"), Message(messages.SUCCESS, "two")
    case = WithMessages()
    case.assertMessages(response, [one, two])
    case.assertMessages(response, [two, one], ordered=False)
    with pytest.raises(AssertionError, match="Lists differ"):
        case.assertMessages(response, [two, one])
