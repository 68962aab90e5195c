"""Put into pages the script that loads them anew when their source changes, and take in what it asks for.

A worker's application is wrapped in `Refresh`, which adds a script before the `</body>` of pages.  The stream of
events that the script opens goes to the supervisor (see `handover` and `tabs`), where it outlives the worker.

A page carries the moment at which it was asked for.  Whoever knows when the source last changed can thereby tell at
any time whether a page is old, however long it lay in a hidden tab, in a cache, or in another server's time.

Left as they are: what is no whole HTML page (a fragment, a stream, a file, a part, something packed or saved to disk),
what no browser shows as a page (HEAD, a form's answer, what a script or a program asks for), what says
`Cache-Control: no-transform`, and pages whose Content-Security-Policy has no room for the script.

Source: HTML, "Server-sent events" and "The script element"; PEP 3333, section "Middleware: Components that Play
Both Sides"; Fetch Metadata Request Headers; RFC 9110, sections 7.7 and 8.8.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from time import monotonic_ns
from typing import Any, Final

from miniframe.autoreload.policies import Way, way_into
from miniframe.types import Environ, StartResponse, WSGIApplication

__all__ = ["EVENTS", "SCRIPT", "Refresh", "asked_since", "is_on", "script_element", "switch_off"]

EVENTS: Final = "/__miniframe__/events"
"""The path of the stream of events; it is in the script, too."""
SCRIPT: Final = "/__miniframe__/refresh.js"
"""The path of the script, for pages that allow none inside themselves."""

_SWITCH = "MINIFRAME_REFRESH"
_SHOWN = ("document", "iframe", "frame")
_ORDINARY = re.compile(r"(?:2(?!0[456])|4|5)")
_WHOLE = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype|html)", re.IGNORECASE)
# They say something about octets that are others now; and a page that is kept must not be taken for a new one,
# or its moment would be an old one.
_UNTRUE = frozenset(
    ("content-length", "etag", "last-modified", "content-digest", "repr-digest", "digest", "content-md5")
)
_POLICIES = ("content-security-policy", "content-security-policy-report-only")
_MOMENT = re.compile(rb"[0-9]{1,20}")


def is_on() -> bool:
    """Return whether pages are to have the script, as far as the person who started this has said anything."""
    return os.environ.get(_SWITCH) != "0"


def switch_off() -> None:
    """See that no page gets the script, here and in processes that are started from here."""
    os.environ[_SWITCH] = "0"


class Refresh:
    """A WSGI application: another one, whose pages know when they are old."""

    def __init__(self, application: WSGIApplication) -> None:
        self.application = application

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request (PEP 3333)."""
        if not _is_shown(environ):
            if environ["PATH_INFO"] == SCRIPT:
                return _script_itself(start_response)
            return self.application(environ, start_response)
        asked = monotonic_ns()
        answer = _Answer(start_response)
        result = self.application(environ, answer.start)
        return answer.finish(result, asked)


def _is_shown(environ: Environ) -> bool:
    """Return whether the answer will be shown as a page: a browser says so where it trusts the connection."""
    return (
        "text/html" in environ.get("HTTP_ACCEPT", "")
        and environ["REQUEST_METHOD"] == "GET"
        and environ.get("HTTP_SEC_FETCH_DEST", "document") in _SHOWN
        and "HTTP_RANGE" not in environ
    )


