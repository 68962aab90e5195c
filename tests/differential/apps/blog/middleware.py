"""Who is signed in, and which robots are not welcome."""

from django.http import HttpResponseForbidden
from django.utils.deprecation import MiddlewareMixin


class AuthorMiddleware(MiddlewareMixin):
    """Put the author's name on the request, and count the pages that a visitor has seen."""

    def process_request(self, request):
        request.author = request.session.get("author")

    def process_view(self, request, view_func, view_args, view_kwargs):
        if getattr(view_func, "for_authors", False) and not request.author:
            return HttpResponseForbidden("Sign in first.", content_type="text/plain")
        return None

    def process_template_response(self, request, response):
        response.context_data = {**(response.context_data or {}), "seen": request.session.get("seen", 0)}
        return response

    def process_response(self, request, response):
        if request.author and response.status_code == 200:
            request.session["seen"] = request.session.get("seen", 0) + 1
        return response


def robots(get_response):
    def middleware(request):
        if "badbot" in request.headers.get("User-Agent", ""):
            return HttpResponseForbidden("no robots")
        response = get_response(request)
        response.headers["X-Robots-Tag"] = "noarchive"
        return response

    return middleware
