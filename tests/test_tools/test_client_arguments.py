"""What the client and the factory take, argument by argument, and what a response tells about its templates."""

from __future__ import annotations

import datetime
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from miniframe.http import HttpResponse, HttpResponseRedirect, JsonResponse
from miniframe.shortcuts import render
from miniframe.test import Client, RequestFactory, SimpleTestCase, override_settings
from miniframe.test.utils import ContextList
from miniframe.urls import path

BODILESS = ("get", "head", "trace")
BODIED = ("post", "put", "patch", "delete", "options")


def show(request: Any) -> HttpResponse:
    seen = {
        "method": request.method,
        "query": request.META["QUERY_STRING"],
        "body": request.body.decode(),
        "secure": request.is_secure(),
        "x": request.headers.get("X-Mine"),
        "environ": request.META.get("MINE"),
    }
    return JsonResponse(seen, headers={"X-Seen": json.dumps(seen)})


def moved(request: Any, code: int) -> HttpResponse:
    return HttpResponse(status=code, headers={"Location": "/show/?from=location"})


@pytest.fixture(autouse=True)
def site(tmp_path: Path) -> Iterator[None]:
    pages = {
        "page.html": '{% extends "base.html" %}{% import "tools.html" as tools %}'
        '{% block body %}{{ tools.loud("x") }}{% include "part.html" %}{% include ["none.html", "part.html"] %}'
        "{% endblock %}",
        "base.html": "<title>{{ title }}</title>{% block body %}{% endblock %}",
        "part.html": "part",
        "tools.html": "{% macro loud(text) %}{{ text }}!{% endmacro %}",
        "alone.html": "{{ title }}",
    }
    for name, text in pages.items():
        (tmp_path / name).write_text(text)
    urls = ModuleType("argument_urls")
    urls.urlpatterns = [  # type: ignore[attr-defined]
        path("show/", show),
        path("moved/<int:code>/", moved),
        path("relative/", lambda request: HttpResponseRedirect("show/")),
        path("relative/show/", show),
        path("away/", lambda request: HttpResponseRedirect("http://there.test/show/")),
        path("door/", lambda request: HttpResponseRedirect("/inside/")),
        path("inside/", lambda request: HttpResponse(status=200 if "X-Mine" in request.headers else 403)),
        path("page/", lambda request: render(request, "page.html", {"title": "T"})),
        path("alone/", lambda request: render(request, "alone.html", {"title": "T"})),
    ]
    sys.modules["argument_urls"] = urls
    engine = {"BACKEND": "miniframe.template.backends.jinja2.Jinja2", "DIRS": [tmp_path]}
    with override_settings(ROOT_URLCONF="argument_urls", TEMPLATES=[engine]):
        yield
    del sys.modules["argument_urls"]


def seen_by(method: str, *args: Any, **kwargs: Any) -> dict[str, Any]:
    """Return what the view saw; a response to HEAD has it in a header only."""
    seen: dict[str, Any] = json.loads(getattr(Client(), method)("/show/", *args, **kwargs).headers["X-Seen"])
    return seen


@pytest.mark.parametrize("method", BODILESS + BODIED)
def test_every_method_takes_a_query_headers_environ_and_https(method: str) -> None:
    seen = seen_by(method, query_params={"a": [1, 2]}, headers={"X-Mine": "h"}, MINE="e", secure=True)
    assert seen["method"] == method.upper()
    assert (seen["query"], seen["x"], seen["environ"], seen["secure"]) == ("a=1&a=2", "h", "e", True)


@pytest.mark.parametrize("method", BODILESS + BODIED)
def test_follow_stands_before_secure_as_in_django(method: str) -> None:
    before: list[Any] = {"trace": [], "get": [None], "head": [None]}.get(method, ["", "text/plain"])
    followed = getattr(Client(), method)("/moved/302/", *before, True)
    assert followed.redirect_chain == [("/show/?from=location", 302)]
    assert seen_by(method, *before, False, True)["secure"] is True


@pytest.mark.parametrize("method", ["get", "post", "put"])
def test_the_factory_takes_secure_in_that_place(method: str) -> None:
    arguments: list[Any] = [{}] if method == "get" else [{}, "application/json"]
    assert getattr(RequestFactory(), method)("/", *arguments, True).is_secure()


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
@pytest.mark.parametrize("data", [{"day": datetime.date(2026, 5, 1)}, [1], (1,)], ids=["dict", "list", "tuple"])
def test_json_is_encoded_where_the_content_type_says_so(method: str, data: Any) -> None:
    body = seen_by(method, data, content_type="application/vnd.api+json")["body"]
    assert json.loads(body) == ({"day": "2026-05-01"} if isinstance(data, dict) else [1])


