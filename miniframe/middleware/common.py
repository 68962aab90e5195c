"""Small things that nearly every site wants: one address per page, no unwanted robots, Content-Length.

Source: Django's reference "Middleware", section "Common middleware".
"""

from __future__ import annotations

from typing import Any

from miniframe.conf import settings
from miniframe.exceptions import PermissionDenied
from miniframe.http import HttpRequest, HttpResponseBase, HttpResponsePermanentRedirect
from miniframe.urls import is_valid_path
from miniframe.utils.deprecation import MiddlewareMixin
from miniframe.utils.http import escape_leading_slashes


class CommonMiddleware(MiddlewareMixin):
    """Check host and user agent, redirect to the page's one address, and say how long the response is.

    Settings: DISALLOWED_USER_AGENTS, PREPEND_WWW, APPEND_SLASH. A subclass may choose another kind of redirect with
    `response_redirect_class`.
    """

    response_redirect_class = HttpResponsePermanentRedirect

    def process_request(self, request: HttpRequest) -> HttpResponseBase | None:
        """Refuse robots and hosts that are not welcome, and redirect to "www." if settings.PREPEND_WWW says so.

        Raises:
            PermissionDenied: the user agent matches one of settings.DISALLOWED_USER_AGENTS.
            DisallowedHost: the host is not in settings.ALLOWED_HOSTS.
        """
        if settings.DISALLOWED_USER_AGENTS:
            _check_user_agent(request)
        host = request.get_host()
        if not settings.PREPEND_WWW or not host or host.startswith("www."):
            return None
        # One redirect does for both, so the slash is seen to here as well.
        slash = self.should_redirect_with_slash(request)
        path = self.get_full_path_with_slash(request) if slash else request.get_full_path()
        return self.response_redirect_class(f"{request.scheme}://www.{host}{path}")

    def process_response(self, request: HttpRequest, response: Any) -> Any:
        """Redirect a 404 to the same path with a slash if a route matches that; else set Content-Length."""
        status = response.status_code
        if status == 404 and self.should_redirect_with_slash(request):
            return self.response_redirect_class(self.get_full_path_with_slash(request))
        # 1xx and 204 must not have one; that of a 304 would be the length of the page it stands for
        # (RFC 9110, section 8.6).
        if not response.streaming and status >= 200 and status not in (204, 304):
            fields = response.headers._store
            if "content-length" not in fields:
                # A number needs no check, so it goes straight to where the response keeps it.
                fields["content-length"] = ("Content-Length", str(len(response.content)))
        return response

    def should_redirect_with_slash(self, request: HttpRequest) -> bool:
        """Return whether settings.APPEND_SLASH is on, no route matches the path and one matches it with a slash."""
        path = request.path_info
        if not settings.APPEND_SLASH or path.endswith("/"):
            return False
        urlconf = getattr(request, "urlconf", None)
        if is_valid_path(path, urlconf):
            return False
        match = is_valid_path(f"{path}/", urlconf)
        return not isinstance(match, bool) and getattr(match.func, "should_append_slash", True)

    def get_full_path_with_slash(self, request: HttpRequest) -> str:
        """Return the path with a slash at its end, and the query string.

        Raises:
            RuntimeError: in DEBUG, for a method whose body would get lost in the redirect.
        """
        # A path that begins with "//" would be taken as a host.
        path = escape_leading_slashes(request.get_full_path(force_append_slash=True))
        if settings.DEBUG and request.method in ("DELETE", "PATCH", "POST", "PUT"):
            raise RuntimeError(
                f"You called this URL via {request.method}, but the URL doesn't end in a slash and you have "
                f"APPEND_SLASH set. A redirect to the URL with the slash would lose the data: it can't be sent while "
                f"maintaining {request.method} data. Change your form to point to {request.get_host()}{path} (note the "
                f"trailing slash), or set APPEND_SLASH=False in your settings."
            )
        return path


def _check_user_agent(request: HttpRequest) -> None:
    agent = request.META.get("HTTP_USER_AGENT")
    if agent is not None and any(pattern.search(agent) for pattern in settings.DISALLOWED_USER_AGENTS):
        raise PermissionDenied("Forbidden user agent")
