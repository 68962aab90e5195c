"""Give the connection of a tab that listens from the server, whose worker may end, to the supervisor, which stays.

A plain connection goes as it is, in a message between processes.  An encrypted one cannot: what is needed to encrypt
lives in this process.  So the supervisor is given one end of a pair of sockets, and a thread here passes on what it
says.  An old worker stays for it until the page has been told that there is a new one.

Source: unix(7), "SCM_RIGHTS".
Not here: what is said to tabs (see `tabs`).
"""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import Any, Final, Protocol

from miniframe.autoreload.pages.refresh import EVENTS, asked_since
from miniframe.autoreload.worker import audience, hand_tab

__all__ = ["DIVERSIONS", "Handler", "relay", "take"]


class Handler(Protocol):
    """What is asked of a server's handler of a connection."""

    connection: Any
    raw_head: bytes
    server: Any


def take(handler: Handler) -> bool:
    """Take the connection, if a page of ours listens on it; False: it is none, or there is no supervisor."""
    since = asked_since(handler.raw_head, audience().refusal)
    if since is None:
        return False
    handler.server.release(handler.connection)
    passing = None
    if type(handler.connection) is socket.socket:
        theirs = socket.socket(fileno=handler.connection.detach())
    else:
        ours, theirs = socket.socketpair()
        passing = threading.Thread(target=relay, args=(ours, handler.connection), name="tab", daemon=True)
        passing.start()
    with theirs:
        hand_tab(theirs, since, passing)
    return True


DIVERSIONS: Final = {EVENTS: take}
"""What a server has to know of this (see `servers.basehttp.WSGIServer.diversions`)."""


def relay(ours: socket.socket, tab: socket.socket) -> None:
    """Pass on what the supervisor says, until it falls silent or the tab goes."""
    import selectors  # for an encrypted connection only

    with ours, tab, selectors.DefaultSelector() as selector:
        for end in (ours, tab):
            selector.register(end, selectors.EVENT_READ)
        # What is not taken at once is too much, as it is for the supervisor: OSError.
        with contextlib.suppress(OSError):
            while all(key.fileobj is ours for key, _ in selector.select()) and (data := ours.recv(65536)):
                if tab.send(data) < len(data):
                    break
            tab.shutdown(socket.SHUT_WR)
