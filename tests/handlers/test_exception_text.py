"""An exception that cannot be written as text is answered like any other of its kind."""

from __future__ import annotations

from typing import Any

import pytest

from miniframe.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from miniframe.http import HttpResponse
from miniframe.urls import path


class Silent:
    def __str__(self) -> str:
        raise RuntimeError("no words")


class SilentRequest(Silent, BadRequest):
    pass


class SilentSuspicion(Silent, SuspiciousOperation):
    pass


class SilentDenial(Silent, PermissionDenied):
    pass


def adds_a_header(get_response: Any) -> Any:
    def middleware(request: Any) -> Any:
        response = get_response(request)
        response.headers["X-Passed"] = "yes"
        return response

    return middleware


@pytest.mark.parametrize("debug", [True, False], ids=["debug", "production"])
@pytest.mark.parametrize(
    ("kind", "status"),
    [(SilentRequest, 400), (SilentSuspicion, 400), (SilentDenial, 403), (type("S", (Silent, Exception), {}), 500)],
    ids=["bad-request", "suspicious", "denied", "other"],
)
def test_its_status_stays_and_the_middleware_runs(make_site: Any, kind: Any, status: int, debug: bool) -> None:
    def view(request: Any) -> HttpResponse:
        raise kind

    site = make_site(path("x/", view), middleware=[adds_a_header], DEBUG=debug, ALLOWED_HOSTS=["*"])
    answer = site.get("/x/", HTTP_ACCEPT="text/plain")
    assert int(answer.status[:3]) == status
    assert ("X-Passed", "yes") in answer.headers
    if debug:
        assert kind.__name__ in answer.body.decode()
        assert "no words" not in answer.body.decode().split("Hint")[0]
