"""Hold the browser tabs that listen for changes, and tell them: reload, or take this stylesheet anew.

Each tab is one connection with an endless answer, a stream of events.  A worker takes the request in (see `refresh`)
and hands the connection over, so the stream is cut by no reload and holds none up.

    hello     the first word; nothing has happened that this page does not know
    reload    the page is old
    style     the stylesheet has changed whose address ends in this name

Each event has the moment (`time.monotonic_ns()`) at which it became true as its id.  A tab says up to which moment it
knows, and is told at once what it has missed: while it was hidden, or asleep, or while no server ran here.

Source: HTML, section "Server-sent events".
Not here: which change calls for what (see `changes`).
"""

from __future__ import annotations

import socket
from time import monotonic_ns
from typing import Final

from miniframe.autoreload.loop import Loop, at_most

__all__ = ["HEARTBEAT", "MOST", "Tabs"]

MOST: Final = 100
"""How many tabs listen at a time; with one more the first has to give way.  They are fewer where descriptors are."""
MOST_OF_ONE: Final = 4
"""How many of one address; a browser has six connections to a site, for all its tabs together and for their pages."""
HEARTBEAT: Final = 20.0
"""Seconds after which something is said, lest a proxy takes the silence for death; and the dead are found thereby."""

# Who had to give way comes again after so many milliseconds, has lost nothing by it, and another gives way.
_GIVE_WAY = b"retry: 2000\r\n\r\n"
# Changed stylesheets that are remembered for tabs that come back; after more than these a tab is loaded anew.
_STYLES = 50
_HEAD = b"""\
HTTP/1.1 200 OK
Content-Type: text/event-stream; charset=utf-8
Cache-Control: no-store
X-Accel-Buffering: no
X-Content-Type-Options: nosniff
Connection: close

retry: 1000

""".replace(b"\n", b"\r\n")


class Tabs:
    """The tabs that are open."""

    def __init__(self, loop: Loop) -> None:
        self._loop = loop
        # Each with its client's address, the oldest first.
        self._open: dict[socket.socket, str] = {}
        # Every page that was asked for before this is old: nobody knows what it shows.
        self._renewed = monotonic_ns()
        self._styles: dict[str, int] = {}
        self._beats = False

    def __len__(self) -> int:
        return len(self._open)

    def join(self, tab: socket.socket, since: int) -> None:
        """Take a connection whose page knows of all that happened until `since`; the answer's head is not sent yet."""
        tab.setblocking(False)
        address = _address(tab)
        alike = [other for other, its in self._open.items() if its == address]
        if len(alike) >= MOST_OF_ONE:
            self._displace(alike[0])
        elif len(self._open) >= at_most(MOST):
            self._displace(next(iter(self._open)))
        self._open[tab] = address
        # A tab has nothing to say: it goes, or it is no tab.
        self._loop.on(tab, lambda: self._drop(tab))
        self._send(tab, _HEAD + self._missed(since))
        self._beat_later()

    def _missed(self, since: int) -> bytes:
        now = monotonic_ns()
        # A later moment than now is one of another machine, or of this one before it was started again.
        if not self._renewed <= since <= now:
            return _event("reload", now)
        styles = [_event("style", moment, name) for name, moment in self._styles.items() if moment > since]
        return b"".join([*styles, _event("hello", now)])

    def reload(self) -> None:
        """Tell all tabs that they are old: from here on pages are made from something new."""
        self._renewed = monotonic_ns()
        self._styles.clear()
        self._tell(_event("reload", self._renewed))

    def restyle(self, name: str) -> None:
        """Tell all tabs that a stylesheet has changed; `name` is how its addresses end, such as "css/site.css"."""
        if len(self._styles) >= _STYLES:
            self.reload()
            return
        if not name.isprintable():
            # What cannot be said in a line: each stylesheet might be the one.
            name = ""
        moment = self._styles[name] = monotonic_ns()
        self._tell(_event("style", moment, name))

    def close(self) -> None:
        """Let go of all tabs; they come again when there is a server."""
        for tab in list(self._open):
            self._drop(tab)

    def _displace(self, tab: socket.socket) -> None:
        self._send(tab, _GIVE_WAY)
        self._drop(tab)

    def _beat_later(self) -> None:
        if not self._beats:
            self._beats = True
            self._loop.later(HEARTBEAT, self._beat)

    def _beat(self) -> None:
        self._beats = False
        self._tell(b":\r\n\r\n")
        if self._open:
            self._beat_later()

    def _tell(self, event: bytes) -> None:
        for tab in list(self._open):
            self._send(tab, event)

    def _send(self, tab: socket.socket, data: bytes) -> None:
        """Send, and never wait: who does not take this little has not been reading for long."""
        try:
            sent = tab.send(data)
        except OSError:
            sent = 0
        if sent < len(data):
            self._drop(tab)

    def _drop(self, tab: socket.socket) -> None:
        if tab in self._open:
            del self._open[tab]
            self._loop.off(tab)
            tab.close()


def _address(tab: socket.socket) -> str:
    """Return the address of a tab's client, without its port; those behind a relay have one in common."""
    try:
        peer = tab.getpeername()
    except OSError:
        return ""
    return peer[0] if isinstance(peer, tuple) else ""


def _event(name: str, moment: int, data: str = "") -> bytes:
    r"""Return an event as it is sent; it has a line of data in any case, or browsers would pass it over.

    >>> _event("style", 17, "site.css")
    b'id: 17\r\nevent: style\r\ndata: site.css\r\n\r\n'
    """
    return f"id: {moment}\r\nevent: {name}\r\ndata: {data}\r\n\r\n".encode()
