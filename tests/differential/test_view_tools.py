"""Decorators and generic views beside Django's: the same view, the same request, the same answer."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import product
from types import SimpleNamespace
from typing import Any

import django.test.utils
import pytest

import miniframe.test.utils

MODIFIED = datetime(2024, 1, 1, tzinfo=UTC)
SAME_TIME, EARLIER = "Mon, 01 Jan 2024 00:00:00 GMT", "Sun, 31 Dec 2023 00:00:00 GMT"
METHODS = ("get", "head", "post", "put", "options")

Case = Callable[[Any], Any]


def toolbox(root: str) -> SimpleNamespace:
    """Gather what a view imports, from one of the two frameworks."""
    modules = [f"views.decorators.{name}" for name in ("http", "cache", "vary", "clickjacking", "gzip")]
    names: dict[str, Any] = {}
    for name in (*modules, "views.generic", "http", "test"):
        names.update(vars(importlib.import_module(f"{root}.{name}")))
    return SimpleNamespace(**names)


def view(box: Any, **headers: str) -> Callable[..., Any]:
    return lambda request, **kwargs: box.HttpResponse("x" * 300, headers=headers)


def sent(method: str, path: str = "/", **extra: str) -> Case:
    return lambda box: getattr(box.RequestFactory(), method)(path, **extra)


def bound(case: Any, **fixed: Any) -> Case:
    """Return a case with all but the toolbox given."""
    return lambda box: case(box, **fixed)


def by_method() -> Iterator[tuple[str, Case]]:
    uses = {
        "some": lambda box, request: box.require_http_methods(["GET", "POST"])(view(box))(request(box)),
        "get": lambda box, request: box.require_GET(view(box))(request(box)),
        "post": lambda box, request: box.require_POST(view(box))(request(box)),
        "safe": lambda box, request: box.require_safe(view(box))(request(box)),
        "bare": lambda box, request: box.View.as_view()(request(box)),
        "view": lambda box, request: class_based(box)(request(box)),
    }
    redirects: list[dict[str, Any]] = [
        {"url": "/x/%(a)s/", "query_string": True},
        {"url": "/50%%", "permanent": True},
        {"pattern_name": None},
    ]
    for method in METHODS:
        for name, use in uses.items():
            yield f"{method}-{name}", bound(use, request=sent(method))
        for options in redirects:
            yield f"{method}-{options}", bound(redirect, request=sent(method, "/?q=é&b=%20"), options=options)


def class_based(box: Any) -> Any:
    made: Any = type("Made", (box.View,), {"get": lambda self, request: box.HttpResponse("made")})
    return made.as_view()


def redirect(box: Any, request: Case, options: dict[str, Any]) -> Any:
    return box.RedirectView.as_view(**options)(request(box), a="é")


def conditional() -> Iterator[tuple[str, Case]]:
    tags, times = ('"a"', 'W/"a"', "*", '"b"', None), (SAME_TIME, EARLIER, "bad", None)
    matching, none_matching = ("IF_MATCH", "IF_UNMODIFIED_SINCE"), ("IF_NONE_MATCH", "IF_MODIFIED_SINCE")
    for method, names, tag, time in product(("get", "put"), (matching, none_matching), tags, times):
        headers = {f"HTTP_{name}": value for name, value in zip(names, (tag, time), strict=True) if value}
        request = sent(method, **headers)
        for etag, modified in (("a", MODIFIED), ('W/"a"', None), (None, None)):
            yield f"{method}-{headers}-{etag}", bound(conditioned, request=request, etag=etag, modified=modified)


def conditioned(box: Any, request: Case, etag: str | None, modified: datetime | None) -> Any:
    return box.condition(lambda request: etag, lambda request: modified)(view(box))(request(box))


def headers() -> Iterator[tuple[str, Case]]:
    get = sent("get")
    rules: list[dict[str, Any]] = [
        *({"max_age": 3}, {"private": True}, {"public": True, "max_age": 0}, {"no_cache": True}, {"private": False}),
        *({"no_cache": "Set-Cookie"}, {"must_revalidate": True, "s_maxage": 1}, {"stale_while_revalidate": 3}),
    ]
    for rule, before in product(rules, (None, "max-age=10", "public", "private", "no-store, max-age=1")):
        had = {"Cache-Control": before} if before else {}
        yield (
            f"{rule}-{before}",
            bound(lambda box, rule, had: box.cache_control(**rule)(view(box, **had))(get(box)), rule=rule, had=had),
        )
    yield "vary", lambda box: box.vary_on_headers("A", "cookie", "*")(view(box, Vary="Cookie"))(get(box))
    yield "vary-cookie", lambda box: box.vary_on_cookie(view(box, Vary="accept, COOKIE"))(get(box))
    for name, value in product(("deny", "sameorigin", "exempt"), (None, "OTHER")):
        had = {"X-Frame-Options": value} if value else {}
        name = f"xframe_options_{name}"
        yield (
            f"{name}-{value}",
            bound(lambda box, name, had: getattr(box, name)(view(box, **had))(get(box)), name=name, had=had),
        )


def mistakes() -> Iterator[tuple[str, Case]]:
    yield "unknown-attribute", lambda box: box.View.as_view(nope=1)
    yield "method-as-attribute", lambda box: box.View.as_view(get=1)
    yield "no-template", lambda box: box.TemplateView().get_template_names()
    yield "context", lambda box: sorted(box.TemplateView(extra_context={"x": 1}).get_context_data(a=2))
    yield "no-request-for-never", lambda box: box.never_cache(view(box))(object())
    yield "no-request-for-control", lambda box: box.cache_control(max_age=1)(view(box))(object())


def outcome(root: str, case: Case) -> object:
    try:
        answer = case(toolbox(root))
    except Exception as error:
        return type(error).__name__
    if not hasattr(answer, "status_code"):
        return answer
    fields = {name: value for name, value in answer.headers.items() if name not in {"Expires", "Date"}}
    return answer.status_code, fields, answer.content


@pytest.mark.parametrize("cases", [by_method, conditional, headers, mistakes])
def test_the_answers_are_djangos(cases: Callable[[], Iterator[tuple[str, Case]]]) -> None:
    with django.test.utils.override_settings(MIDDLEWARE=[]), miniframe.test.utils.override_settings(MIDDLEWARE=[]):
        for name, case in cases():
            assert (name, outcome("miniframe", case)) == (name, outcome("django", case))
