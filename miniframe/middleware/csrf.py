"""Refuse forms that another site made the visitor's browser send.

A browser sends our cookies with every request to us, whoever caused it; but another site cannot read them. So a form
must repeat the secret of its cookie in a field or a header. What stands in pages is the secret under a one-time mask,
because a secret that is the same in every compressed page can be guessed from the pages' lengths (the BREACH attack).
Where the browser says where a request comes from (Origin, or Referer over HTTPS), that must be us or one of
settings.CSRF_TRUSTED_ORIGINS.

Source: OWASP, "Cross-Site Request Forgery Prevention Cheat Sheet"; RFC 6454 (Origin); Django's reference "Cross Site
Request Forgery protection".
"""

from __future__ import annotations

import logging
import re
import string
from typing import Any
from urllib.parse import SplitResult, urlsplit

from miniframe.conf import settings
from miniframe.exceptions import DisallowedHost, ImproperlyConfigured, UnreadablePostError
from miniframe.http import HttpHeaders, HttpRequest, HttpResponseBase
from miniframe.types import View
from miniframe.urls import get_callable
from miniframe.utils.cache import patch_vary_headers
from miniframe.utils.crypto import constant_time_compare, get_random_string
from miniframe.utils.deprecation import MiddlewareMixin
from miniframe.utils.functional import cached_property
from miniframe.utils.http import is_same_domain
from miniframe.utils.log import log_response

logger: logging.Logger = logging.getLogger("miniframe.security.csrf")

REASON_BAD_ORIGIN = "Origin checking failed - %s does not match any trusted origins."
REASON_NO_REFERER = "Referer checking failed - no Referer."
REASON_BAD_REFERER = "Referer checking failed - %s does not match any trusted origins."
REASON_MALFORMED_REFERER = "Referer checking failed - Referer is malformed."
REASON_INSECURE_REFERER = "Referer checking failed - Referer is insecure while host is secure."
REASON_NO_CSRF_COOKIE = "CSRF cookie not set."
REASON_CSRF_TOKEN_MISSING = "CSRF token missing."

CSRF_SECRET_LENGTH = 32
CSRF_TOKEN_LENGTH = 2 * CSRF_SECRET_LENGTH
CSRF_ALLOWED_CHARS = string.ascii_letters + string.digits
CSRF_SESSION_KEY = "_csrftoken"

# What is wrong with "CSRF cookie" or "CSRF token from POST".
REASON_INVALID_CHARACTERS = "has invalid characters"
REASON_INCORRECT_LENGTH = "has incorrect length"

#: Methods that only read (RFC 9110, section 9.2.1): what they may cause needs no protection.
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})

_TOKEN = re.compile("[a-zA-Z0-9]*")
_POSITION = {char: position for position, char in enumerate(CSRF_ALLOWED_CHARS)}


class InvalidTokenFormat(Exception):
    """A secret or token is not made as ours are; `reason` is the end of a sentence about it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class RejectRequest(Exception):
    """The request is not to be trusted; `reason` says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def get_token(request: HttpRequest) -> str:
    """Return a token for a form on the page, masked anew at each call.

    The response will set the cookie (again, so that its life begins anew) and vary by it.
    """
    meta = request.META
    if "CSRF_COOKIE" in meta:
        meta["CSRF_COOKIE_NEEDS_UPDATE"] = True
        secret: str = meta["CSRF_COOKIE"]
    else:
        secret = _add_new_csrf_cookie(request)
    return _mask_cipher_secret(secret)


def rotate_token(request: HttpRequest) -> None:
    """Give the visitor a new secret, as is wise at login: whoever knew the old one knows nothing now."""
    _add_new_csrf_cookie(request)


def _add_new_csrf_cookie(request: HttpRequest) -> str:
    secret = _get_new_csrf_string()
    request.META["CSRF_COOKIE"] = secret
    request.META["CSRF_COOKIE_NEEDS_UPDATE"] = True
    return secret


