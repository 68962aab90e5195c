"""render, redirect, resolve_url."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from miniframe.exceptions import NoReverseMatch
from miniframe.http import HttpRequest, HttpResponse
from miniframe.shortcuts import redirect, render, resolve_url
from miniframe.test import RequestFactory
from miniframe.test.utils import override_settings
from miniframe.urls import path, reverse_lazy


def target(request: HttpRequest, pk: int) -> HttpResponse:
    return HttpResponse("")


class Article:
    def get_absolute_url(self) -> str:
        return "/articles/1/"


@pytest.fixture(autouse=True)
def project(tmp_path: Path) -> Iterator[None]:
    (tmp_path / "a.html").write_text("{{ word }} {{ request.path }}")
    urls = ModuleType("urls_of_shortcuts")
    urls.urlpatterns = [path("to/<int:pk>/", target, name="target")]  # type: ignore[attr-defined]
    backend = {"BACKEND": "miniframe.template.backends.jinja2.Jinja2", "DIRS": [tmp_path]}
    with override_settings(ROOT_URLCONF=urls, TEMPLATES=[backend]):
        yield


def test_render_gives_a_response() -> None:
    response = render(RequestFactory().get("/p/"), "a.html", {"word": "hi"}, content_type="text/plain", status=201)
    assert (response.status_code, response.headers["Content-Type"], response.content) == (
        201,
        "text/plain",
        b"hi /p/",
    )


@pytest.mark.parametrize(
    ("to", "kwargs", "address"),
    [
        pytest.param("target", {"pk": 3}, "/to/3/", id="route"),
        pytest.param(target, {"pk": 3}, "/to/3/", id="view"),
        pytest.param(Article(), {}, "/articles/1/", id="object"),
        pytest.param("/some/where/", {}, "/some/where/", id="path"),
        pytest.param("https://example.com/", {}, "https://example.com/", id="address"),
        pytest.param("../up/", {}, "../up/", id="relative"),
        pytest.param(reverse_lazy("target", kwargs={"pk": 4}), {}, "/to/4/", id="lazy"),
    ],
)
def test_what_can_be_resolved(to: Any, kwargs: dict[str, Any], address: str) -> None:
    assert resolve_url(to, **kwargs) == address


@pytest.mark.parametrize("to", ["tarrget", target], ids=["name", "view-without-arguments"])
def test_what_looks_like_no_address_is_an_error(to: Any) -> None:
    with pytest.raises(NoReverseMatch):
        resolve_url(to)


@pytest.mark.parametrize(
    ("options", "status"),
    [
        pytest.param({}, 302, id="temporary"),
        pytest.param({"permanent": True}, 301, id="permanent"),
        pytest.param({"preserve_request": True}, 307, id="temporary-same-method"),
        pytest.param({"permanent": True, "preserve_request": True}, 308, id="permanent-same-method"),
    ],
)
def test_redirects(options: dict[str, bool], status: int) -> None:
    response = redirect("target", pk=1, **options)
    assert (response.status_code, response.headers["Location"]) == (status, "/to/1/")
