"""Who may see why the project does not start: that page holds source code and paths.

A running project answers for itself, with its DEBUG and its ALLOWED_HOSTS.  One that cannot be loaded cannot be asked,
so those of the last worker whose settings were sound count.  Before there was one it is as in a new project: DEBUG is
on, and this machine is asked by a name or an address of its own.  A page elsewhere that lets its own name point here
(DNS rebinding) is thereby refused, as the project would refuse it.

Source: Django's reference "Settings", sections "DEBUG" and "ALLOWED_HOSTS"; RFC 6761, section 6.3.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Iterable
from typing import NamedTuple

from miniframe.types import Environ, StartResponse, WSGIApplication

__all__ = ["AUDIENCE", "REFUSED", "UNTOLD", "Audience", "plain_app"]

AUDIENCE = "MINIFRAME_AUDIENCE"
"""The environment variable by which a worker learns what the last sound settings were."""

REFUSED = ("400 Bad Request", "Bad Request (400)\n")
UNTOLD = ("500 Internal Server Error", "Server Error (500)\n")

# Compiled when it is needed: every start comes by here, and hardly any needs it.
_HOST = r"(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::[0-9]*)?"
# Whom a site without ALLOWED_HOSTS answers while DEBUG is on (see `http.hosts`).
_LOCAL = (".localhost", "127.0.0.1", "[::1]")


class Audience(NamedTuple):
    """What the last sound settings said: `debug`, and `hosts` as ALLOWED_HOSTS has them."""

    debug: bool = True
    hosts: tuple[str, ...] = ()

    def allows(self, host: str) -> bool:
        """Return whether the project answers to a host, as it stands in URLs but without a port.

        It does to one of `hosts`: "*" is all, ".example.org" all below it, and none at all is this machine under DEBUG.

        >>> [Audience(hosts=(".example.org",)).allows(host) for host in ("example.org", "a.example.org", "b.org")]
        [True, True, False]
        >>> [Audience().allows("localhost"), Audience(hosts=("example.org",)).allows("localhost")]
        [True, False]
        """
        return any(
            pattern in ("*", host) or (pattern.startswith(".") and f".{host}".endswith(pattern))
            for pattern in (each.lower() for each in self.hosts or (_LOCAL if self.debug else ()))
        )

    def refusal(self, host: str) -> tuple[str, str] | None:
        """Return what to answer a client that asked for `host`, a Host header: status and text; None for the page.

        No host at all is what no browser sends, so no foreign page can have brought it about.
        """
        match = re.fullmatch(_HOST, host.lower())
        if host and (match is None or not self._is_near(match[1].removesuffix("."))):
            return REFUSED
        return None if self.debug else UNTOLD

    def _is_near(self, host: str) -> bool:
        return (
            host == "localhost" or host.endswith(".localhost") or self.allows(host) or _is_own_address(host.strip("[]"))
        )

    def __str__(self) -> str:
        import json  # 1.5 ms of every start, and only workers talk

        return json.dumps(self._asdict())

    @classmethod
    def parse(cls, text: str) -> Audience:
        """Read what `str()` wrote; what comes from elsewhere is passed over.

        >>> Audience.parse('{"debug": false, "hosts": ["example.org"]}')
        Audience(debug=False, hosts=('example.org',))
        """
        if not text:
            return cls()
        import json  # see __str__()

        try:
            said = json.loads(text)
            return cls.of(said["debug"], said["hosts"])
        except (ValueError, KeyError, TypeError):
            return cls()

    @classmethod
    def of(cls, debug: object, hosts: Iterable[object]) -> Audience:
        """Return the audience of these settings, whatever is in them."""
        return cls(bool(debug), tuple(str(each) for each in hosts))


def _is_own_address(host: str) -> bool:
    """Return whether `host` is an IP address of this machine: one that can be bound."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        # Before bind(), which would look names up.
        socket.inet_pton(family, host)
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((host, 0))
    except OSError:
        return host.startswith("127.") and host.replace(".", "").isdecimal()
    return True


def plain_app(status: str, text: str) -> WSGIApplication:
    """Return an application that answers everybody with a text, such as what `Audience.refusal` returns."""
    body = text.encode("utf-8", "backslashreplace")
    headers = [
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Content-Length", str(len(body))),
        ("Cache-Control", "no-store"),
        ("X-Content-Type-Options", "nosniff"),
    ]

    def application(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        start_response(status, headers)
        return [] if environ.get("REQUEST_METHOD") == "HEAD" else [body]

    return application
