"""Hide what source code gives to names of secrets, even in code that cannot be parsed.

An excerpt of settings.py stands on error pages, and settings.py is where people have their keys.  The file may be
broken (that is why it is shown), so nothing here needs it whole: a scanner goes over strings, names, brackets and line
ends, and hides each string on the right of a name that sounds secret.

    SECRET_KEY = "..."          DATABASE = {"PASSWORD": "..."}          connect(token="...")

In doubt it hides: too many stars are a nuisance, too few a leak.

Source: Python's reference "Lexical analysis", sections "String and Bytes literals" and "Line structure".
Not here: values of running code (`views.report.filter`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

__all__ = ["STARS", "mask_source", "secrets_in", "sounds_secret"]

STARS = "********************"
"""What stands in place of a secret."""

_SECRET = re.compile(r"API_?KEY|TOKEN|_KEY|SECRET|PASSW|PASSPHRASE|PWD|SIGNATURE|CREDENTIAL", re.IGNORECASE)
_PARTS = re.compile(
    r"""
    (?P<comment>\#.*)
    | (?P<string>(?P<prefix>[rbfuRBFU]{0,2})(?:
        (?P<long>\"\"\"|''')(?P<long_text>(?:\\[\s\S]|[^\\])*?)(?:(?P=long)|\\?\Z)
        # One that is not closed ends with its line, as Python's own does.
        | (?P<quote>["'])(?P<text>(?:\\[\s\S]|(?!(?P=quote))[^\\\n])*)\\?(?:(?P=quote)|$)))
    | (?P<name>\w+)
    | (?P<open>[(\[{]) | (?P<close>[)\]}])
    | (?P<compare>[=!<>]=) | (?P<assign>:?=|:)
    | (?P<comma>,)
    | (?P<joined>\\\n) | (?P<newline>\n)
    | (?P<other>[^\s\w])
    """,
    re.VERBOSE | re.MULTILINE,
)


class _Secret(NamedTuple):
    """A string that is to be hidden: where its text begins and ends."""

    start: int
    end: int


def sounds_secret(name: str) -> bool:
    """Return whether a variable, setting or key of this name is likely to hold a secret.

    >>> [name for name in ("SECRET_KEY", "db_password", "KEYBOARD", "author") if sounds_secret(name)]
    ['SECRET_KEY', 'db_password']
    """
    return _SECRET.search(name) is not None


def mask_source(text: str, is_secret: Callable[[str], bool] = sounds_secret, stars: str = STARS) -> str:
    """Return Python source with stars in the strings that names of secrets get; its lines stay as many as they are.

    >>> mask_source('DEBUG = True; SECRET_KEY = "abc"', stars="***")
    'DEBUG = True; SECRET_KEY = "***"'
    """
    made, place = [], 0
    for start, end in _find(text, is_secret):
        made += [text[place:start], stars, "\n" * text.count("\n", start, end)]
        place = end
    return "".join([*made, text[place:]])


def secrets_in(text: str, is_secret: Callable[[str], bool] = sounds_secret) -> list[str]:
    """Return the strings that `mask_source` would hide, as they are written."""
    return [text[start:end] for start, end in _find(text, is_secret)]


def _find(text: str, is_secret: Callable[[str], bool]) -> Iterator[_Secret]:
    depth = 0
    # At which depth of brackets the value of a secret began; None outside of one.
    hiding: int | None = None
    # The name or key that a ":" or "=" would be about.
    before = ""
    for part in _PARTS.finditer(text):
        kind = part.lastgroup
        if kind == "open":
            depth += 1
        elif kind == "close":
            depth = max(depth - 1, 0)
        if hiding is not None and _ends(kind, depth, hiding):
            hiding = None
        if kind == "assign" and hiding is None and before and is_secret(before):
            hiding = depth
        elif kind == "string":
            start, end = part.span("text" if part["quote"] else "long_text")
            before = text[start:end]
            # os.environ["SECRET_KEY"] tells where the secret is, and not what it is.
            is_name = hiding is not None and depth > hiding and before.isupper() and is_secret(before)
            if hiding is not None and start < end and not (is_name and before.isidentifier()):
                yield _Secret(start, end)
        elif kind == "name":
            before = part[0]
        elif kind not in ("comment", "joined") and part[0] != "]":
            # D["API_KEY"] = "...": a key in brackets counts.
            before = ""


def _ends(kind: str | None, depth: int, hiding: int) -> bool:
    if kind == "comma":
        # Outside of brackets a comma makes a tuple, all of which is the value.
        return 0 < depth <= hiding
    return depth < hiding or (kind == "newline" and depth <= hiding)
