"""The server: listen, take connections in, and give each request to the application.

`run()` is what `runserver` calls.  The classes keep the names, methods and attributes of
the standard library's `socketserver` and `wsgiref`, without importing them: `http.server`
alone would cost more than all of this.

    BaseServer -> TCPServer -> WSGIServer, with ThreadingMixIn before it for threads

A connection goes `get_request` -> `verify_request` -> `process_request`, which parks it
in the lot (see `lot`): from there on it holds a thread only while a request is served.
A server whose subclass changes what happens to a request (`finish_request`,
`process_request`, `handle`) is served the plain way, a thread for each connection.

Source: the documentation of `socketserver`, of `wsgiref.simple_server`, and PEP 3333.
"""

from __future__ import annotations

import errno
import logging
import os
import socket
import sys
import threading
from collections.abc import Callable, Sequence
from time import monotonic
from types import MappingProxyType
from typing import Any

from miniframe.conf import place_of, settings
from miniframe.exceptions import ImproperlyConfigured
from miniframe.servers.connection import Diversions, WSGIRequestHandler
from miniframe.servers.crew import Crew
from miniframe.servers.filewrapper import FileWrapper
from miniframe.servers.gateway import ServerHandler
from miniframe.servers.lot import Lot
from miniframe.servers.tcp import BaseRequestHandler, BaseServer, TCPServer
from miniframe.servers.termination import Termination
from miniframe.utils.dotted import advice, exists
from miniframe.utils.module_loading import import_string
from miniframe.wsgi import get_wsgi_application

__all__ = [
    "BaseRequestHandler",
    "BaseServer",
    "FileWrapper",
    "ServerHandler",
    "TCPServer",
    "ThreadedWSGIServer",
    "ThreadingMixIn",
    "WSGIRequestHandler",
    "WSGIServer",
    "get_internal_wsgi_application",
    "get_wsgi_application",
    "run",
]

logger: logging.Logger = logging.getLogger("miniframe.server")


