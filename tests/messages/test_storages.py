"""A message waits until it is shown, wherever it waits; what comes from a browser cannot harm."""

from __future__ import annotations

import json
import random
import string
from typing import Any

import pytest
from django.contrib.messages import Message as DjangoMessage
from django.contrib.messages.storage.cookie import CookieStorage as DjangoStorage
from django.http import HttpRequest as DjangoRequest

from miniframe import messages, signing
from miniframe.exceptions import ImproperlyConfigured
from miniframe.http import HttpRequest, HttpResponse
from miniframe.messages import Message
from miniframe.messages.storage.base import LEVEL_TAGS, BaseStorage
from miniframe.messages.storage.coding import MessageDecoder, MessageEncoder
from miniframe.messages.storage.cookie import CookieStorage
from miniframe.messages.storage.fallback import FallbackStorage
from miniframe.messages.storage.session import SessionStorage
from miniframe.test.utils import override_settings
from miniframe.utils.functional import lazystr
from miniframe.utils.safestring import SafeString, mark_safe

from .conftest import handed_on, new_request


def texts(storage: Any) -> list[str]:
    return [str(message) for message in storage]


def noise(seed: int, length: int = 400) -> str:
    """Return text that cannot be compressed much."""
    return "".join(random.Random(seed).choices(string.ascii_letters + string.digits, k=length))


def test_what_is_added_is_shown_on_the_next_page_and_once(storage: Any) -> None:
    storage.add(messages.INFO, "one")
    storage.add(messages.ERROR, "two", "big")
    following = handed_on(storage)
    assert [(m.level, str(m), m.tags) for m in following] == [(20, "one", "info"), (40, "two", "big error")]
    assert texts(handed_on(following)) == []


def test_what_is_shown_at_once_is_not_kept(storage: Any) -> None:
    storage.add(messages.INFO, "now")
    assert texts(storage) == texts(storage) == ["now"]
    assert texts(handed_on(storage)) == []


def test_messages_wait_over_pages_that_do_not_show_them(storage: Any) -> None:
    storage.add(messages.INFO, "one")
    following = handed_on(storage)
    following.add(messages.INFO, "two")
    assert len(following) == 2
    assert Message(messages.INFO, "one") in following
    assert following.used is False
    assert texts(handed_on(following)) == ["one", "two"]


def test_what_is_added_after_the_showing_waits(storage: Any) -> None:
    storage.add(messages.INFO, "one")
    following = handed_on(storage)
    assert texts(following) == ["one"]
    following.add(messages.INFO, "two")
    assert texts(handed_on(following)) == ["two"]


def test_nothing_is_sent_where_nothing_was_added(storage: Any) -> None:
    response = HttpResponse()
    assert storage.update(response) is None
    assert not response.cookies
    assert storage.request.session == {}


@pytest.mark.parametrize("level", [None, 5, 30])
def test_a_message_below_the_level_is_dropped(storage: Any, level: int | None) -> None:
    storage.level = level
    for each in (10, 20, 25, 30, 40):
        storage.add(each, str(each))
    assert texts(storage) == [str(each) for each in (10, 20, 25, 30, 40) if each >= (level or 20)]
    del storage.level
    assert storage.level == 20


def test_safe_text_stays_safe_and_other_text_does_not(storage: Any) -> None:
    storage.add(messages.INFO, mark_safe("<b>bold</b>"))
    storage.add(messages.INFO, "<b>bold</b>")
    safe, plain = handed_on(storage)
    assert isinstance(safe.message, SafeString)
    assert not isinstance(plain.message, SafeString)
    assert safe.__html__() == "<b>bold</b>"
    assert plain.__html__() == "&lt;b&gt;bold&lt;/b&gt;"


def test_lazy_text_is_stored_as_it_reads_at_the_end(storage: Any) -> None:
    storage.add(messages.INFO, lazystr("later"), extra_tags=lazystr("tag"))
    assert [(str(m), m.extra_tags) for m in handed_on(storage)] == [("later", "tag")]


@pytest.mark.parametrize("tags", ["", None, "some tags"])
def test_extra_tags_come_back_as_they_were(storage: Any, tags: str | None) -> None:
    storage.add(messages.INFO, "x", extra_tags=tags)
    assert [m.extra_tags for m in handed_on(storage)] == [tags]


def test_empty_messages_are_none(storage: Any) -> None:
    storage.add(messages.INFO, "")
    assert storage.added_new is False


# Messages by themselves.


def test_messages_are_equal_by_level_and_text() -> None:
    one = Message(messages.INFO, "a", "tag")
    assert one == Message(messages.INFO, "a")
    assert one != Message(messages.INFO, "b")
    assert one != Message(messages.ERROR, "a")
    assert one != "a"
    assert repr(one) == "Message(level=20, message='a', extra_tags='tag')"


def test_tags_follow_the_setting() -> None:
    with override_settings(MESSAGE_TAGS={messages.ERROR: "danger", 12: "own"}):
        assert Message(messages.ERROR, "x", "big").tags == "big danger"
        assert Message(12, "x").level_tag == "own"
        assert dict(LEVEL_TAGS) == {10: "debug", 20: "info", 25: "success", 30: "warning", 40: "danger", 12: "own"}
    assert Message(messages.ERROR, "x").tags == "error"
    assert Message(13, "x").tags == ""


def test_messages_anywhere_in_data_become_json_and_messages_again() -> None:
    data = [{"a": Message(20, "x"), "b": [Message(40, "y", "t")]}, Message(20, "z"), "plain", 7, [], None]
    assert json.loads(json.dumps(data, cls=MessageEncoder), cls=MessageDecoder) == data
    with pytest.raises(TypeError):
        json.dumps({1, 2}, cls=MessageEncoder)


