"""What a response tells caches: Cache-Control, Expires, Vary, ETag; conditional requests; the keys of kept pages.

Source: RFC 9110 (HTTP semantics), sections 8.8, 12.5.5 and 13; RFC 9111 (caching), section 5.2;
Django's reference "Utils", section `django.utils.cache`.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from miniframe.conf import settings
from miniframe.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotModified
from miniframe.utils.http import http_date, parse_etags, parse_http_date_safe, quote_etag
from miniframe.utils.log import log_response

if TYPE_CHECKING:
    from miniframe.cache import BaseCache

__all__ = [
    "add_never_cache_headers",
    "cache_directives",
    "cc_delim_re",
    "get_cache_key",
    "get_conditional_response",
    "get_max_age",
    "has_vary_header",
    "learn_cache_key",
    "patch_cache_control",
    "patch_response_headers",
    "patch_vary_headers",
    "set_response_etag",
]

cc_delim_re: re.Pattern[str] = re.compile(r"\s*,\s*")

#: What a 304 repeats of the response it stands for (RFC 9110, section 15.4.5), and Last-Modified.
_KEPT_BY_304 = ("Cache-Control", "Content-Location", "Date", "ETag", "Expires", "Last-Modified", "Vary")


def patch_cache_control(response: HttpResponseBase, **kwargs: Any) -> None:
    """Add directives to the response's Cache-Control: `max_age=60` is "max-age=60", `no_store=True` is "no-store".

    Of two max-age the smaller stays, since both a view's decorator and a middleware may have their say. `public` and
    `private` replace each other. `no_cache` may also name header fields; a plain "no-cache" covers them all.

    Source: RFC 9111, section 5.2.2.
    """
    directives = cache_directives(response)
    added = {name.replace("_", "-"): value for name, value in kwargs.items()}
    if "max-age" in directives and "max-age" in added:
        added["max-age"] = min(int(directives["max-age"][0]), added["max-age"])
    for one, other in (("public", "private"), ("private", "public")):
        if one in added:
            directives.pop(other, None)
    for name, value in added.items():
        if name == "no-cache":
            directives.setdefault(name, []).append(value)
        else:
            directives[name] = [value]
    response.headers["Cache-Control"] = ", ".join(_format_cache_control(directives))


def cache_directives(response: HttpResponseBase) -> dict[str, list[Any]]:
    """Return the directives of the response's Cache-Control, by name; True stands for one without a value."""
    found: dict[str, list[Any]] = {}
    text: str = response.get("Cache-Control") or ""
    for field in cc_delim_re.split(text) if text else ():
        name, sign, value = field.partition("=")
        name = name.strip().lower()
        values = found.setdefault(name, [])
        if name != "no-cache":
            values.clear()
        values.append(value if sign else True)
    return found


def _format_cache_control(directives: dict[str, list[Any]]) -> Iterable[str]:
    for name, values in directives.items():
        if any(value is True for value in values):
            yield name
        else:
            yield from (f"{name}={value}" for value in dict.fromkeys(values))


def get_max_age(response: HttpResponseBase) -> int | None:
    """Return the seconds of the response's max-age directive, or None if it has none that is a number."""
    values = cache_directives(response).get("max-age", [])
    try:
        return None if values[0] is True else int(values[0])
    except (IndexError, ValueError):
        return None


def patch_response_headers(response: HttpResponseBase, cache_timeout: float | None = None) -> None:
    """Let caches keep the response for `cache_timeout` seconds; by default settings.CACHE_MIDDLEWARE_SECONDS.

    An Expires that is there already stays.
    """
    if cache_timeout is None:
        cache_timeout = settings.CACHE_MIDDLEWARE_SECONDS
    seconds = max(cache_timeout or 0, 0)
    if "Expires" not in response:
        response.headers["Expires"] = http_date(time.time() + seconds)
    patch_cache_control(response, max_age=seconds)