def _get_new_csrf_string() -> str:
    return get_random_string(CSRF_SECRET_LENGTH, allowed_chars=CSRF_ALLOWED_CHARS)


def _mask_cipher_secret(secret: str) -> str:
    """Return a random mask followed by the secret shifted by it, character by character."""
    mask = _get_new_csrf_string()
    return mask + _shifted(secret, mask, +1)


def _unmask_cipher_token(token: str) -> str:
    """Return the secret in a token that `_mask_cipher_secret` made."""
    return _shifted(token[CSRF_SECRET_LENGTH:], token[:CSRF_SECRET_LENGTH], -1)


def _shifted(text: str, by: str, sign: int) -> str:
    size = len(CSRF_ALLOWED_CHARS)
    pairs = zip(text, by, strict=False)
    return "".join([CSRF_ALLOWED_CHARS[(_POSITION[char] + sign * _POSITION[step]) % size] for char, step in pairs])


def _check_token_format(token: str) -> None:
    """Check that this can be a secret or a token, masked or not.

    Raises:
        InvalidTokenFormat: with what is wrong about it.
    """
    if len(token) not in (CSRF_TOKEN_LENGTH, CSRF_SECRET_LENGTH):
        raise InvalidTokenFormat(REASON_INCORRECT_LENGTH)
    if not _TOKEN.fullmatch(token):
        raise InvalidTokenFormat(REASON_INVALID_CHARACTERS)


def _does_token_match(request_csrf_token: str, csrf_secret: str) -> bool:
    """Return whether a token of good format, masked or not, holds this secret."""
    if len(request_csrf_token) == CSRF_TOKEN_LENGTH:
        request_csrf_token = _unmask_cipher_token(request_csrf_token)
    assert len(request_csrf_token) == CSRF_SECRET_LENGTH, "the format is to be checked first"
    return constant_time_compare(request_csrf_token, csrf_secret)


def _get_failure_view() -> View:
    view: View = get_callable(settings.CSRF_FAILURE_VIEW)
    return view