class _Answer:
    """An answer whose head is held back until its body is known."""

    def __init__(self, start_response: StartResponse) -> None:
        self._start_response = start_response
        self._head: tuple[str, list[tuple[str, str]], Any] | None = None
        self._writer: Callable[[bytes], object] | None = None
        self._passes = False

    def start(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        """Take status and headers, in the place of `start_response`."""
        if self._passes or (self._head is not None and not exc_info):
            # Twice is the application's mistake, and the server's to tell.
            self._pass()
            return self._start_response(status, headers, exc_info)
        self._head = (status, headers, exc_info)
        return self._write

    def finish(self, result: Iterable[bytes], asked: int) -> Iterable[bytes]:
        """Send the head on its way and return the body, with the script in it if that may be."""
        at_hand = type(result) in (list, tuple) or getattr(result, "streaming", None) is False
        if at_hand and self._head is not None:
            status, headers, exc_info = self._head
            page = _refreshing(status, headers, result, asked)
            if page is not None:
                kept = [(name, value) for name, value in headers if name.lower() not in _UNTRUE]
                self._head = (status, [*kept, ("Content-Length", str(len(page)))], exc_info)
                result = _Page(page, result)
        self._pass()
        return result

    def _pass(self) -> None:
        """Let everything through from here on, and first what was held back."""
        self._passes = True
        if self._head is not None:
            head, self._head = self._head, None
            self._writer = self._start_response(*head)

    def _write(self, data: bytes) -> None:
        self._pass()
        if self._writer is not None:
            self._writer(data)


class _Page:
    """The body of a page, which closes the answer that it was made of."""

    def __init__(self, body: bytes, result: Any) -> None:
        self._body = body
        self.close = getattr(result, "close", lambda: None)

    def __iter__(self) -> Iterator[bytes]:
        return iter([self._body])


def _refreshing(status: str, headers: Any, result: Iterable[bytes], asked: int) -> bytes | None:
    """Return the page with the script in it; None if this is no page for one."""
    way = _way(status, headers) if type(headers) is list else None
    if way is None:
        return None
    page = b"".join(result)
    place = _place(page)
    return None if place < 0 else page[:place] + script_element(asked, way).encode() + page[place:]


def _way(status: str, headers: list[tuple[str, str]]) -> Way | None:
    """Return how a script may come into this answer; None if it may not, or if the answer is no page."""
    if not _ORDINARY.match(status):
        return None
    policies = []
    is_html = False
    for name, value in headers:
        lower = name.lower()
        if lower == "content-type":
            is_html = value.lower().startswith("text/html")
        elif lower in _POLICIES:
            policies.append(value)
        elif (
            lower == "content-encoding"
            or (lower == "content-disposition" and value.lower().startswith("attachment"))
            or (lower == "cache-control" and "no-transform" in value.lower())
        ):
            return None
    return way_into(policies) if is_html else None


def _place(body: bytes) -> int:
    """Return where in a page a script can stand; -1 if it is no whole page."""
    place = body.rfind(b"</body>")
    if place < 0:
        place = body.rfind(b"</BODY>")
    if place < 0 and _WHOLE.match(body):
        return len(body)
    return place


def script_element(moment: int, way: Way) -> str:
    """Return the HTML of the script for a page that was asked for at this moment (`time.monotonic_ns()`)."""
    nonce = f' nonce="{way.nonce}"' if way.nonce else ""
    if way.inside:
        return f'<script data-since="{moment}"{nonce}>{_script()}</script>'
    return f'<script data-since="{moment}"{nonce} src="{SCRIPT}"></script>'


_text: str | None = None


def _script() -> str:
    """Return the script without what is for people only."""
    global _text
    if _text is None:
        with open(os.path.join(os.path.dirname(__file__), "refresh.js"), encoding="utf-8") as file:
            lines = (line.strip() for line in file)
            _text = "\n".join(line for line in lines if line and not line.startswith("//"))
    return _text


def _script_itself(start_response: StartResponse) -> list[bytes]:
    body = _script().encode()
    headers = [
        ("Content-Type", "text/javascript; charset=utf-8"),
        ("Content-Length", str(len(body))),
        ("Cache-Control", "max-age=3600"),
        ("X-Content-Type-Options", "nosniff"),
    ]
    start_response("200 OK", headers)
    return [body]


def asked_since(head: bytes, refusal: Callable[[str], object]) -> int | None:
    """Return the moment since which a page that listens wants to know of changes: now, if it says nothing.

    None: this is no page of ours that asks.  `head` are the octets of the request without the empty line at their
    end, and `refusal` returns something for hosts by which we may not be called.

    >>> asked_since(b"GET /__miniframe__/events?since=17 HTTP/1.1\\r\\nHost: localhost", lambda host: None)
    17
    """
    first, *lines = head.split(b"\r\n")
    method, _, rest = first.partition(b" ")
    path, _, query = rest.partition(b" ")[0].partition(b"?")
    if method != b"GET" or path != EVENTS.encode():
        return None
    fields = {name.strip().lower(): value.strip() for name, _, value in (line.partition(b":") for line in lines)}
    if not _is_own(fields) or refusal(fields.get(b"host", b"").decode("latin-1")) is not None:
        return None
    if query == b"since=":
        return monotonic_ns()
    told = [query.removeprefix(b"since="), fields.get(b"last-event-id", b"")]
    return max(int(text) if _MOMENT.fullmatch(text) else 0 for text in told)


def _is_own(fields: Mapping[bytes, bytes]) -> bool:
    """Return whether the page that asks is of this site; programs say nothing of the kind, and may ask as well."""
    host = fields.get(b"host", b"")
    origin = fields.get(b"origin")
    if origin is not None and origin.rpartition(b"//")[2] != host:
        return False
    return fields.get(b"sec-fetch-site", b"same-origin") == b"same-origin"
