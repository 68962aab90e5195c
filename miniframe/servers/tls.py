"""HTTPS: connections that are encrypted, on the same server, threads and limits as plain ones.

    load                a certificate and its key from files, as a context
    secure              a server class that speaks TLS with that context
    TLSRequestHandler   what it serves a connection with
    TLSConnection       a socket that never blocks: the handshake happens while the connection is parked

The handshake is a part of reading: a client that dawdles over it holds no thread, and nobody else up.  Who
speaks plain HTTP here is sent to the same address with https before it.

Source: RFC 8446; Python's reference "ssl", section "Notes on non-blocking sockets"; PEP 3333, "URL Reconstruction".
Not here: certificates that are made for this machine (see `management.serving.certificates`).
"""

from __future__ import annotations

import contextlib
import logging
import os
import re
import socket
import ssl
from typing import Any, ClassVar, TypeVar

from miniframe.servers.connection import WSGIRequestHandler
from miniframe.servers.gateway import ServerHandler
from miniframe.servers.streams import SocketWriter
from miniframe.servers.tcp import TCPServer

__all__ = ["CertificateError", "TLSConnection", "TLSRequestHandler", "load", "redirect", "secure"]

_Server = TypeVar("_Server", bound=TCPServer)

logger: logging.Logger = logging.getLogger("miniframe.server")

# The first octet of a client that begins with a handshake (RFC 8446, section 5.1); no method begins with it.
_HANDSHAKE = b"\x16"
# As much of a plain request as is looked at to find out where it was to go.
_LARGEST_HEAD = 8192
_TARGET = re.compile(rb"[A-Z]+ (/[!-~]*) HTTP/1\.[01]\r\n")
_HOST = re.compile(rb"\r\nhost:[ \t]*([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?[ \t]*\r\n", re.IGNORECASE)
_NOT_HERE = b"This port speaks HTTPS only. Put https:// before the address.\n"


class CertificateError(Exception):
    """A certificate cannot be used; the message says why and what to do."""


