"""Put into pages the script that loads them anew when their source changes, and take in what it asks for.

A worker's application is wrapped in `Refresh`, which adds a script before the `</body>` of pages.  The stream of
events that the script opens goes to the supervisor (see `handover` and `tabs`), where it outlives the worker.

A page carries the moment at which it was asked for.  Whoever knows when the source last changed can thereby tell at
any time whether a page is old, however long it lay in a hidden tab, in a cache, or in another server's time.

Left as they are: what is no whole HTML page (a fragment, a stream, a file, a part, something packed or saved to disk),
what no browser shows as a page (HEAD, what a script or a program asks for), what says `Cache-Control: no-transform`,
and pages in a sandbox.  An answer without any of a page's tags is one if a browser says that it goes there with a tab.

Source: HTML, "Server-sent events" and "The script element"; PEP 3333, section "Middleware: Components that Play
Both Sides"; Fetch Metadata Request Headers; RFC 9110, sections 7.7 and 8.8.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from time import monotonic_ns
from typing import Any, Final

from miniframe.types import Environ, StartResponse, WSGIApplication

__all__ = ["EVENTS", "Refresh", "asked_since"]

EVENTS: Final = "/__miniframe__/events"
"""The path of the stream of events; it is in the script, too."""

_SHOWN = ("document", "iframe", "frame")
# Without a body of their own, or a part of one.
_NO_PAGES = ("204", "205", "206")
# They say something about octets that are others now; and a page that is kept must not be taken for a new one,
# or its moment would be an old one.
_UNTRUE = frozenset(
    ("content-length", "etag", "last-modified", "content-digest", "repr-digest", "digest", "content-md5")
)
_POLICIES = ("content-security-policy", "content-security-policy-report-only")


class Refresh:
    """A WSGI application: another one, whose pages know when they are old."""

    def __init__(self, application: WSGIApplication) -> None:
        self.application = application

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request (PEP 3333)."""
        if not _is_shown(environ):
            return self.application(environ, start_response)
        asked = monotonic_ns()
        answer = _Answer(start_response)
        result = self.application(environ, answer.start)
        return answer.finish(result, asked, environ)


def _is_shown(environ: Environ) -> bool:
    """Return whether the answer will be shown as a page: a browser says so where it trusts the connection."""
    return (
        "text/html" in environ.get("HTTP_ACCEPT", "")
        and environ["REQUEST_METHOD"] in ("GET", "POST")
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

    def finish(self, result: Iterable[bytes], asked: int, environ: Environ) -> Iterable[bytes]:
        """Send the head on its way and return the body, with the script in it if that may be."""
        at_hand = type(result) in (list, tuple) or getattr(result, "streaming", None) is False
        if at_hand and self._head is not None:
            status, headers, exc_info = self._head
            try:
                if _is_page(status, headers):
                    headers, page = _refreshing(headers, _whole(result, headers), asked, environ)
                    self._head = (status, headers, exc_info)
                    result = _Page(page, result)
            except (TypeError, ValueError, AttributeError):
                # No answer as it has to be (PEP 3333), and the server says in what.
                pass
            except BaseException:
                # The server has nothing of this answer to close.
                getattr(result, "close", lambda: None)()
                raise
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


def _is_page(status: str, headers: list[tuple[str, str]]) -> bool:
    """Return whether an answer with this head is a page that may be altered."""
    if status[:1] not in ("2", "4", "5") or status[:3] in _NO_PAGES:
        return False
    said = {name.lower(): value.lower() for name, value in headers}
    return (
        said.get("content-type", "").startswith("text/html")
        and "content-encoding" not in said
        and not said.get("content-disposition", "").startswith("attachment")
        and "no-transform" not in said.get("cache-control", "")
    )


def _whole(result: Iterable[bytes], headers: list[tuple[str, str]]) -> bytes:
    """Return the octets of a page.

    Raises:
        ValueError: they are not as many as the head says, which we must not hide by saying it right.
    """
    body = b"".join(result)
    if any(name.lower() == "content-length" and value != str(len(body)) for name, value in headers):
        raise ValueError("the page has another length than its head says")
    return body


def _refreshing(
    headers: list[tuple[str, str]], body: bytes, asked: int, environ: Environ
) -> tuple[list[tuple[str, str]], bytes]:
    """Return headers and body with the script, if this is a whole page and one that runs scripts; else as they are."""
    from miniframe.autoreload.pages.policies import admit  # with the first page that a browser asks for

    place = _place(body, _is_all_of_a_tab(environ))
    policies = [value for name, value in headers if name.lower() in _POLICIES]
    admitted = admit(policies, environ.get("HTTP_HOST", ""), EVENTS) if place >= 0 else None
    if admitted is None:
        return headers, body
    nonce, policies = admitted
    attributes = f' nonce="{nonce}"' if nonce else ""
    if environ["REQUEST_METHOD"] == "POST":
        # To load it anew would send the form again.
        attributes += " data-stays"
    element = f'<script data-since="{asked}"{attributes}>{_script()}</script>'
    page = b"".join((body[:place], element.encode(), body[place:]))
    kept = [(name, value) for name, value in headers if name.lower() not in _UNTRUE]
    made = iter(policies)
    kept = [(name, next(made) if name.lower() in _POLICIES else value) for name, value in kept]
    return [*kept, ("Content-Length", str(len(page)))], page


def _is_all_of_a_tab(environ: Environ) -> bool:
    """Return whether a browser says that its tab will show this and nothing else; no script can say so."""
    return environ.get("HTTP_SEC_FETCH_DEST") == "document" and environ.get("HTTP_SEC_FETCH_MODE") == "navigate"


def _place(body: bytes, is_whole: bool) -> int:
    """Return where in a page a script can stand; -1 if it is no whole page, unless that is known already."""
    place = max(body.rfind(b"</body>"), body.rfind(b"</BODY>"))
    # With more behind it this may be the text of a script, of a comment, of an attribute.
    if place >= 0 and body[place + 7 :].strip().lower() in (b"", b"</html>"):
        return place
    start = body[:200].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if start.startswith((b"<!doctype", b"<html")):
        return len(body)
    # With zeros it is in UTF-16, and what we write would not be.
    return len(body) if is_whole and b"\0" not in body else -1


_text: str | None = None


def _script() -> str:
    """Return the script without what is for people only."""
    global _text
    if _text is None:
        with open(os.path.join(os.path.dirname(__file__), "refresh.js"), encoding="utf-8") as file:
            lines = (line.strip() for line in file)
            _text = "\n".join(line for line in lines if line and not line.startswith("//"))
    return _text


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
    fields: dict[bytes, bytes] = {}
    for line in lines:
        name, _, value = line.partition(b":")
        # Said twice, it is said by nobody that we know.
        fields[name.strip().lower()] = b"?" if name.strip().lower() in fields else value.strip()
    if not _is_own(fields) or refusal(fields.get(b"host", b"").decode("latin-1")) is not None:
        return None
    if query == b"since=":
        return monotonic_ns()
    told = [query.removeprefix(b"since="), fields.get(b"last-event-id", b"")]
    return max(int(text) if text.isdigit() and len(text) <= 20 else 0 for text in told)


def _is_own(fields: Mapping[bytes, bytes]) -> bool:
    """Return whether the page that asks is of this site; programs say nothing of the kind, and may ask as well."""
    host = fields.get(b"host", b"")
    origin = fields.get(b"origin")
    if origin is not None and origin.rpartition(b"//")[2] != host:
        return False
    return fields.get(b"sec-fetch-site", b"same-origin") == b"same-origin"
