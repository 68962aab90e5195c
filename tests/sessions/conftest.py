"""Stores of every kind, and a site whose views use the session."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from miniframe.cache import caches
from miniframe.http import HttpRequest, HttpResponse, HttpResponseBase
from miniframe.sessions.backends.base import SessionBase
from miniframe.sessions.engine import session_store
from miniframe.test import Client
from miniframe.test.utils import override_settings
from miniframe.urls import path

BACKENDS = "miniframe.sessions.backends"

View = Callable[[HttpRequest], HttpResponseBase]
MakeSite = Callable[..., Client]


@pytest.fixture(params=["signed_cookies", "file", "cache"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[type[SessionBase]]:
    """The class of each backend in turn, with a folder and a cache of its own."""
    with override_settings(SESSION_ENGINE=f"{BACKENDS}.{request.param}", SESSION_FILE_PATH=str(tmp_path)):
        yield session_store()
        caches["default"].clear()


@pytest.fixture(params=["file", "cache"])
def keeping_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[type[SessionBase]]:
    """The class of each backend that keeps sessions on the server."""
    with override_settings(SESSION_ENGINE=f"{BACKENDS}.{request.param}", SESSION_FILE_PATH=str(tmp_path)):
        yield session_store()
        caches["default"].clear()


@pytest.fixture
def make_site(tmp_path: Path) -> Iterator[MakeSite]:
    """`make_site(view, SETTING=value)`: a client of a site whose one page is `view`, with sessions."""
    overrides: list[Any] = []

    def make(view: View, **settings: Any) -> Client:
        override = override_settings(
            **{
                "ROOT_URLCONF": SimpleNamespace(urlpatterns=[path("", view)]),
                "MIDDLEWARE": ["miniframe.sessions.middleware.SessionMiddleware"],
                "SESSION_FILE_PATH": str(tmp_path),
            }
            | settings
        )
        override.enable()
        overrides.append(override)
        return Client(raise_request_exception=False)

    yield make
    for override in reversed(overrides):
        override.disable()
    caches["default"].clear()


def plain(request: HttpRequest) -> HttpResponse:
    """A view that does not know of sessions."""
    return HttpResponse("plain")