def load(certificate: str, key: str | None = None) -> ssl.SSLContext:
    """Return what a server needs to prove itself with these PEM files; without `key` the first holds both.

    Raises:
        CertificateError: a file cannot be read, is none of that kind, or the two do not belong together.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION
    context.set_alpn_protocols(["http/1.1"])
    context.sslsocket_class = TLSConnection
    for path in (certificate, key or certificate):
        if not os.access(path, os.R_OK):
            why = "cannot be read" if os.path.exists(path) else "does not exist"
            raise CertificateError(f"{path!r} {why}.")
    try:
        # An empty password: the server must not stop and ask for one in every worker.
        context.load_cert_chain(certificate, key, password=lambda: b"")
    except ssl.SSLError as error:
        raise CertificateError(_told(error, certificate, key)) from error
    except OSError as error:
        raise CertificateError(f"{certificate!r}: {error}") from error
    return context


def _told(error: ssl.SSLError, certificate: str, key: str | None) -> str:
    if error.reason == "KEY_VALUES_MISMATCH":
        return f"The key in {key or certificate!r} does not belong to the certificate in {certificate!r}."
    if error.reason in ("BAD_DECRYPT", "BAD_PASSWORD_READ"):
        return f"The key in {key or certificate!r} is locked with a password; give one that is not."
    if key is None:
        return f"{certificate!r} does not hold both a certificate and its key, in PEM; name the key with --key."
    return f"{certificate!r} and {key!r} do not hold a certificate and its key, in PEM ({error.reason or error})."


def redirect(head: bytes) -> bytes:
    """Return the answer to a plain request: go to the same address, with https; `head` may be all there is of it.

    What is no request that can be sent on is told in a line.  307 keeps method and body, and is not remembered.
    """
    target, host = _TARGET.match(head), _HOST.search(head)
    status, location = "400 Bad Request", b""
    if target and host:
        status = "307 Temporary Redirect"
        location = b"Location: https://" + host[1] + (host[2] or b"") + target[1] + b"\r\n"
    return (
        b"HTTP/1.1 %b\r\n%bContent-Type: text/plain; charset=utf-8\r\n"
        b"Content-Length: %d\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n"
        % (status.encode(), location, len(_NOT_HERE))
    ) + _NOT_HERE


class TLSConnection(ssl.SSLSocket):
    """An accepted connection, as one that does not block; a read takes care of the handshake.

    Of a plain socket it keeps what the server relies on: BlockingIOError for "not now", an end that is said
    to the client, and a peek that takes nothing away.
    """

    _heard = False
    _over = False

    def recv(self, buflen: int = 1024, flags: int = 0) -> bytes:
        """Return what the client said; as it says it, or b"" at the end.

        Raises:
            BlockingIOError: nothing that is complete has come.
            OSError: the connection broke, or is none.
        """
        if flags or self._over:
            return socket.socket.recv(self, buflen, flags)
        if not self._heard and not self._greeted():
            return b""
        try:
            return super().recv(buflen)
        except ssl.SSLWantReadError:
            raise BlockingIOError from None
        except ssl.SSLWantWriteError:
            # Our part of a handshake fits the system's buffer, unless the client takes nothing.
            raise ConnectionAbortedError("takes no part in the handshake") from None

    def send(self, data: Any, flags: int = 0) -> int:
        """Encrypt and send what the system takes of `data`, and return how much; `flags` mean nothing here.

        Raises:
            BlockingIOError: nothing can be sent now.  The same data must come next.
        """
        try:
            return super().send(data)
        except ssl.SSLWantWriteError:
            raise BlockingIOError from None
        except ssl.SSLWantReadError:
            raise ConnectionAbortedError("wants to shake hands again") from None

    def shutdown(self, how: int) -> None:
        """Tell the client that all has been said, so that it can tell an end from a cut; then stop sending."""
        with contextlib.suppress(OSError, ValueError):
            self.unwrap()
        self._over = True
        super().shutdown(how)

    def _greeted(self) -> bool:
        """Look how the client begins; False: with plain HTTP, and it was answered."""
        first = socket.socket.recv(self, 1, socket.MSG_PEEK)
        if not first:
            return False
        if self._sslobj is None:  # type: ignore[attr-defined]  # of SSLSocket, in all versions
            raise ConnectionAbortedError("was gone before it could be encrypted")
        self._heard = True
        if first == _HANDSHAKE:
            return True
        head = socket.socket.recv(self, _LARGEST_HEAD)
        logger.warning("You're accessing the development server over HTTP, but it only supports HTTPS.")
        with contextlib.suppress(OSError):
            socket.socket.send(self, redirect(head))
        return False


class _Writer(SocketWriter):
    """Has files pass through this process, for the system cannot encrypt them."""

    def _sendfile(self, descriptor: int, offset: int, count: int) -> int:
        data = os.pread(descriptor, min(count, 65536), offset)
        # Not written to the end: a client that takes nothing must not hold this thread.
        return self.connection.send(data) if data else 0


class _Gateway(ServerHandler):
    """Says https to the application."""

    wsgi_url_scheme = "https"


class TLSRequestHandler(WSGIRequestHandler):
    """Serve the requests of one encrypted connection."""

    server_handler_class: type[ServerHandler] = _Gateway

    def setup(self) -> None:
        """Begin with an empty connection."""
        super().setup()
        self.wfile: Any = _Writer(self.request, self.send_timeout)

    def get_environ(self) -> dict[str, Any]:
        """Return the CGI variables, with those by which servers tell of TLS."""
        environ = super().get_environ()
        environ["HTTPS"] = "on"
        environ["SSL_PROTOCOL"] = self.connection.version() or ""
        return environ


class _Secure(TCPServer):
    """Encrypt the connections of a server; to be named before its class, with a `context`."""

    context: ClassVar[ssl.SSLContext]

    def get_request(self) -> tuple[Any, Any]:
        """Accept a connection; nothing is said on it yet."""
        request, client_address = super().get_request()
        request.setblocking(False)
        try:
            wrapped = self.context.wrap_socket(request, server_side=True, do_handshake_on_connect=False)
        except OSError:
            # It is gone already.
            request.close()
            raise
        return wrapped, client_address


def secure(server_cls: type[_Server], context: ssl.SSLContext) -> type[_Server]:
    """Return the server class with its connections encrypted; serve them with `TLSRequestHandler`."""
    return type("SecureWSGIServer", (_Secure, server_cls), {"context": context})