def test_the_encoder_of_json_may_be_another() -> None:
    class Shouting(json.JSONEncoder):
        def default(self, o: Any) -> str:
            return "!"

    for maker in (Client(json_encoder=Shouting), Client(False, True, Shouting), RequestFactory(json_encoder=Shouting)):
        request = maker.post("/show/", {"a": object()}, content_type="application/json")
        assert getattr(request, "wsgi_request", request).body == b'{"a": "!"}'


def test_what_goes_with_every_request_gives_way_to_what_goes_with_one() -> None:
    cases: list[tuple[str, Any, str]] = [
        ("", {}, "a=1"),
        ("", {"query_params": {"b": 2}}, "b=2"),
        ("", {"data": {"c": 3}}, "c=3"),
        ("?d=4", {}, "d=4"),
    ]
    for maker in (Client(query_params={"a": 1}, MINE="all"), RequestFactory(query_params={"a": 1}, MINE="all")):
        for tail, arguments, query in cases:
            made = maker.get(f"/show/{tail}", **arguments)
            meta = getattr(made, "wsgi_request", made).META
            assert (meta["QUERY_STRING"], meta["MINE"]) == (query, "all")


def test_data_and_query_params_exclude_each_other() -> None:
    with pytest.raises(ValueError, match="query_params and data arguments are mutually exclusive"):
        Client().get("/show/", {"a": 1}, query_params={"b": 2})


@pytest.mark.parametrize("code", [307, 308])
@pytest.mark.parametrize(
    ("method", "arguments", "query", "body"),
    [
        pytest.param("get", {"data": {"a": 1}}, "a=1", "", id="data-of-get-is-its-own"),
        pytest.param("get", {"query_params": {"a": 1}}, "a=1", "", id="query_params-too"),
        pytest.param("get", {}, "from=location", "", id="else-the-new-address-says"),
        pytest.param("put", {"data": "text"}, "from=location", "text", id="put-keeps-its-body"),
    ],
)
def test_a_redirect_that_keeps_the_method(code: int, method: str, arguments: Any, query: str, body: str) -> None:
    response = getattr(Client(), method)(f"/moved/{code}/", follow=True, **arguments)
    assert (response.json()["method"], response.json()["query"], response.json()["body"]) == (
        method.upper(),
        query,
        body,
    )


def test_a_redirect_to_another_host_is_followed_there() -> None:
    with override_settings(ALLOWED_HOSTS=["here.test", "there.test"]):
        for arguments in ({"HTTP_HOST": "here.test"}, {"headers": {"Host": "here.test"}}):
            response = Client().get("/away/", follow=True, **arguments)
            assert response.wsgi_request.get_host() == "there.test"


def test_what_went_with_a_request_goes_to_where_it_redirects_as_well() -> None:
    SimpleTestCase().assertRedirects(Client().get("/door/", headers={"X-Mine": "key"}), "/inside/")


def test_a_redirect_may_be_relative_and_headers_go_along() -> None:
    response = Client().get("/relative/", follow=True, headers={"X-Mine": "h"})
    assert response.redirect_chain == [("show/", 302)]
    assert response.request["PATH_INFO"] == "/relative/show/"
    assert response.json()["x"] == "h"


def test_a_response_knows_its_templates_with_their_parts() -> None:
    response = Client().get("/page/")
    names = [template.name for template in response.templates]
    assert names[0] == "page.html"
    assert {"base.html", "tools.html", "part.html"} < set(names)
    assert names.count("part.html") == 2
    assert response.context["title"] == "T"
    assert "title" in response.context
    case = SimpleTestCase()
    case.assertTemplateUsed(response, "base.html")
    case.assertTemplateNotUsed(response, "none.html")
    with case.assertTemplateUsed("part.html", count=2):
        Client().get("/page/")


def test_a_page_of_one_template_has_one_context() -> None:
    response = Client().get("/alone/")
    assert isinstance(response.context, dict)
    assert response.context["title"] == "T"
    assert Client().get("/show/").context is None


def test_a_variable_that_no_template_had_is_missed_with_the_names_there_are() -> None:
    contexts = ContextList([{"a": 1}, {"a": 2, "b": 3}])
    assert (contexts["a"], contexts["b"], contexts[1], contexts[:1]) == (1, 3, {"a": 2, "b": 3}, [{"a": 1}])
    assert contexts.keys() == {"a", "b"}
    assert (contexts.get("b"), contexts.get("c", "none")) == (3, "none")
    with pytest.raises(KeyError) as caught:
        contexts["c"]
    assert caught.value.args == ("c",)
    assert caught.value.__notes__ == ["The templates had these variables: a, b."]


def test_a_response_knows_the_request_and_the_route() -> None:
    client = Client()
    response = client.get("/moved/302/")
    assert (response.client, response.wsgi_request.path) == (client, "/moved/302/")
    assert response.resolver_match.func is moved
    assert response.resolver_match.kwargs == {"code": 302}
    assert response.exc_info is None
