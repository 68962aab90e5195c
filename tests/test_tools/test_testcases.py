"""The unittest classes: assertions, overridden settings, a live server."""

from __future__ import annotations

import asyncio
import functools
import sys
import unittest
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest
import requests

from miniframe.conf import settings
from miniframe.files import locks
from miniframe.http import HttpResponse, HttpResponseRedirect
from miniframe.signals import setting_changed
from miniframe.test import LiveServerTestCase, SimpleTestCase, TestCase, modify_settings, override_settings, tag
from miniframe.test.testcases import SerializeMixin
from miniframe.test.utils import captured_stderr, captured_stdin, captured_stdout, isolate_lru_cache
from miniframe.urls import path


@pytest.fixture(autouse=True, scope="module")
def site() -> Iterator[None]:
    urls = ModuleType("testcase_urls")
    urls.urlpatterns = [  # type: ignore[attr-defined]
        path("", lambda request: HttpResponse("<p>Hello, <b>world</b></p>")),
        path("old/", lambda request: HttpResponseRedirect("/?a=1&b=2")),
    ]
    sys.modules["testcase_urls"] = urls
    yield
    del sys.modules["testcase_urls"]


@override_settings(ROOT_URLCONF="testcase_urls", MINE="class")
@modify_settings(MIDDLEWARE={"append": "miniframe.middleware.common.CommonMiddleware"})
class AssertionsTest(SimpleTestCase):
    def test_settings_of_the_class_are_on(self) -> None:
        assert settings.MINE == "class"
        assert settings.MIDDLEWARE[-1].endswith("CommonMiddleware")
        with self.settings(MINE="block"):
            assert settings.MINE == "block"

    def test_contents(self) -> None:
        response = self.client.get("/")
        self.assertContains(response, "Hello", count=1)
        self.assertContains(response, "<p>Hello,   <b>world</b></p>", html=True)
        self.assertNotContains(response, "Goodbye")
        with self.assertRaisesMessage(AssertionError, "Couldn't find 'Goodbye'"):
            self.assertContains(response, "Goodbye")
        with self.assertRaisesMessage(AssertionError, "'Hello' unexpectedly found"):
            self.assertNotContains(response, "Hello")
        with self.assertRaisesMessage(AssertionError, "Response code was 200 (expected 404)"):
            self.assertContains(response, "Hello", status_code=404)

    def test_redirects(self) -> None:
        self.assertRedirects(self.client.get("/old/"), "/?b=2&a=1")
        self.assertRedirects(self.client.get("/old/", follow=True), "/?a=1&b=2")
        with self.assertRaisesMessage(AssertionError, "Response redirected to '/?a=1&b=2', expected '/'"):
            self.assertRedirects(self.client.get("/old/"), "/")
        with self.assertRaisesMessage(AssertionError, "Response didn't redirect as expected"):
            self.assertRedirects(self.client.get("/"), "/")

    def test_documents(self) -> None:
        self.assertHTMLEqual("<p>a</p>", "<p> a </p>")
        self.assertHTMLNotEqual("<p>a</p>", "<p>b</p>")
        self.assertInHTML("<b>x</b>", "<p><b>x</b><b>x</b></p>", count=2)
        self.assertNotInHTML("<i>x</i>", "<p><b>x</b></p>")
        self.assertJSONEqual('{"a": [1]}', {"a": [1]})
        self.assertJSONNotEqual('{"a": [1]}', "[]")
        self.assertXMLEqual('<a b="1" c="2"/>', '<a c="2" b="1"></a>')
        self.assertXMLNotEqual("<a/>", "<b/>")
        failing: list[Callable[[], None]] = [
            lambda: self.assertHTMLEqual("<p>a</p>", "<p>b</p>"),
            lambda: self.assertInHTML("<i>x</i>", "<p></p>"),
            lambda: self.assertJSONEqual("{", {}),
            lambda: self.assertXMLEqual("<a/>", "<b/>"),
        ]
        for fails in failing:
            with pytest.raises(AssertionError):
                fails()


class DataTest(TestCase):
    made = 0

    @classmethod
    def setUpTestData(cls) -> None:
        cls.made += 1

    def test_data_is_made_once_for_the_class(self) -> None:
        assert self.made == 1

    def test_and_not_again_for_the_next_test(self) -> None:
        assert self.made == 1


@override_settings(ROOT_URLCONF="testcase_urls")
class LiveTest(LiveServerTestCase):
    host = "127.0.0.1"

    def test_a_real_client_reaches_the_site(self) -> None:
        with requests.Session() as session:
            assert "Hello" in session.get(self.live_server_url, timeout=10).text
            assert session.get(f"{self.live_server_url}/nothing", timeout=10).status_code == 404


