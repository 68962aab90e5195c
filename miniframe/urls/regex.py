"""Turn a regular expression into text with gaps, so that `reverse` can fill the gaps with arguments.

`^articles/(?P<year>[0-9]{4})/(?:page-(\\d+)/)?$` becomes two possibilities: with and without its optional
part.  A group that captures becomes a gap, everything else that may vary becomes one character that fits;
look-arounds and anchors vanish.  Whoever fills the gaps must match the result against the expression, which
is what makes it safe to be this generous here.

Not here: flags within the expression, conditional groups, back references by number.  They raise ValueError.

Source: the Python library's `re`, "Regular Expression Syntax".
"""

from __future__ import annotations

import re
from typing import NamedTuple

__all__ = ["Possibility", "possibilities"]


class Possibility(NamedTuple):
    """A text for `%` formatting with a dict, and the names of its gaps in order; unnamed ones are "_0", "_1" ..."""

    text: str
    names: tuple[str, ...]


_NOTHING = [Possibility("", ())]
# Optional groups double the possibilities; nobody writes addresses with more than a few.
_MOST = 256
# What stands for a class of characters; None for what matches a place rather than a character.
_STAND_INS = {
    "A": None, "b": None, "B": None, "Z": None,
    "d": "0", "D": "x", "s": " ", "S": "x", "w": "x", "W": "!",
    "a": "\a", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v",
}  # fmt: skip
# Compiled when first used, and kept by `re`: many sites write no expressions at all.
_COUNTS = r"\{(\d*)(?:(,)(\d*))?\}"
_CLASS = r"(?s)\[\^?\]?(?:[^\]\\]|\\.)*\]"
_GROUP_HEAD = r"""(?x)
    \?P<(?P<name>\w+)>
    | \?P=(?P<again>\w+)
    | (?P<look>\?<?[=!])
    | (?P<note>\?\#)
    | (?P<plain>\?(?:[a-z]*(?:-[a-z]+)?:|>))
"""


def possibilities(source: str) -> list[Possibility]:
    """Return the texts that `source` may stand for, shortest first.

    Raises:
        ValueError: it uses something that cannot be reversed.

    >>> possibilities(r"^tag/(?P<name>\\w+)/$")
    [Possibility(text='tag/%(name)s/', names=('name',))]
    """
    return _Reader(source).alternatives()


class _Reader:
    """Reads one expression from left to right; each method returns what its part may stand for."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0
        self.unnamed = 0

    def alternatives(self) -> list[Possibility]:
        """Read up to the closing parenthesis or the end."""
        found = self.sequence()
        while self._next_is("|"):
            self.at += 1
            found = found + self.sequence()
        return found[:_MOST]

    def sequence(self) -> list[Possibility]:
        """Read what stands side by side."""
        found = _NOTHING
        while self.at < len(self.source) and self.source[self.at] not in "|)":
            piece = self.item()
            piece = self.repeated(piece)
            found = [Possibility(a.text + b.text, a.names + b.names) for a in found for b in piece][:_MOST]
        return found

    def item(self) -> list[Possibility]:
        """Read one thing that a quantifier could follow."""
        char = self.source[self.at]
        if char == "[":
            return self.character_class()
        self.at += 1
        if char == "(":
            return self.group()
        if char == "\\":
            return self.escape()
        if char in "^$":
            return _NOTHING
        return _literal(char)

    def repeated(self, piece: list[Possibility]) -> list[Possibility]:
        """Read a quantifier, if there is one, and repeat `piece` as often as it asks at least."""
        least = self._least()
        if least is None or least == 1:
            return piece
        if least == 0:
            # An optional part is left out, but one with a gap may be wanted.
            return _NOTHING + piece if any(each.names for each in piece) else _NOTHING
        return [Possibility(each.text * least, each.names) for each in piece]

    def _least(self) -> int | None:
        char = self.source[self.at : self.at + 1]
        if char and char in "*?+":
            least = 1 if char == "+" else 0
            self.at += 1
        elif char == "{" and (found := re.compile(_COUNTS).match(self.source, self.at)) and found[0] != "{}":
            least = int(found[1] or 0)
            self.at = found.end()
        else:
            return None
        if self._next_is("?") or self._next_is("+"):  # lazy or possessive: no matter here
            self.at += 1
        return least

    def group(self) -> list[Possibility]:
        """Read a group whose opening parenthesis has been read."""
        head = re.compile(_GROUP_HEAD).match(self.source, self.at)
        if head is None and self._next_is("?"):
            raise ValueError(f"Non-reversible reg-exp portion: '({self.source[self.at : self.at + 2]}'")
        if head is None:
            name = f"_{self.unnamed}"
            self.unnamed += 1
            return self._gap(name)
        self.at = head.end()
        if head["name"]:
            return self._gap(head["name"])
        if head["again"]:
            self._close()
            return [Possibility(f"%({head['again']})s", ())]
        if head["note"]:
            self.at = self.source.index(")", self.at) + 1
            return _NOTHING
        inner = self._inside()
        return inner if head["plain"] else _NOTHING

    def _gap(self, name: str) -> list[Possibility]:
        # Groups within a group are part of its text, and no gaps of their own.
        unnamed = self.unnamed
        self._inside()
        self.unnamed = unnamed
        return [Possibility(f"%({name})s", (name,))]

    def _inside(self) -> list[Possibility]:
        found = self.alternatives()
        self._close()
        return found

    def _close(self) -> None:
        if not self._next_is(")"):
            raise ValueError(f"missing ) in {self.source!r}")
        self.at += 1

    def escape(self) -> list[Possibility]:
        """Read what follows a backslash."""
        char = self.source[self.at]
        self.at += 1
        if char in "123456789":
            raise ValueError(f"Non-reversible reg-exp portion: '\\{char}'")
        stand_in = _STAND_INS.get(char, char)
        return _NOTHING if stand_in is None else _literal(stand_in)

    def character_class(self) -> list[Possibility]:
        """Read `[...]` and choose a character that fits: the first in it, or for `[^...]` some common one."""
        found = re.compile(_CLASS).match(self.source, self.at)
        if found is None:
            raise ValueError(f"unterminated [ in {self.source!r}")
        self.at = found.end()
        inside = found[0][1:-1]
        if inside.startswith("\\"):
            first = _STAND_INS.get(inside[1], inside[1]) or "\b"
        elif not inside.startswith("^"):
            first = inside[0]
        else:
            first = next((char for char in "x0-_ aA1.~/" if re.match(found[0], char)), "x")
        return _literal(first)

    def _next_is(self, char: str) -> bool:
        return self.source.startswith(char, self.at)


def _literal(char: str) -> list[Possibility]:
    return [Possibility("%%" if char == "%" else char, ())]
