"""Forbid other sites to show ours in a frame, where a click could be made to mean something else.

Source: RFC 7034 (X-Frame-Options); Django's reference "Clickjacking Protection".
"""

from __future__ import annotations

from miniframe.conf import settings
from miniframe.http import HttpRequest, HttpResponseBase
from miniframe.utils.deprecation import MiddlewareMixin

#: The usual values, in the form in which a response keeps a header that it has checked.
_CHECKED = {value: ("X-Frame-Options", value) for value in ("DENY", "SAMEORIGIN")}


class XFrameOptionsMiddleware(MiddlewareMixin):
    """Set X-Frame-Options to settings.X_FRAME_OPTIONS, unless the view set it or is exempt."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Add the header to a response that has none."""
        headers = response.headers
        if "x-frame-options" in headers._store or getattr(response, "xframe_options_exempt", False):
            return response
        value = self.get_xframe_options_value(request, response)
        field = _CHECKED.get(value)
        if field is None:
            headers["X-Frame-Options"] = value
        else:
            headers._store["x-frame-options"] = field
        return response

    def get_xframe_options_value(self, request: HttpRequest, response: HttpResponseBase) -> str:
        """Return the header's value; a subclass may decide by request and response."""
        value: str = getattr(settings, "X_FRAME_OPTIONS", "DENY")
        return value if value in _CHECKED else value.upper()
