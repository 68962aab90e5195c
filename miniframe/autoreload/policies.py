"""Read what a page's Content-Security-Policy allows to one script more, and to a stream that it opens.

The policy itself is never changed: a page is to be tried under the rules that it will live under.  So where they have
no room there is no script, rather than an error in the browser's console that the project has not made.

Source: Content Security Policy Level 3, sections 6.1 (directives), 6.7 (matching) and 6.7.3.2 ("Does a source list
allow all inline behavior").
Not here: the project's own policy (see `middleware.csp`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

__all__ = ["Way", "way_into"]

_NONCE = re.compile(r"'nonce-([A-Za-z0-9+/_=-]+)'", re.IGNORECASE)
# With one of these in a list, 'unsafe-inline' means nothing.
_STRICT = ("'nonce-", "'sha256-", "'sha384-", "'sha512-", "'strict-dynamic'")

_FREE = ["allow-scripts", "allow-same-origin"]


class Way(NamedTuple):
    """How a script may come into a page: `inside` it or by address, and with which `nonce`, if any."""

    inside: bool = True
    nonce: str = ""


def way_into(policies: Iterable[str]) -> Way | None:
    """Return how a script may come into a page with these header values; None if it may not at all.

    >>> way_into([]), way_into(["script-src 'nonce-abc'; connect-src 'self'"]), way_into(["default-src 'self'"])
    (Way(inside=True, nonce=''), Way(inside=True, nonce='abc'), Way(inside=False, nonce=''))
    >>> way_into(["default-src 'none'"])
    """
    lists = []
    for policy in ",".join(policies).split(","):
        directives = _read(policy)
        connect = _effective(directives, "connect-src")
        if not (connect is None or _has_self(connect)):
            return None
        if not {"allow-scripts", "allow-same-origin"} <= set(directives.get("sandbox", _FREE)):
            return None
        script = _effective(directives, "script-src-elem", "script-src")
        if script is not None:
            lists.append(script)
    if all(_takes_inline(each) for each in lists):
        return Way()
    nonces = {found[1] for each in lists for source in each if (found := _NONCE.fullmatch(source))}
    for nonce in nonces:
        if all(f"'nonce-{nonce}'" in each or _takes_inline(each) for each in lists):
            return Way(nonce=nonce)
    if all(_has_self(each) and "'strict-dynamic'" not in each for each in lists):
        return Way(inside=False)
    return None


def _read(policy: str) -> dict[str, list[str]]:
    directives: dict[str, list[str]] = {}
    for directive in policy.split(";"):
        name, *sources = directive.split() or [""]
        # Of two with one name the first counts.
        directives.setdefault(name.lower(), [_folded(source) for source in sources])
    return directives


def _folded(source: str) -> str:
    """Return a source as it is compared; what is in quotes has keywords without regard to case, but for nonces."""
    found = _NONCE.fullmatch(source)
    return source.lower() if found is None else f"'nonce-{found[1]}'"


def _effective(directives: dict[str, list[str]], *names: str) -> list[str] | None:
    """Return the sources that count for a directive, which falls back to others; None: all are allowed."""
    for name in (*names, "default-src"):
        if name in directives:
            return directives[name]
    return None


def _has_self(sources: list[str]) -> bool:
    return any(source in ("'self'", "*", "http:", "https:") for source in sources)


def _takes_inline(sources: list[str]) -> bool:
    return "'unsafe-inline'" in sources and not any(source.startswith(_STRICT) for source in sources)
