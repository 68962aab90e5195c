"""Make room for one script, and for the stream that it opens, in a page's Content-Security-Policy.

A page is to be tried under the rules that it will live under, so nothing else becomes possible: the script is let in
by a nonce, the page's own or a new one, and the stream by its full address.  Where inline scripts are allowed anyhow
nothing is added, for a nonce would forbid them.

Source: Content Security Policy Level 3, sections 6.1 (directives), 6.7.2 (matching) and 6.7.3.2 ("Does a source list
allow all inline behavior").
Not here: the project's own policy (see `middleware.csp`).
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from typing import TypeAlias

__all__ = ["admit"]

_Directives: TypeAlias = dict[str, list[str]]

_NONCE = re.compile(r"'nonce-([A-Za-z0-9+/_=-]+)'", re.IGNORECASE)
# A source cannot name an IPv6 address.
_HOST = re.compile(r"[A-Za-z0-9._-]+(?::[0-9]+)?")
# With one of these in a list, 'unsafe-inline' means nothing.
_STRICT = ("'nonce-", "'sha256-", "'sha384-", "'sha512-", "'strict-dynamic'")


def admit(policies: Sequence[str], host: str, path: str) -> tuple[str, list[str]] | None:
    """Return the nonce that a script needs to run and open a stream, and the policies as they have to be then.

    The nonce is "" if none is needed.  `policies` are values of header fields; `host` and `path` are where the stream
    comes from.  None: no script may run in that page at all.

    >>> admit(["default-src 'none'; script-src 'nonce-abc'"], "localhost:8000", "/events")
    ('abc', ["default-src 'none'; script-src 'nonce-abc'; connect-src localhost:8000/events"])
    """
    parts = [[_read(policy) for policy in value.split(",")] for value in policies]
    every = [directives for part in parts for directives in part]
    if not all(map(_runs_scripts, every)):
        return None
    stream = f"{host}{path}" if _HOST.fullmatch(host) else "'self'"
    strict = [directives for directives in every if not _takes_inline(directives)]
    nonce = _common_nonce(strict) if strict else ""
    if nonce is None:
        nonce = os.urandom(16).hex()
        for directives in strict:
            _allow(directives, f"'nonce-{nonce}'", "script-src-elem", "script-src")
    for directives in every:
        connect = _effective(directives, "connect-src")
        if connect is not None and not {"'self'", "*", stream} & {source.lower() for source in connect}:
            _allow(directives, stream, "connect-src")
    return nonce, [", ".join(map(_written, part)) for part in parts]


def _read(policy: str) -> _Directives:
    directives: _Directives = {}
    for directive in policy.split(";"):
        name, *sources = directive.split() or [""]
        # Of two with one name the first counts.
        directives.setdefault(name.lower(), sources)
    directives.pop("", None)
    return directives


def _written(directives: _Directives) -> str:
    return "; ".join(" ".join([name, *sources]) for name, sources in directives.items())


def _effective(directives: _Directives, *names: str) -> list[str] | None:
    """Return the sources that count for a directive, which falls back to others; None: all are allowed."""
    for name in (*names, "default-src"):
        if name in directives:
            return directives[name]
    return None


def _allow(directives: _Directives, source: str, *names: str) -> None:
    """Add a source to a directive, and to nothing that falls back to the same."""
    before = _effective(directives, *names) or []
    directives[names[0]] = [*(each for each in before if each.lower() != "'none'"), source]


def _runs_scripts(directives: _Directives) -> bool:
    sandbox = {each.lower() for each in directives.get("sandbox", ("allow-scripts", "allow-same-origin"))}
    return {"allow-scripts", "allow-same-origin"} <= sandbox


def _takes_inline(directives: _Directives) -> bool:
    sources = _effective(directives, "script-src-elem", "script-src")
    if sources is None:
        return True
    lower = [source.lower() for source in sources]
    return "'unsafe-inline'" in lower and not any(source.startswith(_STRICT) for source in lower)


def _common_nonce(policies: list[_Directives]) -> str | None:
    """Return a nonce that all of these policies take already."""
    first, *others = [set(_effective(each, "script-src-elem", "script-src") or ()) for each in policies]
    nonces = (_NONCE.fullmatch(source) for source in first.intersection(*others))
    return next((found[1] for found in nonces if found), None)
