"""Keep whole pages, and answer from what is kept: for the whole site, or for one view (`cache_page`).

Kept is the answer to a GET or HEAD with status 200 whose content is all there.  Not kept is what may be one visitor's
own: what says `Cache-Control: private`, `no-cache` or `no-store`, what varies on everything (`Vary: *`), what sets a
cookie and varies on cookies, and what was made with a changed session, messages, a CSRF token or a nonce.  Where the
session was only read, each set of cookies has its own page; so has each Authorization header, unless it is `public`.

While the cache's server is gone, each page is made anew: keeping is for speed, and no answer needs it.

    MIDDLEWARE = [
        "miniframe.middleware.cache.UpdateCacheMiddleware",      # first in, last out: after all that sets Vary
        ...
        "miniframe.middleware.cache.FetchFromCacheMiddleware",   # last in: after all that looks at the request
    ]

Source: Django's topic "Django's cache framework", section "The per-site cache"; RFC 9111, sections 3, 3.5, 4.1, 5.1.
"""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Any, NamedTuple

from miniframe.cache import DEFAULT_CACHE_ALIAS, BaseCache, caches
from miniframe.conf import settings
from miniframe.exceptions import ServiceUnavailable
from miniframe.http import HttpRequest, HttpResponse, ResponseHeaders
from miniframe.types import GetResponse
from miniframe.utils.cache import (
    cache_directives,
    get_cache_key,
    get_max_age,
    has_vary_header,
    learn_cache_key,
    patch_response_headers,
    patch_vary_headers,
)
from miniframe.utils.deprecation import MiddlewareMixin

__all__ = ["CacheMiddleware", "FetchFromCacheMiddleware", "UpdateCacheMiddleware"]

_KEPT_BY_NOBODY = frozenset({"private", "no-cache", "no-store"})


class _Page(NamedTuple):
    """What is kept of a response: plain values, so that reading one back runs no code but this module's."""

    fields: list[tuple[str, str]]
    cookies: Any
    content: bytes
    charset: str | None
    reason: str | None
    made: int
    """When, in seconds since the epoch."""


def _page_of(response: HttpResponse) -> tuple[Any, ...]:
    return tuple(
        _Page(
            list(response.headers.items()),
            response.cookies or None,
            response.content,
            response._charset,
            response._reason_phrase,
            int(time.time()),
        )
    )


def _response_of(kept: tuple[Any, ...]) -> HttpResponse:
    """Return a response of its own for each who asks: what a middleware adds to it is for that one only."""
    page = _Page(*kept)
    response = HttpResponse(page.content, reason=page.reason, charset=page.charset)
    response.headers = ResponseHeaders(page.fields)
    if page.cookies:
        response.cookies = page.cookies
    if get_max_age(response) is not None:
        # A clock that was set back must not make it negative.
        response.headers["Age"] = max(0, int(time.time()) - page.made)
    return response


class _UsesCache:
    """What both halves know: which cache, and which prefix of the keys."""

    cache_alias: str
    key_prefix: str

    @property
    def cache(self) -> BaseCache:
        """This thread's object of the cache."""
        return caches[self.cache_alias]


class UpdateCacheMiddleware(_UsesCache, MiddlewareMixin):
    """Keep what may be kept, and tell other caches how long they may.

    The time is, in this order: `page_timeout`, the response's own max-age, CACHE_MIDDLEWARE_SECONDS.
    """

    def __init__(self, get_response: GetResponse) -> None:
        super().__init__(get_response)
        self.cache_timeout: float = settings.CACHE_MIDDLEWARE_SECONDS
        self.page_timeout: float | None = None
        self.key_prefix: str = settings.CACHE_MIDDLEWARE_KEY_PREFIX
        self.cache_alias: str = settings.CACHE_MIDDLEWARE_ALIAS

    def process_response(self, request: HttpRequest, response: Any) -> Any:
        """Return the response, with Expires and max-age if it may be kept."""
        if not getattr(request, "_cache_update_cache", False) or not _may_be_kept(request, response):
            return response
        if getattr(getattr(request, "session", None), "accessed", False):
            # The session's middleware says so too, but around `cache_page` it does that when the page is kept already.
            patch_vary_headers(response, ("Cookie",))
        if request.META.get("HTTP_AUTHORIZATION") and "public" not in cache_directives(response):
            patch_vary_headers(response, ("Authorization",))
        if self.page_timeout is None and get_max_age(response) == 0:
            return response  # the view has said itself that it is not to be kept
        timeout = self._timeout(response)
        patch_response_headers(response, timeout)
        if timeout and response.status_code == 200:
            self._keep(request, response, timeout)
        return response

    def _timeout(self, response: Any) -> float | None:
        if self.page_timeout is not None:
            return self.page_timeout
        own = get_max_age(response)
        return self.cache_timeout if own is None else own

    def _keep(self, request: HttpRequest, response: Any, timeout: float) -> None:
        cache = self.cache
        with suppress(ServiceUnavailable):
            key = learn_cache_key(request, response, timeout, self.key_prefix, cache=cache)

            def store(rendered: Any) -> None:
                with suppress(ServiceUnavailable):
                    cache.set(key, _page_of(rendered), timeout)

            if hasattr(response, "add_post_render_callback"):
                response.add_post_render_callback(store)
            else:
                store(response)


