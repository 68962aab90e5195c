"""Answer conditional GET requests with 304 when the client has the page already.

Source: RFC 9110, section 13; Django's reference "Middleware", section "Conditional GET middleware".
"""

from __future__ import annotations

from typing import Any

from miniframe.http import HttpRequest
from miniframe.utils.cache import cache_directives, get_conditional_response, set_response_etag
from miniframe.utils.deprecation import MiddlewareMixin
from miniframe.utils.http import parse_http_date_safe


class ConditionalGetMiddleware(MiddlewareMixin):
    """Give each page an ETag, unless it has one or is not to be stored, and compare it with the request's."""

    def process_response(self, request: HttpRequest, response: Any) -> Any:
        """Return the response, or a 304 in its place."""
        # It is too late for a 412: the view has run.  And a HEAD's response has no content to make a tag of.
        if request.method != "GET":
            return response
        if "ETag" not in response and self.needs_etag(response):
            set_response_etag(response)
        etag = response.get("ETag")
        last_modified = parse_http_date_safe(response.get("Last-Modified") or "")
        if not etag and not last_modified:
            return response
        return get_conditional_response(request, etag=etag, last_modified=last_modified, response=response)

    def needs_etag(self, response: Any) -> bool:
        """Return whether somebody may store the response, so that a tag could be of use."""
        return "no-store" not in cache_directives(response)