def add_never_cache_headers(response: HttpResponseBase) -> None:
    """Forbid every cache to keep the response."""
    patch_response_headers(response, cache_timeout=-1)
    patch_cache_control(response, no_cache=True, no_store=True, must_revalidate=True, private=True)


def patch_vary_headers(response: HttpResponseBase, newheaders: Iterable[str]) -> None:
    """Add header names to the response's Vary, each once and after those that are there; "*" swallows all others.

    Source: RFC 9110, section 12.5.5.
    """
    names = cc_delim_re.split(response.headers["Vary"]) if "Vary" in response else []
    known = {name.lower() for name in names}
    names += [name for name in newheaders if name.lower() not in known]
    response.headers["Vary"] = "*" if "*" in names else ", ".join(names)


def has_vary_header(response: HttpResponseBase, header_query: str) -> bool:
    """Return whether the response's Vary names this header."""
    wanted = header_query.lower().strip()
    return any(name.lower().strip() == wanted for name in cc_delim_re.split(response.get("Vary") or ""))


def set_response_etag(response: HttpResponse) -> HttpResponse:
    """Give the response an ETag made from its content, unless it is streamed or empty."""
    if not response.streaming and response.content:
        digest = _digest(response.content)
        response.headers["ETag"] = quote_etag(digest)
    return response


def get_conditional_response(
    request: HttpRequest,
    etag: str | None = None,
    last_modified: int | None = None,
    response: HttpResponseBase | None = None,
) -> HttpResponseBase | None:
    """Return 304 or 412 if the request's conditions say so, else `response`.

    `etag` is the resource's quoted entity tag and `last_modified` its time in seconds since the epoch. Conditions count
    only if `response` is a success or not made yet (None).

    Source: RFC 9110, section 13.2.2, in its order of steps.
    """
    if response is not None and not 200 <= response.status_code < 300:
        return response
    meta = request.META
    must_match = parse_etags(meta.get("HTTP_IF_MATCH", ""))
    must_not_match = parse_etags(meta.get("HTTP_IF_NONE_MATCH", ""))
    not_after = parse_http_date_safe(meta.get("HTTP_IF_UNMODIFIED_SINCE", ""))
    after = parse_http_date_safe(meta.get("HTTP_IF_MODIFIED_SINCE", ""))
    is_read = request.method in ("GET", "HEAD")

    if must_match:
        if not _matches_strongly(etag, must_match):
            return _precondition_failed(request)
    elif not_after and not (last_modified and last_modified <= not_after):
        return _precondition_failed(request)
    if must_not_match:
        if _matches_weakly(etag, must_not_match):
            return _not_modified(response) if is_read else _precondition_failed(request)
    elif is_read and after and last_modified and last_modified <= after:
        return _not_modified(response)
    return response


def _matches_strongly(etag: str | None, listed: list[str]) -> bool:
    """Compare for If-Match: a weak tag is equal to nothing, not even itself (RFC 9110, sections 8.8.3.2, 13.1.1)."""
    if not etag:
        return False
    return listed == ["*"] or (not etag.startswith("W/") and etag in listed)


def _matches_weakly(etag: str | None, listed: list[str]) -> bool:
    """Compare for If-None-Match: whether a tag is weak makes no difference (RFC 9110, section 13.1.2)."""
    if not etag:
        return False
    return listed == ["*"] or etag.removeprefix("W/") in {tag.removeprefix("W/") for tag in listed}


def _precondition_failed(request: HttpRequest) -> HttpResponse:
    response = HttpResponse(status=412)
    log_response("Precondition Failed: %s", request.path, response=response, request=request)
    return response


def _not_modified(response: HttpResponseBase | None) -> HttpResponseNotModified:
    answer = HttpResponseNotModified()
    if response is not None:
        for name in _KEPT_BY_304:
            if name in response:
                answer.headers[name] = response.headers[name]
        # A 304 may set cookies like any other answer (RFC 6265, section 3).
        answer.cookies = response.cookies
        # Nobody closes the response that is not sent, so what it holds open is closed with this one.
        answer._resource_closers.extend(response._resource_closers)
    return answer


