"""Shorten an address, follow it, count who follows."""

from urllib.parse import urlsplit

from django.core import signing
from django.core.cache import cache
from django.http import (
    Http404,
    HttpResponse,
    HttpResponseBadRequest,
    HttpResponseGone,
    HttpResponsePermanentRedirect,
    HttpResponseRedirect,
    JsonResponse,
)
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import cache_page, never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

FIRST = 62**2
SIGNER = signing.TimestampSigner(salt="remove")


def normal(address):
    """Return the address as it is kept.

    Raises:
        ValueError: it is none that one could be led to.
    """
    parts = urlsplit(address.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("An address begins with http:// or https://.")
    if len(address) > 2000:
        raise ValueError("That is not what I call an address.")
    return parts.geturl()


def home(request):
    error = ""
    if request.method == "POST":
        try:
            target = normal(request.POST.get("target", ""))
        except ValueError as problem:
            error = str(problem)
        else:
            number = cache.get_or_set("next", FIRST, None)
            cache.incr("next")
            cache.set_many({f"target:{number}": target, f"hits:{number}": 0}, None)
            response = HttpResponseRedirect(reverse("made", args=[number]) + "?new=1")
            response.set_signed_cookie("mine", str(number), salt="owner", httponly=True)
            return response
    return render(
        request, "home.html", {"error": error, "sent": request.POST.get("target", "")}, status=400 if error else 200
    )


@never_cache
def made(request, number):
    target = cache.get(f"target:{number}")
    if target is None:
        raise Http404
    mine = request.get_signed_cookie("mine", default=None, salt="owner", max_age=60) == str(number)
    context = {
        "target": target,
        "short": request.build_absolute_uri(reverse("follow", kwargs={"number": number})),
        "remove": reverse("remove", args=[SIGNER.sign(number)]) if mine else None,
        "hits": cache.get(f"hits:{number}", 0),
        "new": "new" in request.GET,
    }
    return render(request, "made.html", context)


@require_safe
def follow(request, number, permanent=False):
    target = cache.get(f"target:{number}")
    if target is None:
        raise Http404(f"No link {number}.")
    if target == "":
        return HttpResponseGone("It is gone.")
    if request.method == "GET":
        cache.incr(f"hits:{number}")
    query = request.META["QUERY_STRING"]
    if query:
        target += ("&" if "?" in target else "?") + query
    return HttpResponsePermanentRedirect(target) if permanent else redirect(target)


@csrf_exempt
@require_POST
def remove(request, token):
    try:
        number = SIGNER.unsign(token, max_age=60)
    except signing.SignatureExpired:
        return HttpResponseBadRequest("Too late.")
    except signing.BadSignature as problem:
        return HttpResponseBadRequest(type(problem).__name__)
    cache.set(f"target:{number}", "", 30)
    cache.delete_many([f"hits:{number}"])
    return HttpResponse(status=204)


@vary_on_headers("Accept")
@cache_page(60, key_prefix="statistics")
def statistics(request):
    made_so_far = cache.get("computed", 0) + 1
    cache.set("computed", made_so_far)
    numbers = range(FIRST, cache.get("next", FIRST))
    hits = cache.get_many([f"hits:{number}" for number in numbers])
    if request.get_preferred_type(["text/html", "application/json"]) == "application/json":
        return JsonResponse({"computed": made_so_far, "hits": hits})
    return HttpResponse(f"<p>Computed {made_so_far} times: {sorted(hits.items())}</p>")


def slow(request):
    raise TimeoutError


def refused(request, reason=""):
    return HttpResponse(f"Refused: {reason}", status=403, content_type="text/plain")


def error(status):
    def handler(request, exception=None):
        return HttpResponse(f"{status}: {exception}", status=status, content_type="text/plain")

    return handler


bad_request, not_found, server_error = error(400), error(404), error(500)