# The cookie.


def django_storage(cookie: str) -> Any:
    request = DjangoRequest()
    request.COOKIES = {"messages": cookie}
    return DjangoStorage(request)


def test_django_reads_our_cookie_and_we_read_djangos() -> None:
    ours, theirs = CookieStorage(new_request()), django_storage("")
    encoded = ours._encode([Message(20, "häßlich ☃", "tag"), Message(25, mark_safe("<b>"))])
    assert [(m.level, m.message, m.extra_tags) for m in django_storage(encoded or "")] == [
        (20, "häßlich ☃", "tag"),
        (25, "<b>", None),
    ]
    cookie = theirs._encode([DjangoMessage(20, "häßlich ☃", "tag")])
    assert [(m.level, m.message, m.tags) for m in CookieStorage(new_request(messages=cookie))] == [
        (20, "häßlich ☃", "tag info")
    ]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda c: c[1:], id="first-character-gone"),
        pytest.param(lambda c: c + "x", id="longer"),
        pytest.param(lambda c: "x" * 20_000, id="oversized"),
        pytest.param(lambda c: ":::", id="separators"),
        pytest.param(lambda c: "\udfff", id="half-a-surrogate"),
        pytest.param(lambda c: signing.get_cookie_signer("django.contrib.messages").sign("%%%"), id="no-base-64"),
        pytest.param(
            lambda c: signing.get_cookie_signer("django.contrib.messages").sign_object([["__json_message"]]),
            id="half-a-message",
        ),
        pytest.param(
            lambda c: signing.get_cookie_signer("django.contrib.messages").sign_object({"a": 1}), id="no-list"
        ),
    ],
)
@pytest.mark.parametrize("kind", [CookieStorage, FallbackStorage])
def test_a_cookie_that_cannot_be_read_is_no_message_and_is_taken_back(kind: type[Any], change: Any) -> None:
    cookie = change(CookieStorage(new_request())._encode([Message(20, "x")]))
    storage = kind(new_request(messages=cookie))
    assert texts(storage) == []
    response = HttpResponse()
    storage.update(response)
    assert response.cookies["messages"]["max-age"] == 0


def test_the_cookie_has_the_attributes_of_the_sessions() -> None:
    storage = CookieStorage(new_request())
    storage.add(messages.INFO, "x")
    response = HttpResponse()
    with override_settings(SESSION_COOKIE_DOMAIN="a.b", SESSION_COOKIE_SECURE=True, SESSION_COOKIE_SAMESITE="Strict"):
        storage.update(response)
    cookie = response.cookies["messages"]
    assert (cookie["domain"], cookie["secure"], cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (
        "a.b",
        True,
        True,
        "Strict",
        "",
    )


def test_where_too_many_are_for_the_cookie_the_newest_stay() -> None:
    storage = CookieStorage(new_request())
    sent = [noise(seed) for seed in range(6)]
    for text in sent:
        storage.add(messages.INFO, text)
    response = HttpResponse()
    lost = storage.update(response) or []
    assert len(response.cookies["messages"].value) <= CookieStorage.max_cookie_size
    kept = texts(CookieStorage(new_request(messages=response.cookies["messages"].value)))
    assert [str(m) for m in lost] + kept == sent
    assert len(kept) == 4


def test_the_cookies_characters_need_no_quotes() -> None:
    encoded = CookieStorage(new_request())._encode([Message(20, '\\te,st;"\u2019')])
    assert not set(encoded or "") & set('\\,;" ')


def test_many_messages_are_divided_in_few_trials(monkeypatch: pytest.MonkeyPatch) -> None:
    storage = CookieStorage(new_request())
    for n in range(1000):
        storage.add(messages.INFO, noise(n, 40))
    encode, trials = storage._encode, []

    def counted(found: list[Any]) -> str | None:
        trials.append(len(found))
        return encode(found)

    monkeypatch.setattr(storage, "_encode", counted)
    storage.update(HttpResponse())
    assert len(trials) < 16


# The session, and both.


def test_without_a_session_the_message_says_what_to_do() -> None:
    with pytest.raises(ImproperlyConfigured, match="session middleware to be installed, and come before"):
        SessionStorage(HttpRequest())
    storage = FallbackStorage(HttpRequest())
    storage.add(messages.INFO, "x")
    with pytest.raises(ImproperlyConfigured, match="session middleware"):
        storage.update(HttpResponse())


def test_what_the_cookie_has_no_room_for_goes_to_the_session_in_order() -> None:
    storage = FallbackStorage(new_request())
    sent = [noise(seed) for seed in range(6)]
    for text in sent:
        storage.add(messages.INFO, text)
    following = handed_on(storage)
    assert storage.request.session["_messages"]
    assert texts(following) == sent
    response = HttpResponse()
    following.update(response)
    assert response.cookies["messages"]["max-age"] == 0
    assert following.request.session == {}


def test_one_that_no_cookie_holds_goes_to_the_session_alone() -> None:
    storage = FallbackStorage(new_request())
    storage.add(messages.INFO, noise(1, 5000))
    assert texts(handed_on(storage)) == [noise(1, 5000)]


def test_few_messages_make_no_session() -> None:
    storage = FallbackStorage(new_request())
    storage.add(messages.INFO, "small")
    assert texts(handed_on(storage)) == ["small"]
    assert storage.request.session == {}


def test_a_storage_of_ones_own_has_to_provide_two_methods() -> None:
    storage = BaseStorage(new_request())
    storage.add(messages.INFO, "x")
    with pytest.raises(NotImplementedError, match="_get"):
        list(storage)
    with pytest.raises(NotImplementedError, match="_store"):
        storage._store([], HttpResponse())