class CsrfViewMiddleware(MiddlewareMixin):
    """Ask every request that may change something for a token that fits its cookie (or session).

    Settings: CSRF_USE_SESSIONS, CSRF_COOKIE_*, CSRF_HEADER_NAME, CSRF_TRUSTED_ORIGINS, CSRF_FAILURE_VIEW.
    """

    @cached_property
    def csrf_trusted_origins_hosts(self) -> list[str]:
        """The hosts of the trusted origins; one with a leading dot stands for all below it."""
        return [origin.netloc.lstrip("*") for origin in _trusted_origins()]

    @cached_property
    def allowed_origins_exact(self) -> set[str]:
        """The trusted origins without a wildcard.

        "null" is none, whatever the setting says: it stands for every origin that is kept secret (RFC 6454,
        section 6.1), and any site can send it from a sandboxed frame.
        """
        return {origin for origin in settings.CSRF_TRUSTED_ORIGINS if "*" not in origin and origin != "null"}

    @cached_property
    def allowed_origin_subdomains(self) -> dict[str, list[str]]:
        """The domains (".example.com") of the trusted origins with a wildcard, by scheme."""
        domains: dict[str, list[str]] = {}
        for origin in _trusted_origins():
            if "*" in origin.netloc:
                domains.setdefault(origin.scheme, []).append(origin.netloc.lstrip("*"))
        return domains

    def process_request(self, request: HttpRequest) -> None:
        """Put the visitor's secret into META, where `get_token` and later middleware find it."""
        try:
            secret = self._get_secret(request)
        except InvalidTokenFormat:
            _add_new_csrf_cookie(request)
        else:
            if secret is not None:
                request.META["CSRF_COOKIE"] = secret

    def process_view(
        self, request: HttpRequest, callback: View, callback_args: tuple[Any, ...], callback_kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        """Return a refusal, or None for a request that is safe, trusted or for a view that is exempt."""
        if request.method in SAFE_METHODS:
            return self._accept(request)
        if getattr(request, "csrf_processing_done", False) or getattr(callback, "csrf_exempt", False):
            return None
        # The test client's switch.  It comes after the cookie's handling, so that all the rest works as ever.
        if getattr(request, "_dont_enforce_csrf_checks", False):
            return self._accept(request)
        try:
            self._check(request)
        except RejectRequest as exc:
            return self._reject(request, exc.reason)
        return self._accept(request)

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Set the cookie if the secret is new or was used on the page."""
        if request.META.get("CSRF_COOKIE_NEEDS_UPDATE"):
            self._set_csrf_cookie(request, response)
            # A decorator and the middleware may both be there, and the cookie is to be set once; whoever
            # rotates the token after this raises the flag again.
            request.META["CSRF_COOKIE_NEEDS_UPDATE"] = False
        return response

    # `requires_csrf_token` and `ensure_csrf_cookie` override the verdicts.
    def _accept(self, request: Any) -> HttpResponseBase | None:
        # A decorator below the middleware (or the other way round) need not check again.
        request.csrf_processing_done = True
        return None

    def _reject(self, request: HttpRequest, reason: str) -> HttpResponseBase | None:
        response: HttpResponseBase = _get_failure_view()(request, reason=reason)
        log_response("Forbidden (%s): %s", reason, request.path, response=response, request=request, logger=logger)
        return response

    def _get_secret(self, request: Any) -> str | None:
        """Return the secret that the visitor came with, or None.

        Raises:
            InvalidTokenFormat: the cookie holds something else.
            ImproperlyConfigured: it should be in the session, and there is no session.
        """
        if settings.CSRF_USE_SESSIONS:
            try:
                secret: str | None = request.session.get(CSRF_SESSION_KEY)
            except AttributeError as exc:
                raise ImproperlyConfigured(
                    "CSRF_USE_SESSIONS is enabled, but request.session is not set. SessionMiddleware must appear "
                    "before CsrfViewMiddleware in MIDDLEWARE."
                ) from exc
        else:
            secret = request._cookie(settings.CSRF_COOKIE_NAME)
            if secret is not None:
                _check_token_format(secret)
        # Before Django 4.0 the cookie held the secret under its mask.
        return _unmask_cipher_token(secret) if secret and len(secret) == CSRF_TOKEN_LENGTH else secret

    def _set_csrf_cookie(self, request: Any, response: HttpResponseBase) -> None:
        secret = request.META["CSRF_COOKIE"]
        if settings.CSRF_USE_SESSIONS:
            # Assigning to a session saves it; so only if there is something new to save.
            if request.session.get(CSRF_SESSION_KEY) != secret:
                request.session[CSRF_SESSION_KEY] = secret
            return
        response.set_cookie(
            settings.CSRF_COOKIE_NAME,
            secret,
            max_age=settings.CSRF_COOKIE_AGE,
            path=settings.CSRF_COOKIE_PATH,
            domain=settings.CSRF_COOKIE_DOMAIN,
            secure=settings.CSRF_COOKIE_SECURE,
            httponly=settings.CSRF_COOKIE_HTTPONLY,
            samesite=settings.CSRF_COOKIE_SAMESITE,
        )
        patch_vary_headers(response, ("Cookie",))

    def _check(self, request: HttpRequest) -> None:
        """Check where the request comes from, then its token.

        A browser that sends Origin says enough with it. Without one, a form on http: could have been put there by
        anybody on the network, cookies and all; over HTTPS we therefore insist on a Referer of ours.
        """
        if "HTTP_ORIGIN" in request.META:
            if not self._origin_verified(request):
                raise RejectRequest(REASON_BAD_ORIGIN % request.META["HTTP_ORIGIN"])
        elif request.is_secure():
            self._check_referer(request)
        self._check_token(request)

    def _origin_verified(self, request: HttpRequest) -> bool:
        """Return whether the Origin is this site or a trusted one."""
        origin: str = request.META["HTTP_ORIGIN"]
        try:
            if origin == f"{'https' if request.is_secure() else 'http'}://{request.get_host()}":
                return True
        except DisallowedHost:
            pass  # it may be a trusted origin all the same
        if origin in self.allowed_origins_exact:
            return True
        try:
            parts = urlsplit(origin)
        except ValueError:
            return False
        domains = self.allowed_origin_subdomains.get(parts.scheme, [])
        return any(is_same_domain(parts.netloc, domain) for domain in domains)

    def _check_referer(self, request: HttpRequest) -> None:
        """Check that the Referer is a secure page of this site or of a trusted one.

        Raises:
            RejectRequest: it is not.
        """
        referer = request.META.get("HTTP_REFERER")
        if referer is None:
            raise RejectRequest(REASON_NO_REFERER)
        try:
            page = urlsplit(referer)
        except ValueError:
            raise RejectRequest(REASON_MALFORMED_REFERER) from None
        if not page.scheme or not page.netloc:
            raise RejectRequest(REASON_MALFORMED_REFERER)
        if page.scheme != "https":
            raise RejectRequest(REASON_INSECURE_REFERER)
        if any(is_same_domain(page.netloc, host) for host in self.csrf_trusted_origins_hosts):
            return
        try:
            good = _own_domain(request)
        except DisallowedHost:
            good = None
        if good is None or not is_same_domain(page.netloc, good):
            raise RejectRequest(REASON_BAD_REFERER % page.geturl())

    def _check_token(self, request: HttpRequest) -> None:
        """Check that the form's token, or the header's, holds the visitor's secret.

        Raises:
            RejectRequest: cookie or token are missing, misshapen or do not fit.
        """
        # Not from META: middleware between process_request and here (a login, say) may have rotated it.
        try:
            secret = self._get_secret(request)
        except InvalidTokenFormat as exc:
            raise RejectRequest(f"CSRF cookie {exc.reason}.") from None
        if secret is None:
            raise RejectRequest(REASON_NO_CSRF_COOKIE)
        token, source = _token_of(request)
        try:
            _check_token_format(token)
        except InvalidTokenFormat as exc:
            raise RejectRequest(self._bad_token_message(exc.reason, source)) from None
        if not _does_token_match(token, secret):
            raise RejectRequest(self._bad_token_message("incorrect", source))

    def _bad_token_message(self, reason: str, token_source: str) -> str:
        if token_source != "POST":
            token_source = f"the {HttpHeaders.parse_header_name(token_source)!r} HTTP header"
        return f"CSRF token from {token_source} {reason}."


def _trusted_origins() -> list[SplitResult]:
    return [urlsplit(origin) for origin in settings.CSRF_TRUSTED_ORIGINS]


def _own_domain(request: HttpRequest) -> str:
    """Return the domain whose pages may send us forms, with the port if it is an unusual one.

    Raises:
        DisallowedHost: there is no cookie domain, and the Host is not in settings.ALLOWED_HOSTS.
    """
    domain: str | None = settings.SESSION_COOKIE_DOMAIN if settings.CSRF_USE_SESSIONS else settings.CSRF_COOKIE_DOMAIN
    if domain is None:
        return request.get_host()
    port = request.get_port()
    return domain if port in ("443", "80") else f"{domain}:{port}"


def _token_of(request: HttpRequest) -> tuple[str, str]:
    """Return the token in the form or else in the header, and which of the two: "POST" or the header's key in META.

    Raises:
        RejectRequest: there is neither.
    """
    token = ""
    if request.method == "POST":
        try:
            token = request.POST.get("csrfmiddlewaretoken", "")
        except UnreadablePostError:
            pass  # the client is gone; a refusal does for whoever is not there to read it
    if token:
        return token, "POST"
    header: str = settings.CSRF_HEADER_NAME
    try:
        return request.META[header], header
    except KeyError:
        raise RejectRequest(REASON_CSRF_TOKEN_MISSING) from None
