"""XFrameOptionsMiddleware and its decorators: who may show a page in a frame."""

from __future__ import annotations

from typing import Any

import pytest

from miniframe.http import HttpResponse
from miniframe.middleware.clickjacking import XFrameOptionsMiddleware
from miniframe.test.utils import override_settings
from miniframe.views.decorators.clickjacking import (
    xframe_options_deny,
    xframe_options_exempt,
    xframe_options_sameorigin,
)


def view(request: Any) -> HttpResponse:
    return HttpResponse()


def view_with_its_own(request: Any) -> HttpResponse:
    return HttpResponse(headers={"X-Frame-Options": "OWN"})


@pytest.mark.parametrize(
    ("setting", "decorated", "expected"),
    [
        pytest.param("DENY", view, "DENY", id="deny"),
        pytest.param("sameorigin", view, "SAMEORIGIN", id="capitals"),
        pytest.param("DENY", view_with_its_own, "OWN", id="own"),
        pytest.param("DENY", xframe_options_sameorigin(view), "SAMEORIGIN", id="decorated-sameorigin"),
        pytest.param("SAMEORIGIN", xframe_options_deny(view), "DENY", id="decorated-deny"),
        pytest.param("DENY", xframe_options_deny(view_with_its_own), "OWN", id="decorated-own"),
        pytest.param("DENY", xframe_options_exempt(view), None, id="exempt"),
    ],
)
def test_the_header_says_who_may_frame(make_request: Any, setting: str, decorated: Any, expected: str | None) -> None:
    with override_settings(X_FRAME_OPTIONS=setting):
        assert XFrameOptionsMiddleware(decorated)(make_request()).get("X-Frame-Options") == expected


def test_a_subclass_may_decide_by_request(make_request: Any) -> None:
    class ByPath(XFrameOptionsMiddleware):
        def get_xframe_options_value(self, request: Any, response: Any) -> str:
            return "SAMEORIGIN" if request.path.startswith("/embed/") else "DENY"

    middleware = ByPath(view)
    assert middleware(make_request("/embed/x"))["X-Frame-Options"] == "SAMEORIGIN"
    assert middleware(make_request("/"))["X-Frame-Options"] == "DENY"