# Under which keys a page is kept.


def get_cache_key(
    request: HttpRequest, key_prefix: str | None = None, method: str = "GET", cache: BaseCache | None = None
) -> str | None:
    """Return the key under which the page for this request may be, or None if nothing is known of its address yet.

    What the page's Vary names is taken from the request.
    """
    prefix = settings.CACHE_MIDDLEWARE_KEY_PREFIX if key_prefix is None else key_prefix
    address = _address(request)
    names = _page_cache(cache).get(_names_key(prefix, address))
    # Who shares the cache may have put something else there.
    return _page_key(request, method, names, prefix, address) if isinstance(names, list) else None


def learn_cache_key(
    request: HttpRequest,
    response: HttpResponseBase,
    cache_timeout: float | None = None,
    key_prefix: str | None = None,
    cache: BaseCache | None = None,
) -> str:
    """Keep which headers the response varies on, and return the key for the page itself.

    `cache_timeout` is in seconds; by default it is settings.CACHE_MIDDLEWARE_SECONDS.
    """
    prefix = settings.CACHE_MIDDLEWARE_KEY_PREFIX if key_prefix is None else key_prefix
    seconds = settings.CACHE_MIDDLEWARE_SECONDS if cache_timeout is None else cache_timeout
    address = _address(request)
    vary = response.get("Vary") or ""
    # Sorted: the same headers in another order are the same page.
    names = sorted({f"HTTP_{name.strip().upper().replace('-', '_')}" for name in vary.split(",") if name.strip()})
    _page_cache(cache).set(_names_key(prefix, address), names, seconds)
    return _page_key(request, request.method or "GET", names, prefix, address)


def _page_cache(given: BaseCache | None) -> BaseCache:
    if given is not None:
        return given
    from miniframe.cache import caches  # this module is in every site; the caches only in those that use them

    return caches[settings.CACHE_MIDDLEWARE_ALIAS]


def _address(request: HttpRequest) -> str:
    """Return a digest of the request's address, which two requests share only if a view cannot tell them apart.

    Not one of `build_absolute_uri`: that resolves "..", which routes do not, so that what `<path:x>` answers to
    "/echo/../" would be kept as the page "/".
    """
    address = f"{request.scheme}://{request.get_host()}{request.get_full_path()}"
    query: str = request.META.get("QUERY_STRING", "")
    # Octets as they are, where a server lets them through: escaped as latin-1 they would be other characters' UTF-8.
    return _digest((address if query.isascii() else f"{address} {query}").encode())


def _names_key(prefix: str, address: str) -> str:
    return f"views.decorators.cache.cache_header.{prefix}.{address}{_zone()}"


def _page_key(request: HttpRequest, method: str, names: Iterable[str], prefix: str, address: str) -> str:
    values = (request.META.get(name) for name in names)
    # With its length before it, no value can be taken for two; "-" is a header that is not there, which is not the
    # same as an empty one (RFC 9111, section 4.1).
    told = "".join("-," if value is None else f"{len(value)}:{value}," for value in values)
    return f"views.decorators.cache.cache_page.{prefix}.{method}.{address}.{_digest(told.encode())}{_zone()}"


def _zone() -> str:
    """Return a suffix with the time zone that the page was made for, if it may be another one for each visitor."""
    if not settings.USE_TZ:
        return ""
    from miniframe.utils.timezone import get_current_timezone_name  # as above

    return f".{get_current_timezone_name()}"


def _digest(octets: bytes) -> str:
    import hashlib  # OpenSSL with it: 2 ms of every start, and most of who comes here wants Vary

    return hashlib.md5(octets, usedforsecurity=False).hexdigest()
