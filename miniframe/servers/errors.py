"""What can go wrong between a client and an application.

    ProtocolError      (Exception)        the request breaks a rule of HTTP: answered, then closed
    BrokenBody         (OSError)          its body did while the application was reading it
    ClientGone         (ConnectionError)  nobody is there any more: closed without a word
    ApplicationError   (AssertionError)   the application breaks PEP 3333: logged, answered with 500
    Terminated         (SystemExit)       the server is to end now: no view can have raised it

`BrokenBody` and `ClientGone` are raised into an application's `wsgi.input.read()`; so they
are the kinds of error that applications expect there.
"""

from __future__ import annotations

import threading


class ProtocolError(Exception):
    """A request that cannot be served; `status` is what the client is told.

    The text says what was wrong in words that are safe to send back.
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class BrokenBody(OSError):
    """The request's body did not arrive whole and well-formed; `status` is what the client is owed."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class ClientGone(ConnectionError):
    """The client went away, or no longer takes or sends anything."""


class ApplicationError(AssertionError):
    """The application broke PEP 3333; the text says how, for the log."""


class Terminated(SystemExit):
    """SIGTERM came and the time for finishing is over; unlike a view's own SystemExit it ends the server."""


def ends_server(error: BaseException) -> bool:
    """Tell whether this came from a signal that ends the server; those are handled in the main thread."""
    if isinstance(error, KeyboardInterrupt):
        return threading.current_thread() is threading.main_thread()
    return isinstance(error, Terminated)
