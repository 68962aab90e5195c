"""A site that remembers its visitors, served by two machines: each view shows one thing that these have to share.

Each answer says by X-Machine which of them has made it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any

from miniframe import messages
from miniframe.cache import cache
from miniframe.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from miniframe.middleware.csrf import get_token
from miniframe.views.decorators.cache import cache_page
from miniframe.views.decorators.csrf import csrf_exempt

MACHINE = os.environ["MACHINE"]


def name_the_machine(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Put X-Machine onto each response; a middleware."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response["X-Machine"] = MACHINE
        return response

    return middleware


def front(request: HttpRequest) -> HttpResponse:
    """Show a page that needs nothing."""
    return HttpResponse("welcome\n")


def login(request: Any) -> HttpResponse:
    """Give the token for the form, or take the form: who is it?"""
    if request.method != "POST":
        return HttpResponse(get_token(request))
    request.session.cycle_key()
    request.session["user"] = request.POST["name"]
    messages.success(request, f"Good morning, {request.POST['name']}.")
    return HttpResponse("logged in\n")


@csrf_exempt
def logout(request: Any) -> HttpResponse:
    """Forget the visitor."""
    request.session.flush()
    return HttpResponse("logged out\n")


def _state(request: Any) -> JsonResponse:
    return JsonResponse({"user": request.session.get("user"), "count": request.session.get("count", 0)})


def who(request: Any) -> HttpResponse:
    """Tell what the session knows."""
    return _state(request)


@csrf_exempt
def count(request: Any) -> HttpResponse:
    """Count in the session."""
    request.session["count"] = request.session.get("count", 0) + 1
    return _state(request)


@csrf_exempt
def put(request: Any, key: str) -> HttpResponse:
    """Set a key of a session that was read before somebody else has written it: the cache says when."""
    request.session.get("user")
    cache.set("has-read", 1)
    deadline = time.monotonic() + 20
    while cache.get("may-write") is None and time.monotonic() < deadline:
        time.sleep(0.01)
    request.session[key] = True
    return HttpResponse("set\n")


def notices(request: Any) -> HttpResponse:
    """Show the messages that wait for the visitor."""
    return JsonResponse([str(message) for message in messages.get_messages(request)], safe=False)


@cache_page(60)
def board(request: HttpRequest) -> HttpResponse:
    """Show a page that is kept: who made it, and when."""
    return HttpResponse(f"{MACHINE} {time.time()}")


@csrf_exempt
def tickets(request: HttpRequest) -> HttpResponse:
    """Draw a number that nobody else has drawn."""
    cache.add("tickets", 0, timeout=None)
    return HttpResponse(str(cache.incr("tickets")))


@csrf_exempt
def slow(request: HttpRequest) -> HttpResponse:
    """Take a while."""
    time.sleep(float(request.GET["seconds"]))
    return HttpResponse("done\n")
