"""Which routes a host has, and how often one visitor may come."""

from django.conf import settings
from django.core.cache import caches
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpResponse


class HostMiddleware:
    """The host stats.go.test has routes of its own."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.get_host().split(":")[0] == "stats.go.test":
            request.urlconf = "shortener.stats"
        return self.get_response(request)


class RateLimit:
    def __init__(self, get_response):
        if not settings.HITS_A_MINUTE:
            raise MiddlewareNotUsed("no limit")
        self.get_response = get_response

    def __call__(self, request):
        limits = caches["limits"]
        who = request.META["REMOTE_ADDR"]
        limits.add(who, 0)
        hits = limits.incr(who)
        if hits > settings.HITS_A_MINUTE:
            return HttpResponse("Slow down.\n", status=429, headers={"Retry-After": 60}, content_type="text/plain")
        response = self.get_response(request)
        response["X-Hits-Left"] = settings.HITS_A_MINUTE - hits
        return response

    def process_exception(self, request, exception):
        if isinstance(exception, TimeoutError):
            return HttpResponse("Try again.", status=503)
        return None