def _may_be_kept(request: HttpRequest, response: Any) -> bool:
    """Return whether the response is whole, and nobody's own."""
    if response.streaming or response.status_code not in (200, 304):
        return False
    if has_vary_header(response, "*") or _is_personal(request):
        return False
    if response.cookies and has_vary_header(response, "Cookie"):
        # The cookie is one visitor's; that the page varies on cookies says that it matters who asks.
        return False
    return _KEPT_BY_NOBODY.isdisjoint(cache_directives(response))


def _is_personal(request: Any) -> bool:
    """Return whether the response was made with what belongs to one visitor, or to this one response."""
    if request.META.get("CSRF_COOKIE_NEEDS_UPDATE") or getattr(getattr(request, "session", None), "modified", False):
        return True
    if getattr(request, "_csp_nonce", None):
        return True  # false until the page has used it; and used twice, it protects nobody
    messages = getattr(request, "_messages", None)
    return bool(getattr(messages, "used", False) or getattr(messages, "added_new", False))


class FetchFromCacheMiddleware(_UsesCache, MiddlewareMixin):
    """Answer from the cache if it has the page."""

    def __init__(self, get_response: GetResponse) -> None:
        super().__init__(get_response)
        self.key_prefix: str = settings.CACHE_MIDDLEWARE_KEY_PREFIX
        self.cache_alias: str = settings.CACHE_MIDDLEWARE_ALIAS

    def process_request(self, request: Any) -> HttpResponse | None:
        """Return the kept page, or None; then the request is marked, so that the answer may be kept."""
        reads = request.method in ("GET", "HEAD")
        kept = None
        if reads:
            with suppress(ServiceUnavailable):
                kept = self._find(request)
        request._cache_update_cache = reads and kept is None
        return None if kept is None else _response_of(kept)

    def _find(self, request: Any) -> Any:
        cache = self.cache
        # The page of a GET answers a HEAD too; the server leaves the content out.
        for method in ("GET", "HEAD") if request.method == "HEAD" else ("GET",):
            key = get_cache_key(request, self.key_prefix, method, cache=cache)
            if key is None:
                return None
            kept = cache.get(key)
            # A site that shares this cache may have kept something else there, as an earlier version of this one may.
            if type(kept) is tuple and len(kept) == len(_Page._fields):
                return kept
        return None


class CacheMiddleware(UpdateCacheMiddleware, FetchFromCacheMiddleware):
    """Both halves in one, for sites with few middlewares and for `cache_page`.

    `key_prefix`, `cache_alias` and `cache_timeout` replace the settings, of which None means the plainest value: no
    prefix, the cache "default".  `page_timeout` wins over the response's own max-age.
    """

    def __init__(
        self,
        get_response: GetResponse,
        cache_timeout: float | None = None,
        page_timeout: float | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(get_response)
        if "key_prefix" in kwargs:
            self.key_prefix: str = kwargs["key_prefix"] or ""
        if "cache_alias" in kwargs:
            self.cache_alias: str = kwargs["cache_alias"] or DEFAULT_CACHE_ALIAS
        if cache_timeout is not None:
            self.cache_timeout = cache_timeout
        self.page_timeout = page_timeout
