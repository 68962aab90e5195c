"""Visitors who use the site at the same time, each of whom knows what the site should remember of him.

Each request is written down with its moment and with what became of it.
"""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlencode

from tests.waiting import PATIENCE

from .client import Address


@dataclass
class Sent:
    """A request, and what became of it."""

    visitor: str
    method: str
    path: str
    began: float
    ended: float = 0.0
    status: int = 0
    """0: no answer came."""
    machine: str = ""
    failure: str = ""
    again: bool = False
    """Whether it had to be sent on another connection: nginx had closed the first one, as idle, in the same moment."""

    @property
    def failed(self) -> bool:
        """Return whether the visitor did not see what he had asked for."""
        return self.status != 200

    @property
    def had_begun(self) -> bool:
        """Return whether a part of the answer had arrived, so that nobody could ask another machine."""
        return self.failure.startswith("IncompleteRead")

    def was_on_its_way(self, began: float, ended: float) -> bool:
        """Return whether it had been sent, and not been answered, at some moment between these two."""
        return self.began <= ended and self.ended >= began


class Browser:
    """One visitor's connection and cookies."""

    def __init__(self, address: Address, name: str = "") -> None:
        self.address = address
        self.name = name
        self.cookies: dict[str, str] = {}
        self._connection = self._connect()

    def _connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.address.port, timeout=PATIENCE)

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def send(self, method: str, path: str, form: dict[str, str] | None = None) -> tuple[Sent, bytes]:
        """Send a request and read the answer, whatever it is."""
        sent = Sent(self.name, method, path, time.monotonic())
        headers = {"Host": self.address.netloc, "Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        body = urlencode(form or {}) if method == "POST" else None
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        content = b""
        reused = self._connection.sock is not None
        try:
            try:
                response = self._ask(method, path, body, headers)
            except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
                # What every browser does: a connection may end between two requests (RFC 9112, section 9.3.1).
                if not reused:
                    raise
                sent.again = True
                self._connection.close()
                response = self._ask(method, path, body, headers)
            content = response.read()
        except (OSError, http.client.HTTPException) as error:
            sent.failure = f"{type(error).__name__}: {error}"
            self._connection.close()  # the next request opens another one
        else:
            sent.status = response.status
            sent.machine = response.headers.get("X-Machine", "")
            self._take_cookies(response)
        sent.ended = time.monotonic()
        return sent, content

    def _ask(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> http.client.HTTPResponse:
        self._connection.request(method, path, body, headers)
        return self._connection.getresponse()

    def _take_cookies(self, response: http.client.HTTPResponse) -> None:
        for line in response.headers.get_all("Set-Cookie", []):
            name, _, value = line.partition(";")[0].partition("=")
            if "max-age=0" in line.lower():
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value

    def get(self, path: str) -> tuple[Sent, bytes]:
        """Ask for a page."""
        return self.send("GET", path)

    def post(self, path: str, **form: str) -> tuple[Sent, bytes]:
        """Send a form."""
        return self.send("POST", path, form)

    def log_in(self) -> Sent:
        """Ask for the form, and send it."""
        _, token = self.get("/login/")
        return self.post("/login/", name=self.name, csrfmiddlewaretoken=token.decode())[0]


@contextmanager
def browser(address: Address, name: str = "") -> Iterator[Browser]:
    """Give a visitor, who hangs up at the end."""
    visitor = Browser(address, name)
    try:
        yield visitor
    finally:
        visitor.close()


@dataclass
class Tally:
    """What all visitors have seen."""

    sent: list[Sent] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    """Who found his session gone, or another's, or an older one, and what he saw."""
    tickets: list[int] = field(default_factory=list)

    @property
    def failed(self) -> list[Sent]:
        """The requests that were not answered, or with an error."""
        return [sent for sent in self.sent if sent.failed]

    def told(self, killed: tuple[float, float]) -> str:
        """Return the figures in one line; `killed` are the moments between which a machine went."""
        on_the_way = [sent for sent in self.failed if sent.was_on_its_way(*killed)]
        kinds = Counter(f"{sent.method} {sent.status or sent.failure}" for sent in self.failed)
        return (
            f"requests sent {len(self.sent):,}, answered {len(self.sent) - len(self.failed):,}, failed "
            f"{len(self.failed)} (in flight at the killed machine {len(on_the_way)}, other "
            f"{len(self.failed) - len(on_the_way)}; {dict(kinds)}), sessions lost {len(self.lost)}; "
            f"sent again on a new connection {sum(sent.again for sent in self.sent)}"
        )


class Visitor(threading.Thread):
    """One who reads, counts, and draws tickets until he is told to stop."""

    def __init__(self, address: Address, name: str, tally: Tally, stop: threading.Event) -> None:
        super().__init__(name=name, daemon=True)
        self.browser = Browser(address, name)
        self.tally = tally
        self.stop = stop
        self.counted = 0
        self.unsure = 0
        """How many requests may have counted, or not: no answer came."""

    def run(self) -> None:
        """Log in, and go round."""
        try:
            self.tally.sent.append(self.browser.log_in())
            while not self.stop.is_set():
                self.send("GET", "/")
                self.look()
                self.count()
                self.send("GET", "/board/")
                self.draw()
                self.send("POST", "/slow/?seconds=0.02")
        finally:
            self.browser.close()

    def send(self, method: str, path: str) -> tuple[Sent, bytes | None]:
        """Return what became of a request, and the content of its answer, or None."""
        sent, content = self.browser.send(method, path)
        self.tally.sent.append(sent)
        return sent, None if sent.failed else content

    def look(self) -> None:
        """See whether the site still knows who this is."""
        _, content = self.send("GET", "/who/")
        if content is not None:
            self._compare(content, self.counted)

    def count(self) -> None:
        """Count in the session."""
        sent, content = self.send("POST", "/count/")
        if content is None or sent.again:
            self.unsure += 1
        if content is not None:
            self._compare(content, self.counted + 1)

    def _compare(self, content: bytes, least: int) -> None:
        state = json.loads(content)
        if state["user"] != self.name or not least <= state["count"] <= least + self.unsure:
            self.tally.lost.append(f"{self.name}, who had counted {least} to {least + self.unsure}, saw {state}")
        self.counted, self.unsure = state["count"], 0

    def draw(self) -> None:
        """Draw a ticket."""
        _, content = self.send("POST", "/tickets/")
        if content is not None:
            self.tally.tickets.append(int(content))


@contextmanager
def crowd(address: Address, size: int) -> Iterator[Tally]:
    """Let so many visitors go round until the block ends."""
    tally, stop = Tally(), threading.Event()
    visitors = [Visitor(address, f"visitor-{number}", tally, stop) for number in range(size)]
    for visitor in visitors:
        visitor.start()
    try:
        yield tally
    finally:
        stop.set()
        for visitor in visitors:
            visitor.join(2 * PATIENCE)
    assert not any(visitor.is_alive() for visitor in visitors)
