"""A site made on the spot: routes and middleware in, a function that requests pages out."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from types import ModuleType
from typing import Any, NamedTuple
from wsgiref.util import setup_testing_defaults

import pytest

from miniframe.handlers.wsgi import WSGIHandler
from miniframe.test.utils import override_settings


class Answer(NamedTuple):
    status: str
    headers: list[tuple[str, str]]
    body: bytes


class Site:
    def __init__(self, handler: WSGIHandler, urlconf: ModuleType) -> None:
        self.handler = handler
        self.urlconf = urlconf

    def get(self, path: str = "/", **environ: Any) -> Answer:
        environ = {"PATH_INFO": path, "HTTP_HOST": "localhost", "wsgi.input": io.BytesIO(), **environ}
        setup_testing_defaults(environ)
        heads: list[tuple[str, list[tuple[str, str]]]] = []
        body = self.handler(environ, lambda status, headers, exc_info=None: heads.append((status, headers)))
        try:
            content = b"".join(body)
        finally:
            close = getattr(body, "close", None)
            if close is not None:
                close()
        [(status, headers)] = heads
        return Answer(status, headers, content)


MakeSite = Callable[..., Site]


@pytest.fixture
def make_site() -> Iterator[MakeSite]:
    """`make_site(*routes, middleware=[factory, ...], handler=WSGIHandler, **settings)`."""
    with ExitStack() as stack:

        def make(*routes: Any, middleware: Any = (), handler: type[WSGIHandler] = WSGIHandler, **settings: Any) -> Site:
            urlconf = ModuleType("site_urls")
            urlconf.urlpatterns = list(routes)  # type: ignore[attr-defined]  # a URLconf
            sys.modules["site_urls"] = urlconf
            stack.callback(sys.modules.pop, "site_urls", None)
            layers = ModuleType("site_middleware")
            sys.modules["site_middleware"] = layers
            stack.callback(sys.modules.pop, "site_middleware", None)
            for factory in middleware:
                setattr(layers, factory.__name__, factory)
            settings.setdefault("MIDDLEWARE", [f"site_middleware.{factory.__name__}" for factory in middleware])
            stack.enter_context(override_settings(ROOT_URLCONF="site_urls", **settings))
            return Site(handler(), urlconf)

        yield make
