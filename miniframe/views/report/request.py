"""What an error report tells about the request and the settings, secrets starred.

A request that made a view fail can make any of its attributes fail too (a forged Host, a body cut off), so each is
asked for by itself.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qsl, urlencode

from miniframe.conf import settings
from miniframe.views.report.data import RequestInfo, Row
from miniframe.views.report.filter import SafeExceptionReporterFilter
from miniframe.views.report.values import ValuePrinter

__all__ = ["describe_request", "describe_settings"]

# Bytes of a body that was not read yet: above that, the page does not wait for the rest to arrive.
MOST_BODY = 262_144
# Characters of a path or a URL.
LONGEST_PATH = 2000


def describe_request(request: Any, safe: SafeExceptionReporterFilter, printer: ValuePrinter) -> RequestInfo | None:
    """Return what is to be known about `request`; None for None."""
    if request is None:
        return None

    def section(get: Callable[[], Any]) -> tuple[Row, ...]:
        try:
            # The client chose the names too: JSON that was sent as a form is one long name.
            return tuple(
                Row(_short(printer.scrub(str(name))), printer.show(value, str(name))) for name, value in _pairs(get())
            )
        except Exception as error:
            return (Row("(cannot be read)", f"{type(error).__name__}: {printer.message_of(error)}"),)

    meta = safe.get_safe_request_meta(request)
    sent = {_header_name(name): meta[name] for name in sorted(meta) if _is_header(name)}
    # Servers copy the environment of their process into META: that belongs to the machine, not to the request.
    rest = {
        name: meta[name] for name in sorted(meta) if name.isupper() and name not in os.environ and not _is_header(name)
    }
    if "QUERY_STRING" in rest:
        rest["QUERY_STRING"] = _safe_query(str(rest["QUERY_STRING"]), safe, request)
    path = _short(printer.scrub(str(getattr(request, "path", ""))))
    return RequestInfo(
        method=str(getattr(request, "method", None) or "GET"),
        url=_short(_url(request, path, safe)),
        path=path,
        match=_match(request, printer),
        sections=(
            ("GET", section(lambda: safe.get_cleansed_multivaluedict(request, request.GET))),
            ("POST", section(lambda: safe.get_post_parameters(request)) if _body_is_near(request) else _too_big()),
            ("FILES", section(lambda: request.FILES) if _body_is_near(request) else ()),
            ("COOKIES", section(lambda: safe.get_safe_cookies(request))),
            ("Headers", section(lambda: sent)),
            ("META", section(lambda: rest)),
        ),
    )


def _pairs(mapping: Any) -> Iterable[tuple[Any, Any]]:
    if hasattr(mapping, "lists"):  # a QueryDict: a parameter may come more than once
        return [(name, values[0] if len(values) == 1 else values) for name, values in mapping.lists()]
    return list(mapping.items())


def _is_header(name: str) -> bool:
    return name.startswith("HTTP_") or name in ("CONTENT_TYPE", "CONTENT_LENGTH")


def _header_name(name: str) -> str:
    return name.removeprefix("HTTP_").replace("_", "-").title()


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_PATH else f"{text[:LONGEST_PATH]}… {len(text):,} characters in all"


def _safe_query(query: str, safe: SafeExceptionReporterFilter, request: Any) -> str:
    pairs = parse_qsl(query[:4000], keep_blank_values=True)
    if any(safe.is_secret_name(name) for name, _ in pairs):
        return urlencode([(name, "***" if safe.is_secret_name(name) else value) for name, value in pairs], safe="*")
    return safe.scrub(query, request)


def _url(request: Any, path: str, safe: SafeExceptionReporterFilter) -> str:
    query = _safe_query(str(getattr(request, "META", {}).get("QUERY_STRING") or ""), safe, request)
    # Not get_host(): a forged Host is exactly what this page may be about, so it is shown as it came.
    host = str(getattr(request, "META", {}).get("HTTP_HOST") or getattr(request, "META", {}).get("SERVER_NAME") or "")
    scheme = str(getattr(request, "scheme", None) or "http")
    return f"{scheme}://{host}{path}{'?' + query if query else ''}" if host else path


def _match(request: Any, printer: ValuePrinter) -> tuple[Row, ...]:
    match = getattr(request, "resolver_match", None)
    if match is None:
        return ()
    func = getattr(match.func, "view_class", match.func)
    name = getattr(func, "__qualname__", type(func).__qualname__)
    rows = [Row("view", f"{getattr(func, '__module__', '')}.{name}"), Row("route", match.route or "")]
    if match.url_name:
        rows.append(Row("name", match.view_name))
    rows += [
        Row(name, printer.show(value)) for name, value in (("args", match.args), ("kwargs", match.kwargs)) if value
    ]
    return tuple(rows)


def _body_is_near(request: Any) -> bool:
    """Return whether the form can be read without waiting for a long body to arrive."""
    if "_post" in getattr(request, "__dict__", {}) or "POST" in getattr(request, "__dict__", {}):
        return True
    length = str(getattr(request, "META", {}).get("CONTENT_LENGTH") or "0")
    return length.isdigit() and int(length) <= MOST_BODY


def _too_big() -> tuple[Row, ...]:
    return (Row("(not read)", "the view had not read the body, and it is too long to wait for here"),)


def describe_settings(safe: SafeExceptionReporterFilter, printer: ValuePrinter) -> tuple[Row, ...]:
    """Return the settings that the project itself makes, sorted; the defaults are in the documentation."""
    rows = []
    for name, value in sorted(safe.get_safe_settings().items()):
        try:
            own = settings.is_overridden(name)
        except Exception:
            own = True
        if own:
            # `cleanse_setting` has been at it: the printer need not judge by the name again.
            rows.append(Row(name, printer.show(value)))
    return tuple(rows)
