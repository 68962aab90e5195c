"""Is this the host that the site answers for?  ALLOWED_HOSTS against what a client claims.

Source: RFC 3986, section 3.2.2; RFC 9112, section 3.2; Django's topic "Security in Django",
section "Host header validation".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from miniframe.exceptions import DisallowedHost

__all__ = ["check_host", "split_domain_port", "validate_host"]

# A name or IPv4 address, or an IPv6 address in brackets; then perhaps a port.  A text, which `re` compiles when the
# first host is to be judged.
_HOST = r"([a-z0-9.-]+|\[[a-f0-9]*:[a-f0-9.:]+\])(?::([0-9]+))?"

# What a site without ALLOWED_HOSTS answers to while DEBUG is on.
LOCAL_HOSTS = [".localhost", "127.0.0.1", "[::1]"]

# The last patterns seen and the hosts that they let in: a site has few hosts, and every request asks.
# Both in one tuple, so that a thread never sees the hosts of other patterns.
_MOST_HOSTS = 256
_known: tuple[Sequence[str], set[str]] = ([], set())


def split_domain_port(host: str) -> tuple[str, str]:
    """Return domain, lower-case and without a final dot, and port; ("", "") if `host` is not valid.

    >>> split_domain_port("Example.COM.:8000")
    ('example.com', '8000')
    """
    match = re.fullmatch(_HOST, host.lower())
    if match is None:
        return "", ""
    domain, port = match.groups(default="")
    return domain.removesuffix("."), port


def validate_host(host: str, allowed_hosts: Iterable[str]) -> bool:
    """Return whether a domain from `split_domain_port` matches one of the patterns.

    "*" matches everything, ".example.com" the domain and all below it, anything else only itself.
    """
    for pattern in allowed_hosts:
        pattern = pattern.lower()
        if not pattern:
            continue
        if pattern in ("*", host) or (pattern[:1] == "." and (host.endswith(pattern) or host == pattern[1:])):
            return True
    return False


def check_host(host: str, patterns: Sequence[str]) -> None:
    """Return if `host`, with or without a port, is one that `patterns` allow.

    Raises:
        DisallowedHost: it is not; the message says which line would allow it.
    """
    global _known
    seen, hosts = _known
    # Compared by value: a test may append to the very list that we have kept.
    if seen != patterns:
        seen, hosts = _known = (patterns[:], set())
    if host in hosts:
        return
    domain, _ = split_domain_port(host)
    if not domain:
        raise DisallowedHost(
            f"Invalid HTTP_HOST header: {host!r}. The domain name provided is not valid according to RFC 1034/1035."
        )
    if not validate_host(domain, patterns):
        raise DisallowedHost(f"Invalid HTTP_HOST header: {host!r}. You may need to add {domain!r} to ALLOWED_HOSTS.")
    if len(hosts) >= _MOST_HOSTS:
        hosts.clear()
    hosts.add(host)
