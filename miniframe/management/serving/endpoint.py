"""Where `runserver` is told to listen: "8000", "0:8080", "[::1]:80", "localhost:8000", "fd://3", or nothing at all.

    parse         what was typed
    endpoint_of   a socket that listens already
    command_line  what to type for another address

Source: Django's reference "django-admin", section "runserver".
Not here: whether the address can be had (the system says so), and sockets (see `listeners`).
"""

from __future__ import annotations

import os
import re
import socket
import sys
from typing import NamedTuple

from miniframe.management.errors import CommandError
from miniframe.management.serving.addresses import like

__all__ = ["Endpoint", "command_line", "endpoint_of", "naiveip_re", "parse", "typed_descriptor"]

_LABEL = r"[a-zA-Z0-9-]+"
naiveip_re: re.Pattern[str] = re.compile(
    r"(?:(?P<addr>"
    r"(?P<ipv4>[0-9]{1,3}(?:\.[0-9]{1,3}){3})"
    r"|(?P<ipv6>\[[0-9a-fA-F:]+\])"
    rf"|(?P<fqdn>{_LABEL}(?:\.{_LABEL})*)"
    r"):)?(?P<port>[0-9]+)\Z"
)
"""Address and port as they are typed; naive, since whether the address exists is for the system to say."""

_DESCRIPTOR = re.compile(r"fd://([0-9]{1,9})", re.ASCII)


class Endpoint(NamedTuple):
    """An address, empty if none was typed, and a port; `is_raw_ipv6` says that the address is shown in brackets."""

    addr: str
    port: str
    use_ipv6: bool
    is_raw_ipv6: bool


def typed_descriptor(typed: str | None) -> int | None:
    """Return the number in "fd://3"; None if something else was typed."""
    match = _DESCRIPTOR.fullmatch(typed or "")
    return None if match is None else int(match[1])


def endpoint_of(listener: socket.socket) -> Endpoint:
    """Return where a socket listens."""
    address, port = listener.getsockname()[:2]
    is_ipv6 = listener.family == socket.AF_INET6
    return Endpoint(address, str(port), is_ipv6, is_ipv6)


def command_line(addrport: str, use_ipv6: bool) -> str:
    """Return the command line that serves at another address."""
    import shlex  # for whoever has to type it only

    program = sys.argv[0]
    if os.path.basename(program) == "__main__.py":
        program = "python -m miniframe"
    elif program.endswith(".py"):
        program = f"python {shlex.quote(program)}"
    ipv6 = " -6" if use_ipv6 and not addrport.startswith("[") else ""
    return f"{program} runserver{ipv6} {addrport}"


def parse(typed: str, use_ipv6: bool, usual_port: str) -> Endpoint:
    """Read an address and port, or a port alone.

    Raises:
        CommandError: it is neither, or an IPv4 address where IPv6 was asked for.
    """
    match = naiveip_re.match(typed)
    if match is None:
        error = CommandError(f'"{typed}" is not a valid port number or address:port pair.')
        error.add_note(f"Type a port, or an address and a port: {command_line(like(typed, usual_port), use_ipv6)}")
        raise error
    if int(match["port"]) > 65535:
        raise CommandError(f"{match['port']!r} is not a valid port number. Use 1 to 65535, or 0 for any free one.")
    if match["ipv6"]:
        return Endpoint(match["ipv6"][1:-1], match["port"], True, True)
    if use_ipv6 and match["ipv4"]:
        raise CommandError(f'"{match["ipv4"]}" is not a valid IPv6 address.')
    return Endpoint(match["addr"] or "", match["port"], use_ipv6, False)