class WSGIServer(TCPServer):
    """Serve a WSGI application over HTTP/1.1.

    Source: `wsgiref.simple_server.WSGIServer`; PEP 3333.
    """

    max_threads = 1
    """How many requests are served at a time; `ThreadingMixIn` raises it."""
    max_connections = 0
    """How many connections may wait until the idlest has to go; 0: as many as leave a quarter of the system's
    descriptors free for the project's files."""
    multithread = False
    """What `wsgi.multithread` says."""
    daemon_threads = True
    graceful_timeout: float = 0.2
    """Seconds that SIGTERM leaves to requests which have begun."""
    newcomers_grace: float = 0.25
    """Seconds that `drain` leaves to a new connection until it must have spoken."""

    diversions: Diversions = MappingProxyType({})
    """Requests that are not for the application, by their exact path.  A function is given the handler of such a
    request.  If it returns True the connection is its own, and neither answered nor closed here: it has called
    `release`, and taken the socket.  Else the application answers, as ever."""
    application: Any = None
    draining: bool = False
    """The server finishes what has begun and accepts nothing new."""
    _starved = False
    _lot: Lot | None = None
    _crew: Crew | None = None

    def __init__(
        self,
        server_address: Any,
        RequestHandlerClass: Any = WSGIRequestHandler,  # noqa: N803
        *args: Any,
        ipv6: bool = False,
        allow_reuse_address: bool = TCPServer.allow_reuse_address,
        **kwargs: Any,
    ) -> None:
        if ipv6:
            self.address_family = socket.AF_INET6
        self.allow_reuse_address = allow_reuse_address
        self.base_environ: dict[str, Any] = {}
        self._further: list[socket.socket] = []
        super().__init__(server_address, RequestHandlerClass, *args, **kwargs)

    def server_bind(self) -> None:
        """Take the address and make the environ's template from it."""
        super().server_bind()
        self._name_server()

    def adopt(self, listener: socket.socket) -> None:
        """Serve a socket that listens already, instead of one of our own."""
        super().adopt(listener)
        self._name_server()

    @property
    def listeners(self) -> list[socket.socket]:
        """The sockets on which clients are awaited, that of `server_address` first."""
        return [self.socket, *self._further]

    def listen_also(self, listener: socket.socket) -> None:
        """Await clients on this listening socket too, from `serve_forever` on; it is closed with the server."""
        listener.setblocking(False)
        self._further.append(listener)

    def _name_server(self) -> None:
        # No getfqdn(): it asks the name service, which can take seconds.
        host, port = self.server_address[:2]
        self.server_name: str = str(host)
        self.server_port: int = int(port)
        self.setup_environ()

    def setup_environ(self) -> None:
        """Make the part of the environ that is the same for every request."""
        self.base_environ = {
            "SERVER_NAME": self.server_name,
            "SERVER_PORT": str(self.server_port),
            "SERVER_SOFTWARE": "miniframe",
            "GATEWAY_INTERFACE": "CGI/1.1",
            "SCRIPT_NAME": "",
            "REMOTE_HOST": "",
            # Whoever calls sys.exit() in this process ends a request only; in one that a view forked it ends that.
            "miniframe.outlives_exit": os.getpid(),
        }

    def set_app(self, application: Any) -> None:
        """Serve this WSGI application."""
        self.application = application

    def get_app(self) -> Any:
        """Return the WSGI application that is served."""
        return self.application

    # ------------------------------------------------------------- the loop
    def _serve(self, poll_interval: float) -> None:
        if not self._can_park():
            super()._serve(poll_interval)
            return
        self.socket.setblocking(False)
        if self._lot is not None:
            self._lot.close()  # of an earlier serve_forever()
        lot = self._lot = Lot(self)
        try:
            if self.max_threads > 1:
                crew = self._crew = Crew(lot, self.max_threads, self.daemon_threads)
                self._wake = crew.ring
                if not self._stop.is_set():
                    crew.serve(poll_interval)
            else:
                self._wake = lot.poller.wake
                if not self._stop.is_set():
                    lot.serve_alone(poll_interval)
        finally:
            lot.stopping = True
            self._wake = lambda: None

    def _can_park(self) -> bool:
        """Tell whether all that happens to a request is ours, so that it may be served in turns."""
        handler = self.RequestHandlerClass
        ours = (BaseServer, TCPServer, WSGIServer, ThreadingMixIn)
        steps = {"process_request", "process_request_thread", "finish_request"}
        return (
            not any(steps & vars(cls).keys() for cls in type(self).__mro__ if cls not in ours)
            and isinstance(handler, type)
            and issubclass(handler, WSGIRequestHandler)
            and handler.handle is WSGIRequestHandler.handle
            and handler.__init__ is BaseRequestHandler.__init__
        )

    def park(self, request: Any, client_address: Any) -> bool:
        """Put the connection into the lot, while there is one."""
        if self._lot is None or self._lot.closed:
            return False
        self._lot.park(request, client_address)
        return True

    def release(self, request: Any) -> None:
        """Watch a connection no longer that a diversion takes over."""
        if self._lot is not None:
            self._lot.release(request)

    def accept_waiting(self) -> bool:
        """Take in the connections that wait; False: the system has no descriptor left for them."""
        self._starved = False
        for _ in range(64):
            if not self._handle_request_noblock():
                break
        return not self._starved

    def get_request(self) -> tuple[Any, Any]:
        """Accept a connection, and notice when the system has no room for another."""
        try:
            for listener in self._further:
                try:
                    return self.accept_from(listener)
                except BlockingIOError:
                    pass
            return super().get_request()
        except OSError as error:
            self._starved = error.errno in (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)
            raise

    # ------------------------------------------------------------- the end
    def shutdown(self) -> None:
        """End `serve_forever` at once and wait until it has ended; to be called from another thread."""
        lot = self._lot
        self._stop.set()
        if lot is not None:
            lot.stopping = True
        super().shutdown()

    def begin_drain(self, timeout: float, patience: float = 0.0) -> None:
        """Have `serve_forever` return when what has begun is finished, or after `timeout` seconds.

        Nothing more is accepted; a connection that is no older than `patience` seconds
        counts as begun.  This returns at once, and may be called from a signal handler.
        """
        self.draining = True
        lot = self._lot
        if lot is None:
            self._stop.set()
        else:
            lot.patience = patience
            lot.drain_until = monotonic() + timeout
        self._wake()

    def drain(self, timeout: float) -> None:
        """Stop gracefully: accept nothing, close idle connections, finish requests that have begun.

        A new connection is given a moment to speak: unlike at SIGTERM there is somebody
        who goes on serving this port, and whose clients nothing shall hit.

        Returns when all is done, or after `timeout` seconds; to be called from another
        thread than that of `serve_forever`.
        """
        if self._lot is not None:
            self._lot.stop_accepting()
        self.begin_drain(timeout, self.newcomers_grace)
        self._stopped.wait()

    def server_close(self) -> None:
        """Stop listening and close every parked connection."""
        lot, self._lot = self._lot, None
        if lot is not None:
            lot.stopping = True
            lot.close()
        for listener in self._further:
            listener.close()
        super().server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Report the exception at hand; that a client left is no error, and gets one line."""
        if isinstance(sys.exc_info()[1], (BrokenPipeError, ConnectionAbortedError, ConnectionResetError)):
            logger.info("- Broken pipe from %s", client_address)
        else:
            super().handle_error(request, client_address)


class ThreadingMixIn:
    """Serve several requests at a time; to be named before a server class.

    It holds no state of its own.  A server with a lot gets a crew of threads, as many as
    its views need (`max_threads` at most); any other gets a thread for each connection.
    """

    daemon_threads = True
    """Do not wait for threads when the program ends."""
    multithread = True
    max_threads = 512

    def process_request(self: Any, request: Any, client_address: Any) -> None:
        """Park the connection, or give it a thread of its own."""
        if self.park(request, client_address):
            return
        threading.Thread(
            target=self.process_request_thread, args=(request, client_address), daemon=self.daemon_threads
        ).start()

    def process_request_thread(self: Any, request: Any, client_address: Any) -> None:
        """Serve a connection to its end, in its own thread."""
        try:
            self.finish_request(request, client_address)
        except Exception:
            self.handle_error(request, client_address)
        finally:
            self.shutdown_request(request)


class ThreadedWSGIServer(ThreadingMixIn, WSGIServer):
    """A `WSGIServer` with threads."""


def get_internal_wsgi_application() -> Any:
    """Return the application that `settings.WSGI_APPLICATION` names, or the default one if it names none.

    Raises:
        ImproperlyConfigured: it cannot be imported, and the cause is chained; or what it loads says so of itself.
    """
    path: str | None = settings.WSGI_APPLICATION
    if path is None:
        return get_wsgi_application()
    try:
        return import_string(path)
    except ImproperlyConfigured:
        raise  # a wrong entry of MIDDLEWARE, say: it is an ImportError too, and tells more than we could
    except ImportError as error:
        wrong = ImproperlyConfigured(f"WSGI application '{path}' could not be loaded; Error importing module.")
        if not exists(path):
            wrong.add_note(f"{place_of('WSGI_APPLICATION')} leads nowhere.{advice(path)}")
        raise wrong from error


def run(
    addr: str,
    port: int,
    wsgi_handler: Any,
    ipv6: bool = False,
    threading: bool = False,
    on_bind: Callable[[int], object] | None = None,
    server_cls: type[WSGIServer] = WSGIServer,
    *,
    handler_cls: type[WSGIRequestHandler] = WSGIRequestHandler,
    listeners: Sequence[socket.socket] = (),
    listening: Callable[[WSGIServer], object] | None = None,
) -> None:
    """Serve `wsgi_handler` on this address until interrupted.

    `on_bind` is told the port once clients can connect; `listening` is given the server
    before that, with its sockets and its `drain`.  `listeners` are sockets that listen
    already and are served instead of the address.  SIGTERM lets requests that have begun finish, and returns; SIGINT
    raises KeyboardInterrupt as ever.

    Raises:
        OSError: the address cannot be taken; `errno` says why.
    """
    cls = type("WSGIServer", (ThreadingMixIn, server_cls), {}) if threading else server_cls
    if listeners:
        server = cls((addr, port), handler_cls, ipv6=ipv6, bind_and_activate=False)
        server.adopt(listeners[0])
    else:
        server = cls((addr, port), handler_cls, ipv6=ipv6)
    with server:
        for further in listeners[1:]:
            server.listen_also(further)
        if listening is not None:
            listening(server)
        server.set_app(wsgi_handler)
        if on_bind is not None:
            on_bind(server.server_port)
        with Termination(server):
            server.serve_forever()
