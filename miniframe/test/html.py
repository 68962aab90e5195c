"""Read HTML into a tree, to compare two pieces of it by meaning: blanks and the order of attributes do not count.

Source: Django's topic "Testing tools", `assertHTMLEqual`; the HTML standard for void elements and boolean attributes.
"""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser
from typing import NoReturn

from miniframe.utils.html import VOID_ELEMENTS

__all__ = ["Element", "HTMLParseError", "parse_html"]

_BLANKS = re.compile(r"[ \t\n\f\r]+")
_BOOLEAN = frozenset(
    "allowfullscreen async autofocus autoplay checked controls default defer disabled formnovalidate hidden ismap "
    "itemscope loop multiple muted nomodule novalidate open playsinline readonly required reversed selected".split()
)


class HTMLParseError(Exception):
    """The text is no well-formed HTML: an end tag has no start; the second argument is its (line, column)."""


class Element:
    """One element: its name, its attributes in order of their names, and its children (elements and text)."""

    def __init__(self, name: str | None, attributes: tuple[tuple[str, str | None], ...] = ()) -> None:
        self.name = name
        self.attributes: tuple[tuple[str, str | None], ...] = tuple(sorted(attributes, key=lambda pair: pair[0]))
        self.children: list[Element | str] = []

    def append(self, child: Element | str) -> None:
        """Add a child; text that follows text is joined to it."""
        if isinstance(child, str):
            child = _BLANKS.sub(" ", child)
            if self.children and isinstance(self.children[-1], str):
                self.children[-1] = _BLANKS.sub(" ", self.children[-1] + child)
                return
        self.children.append(child)

    def finalize(self) -> None:
        """Drop blanks at the edges of text, where a browser shows none."""
        tidy: list[Element | str] = []
        for child in self.children:
            if isinstance(child, Element):
                child.finalize()
                tidy.append(child)
            elif child.strip():
                tidy.append(child.strip())
        self.children = tidy

    def count(self, other: Element | str) -> int:
        """Return how often `other` is found in here, itself included."""
        if isinstance(other, str):
            return sum(child.count(other) for child in self.children)
        return (
            int(self == other)
            + self._runs(other)
            + sum(child.count(other) for child in self.children if isinstance(child, Element))
        )

    def _runs(self, other: Element) -> int:
        # A fragment of several elements has no name: look for its children as a run among ours.
        if other.name is not None or self == other or not other.children:
            return 0
        width = len(other.children)
        return sum(self.children[at : at + width] == other.children for at in range(len(self.children) - width + 1))

    def __getitem__(self, place: int) -> Element | str:
        return self.children[place]

    def __contains__(self, other: Element | str) -> bool:
        return self.count(other) > 0

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Element):
            return NotImplemented
        return (self.name, self.attributes, self.children) == (other.name, other.attributes, other.children)

    def __hash__(self) -> int:
        return hash((self.name, self.attributes))

    def __str__(self) -> str:
        inside = "\n".join(html.escape(c, quote=False) if isinstance(c, str) else str(c) for c in self.children)
        if self.name is None:
            return inside
        attributes = "".join(f" {k}" if v is None else f' {k}="{html.escape(v)}"' for k, v in self.attributes)
        start = f"<{self.name}{attributes}>"
        return f"{start}\n{inside}\n</{self.name}>" if inside else start

    __repr__ = __str__


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element(None)
        self.open = [self.root]

    def error(self, message: str) -> NoReturn:
        line, column = self.getpos()
        raise HTMLParseError(f"{message} (Line {line}, Column {column})", (line, column))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, tuple(_normal(name, value) for name, value in attrs))
        self.open[-1].append(element)
        if tag not in VOID_ELEMENTS:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID_ELEMENTS:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID_ELEMENTS:
            return
        if len(self.open) == 1:
            self.error(f"Unexpected end tag `{tag}`")
        element = self.open.pop()
        while element.name != tag:
            if len(self.open) == 1:
                self.error(f"Unexpected end tag `{tag}`")
            element = self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].append(data)


def _normal(name: str, value: str | None) -> tuple[str, str | None]:
    if name == "class" and value:
        return name, " ".join(sorted(set(value.split())))
    if name in _BOOLEAN and (not value or value == name):
        return name, None
    return name, value or ""


def parse_html(source: str) -> Element:
    """Return the tree of a piece of HTML; a single element is its own root.

    What is still open at the end is closed there, as a browser does.

    Raises:
        HTMLParseError: an element is closed that is not open.
    """
    reader = _Reader()
    reader.feed(source)
    reader.close()
    reader.root.finalize()
    children = reader.root.children
    if len(children) == 1 and isinstance(children[0], Element):
        return children[0]
    return reader.root
