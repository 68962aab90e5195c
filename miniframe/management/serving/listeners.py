"""Sockets that `runserver` listens on besides the one it binds: given ones, and the other half of localhost.

    given(fd)           the socket at "fd://3"
    from_activation()   those that a service manager has opened before it started us
    other_half(port)    IPv6's localhost, where IPv4's is served

Source: sd_listen_fds(3), socket(7) "SO_ACCEPTCONN"; RFC 6761, section 6.3: localhost is both loopback addresses.
"""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Collection

from miniframe.management.errors import CommandError

__all__ = ["from_activation", "given", "other_half"]

# Descriptors below are standard input, output and error.
_FIRST = 3


def given(number: int) -> socket.socket:
    """Return the listening socket at this file descriptor.

    Raises:
        CommandError: there is none, or it is not a TCP socket that listens.
    """
    try:
        found = socket.socket(fileno=os.dup(number))
    except OSError:
        raise _not_listening(number, "There is no socket") from None
    is_tcp = found.family in (socket.AF_INET, socket.AF_INET6) and found.type == socket.SOCK_STREAM
    if not is_tcp or not found.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
        found.close()
        raise _not_listening(number, "There is no TCP socket that listens")
    return found


def _not_listening(number: int, what: str) -> CommandError:
    error = CommandError(f"{what} at file descriptor {number}.")
    error.add_note(
        "fd://N takes over a socket that whoever starts this program has opened, as systemd does with "
        "ListenStream=127.0.0.1:8000, and circus and docker likewise."
    )
    return error


def from_activation(pids: Collection[int]) -> list[socket.socket]:
    """Return the sockets that a service manager has handed to one of these processes, and take note of it out.

    The variables that tell of them are removed, so that no child takes them for its own.

    Raises:
        CommandError: one of them is not a TCP socket that listens.
    """
    pid, count = os.environ.get("LISTEN_PID", ""), os.environ.get("LISTEN_FDS", "")
    if not (pid.isdecimal() and count.isdecimal() and int(pid) in pids):
        return []
    for name in ("LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"):
        os.environ.pop(name, None)
    return [given(number) for number in range(_FIRST, _FIRST + int(count))]


def other_half(port: int, backlog: int) -> list[socket.socket]:
    """Return a socket that listens on ::1, in a list; empty where this machine has no IPv6.

    Browsers and clients differ in which of localhost's two addresses they try first, and some try only one.

    Raises:
        OSError: somebody else has the port there (EADDRINUSE).
    """
    if not socket.has_ipv6:
        return []
    try:
        found = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
    except OSError:
        return []
    try:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        found.bind(("::1", port))
        found.listen(backlog)
    except OSError as error:
        found.close()
        if error.errno in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):
            return []
        raise
    return [found]