@pytest.mark.parametrize(
    ("name", "first", "second", "said"),
    [
        pytest.param(
            "assertHTMLEqual",
            "<p>a</p>",
            "<p><b></b></p>",
            "<p>\na\n</p> != <p>\n<b>\n</p>\n  <p>\n- a\n+ <b>\n  </p>\n",
            id="html",
        ),
        pytest.param("assertXMLEqual", "<a/>", "<b/>", "'<a/>' != '<b/>'\n- <a/>\n", id="xml"),
        pytest.param("assertTemplateUsed", HttpResponse(), "a.html", "assertTemplateUsed() is only usable", id="used"),
        pytest.param("assertTemplateNotUsed", HttpResponse(), "a", "assertTemplateNotUsed() is only", id="not-used"),
        pytest.param("assertTemplateUsed", None, None, "response and/or template_name argument must be", id="nothing"),
    ],
)
def test_a_failed_assertion_says_what_differs(name: str, first: Any, second: Any, said: str) -> None:
    with pytest.raises((AssertionError, TypeError, ValueError)) as caught:
        getattr(SimpleTestCase(), name)(first, second)
    assert said in str(caught.value)


class CopiedDataTest(TestCase):
    names: list[str]
    same: list[list[str]]

    @classmethod
    def setUpTestData(cls) -> None:
        cls.names = ["Ada"]
        cls.same = [cls.names]

    def test_a_change_is_seen_here(self) -> None:
        self.names.append("Bob")
        assert self.same == [["Ada", "Bob"]]

    def test_and_in_no_other_test(self) -> None:
        self.names.append("Cid")
        assert self.names == ["Ada", "Cid"]
        assert type(self).names == ["Ada"]


class AsyncTest(SimpleTestCase):
    ran = False

    async def test_a_coroutine_is_run_to_its_end(self) -> None:
        await asyncio.sleep(0)
        type(self).ran = True

    def test_and_its_end_was_reached(self) -> None:
        result = unittest.TestResult()
        AsyncTest("test_a_coroutine_is_run_to_its_end").run(result)
        assert result.wasSuccessful()
        assert self.ran


class SerialTest(SerializeMixin, SimpleTestCase):
    lockfile = __file__

    def test_the_lock_is_held_meanwhile(self) -> None:
        with open(__file__, "rb") as file:
            assert not locks.lock(file, locks.LOCK_EX | locks.LOCK_NB)

    def test_a_class_without_a_lockfile_is_refused(self) -> None:
        with self.assertRaisesMessage(ValueError, "Other.lockfile isn't set"):
            type("Other", (SerializeMixin, SimpleTestCase), {"lockfile": None})


def test_tags_add_up() -> None:
    @tag("slow")
    class Tagged(SimpleTestCase):
        @tag("net", "disk")
        @tag("core")
        def test_one(self) -> None:
            pass

    @tag("more")
    class Below(Tagged):
        pass

    assert (Tagged.tags, Below.tags) == ({"slow"}, {"slow", "more"})  # type: ignore[attr-defined]
    assert Tagged.test_one.tags == {"core", "net", "disk"}  # type: ignore[attr-defined]


def test_streams_are_caught() -> None:
    with captured_stdout() as out, captured_stderr() as err, captured_stdin() as typed:
        typed.write("Ada\n")
        typed.seek(0)
        print(f"Hello, {input()}")
        print("Hm", file=sys.stderr)
    assert (out.getvalue(), err.getvalue()) == ("Hello, Ada\n", "Hm\n")


def test_a_cached_function_forgets_around_the_block() -> None:
    calls: list[int] = []
    remembered = functools.cache(lambda number: calls.append(number))
    remembered(1)
    with isolate_lru_cache(remembered):
        remembered(1)
    remembered(1)
    assert calls == [1, 1, 1]


def test_settings_are_given_back_when_a_receiver_fails_on_the_way_in() -> None:
    def fail(setting: str, enter: bool, **kwargs: Any) -> None:
        if setting == "MINE" and enter:
            raise ZeroDivisionError

    setting_changed.connect(fail)
    try:
        with pytest.raises(ZeroDivisionError), override_settings(MINE="new"):
            pass
    finally:
        setting_changed.disconnect(fail)
    assert not hasattr(settings, "MINE")


def test_an_async_function_has_the_settings_until_its_end() -> None:
    @override_settings(MINE="new")
    async def read() -> Any:
        await asyncio.sleep(0)
        return settings.MINE

    assert asyncio.run(read()) == "new"
    assert not hasattr(settings, "MINE")
