"""Class-based views: which method answers, what as_view refuses, pages and redirects."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from miniframe.exceptions import ImproperlyConfigured
from miniframe.http import HttpRequest, HttpResponse
from miniframe.test import RequestFactory
from miniframe.test.utils import override_settings
from miniframe.urls import path
from miniframe.utils.coroutines import is_coroutine_function
from miniframe.views import View
from miniframe.views.generic import RedirectView, TemplateView

factory = RequestFactory()


class Simple(View):
    word = "none"

    def get(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse(f"get {self.word}")

    def post(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse("post")


class Asynchronous(View):
    async def get(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse("async")


@pytest.mark.parametrize(
    ("method", "status", "body"),
    [
        pytest.param("get", 200, b"get none", id="get"),
        pytest.param("head", 200, b"get none", id="head-is-get"),
        pytest.param("post", 200, b"post", id="post"),
        pytest.param("put", 405, b"", id="put-is-not-there"),
        pytest.param("options", 200, b"", id="options"),
    ],
)
def test_the_method_named_after_the_http_method_answers(method: str, status: int, body: bytes) -> None:
    response = Simple.as_view()(getattr(factory, method)("/"))
    assert (response.status_code, response.content) == (status, body)


@pytest.mark.parametrize("method", ["options", "delete"])
def test_options_and_405_tell_what_is_allowed(method: str) -> None:
    assert Simple.as_view()(getattr(factory, method)("/")).headers["Allow"] == "GET, POST, HEAD, OPTIONS"


def test_a_method_that_is_not_in_the_list_is_not_called_even_if_there_is_one() -> None:
    class Odd(Simple):
        def purge(self, request: HttpRequest) -> HttpResponse:
            return HttpResponse("purged")

    assert Odd.as_view()(factory.generic("PURGE", "/")).status_code == 405


def test_as_view_sets_attributes_of_a_new_instance_for_each_request() -> None:
    view = Simple.as_view(word="set")
    assert view(factory.get("/")).content == b"get set"
    assert Simple.as_view()(factory.get("/")).content == b"get none"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        pytest.param("get", "The method name get is not accepted", id="http-method"),
        pytest.param("wrod", "invalid keyword 'wrod'", id="no-attribute"),
    ],
)
def test_as_view_refuses(name: str, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        Simple.as_view(**{name: "x"})


def test_a_view_function_knows_its_class_and_looks_like_it() -> None:
    view: Any = Simple.as_view(word="x")
    assert (view.view_class, view.view_initkwargs, view.__module__) == (Simple, {"word": "x"}, __name__)


def test_setup_without_super_is_explained() -> None:
    class Forgetful(Simple):
        def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
            pass

    with pytest.raises(AttributeError, match="Did you override setup"):
        Forgetful.as_view()(factory.get("/"))


def test_marks_on_dispatch_are_on_the_view() -> None:
    class Marked(Simple):
        def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            return super().dispatch(request)

        dispatch.csrf_exempt = True  # type: ignore[attr-defined]  # as the decorator does

    assert getattr(Marked.as_view(), "csrf_exempt") is True  # noqa: B009  # mypy does not know of it


def test_async_methods_make_an_async_view_whose_refusals_are_awaitable_too() -> None:
    view = Asynchronous.as_view()
    assert is_coroutine_function(view)

    async def both() -> tuple[Any, Any]:
        return await view(factory.get("/")), await view(factory.post("/"))

    answer, refusal = asyncio.run(both())
    assert (answer.content, refusal.status_code) == (b"async", 405)


def test_methods_must_be_all_async_or_none() -> None:
    class Mixed(Asynchronous):
        def post(self, request: HttpRequest) -> HttpResponse:
            return HttpResponse("")

    with pytest.raises(ImproperlyConfigured, match="must either be all sync or all async"):
        Mixed.as_view()


@pytest.fixture
def project(tmp_path: Path) -> Iterator[None]:
    (tmp_path / "about.html").write_text("{{ title }} {{ slug }} {{ view.__class__.__name__ }}")
    urls = ModuleType("urls_of_generic_views")
    urls.urlpatterns = [path("to/<int:pk>/", Simple.as_view(), name="target")]  # type: ignore[attr-defined]
    backend = {"BACKEND": "miniframe.template.backends.jinja2.Jinja2", "DIRS": [tmp_path]}
    with override_settings(ROOT_URLCONF=urls, TEMPLATES=[backend]):
        yield


def test_a_template_view_renders_with_the_routes_arguments_and_extra_context(project: None) -> None:
    view = TemplateView.as_view(template_name="about.html", extra_context={"title": "About"})
    assert view(factory.get("/"), slug="us").render().content == b"About us TemplateView"


def test_a_template_view_without_a_name_is_explained() -> None:
    with pytest.raises(ImproperlyConfigured, match="requires either a definition of 'template_name'"):
        TemplateView.as_view()(factory.get("/"))


@pytest.mark.parametrize(
    ("attributes", "address", "status", "location"),
    [
        pytest.param({"url": "/new/"}, "/old/?a=1", 302, "/new/", id="url"),
        pytest.param({"url": "/new/", "permanent": True}, "/old/", 301, "/new/", id="permanent"),
        pytest.param({"url": "/new/", "preserve_request": True}, "/old/", 307, "/new/", id="preserve"),
        pytest.param({"url": "/new/", "query_string": True}, "/old/?a=1", 302, "/new/?a=1", id="query-string"),
        pytest.param({"url": "/new/%(pk)d/"}, "/old/", 302, "/new/7/", id="interpolated"),
        pytest.param({"pattern_name": "target"}, "/old/", 302, "/to/7/", id="pattern-name"),
    ],
)
def test_redirects(project: None, attributes: dict[str, Any], address: str, status: int, location: str) -> None:
    response = RedirectView.as_view(**attributes)(factory.get(address), pk=7)
    assert (response.status_code, response.headers["Location"]) == (status, location)


@pytest.mark.parametrize("method", ["get", "head", "post", "options", "put", "patch", "delete"])
def test_a_redirect_to_nowhere_is_410_for_every_method(method: str) -> None:
    assert RedirectView.as_view()(getattr(factory, method)("/")).status_code == 410
