"""A TemplateResponse is rendered late, once, and says so if it is read too early."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from miniframe.http import HttpRequest, HttpResponse
from miniframe.template.response import ContentNotRenderedError, SimpleTemplateResponse, TemplateResponse
from miniframe.test import Client, RequestFactory
from miniframe.test.utils import override_settings
from miniframe.urls import path


def page(request: HttpRequest) -> TemplateResponse:
    return TemplateResponse(request, "page.html", {"word": "view"})


def failing(request: HttpRequest) -> TemplateResponse:
    return TemplateResponse(request, "failing.html", {"fail": lambda: 1 / 0})


class ChangeWord:
    def __init__(self, get_response: Callable[[Any], Any]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> Any:
        return self.get_response(request)

    def process_template_response(self, request: HttpRequest, response: TemplateResponse) -> TemplateResponse:
        response.context_data = {"word": "middleware"}
        return response


class Forgetful(ChangeWord):
    def process_template_response(self, request: HttpRequest, response: TemplateResponse) -> Any:
        return None


class Catching(ChangeWord):
    def process_template_response(self, request: HttpRequest, response: TemplateResponse) -> TemplateResponse:
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse:
        return HttpResponse(f"caught {type(exception).__name__}")


@pytest.fixture(autouse=True)
def templates(tmp_path: Path) -> Iterator[None]:
    (tmp_path / "page.html").write_text("word: {{ word }}")
    (tmp_path / "failing.html").write_text("{{ fail() }}")
    urls = ModuleType("urls_of_template_responses")
    urls.urlpatterns = [path("page/", page), path("failing/", failing)]  # type: ignore[attr-defined]
    backend = {"BACKEND": "miniframe.template.backends.jinja2.Jinja2", "DIRS": [tmp_path]}
    with override_settings(ROOT_URLCONF=urls, TEMPLATES=[backend]):
        yield


def with_middleware(cls: type) -> Any:
    return override_settings(MIDDLEWARE=[f"{__name__}.{cls.__name__}"])


def test_contract_69_middleware_changes_what_is_rendered() -> None:
    with with_middleware(ChangeWord):
        assert Client().get("/page/").content == b"word: middleware"


def test_contract_69_middleware_that_returns_nothing_is_named() -> None:
    with (
        with_middleware(Forgetful),
        pytest.raises(ValueError, match=r"Forgetful.process_template_response didn't return"),
    ):
        Client().get("/page/")


def test_contract_69_an_error_while_rendering_goes_to_process_exception() -> None:
    with with_middleware(Catching):
        assert Client().get("/failing/").content == b"caught ZeroDivisionError"


def test_contract_69_a_response_is_rendered_after_the_middleware_and_only_once() -> None:
    response = TemplateResponse(RequestFactory().get("/"), "page.html", {"word": "one"})
    assert not response.is_rendered
    response.render()
    response.context_data = {"word": "two"}
    assert response.render().content == b"word: one"


@pytest.mark.parametrize(
    "use", [lambda response: response.content, list, pickle.dumps], ids=["content", "iterating", "pickling"]
)
def test_reading_before_rendering_is_an_error(use: Callable[[Any], object]) -> None:
    with pytest.raises(ContentNotRenderedError):
        use(SimpleTemplateResponse("page.html"))


def test_setting_the_content_counts_as_rendering() -> None:
    response = SimpleTemplateResponse("page.html")
    response.content = "by hand"
    assert response.is_rendered
    assert response.render().content == b"by hand"


def test_the_first_template_that_exists_is_taken() -> None:
    assert SimpleTemplateResponse(["nope.html", "page.html"], {"word": "x"}).render().content == b"word: x"


def test_callbacks_run_after_rendering_and_may_replace_the_response() -> None:
    response = SimpleTemplateResponse("page.html", {"word": "x"})
    seen: list[bytes] = []
    response.add_post_render_callback(lambda done: seen.append(done.content))
    response.add_post_render_callback(lambda done: HttpResponse("another"))
    assert response.render().content == b"another"
    assert seen == [b"word: x"]
    response.add_post_render_callback(lambda done: seen.append(b"at once"))
    assert seen[-1] == b"at once"


def test_a_rendered_response_can_be_pickled_without_its_template_and_context() -> None:
    response = TemplateResponse(RequestFactory().get("/"), "page.html", {"word": lambda: 1}, status=201)
    copy = pickle.loads(pickle.dumps(response.render()))
    assert (copy.content, copy.status_code) == (response.content, 201)
    assert not hasattr(copy, "context_data")
