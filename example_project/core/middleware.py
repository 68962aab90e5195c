"""Two small middlewares, in the two shapes there are: a function that returns a function, and a class."""

from __future__ import annotations

import time
from collections.abc import Callable

from miniframe.http import HttpRequest, HttpResponseBase

from core.visits import count_visit

GetResponse = Callable[[HttpRequest], HttpResponseBase]


def response_time(get_response: GetResponse) -> GetResponse:
    """Say in `Server-Timing` how long the response took; a browser's network panel draws it."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        begun = time.perf_counter()
        response = get_response(request)
        response.headers["Server-Timing"] = f"app;dur={(time.perf_counter() - begun) * 1000:.2f}"
        return response

    return middleware


class VisitCounterMiddleware:
    """Count the pages that a visitor opens; pictures, streams, JSON and mistakes do not count."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        is_page = response.headers.get("Content-Type", "").startswith("text/html")
        if request.method == "GET" and response.status_code == 200 and is_page:
            count_visit(request)
        return response
