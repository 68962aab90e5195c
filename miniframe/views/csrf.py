"""The page for a request that CSRF protection refused; with DEBUG it tells how to mend the form.

Source: Django's reference "Cross Site Request Forgery protection", section "Rejected requests".
"""

from __future__ import annotations

from miniframe.conf import settings
from miniframe.http import HttpRequest, HttpResponse, HttpResponseForbidden
from miniframe.middleware.csrf import REASON_NO_CSRF_COOKIE, REASON_NO_REFERER
from miniframe.template import TemplateDoesNotExist
from miniframe.template.loader import render_to_string
from miniframe.views.defaults import own_page, plain_page

CSRF_FAILURE_TEMPLATE_NAME = "403_csrf.html"
REFUSED = "CSRF verification failed. Request aborted."


def csrf_failure(
    request: HttpRequest, reason: str = "", template_name: str = CSRF_FAILURE_TEMPLATE_NAME
) -> HttpResponse:
    """Answer 403 with the project's 403_csrf.html, which sees `reason`, or else with a page that needs no template.

    With DEBUG that page is the error report.

    Raises:
        TemplateDoesNotExist: another template was asked for, and there is none of that name.
    """
    if settings.TEMPLATES or template_name != CSRF_FAILURE_TEMPLATE_NAME:
        try:
            return HttpResponseForbidden(render_to_string(template_name, {"reason": reason}, request))
        except TemplateDoesNotExist as missing:
            if template_name != CSRF_FAILURE_TEMPLATE_NAME or str(missing) != template_name:
                raise
    if settings.DEBUG:
        from miniframe.views.debug import technical_csrf_response  # what makes a report is for bad days only

        return technical_csrf_response(request, REFUSED, reason)
    parts = [REFUSED, *_for_visitors(reason), "More information is available with DEBUG=True."]
    return own_page(HttpResponseForbidden(plain_page("Forbidden (403)", "<br>\n".join(parts))))


def _for_visitors(reason: str) -> list[str]:
    """Return what the person at the browser can do about it, as sentences."""
    if reason == REASON_NO_CSRF_COOKIE:
        return ["Forms on this site need a cookie. If your browser blocks cookies, please allow them for this site."]
    if reason == REASON_NO_REFERER:
        return [
            "Your browser did not say which page this form was on. If it is set to send no “Referer” header, please "
            "allow it for this site."
        ]
    return []
