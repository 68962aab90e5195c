"""A middleware of our own: a function that takes the next one and returns what is to be called instead."""

from __future__ import annotations

import time
from collections.abc import Callable

from miniframe.http import HttpRequest, HttpResponseBase

GetResponse = Callable[[HttpRequest], HttpResponseBase]


def response_time(get_response: GetResponse) -> GetResponse:
    """Say in `Server-Timing` how long the response took; a browser's network panel draws it."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        begun = time.perf_counter()
        response = get_response(request)
        response.headers["Server-Timing"] = f"app;dur={(time.perf_counter() - begun) * 1000:.2f}"
        return response

    return middleware
