"""Listen on a TCP port and hand each connection on, the way `socketserver` does it.

    BaseServer -> TCPServer, and BaseRequestHandler for what is done with a connection

The names, steps and promises are those of the standard library, whose module is not
imported: it would bring more than is used.  What is different: `shutdown` does not wait
for the end of a poll interval.

Source: the documentation of `socketserver`.
Not here: HTTP (see `basehttp`).
"""

from __future__ import annotations

import logging
import os
import socket
import threading
from collections.abc import Callable
from typing import Any, Self

from miniframe.servers.pollers import make_poller

logger: logging.Logger = logging.getLogger("miniframe.server")


class BaseRequestHandler:
    """The shape of every request handler: `setup`, `handle`, and always `finish`.

    Source: `socketserver.BaseRequestHandler` of the standard library.
    """

    def __init__(self, request: Any, client_address: Any, server: Any) -> None:
        self.request = request
        self.client_address = client_address
        self.server = server
        self.setup()
        try:
            self.handle()
        finally:
            self.finish()

    def setup(self) -> None:
        """Make ready before `handle`."""

    def handle(self) -> None:
        """Do the work."""

    def finish(self) -> None:
        """Clean up after `handle`, also when that failed."""


class BaseServer:
    """Take requests in and hand them on; what a request is, a subclass says.

    Source: `socketserver.BaseServer`.
    """

    timeout: float | None = None
    """Seconds that `handle_request` waits; None: for ever."""

    def __init__(self, server_address: Any, RequestHandlerClass: Any) -> None:  # noqa: N803  # its name for ever
        self.server_address: Any = server_address
        self.RequestHandlerClass = RequestHandlerClass
        self._stop = threading.Event()
        self._stopped = threading.Event()
        self._stopped.set()
        self._wake: Callable[[], None] = lambda: None

    def server_activate(self) -> None:
        """Begin to listen."""

    def server_close(self) -> None:
        """Release what the server holds."""

    def fileno(self) -> int:
        """Return the descriptor to wait on for requests."""
        raise NotImplementedError

    def get_request(self) -> tuple[Any, Any]:
        """Return the next connection and its client's address."""
        raise NotImplementedError

    # ------------------------------------------------------------- the loop
    def serve_forever(self, poll_interval: float = 0.5) -> None:
        """Serve until `shutdown`; call `service_actions` at least every `poll_interval` seconds."""
        self._stopped.clear()
        try:
            self._serve(poll_interval)
        finally:
            self._stop.clear()
            self._stopped.set()

    def _serve(self, poll_interval: float) -> None:
        poller = make_poller()
        descriptor = self.fileno()
        self._wake = poller.wake
        try:
            poller.add(descriptor)
            while not self._stop.is_set():
                ready = poller.wait(poll_interval, 1)
                # After shutdown() nothing more is accepted (bpo-35017).
                if self._stop.is_set():
                    return
                if ready:
                    self._handle_request_noblock()
                    poller.rearm(descriptor)
                self.service_actions()
        finally:
            self._wake = lambda: None
            poller.close()

    def shutdown(self) -> None:
        """End `serve_forever` and wait until it has ended; to be called from another thread."""
        self._stop.set()
        self._wake()
        self._stopped.wait()

    def service_actions(self) -> None:
        """Do what has to be done from time to time: nothing here."""

    def handle_request(self) -> None:
        """Handle one request, waiting `timeout` seconds for it."""
        poller = make_poller()
        try:
            poller.add(self.fileno())
            if poller.wait(self.timeout, 1):
                self._handle_request_noblock()
            else:
                self.handle_timeout()
        finally:
            poller.close()

    def handle_timeout(self) -> None:
        """Do something when no request came within `timeout`: nothing here."""

    # ------------------------------------------------------------- one request
    def _handle_request_noblock(self) -> bool:
        """Take in one connection; False: there was none to take."""
        try:
            request, client_address = self.get_request()
        except OSError:
            return False
        try:
            wanted = self.verify_request(request, client_address)
            if wanted:
                self.process_request(request, client_address)
        except Exception:
            self.handle_error(request, client_address)
            wanted = False
        except BaseException:
            self.shutdown_request(request)
            raise
        if not wanted:
            self.shutdown_request(request)
        return True

    def verify_request(self, request: Any, client_address: Any) -> bool:
        """Tell whether this connection is wanted."""
        return True

    def process_request(self, request: Any, client_address: Any) -> None:
        """Park the connection, or serve it to its end."""
        if not self.park(request, client_address):
            self.finish_request(request, client_address)
            self.shutdown_request(request)

    def park(self, request: Any, client_address: Any) -> bool:
        """Put the connection where it waits without a thread; False: there is no such place."""
        return False

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Serve a connection to its end, by making its handler."""
        self.RequestHandlerClass(request, client_address, self)

    def shutdown_request(self, request: Any) -> None:
        """End a connection."""
        self.close_request(request)

    def close_request(self, request: Any) -> None:
        """Release a connection."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Report the exception at hand, which came from serving this connection."""
        logger.error("Exception occurred during processing of request from %s", client_address, exc_info=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *args: object) -> None:
        self.server_close()


class TCPServer(BaseServer):
    """Listen on a TCP port.

    Source: `socketserver.TCPServer`.
    """

    address_family = socket.AF_INET
    socket_type = socket.SOCK_STREAM
    request_queue_size = 512
    """Connections that the system keeps for us; with few, a burst waits a second for TCP to try again."""
    allow_reuse_address: bool = os.name == "posix"
    """Bind although an old connection lingers on the port; on Windows the option means to steal a port."""
    allow_reuse_port = False
    server_address: Any

    def __init__(self, server_address: Any, RequestHandlerClass: Any, bind_and_activate: bool = True) -> None:  # noqa: N803
        super().__init__(server_address, RequestHandlerClass)
        self.socket: socket.socket = socket.socket(self.address_family, self.socket_type)
        if bind_and_activate:
            try:
                self.server_bind()
                self.server_activate()
            except BaseException:
                self.server_close()
                raise

    def server_bind(self) -> None:
        """Take the address.

        Raises:
            OSError: with the system's errno (EADDRINUSE, EACCES, EADDRNOTAVAIL ...).
        """
        if self.allow_reuse_address:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if self.allow_reuse_port and hasattr(socket, "SO_REUSEPORT"):
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()

    def server_activate(self) -> None:
        """Begin to listen."""
        self.socket.listen(self.request_queue_size)

    def adopt(self, listener: socket.socket) -> None:
        """Serve a socket that listens already, instead of one of our own."""
        self.socket.close()
        self.socket = listener
        self.server_address = listener.getsockname()

    def server_close(self) -> None:
        """Stop listening."""
        self.socket.close()

    def fileno(self) -> int:
        """Return the listening socket's descriptor."""
        return self.socket.fileno()

    def get_request(self) -> tuple[Any, Any]:
        """Accept a connection; what is answered on it goes out at once (TCP_NODELAY)."""
        return self.accept_from(self.socket)

    def accept_from(self, listener: socket.socket) -> tuple[Any, Any]:
        """Accept a connection at one of the sockets that listen."""
        request, client_address = listener.accept()
        try:
            request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError:
            pass  # it is gone already, or no TCP at all
        return request, client_address

    def shutdown_request(self, request: Any) -> None:
        """Say goodbye to the client and close; it may have gone before."""
        try:
            request.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        self.close_request(request)

    def close_request(self, request: Any) -> None:
        """Close the connection."""
        request.close()
