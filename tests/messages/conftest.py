"""Requests with a place for messages, and a site that adds and shows them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from miniframe import messages
from miniframe.http import HttpRequest, HttpResponse
from miniframe.messages.storage.cookie import CookieStorage
from miniframe.messages.storage.fallback import FallbackStorage
from miniframe.messages.storage.session import SessionStorage
from miniframe.shortcuts import redirect
from miniframe.test import Client
from miniframe.test.utils import override_settings
from miniframe.urls import path

STORAGES: list[type[Any]] = [CookieStorage, SessionStorage, FallbackStorage]

Site = Callable[..., Client]


def new_request(**cookies: str) -> Any:
    """Return a request with a session that is a plain dict."""
    request: Any = HttpRequest()
    request.session = {}
    request.COOKIES = cookies
    return request


@pytest.fixture(params=STORAGES, ids=lambda storage: storage.__name__)
def storage(request: pytest.FixtureRequest) -> Any:
    """A fresh storage of each class in turn."""
    return request.param(new_request())


def handed_on(storage: Any) -> Any:
    """Return the storage of the visitor's next request, after a response that stored what `storage` has."""
    response = HttpResponse()
    storage.update(response)
    following = new_request(**{name: morsel.value for name, morsel in response.cookies.items()})
    following.session = storage.request.session
    return type(storage)(following)


def add(request: HttpRequest) -> HttpResponse:
    """Add each message of the form, then go to the page that shows them."""
    for text in request.POST.getlist("text"):
        messages.success(request, text)
    return redirect("/show")


def show(request: HttpRequest) -> HttpResponse:
    """Show the messages as text."""
    return HttpResponse("|".join(f"{message.tags}:{message}" for message in messages.get_messages(request)))


def plain(request: HttpRequest) -> HttpResponse:
    """Do not look at messages."""
    return HttpResponse("plain")


@pytest.fixture
def make_site() -> Iterator[Site]:
    """`make_site(SETTING=value)`: a client of the site with the views above."""
    overrides: list[Any] = []

    def make(**settings: Any) -> Client:
        override = override_settings(
            **{
                "ROOT_URLCONF": SimpleNamespace(
                    urlpatterns=[path("add", add), path("show", show), path("plain", plain)]
                ),
                "MIDDLEWARE": [
                    "miniframe.sessions.middleware.SessionMiddleware",
                    "miniframe.messages.middleware.MessageMiddleware",
                ],
            }
            | settings
        )
        override.enable()
        overrides.append(override)
        return Client()

    yield make
    for override in reversed(overrides):
        override.disable()
