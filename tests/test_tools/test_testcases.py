"""The unittest classes: assertions, overridden settings, a live server."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from types import ModuleType

import pytest
import requests

from miniframe.conf import settings
from miniframe.http import HttpResponse, HttpResponseRedirect
from miniframe.test import LiveServerTestCase, SimpleTestCase, TestCase, modify_settings, override_settings
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
