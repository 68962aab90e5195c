"""Send Content-Security-Policy, so that browsers run no script but those the site allows.

Source: W3C Content Security Policy Level 3; Django 6.0's reference "Content Security Policy".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from miniframe.conf import settings
from miniframe.http import HttpRequest, HttpResponseBase, ResponseHeaders
from miniframe.utils.csp import CSP, LazyNonce, Policy, compile_policy
from miniframe.utils.deprecation import MiddlewareMixin

__all__ = ["ContentSecurityPolicyMiddleware", "get_nonce"]

#: Header field, its key among a response's, the setting with the policy, and where a view's decorator puts another.
_HEADERS = tuple(
    (header.value, header.value.lower(), setting, override)
    for header, setting, override in (
        (CSP.HEADER_ENFORCE, "SECURE_CSP", "_csp_config"),
        (CSP.HEADER_REPORT_ONLY, "SECURE_CSP_REPORT_ONLY", "_csp_ro_config"),
    )
)
_MOST_POLICIES = 64
# id of a dict -> that dict, which keeps its id taken, and its policy: a dict that was used is not to be changed.
_compiled: dict[int, tuple[Mapping[str, Any], Policy]] = {}


def get_nonce(request: Any) -> LazyNonce | None:
    """Return the request's nonce, for `nonce="..."` in its page; None without the middleware.

    Using it as text makes it, and adds it to the policy wherever that has `CSP.NONCE`.
    """
    return getattr(request, "_csp_nonce", None)


class ContentSecurityPolicyMiddleware(MiddlewareMixin):
    """Add the policies of settings.SECURE_CSP and SECURE_CSP_REPORT_ONLY to each response that has none of its own."""

    def process_request(self, request: HttpRequest) -> None:
        """Have a nonce ready for templates."""
        request._csp_nonce = LazyNonce()  # type: ignore[attr-defined]  # where Django's users look for it, too

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Add the header fields; an empty policy sends none."""
        fields = response.headers._store
        for header, key, setting, override in _HEADERS:
            config = getattr(response, override)
            if config is None:
                config = getattr(settings, setting)
            if config and key not in fields:
                # Checked already, and a nonce holds nothing that could end the field.
                fields[key] = (header, _policy(config).text(get_nonce(request)))
        return response


def _policy(config: Mapping[str, Any]) -> Policy:
    """Return the policy, ready to be sent.

    Raises:
        BadHeaderError: it holds a line break or another control character.
    """
    found = _compiled.get(id(config))
    if found is None:
        # Settings and decorators have a few dicts; a view that makes one for each request must not fill the table.
        if len(_compiled) >= _MOST_POLICIES:
            _compiled.clear()
        # As header fields they are checked.
        fields = ResponseHeaders(compile_policy(config)._asdict())
        found = _compiled[id(config)] = (config, Policy(fields["plain"], fields["marked"]))
    return found[1]
