"""Redirect to HTTPS, and send the headers that tell browsers to be careful with our pages.

Source: Django's reference "Middleware", section "Security middleware"; RFC 6797 (Strict-Transport-Security); the W3C's
"Referrer Policy"; WHATWG HTML, "Cross-origin opener policies".
"""

from __future__ import annotations

import re

from miniframe.conf import settings
from miniframe.http import HttpRequest, HttpResponseBase, HttpResponsePermanentRedirect, ResponseHeaders
from miniframe.types import GetResponse
from miniframe.utils.deprecation import MiddlewareMixin


class SecurityMiddleware(MiddlewareMixin):
    """Apply the SECURE_* settings, which are read once: when the chain is built."""

    def __init__(self, get_response: GetResponse) -> None:
        super().__init__(get_response)
        self.sts_seconds: int = settings.SECURE_HSTS_SECONDS
        self.sts_include_subdomains: bool = settings.SECURE_HSTS_INCLUDE_SUBDOMAINS
        self.sts_preload: bool = settings.SECURE_HSTS_PRELOAD
        self.redirect: bool = settings.SECURE_SSL_REDIRECT
        self.redirect_host: str | None = settings.SECURE_SSL_HOST
        self.redirect_exempt: list[re.Pattern[str]] = [
            re.compile(pattern) for pattern in settings.SECURE_REDIRECT_EXEMPT
        ]
        self._always = _constant_headers()
        if not self.redirect and type(self).process_request is SecurityMiddleware.process_request:
            # Nothing is left to do on the way in, so the chain need not call us there.
            self._before = None

    def process_request(self, request: HttpRequest) -> HttpResponseBase | None:
        """Return a redirect to https:, if settings.SECURE_SSL_REDIRECT wants one and the path is not exempt."""
        if not self.redirect or request.is_secure():
            return None
        path = request.path.lstrip("/")
        if any(pattern.search(path) for pattern in self.redirect_exempt):
            return None
        host = self.redirect_host or request.get_host()
        return HttpResponsePermanentRedirect(f"https://{host}{request.get_full_path()}")

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Add the headers that the view has not set itself."""
        if self.sts_seconds and request.is_secure():
            response.headers.setdefault("Strict-Transport-Security", self._sts_value())
        fields = response.headers._store
        for key, field in self._always:
            if key not in fields:
                fields[key] = field
        return response

    def _sts_value(self) -> str:
        """Return the header's value; browsers only heed it on a secure connection (RFC 6797, section 8.1)."""
        parts = [f"max-age={self.sts_seconds}"]
        if self.sts_include_subdomains:
            parts.append("includeSubDomains")
        if self.sts_preload:
            parts.append("preload")
        return "; ".join(parts)


def _constant_headers() -> list[tuple[str, tuple[str, str]]]:
    """Return the headers that are the same for every request, checked, and as a response keeps them."""
    headers = ResponseHeaders()
    if settings.SECURE_CONTENT_TYPE_NOSNIFF:
        headers["X-Content-Type-Options"] = "nosniff"
    policy: str | list[str] | None = settings.SECURE_REFERRER_POLICY
    if policy:
        # Several are fallbacks for older browsers, the last one known wins.
        values = [value.strip() for value in policy.split(",")] if isinstance(policy, str) else policy
        headers["Referrer-Policy"] = ",".join(values)
    if settings.SECURE_CROSS_ORIGIN_OPENER_POLICY:
        headers["Cross-Origin-Opener-Policy"] = settings.SECURE_CROSS_ORIGIN_OPENER_POLICY
    return list(headers._store.items())
