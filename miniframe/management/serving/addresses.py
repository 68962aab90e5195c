"""Addresses and ports as a person sees them: what can be clicked, what is free, and who holds a port.

Nothing here serves anything; `runserver` asks for the sake of its messages, and every answer may be None.

Source: proc(5), "/proc/net/tcp" and "/proc/PID/fd".
"""

from __future__ import annotations

import errno
import os
import re
import socket
from collections.abc import Callable
from typing import Final, NamedTuple

from miniframe.servers.requestlog import printable

__all__ = ["BIND_ERRORS", "Holder", "advice", "free_port", "holder_of", "is_everywhere", "lan_address", "like"]

BIND_ERRORS: Final = {
    errno.EACCES: "You don't have permission to access that port.",
    errno.EADDRINUSE: "That port is already in use.",
    errno.EADDRNOTAVAIL: "That IP address can't be assigned to.",
}
"""What Django says when an address cannot be had, by errno."""

# Characters of a command line that are shown.
_LONGEST = 200
# The state of a listening socket in /proc/net/tcp.
_LISTENING = "0A"


class Holder(NamedTuple):
    """A process that listens on a port."""

    pid: int
    command: str


def is_everywhere(address: str) -> bool:
    """Return whether a server bound to `address` answers on all addresses of this machine.

    >>> [is_everywhere(address) for address in ("0", "0.0.0.0", "::", "127.0.0.1")]
    [True, True, True, False]
    """
    return address in ("0", "0.0.0.0", "::")


def like(typed: str, port: str) -> str:
    """Return an address and port, or a port alone, that is near to what was typed in vain; `port` is the usual one.

    >>> [like(typed, "8000") for typed in ("localhost", "::1", "::1:80", "[::1]", "http://127.0.0.1:80/", ":80", "8.0")]
    ['localhost:8000', '[::1]:8000', '[::1]:80', '[::1]:8000', '127.0.0.1:80', '80', '8000']
    """
    rest = re.sub(r"^\w+://", "", typed).partition("/")[0]
    host, colon, number = rest.rpartition(":")
    if not (colon and number.isascii() and number.isdecimal()):
        host, number = rest, port
    if _is_ipv6(host) or (host.startswith("[") and _is_ipv6(host[1:-1])):
        return f"[{host.strip('[]')}]:{number}"
    if _is_ipv6(rest):
        return f"[{rest}]:{port}"
    # What ends in a number is an IPv4 address or no host at all (RFC 3696, section 2).
    is_name = re.fullmatch(r"(?:[\w-]+\.)+[\w-]*[^\W\d][\w-]*|\d+(?:\.\d+){3}", host, re.ASCII)
    if host == "localhost" or is_name:
        return f"{host}:{number}"
    return number


def _is_ipv6(text: str) -> bool:
    try:
        socket.inet_pton(socket.AF_INET6, text)
    except (OSError, ValueError):
        return False
    return True


def lan_address() -> str | None:
    """Return the address by which others in the network reach this machine; None without a network."""
    # To connect a datagram socket sends nothing; the system only picks the way out, and with it our address.
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
            address: str = probe.getsockname()[0]
        except OSError:
            return None
    return None if address.startswith("127.") else address


def advice(error: OSError, address: str, port: int, ipv6: bool, command: Callable[[str], str]) -> str:
    """Return how to get over an address that cannot be had; empty when nothing helpful is known.

    `command` turns "ADDRESS:PORT", or a port alone, into a command line that can be typed.
    """
    if isinstance(error, socket.gaierror):
        return f"Nothing here goes by the name {address!r}. To serve this machine only: {command(str(port))}"
    if error.errno == errno.EADDRNOTAVAIL:
        return f"{address} is not an address of this machine. To listen on all that it has: {command(f'0:{port}')}"
    if error.errno == errno.EACCES:
        return f"Ports below 1024 are for the system's administrator. Take a higher one: {command('8080')}"
    if error.errno == errno.EADDRINUSE:
        return _port_taken(address, port, ipv6, command)
    return ""


def _port_taken(address: str, port: int, ipv6: bool, command: Callable[[str], str]) -> str:
    lines = []
    holder = holder_of(port)
    if holder is not None:
        lines += [f"Process {holder.pid} has it: {holder.command}", f"To stop that one: kill {holder.pid}"]
    other = free_port(address, port, socket.AF_INET6 if ipv6 else socket.AF_INET)
    if other is not None:
        usual = address in ("127.0.0.1", "::1")
        shown = f"[{address}]" if ":" in address else address
        lines.append(f"To take another port: {command(str(other) if usual else f'{shown}:{other}')}")
    return "\n".join(lines)


def free_port(address: str, after: int, family: socket.AddressFamily = socket.AF_INET) -> int | None:
    """Return the first of the twenty ports after `after` that can be bound at `address`."""
    for port in range(after + 1, min(after + 21, 65536)):
        with socket.socket(family) as probe:
            # As the server does: a port whose last connections are still fading counts as free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((address, port))
            except OSError:
                continue
            return port
    return None


def holder_of(port: int) -> Holder | None:
    """Return the process that listens on `port`, if /proc tells; other users' processes do not show."""
    sockets = _listening_sockets(port)
    if not sockets:
        return None
    for pid in filter(str.isdecimal, os.listdir("/proc")):
        if _has_open(pid, sockets):
            return Holder(int(pid), _command_of(pid))
    return None


def _listening_sockets(port: int) -> set[str]:
    """Return what /proc/PID/fd calls the sockets that listen on `port`."""
    found = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            with open(table, encoding="ascii") as lines:
                rows = [line.split() for line in lines][1:]
        except OSError:
            continue
        for row in rows:
            if row[3] == _LISTENING and int(row[1].rpartition(":")[2], 16) == port:
                found.add(f"socket:[{row[9]}]")
    return found


def _has_open(pid: str, names: set[str]) -> bool:
    folder = f"/proc/{pid}/fd"
    try:
        return any(os.readlink(f"{folder}/{number}") in names for number in os.listdir(folder))
    except OSError:
        # It ended meanwhile, or is somebody else's.
        return False


def _command_of(pid: str) -> str:
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            words = file.read().rstrip(b"\0").split(b"\0")
    except OSError:
        return "?"
    # A process may call itself anything, in any length, and this goes to a terminal.
    shown = str(printable(os.fsdecode(b" ".join(words))))
    return shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}..."
