"""What every Jinja2 template can use, and in which order contexts win."""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType, SimpleNamespace
from typing import Any

import jinja2
import pytest

from miniframe.exceptions import ImproperlyConfigured, NoReverseMatch
from miniframe.http import HttpRequest, HttpResponse
from miniframe.template.backends.jinja2 import Jinja2
from miniframe.template.signals import template_rendered
from miniframe.templatetags.static import build_with, static
from miniframe.test import RequestFactory
from miniframe.test.utils import override_settings
from miniframe.urls import include, path


def view(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    return HttpResponse("")


def shop_urls() -> ModuleType:
    module = ModuleType("shop_urls")
    module.app_name = "shop"  # type: ignore[attr-defined]
    module.urlpatterns = [path("<int:pk>/", view, name="item")]  # type: ignore[attr-defined]
    return module


def processor(request: HttpRequest) -> dict[str, Any]:
    return {"who": "processor", "only": "here"}


@pytest.fixture
def urls() -> Iterator[None]:
    patterns = ModuleType("urls_for_templates")
    patterns.urlpatterns = [  # type: ignore[attr-defined]
        path("about/", view, name="about"),
        path("a/", include(shop_urls(), namespace="first")),
        path("b/", include(shop_urls(), namespace="second")),
    ]
    with override_settings(ROOT_URLCONF=patterns, STATIC_URL="/static/"):
        yield


def engine(**options: Any) -> Jinja2:
    return Jinja2({"NAME": "jinja2", "DIRS": [], "APP_DIRS": False, "OPTIONS": options})


def render(source: str, context: dict[str, Any] | None = None, request: Any = None, **options: Any) -> str:
    return engine(**options).from_string(source).render(context, request)


@pytest.mark.parametrize(
    ("source", "address"),
    [
        pytest.param("{{ url('about') }}", "/about/", id="name"),
        pytest.param("{{ url('first:item', pk=3) }}", "/a/3/", id="keyword"),
        pytest.param("{{ url('first:item', 3) }}", "/a/3/", id="position"),
        pytest.param(
            "{{ url('about', query={'q': 'a b'}, fragment='top') }}", "/about/?q=a+b#top", id="query-fragment"
        ),
        pytest.param("{{ static('css/a b.css') }}", "/static/css/a%20b.css", id="static"),
    ],
)
def test_addresses_in_templates(urls: None, source: str, address: str) -> None:
    assert render(source) == address


def test_url_looks_in_the_namespace_of_the_request(urls: None) -> None:
    request = RequestFactory().get("/")
    assert render("{{ url('shop:item', 1) }}", request=request) == "/b/1/"  # the last one, as reverse() has it
    request.resolver_match = SimpleNamespace(namespace="first")
    assert render("{{ url('shop:item', 1) }}", request=request) == "/a/1/"
    request.current_app = "second"
    assert render("{{ url('shop:item', 1) }}", request=request) == "/b/1/"


def test_a_wrong_name_is_an_error_and_not_an_empty_address(urls: None) -> None:
    with pytest.raises(NoReverseMatch):
        render("{{ url('abuot') }}")


def test_static_without_static_url_says_what_to_set() -> None:
    with override_settings(STATIC_URL=None), pytest.raises(ImproperlyConfigured, match="STATIC_URL is not set"):
        static("a.css")


def test_an_app_may_make_the_addresses_of_static_files(urls: None) -> None:
    build_with(lambda name: f"/hashed/{name}?v=1")
    try:
        assert render("{{ static('a.css') }}") == "/hashed/a.css?v=1"
    finally:
        build_with(None)


def test_csrf_input_is_a_hidden_field_with_the_token() -> None:
    request = RequestFactory().get("/")
    text = render("{{ csrf_input }}|{{ csrf_token }}", request=request)
    field, _, token = text.partition("|")
    assert field.startswith('<input type="hidden" name="csrfmiddlewaretoken" value="')
    assert len(token) == 64


def test_a_page_without_a_form_makes_no_token() -> None:
    request = RequestFactory().get("/")
    render("no form", request=request)
    assert "CSRF_COOKIE" not in request.META


def test_csp_nonce_is_empty_until_a_middleware_makes_one() -> None:
    request = RequestFactory().get("/")
    assert render("[{{ csp_nonce }}]", request=request) == "[]"
    request._csp_nonce = "abc"
    assert render("[{{ csp_nonce }}]", request=request) == "[abc]"


def test_the_views_context_wins_over_context_processors_and_they_over_nothing() -> None:
    paths = [f"{__name__}.processor"]
    request = RequestFactory().get("/")
    assert render("{{ who }} {{ only }}", {"who": "view"}, request, context_processors=paths) == "view here"


def test_the_views_own_dict_is_not_changed() -> None:
    context = {"a": 1}
    render("{{ a }}", context, RequestFactory().get("/"))
    assert context == {"a": 1}


def test_self_in_a_context_does_no_harm() -> None:
    assert render("hello {{ foo }}!", {"self": "self", "foo": "world"}) == "hello world!"


def test_the_environment_option_makes_the_environment() -> None:
    assert render("{{ shout('x') }}", environment=make_environment) == "X!"


def make_environment(**options: Any) -> Any:
    env = jinja2.Environment(**options)
    env.globals["shout"] = lambda text: f"{text.upper()}!"
    return env


def test_the_signal_tells_listeners_what_was_rendered() -> None:
    seen: list[dict[str, Any]] = []

    def listener(sender: Any, template: Any, context: dict[str, Any], **kwargs: Any) -> None:
        seen.append(context)

    template_rendered.connect(listener)
    try:
        render("{{ a }}", {"a": 1})
    finally:
        template_rendered.disconnect(listener)
    render("{{ a }}", {"a": 2})
    assert seen == [{"a": 1}]
