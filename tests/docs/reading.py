"""Read the code blocks out of a page of Markdown, in the order in which a reader meets them.

A block is a fence of the kinds that CommonMark and MyST share:

    ```console                  its language alone, or
    ```{code-block} python      MyST's directive, whose options follow as `:name: value` lines
    :caption: mysite/views.py

A comment may stand right above a fence, `<!-- not run: why -->`, or by itself, `<!-- unseen: ... -->`, with lines of
a console that a reader need not see.  What the blocks mean is told in CONTRIBUTING.md; `story` does it.

Source: CommonMark, "Fenced code blocks"; MyST's documentation, "Directives".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Block", "read_blocks"]

_FENCE = re.compile(r"^(?P<indent> *)(?P<ticks>`{3,}|~{3,})(?P<info>.*)$")
_DIRECTIVE = re.compile(r"^\{code-block\}\s*(?P<language>\S*)$")
_OPTION = re.compile(r"^:(?P<name>[\w-]+):\s*(?P<value>.*)$")
_NOT_RUN = re.compile(r"<!--\s*not run:\s*(?P<reason>.+?)\s*-->\s*$", re.DOTALL)


@dataclass(frozen=True)
class Block:
    """One code block; `line` is that of its first line of code, counted from 1."""

    page: Path
    line: int
    language: str
    caption: str
    text: str
    not_run: str = ""

    @property
    def place(self) -> str:
        """Where it stands, for messages."""
        return f"{self.page}:{self.line}"


def read_blocks(page: Path, text: str) -> list[Block]:
    """Return the code blocks of `text`; other directives (`{note}`, `{literalinclude}`) are prose to us.

    Raises:
        ValueError: a fence is not closed.
    """
    lines = text.splitlines()
    blocks: list[Block] = []
    above = 0  # where the prose since the last block begins: a comment in it belongs to the next one
    at = 0
    closers: set[int] = set()  # of directives, which may hold blocks themselves
    while at < len(lines):
        if lines[at].lstrip().startswith("<!--"):
            end = next(number for number in range(at, len(lines)) if "-->" in lines[number])
            comment = "\n".join(lines[at : end + 1]).strip().removeprefix("<!--").removesuffix("-->").strip()
            if comment.startswith("unseen:"):
                commands = comment.removeprefix("unseen:").strip("\n ")
                blocks.append(Block(page, at + 1, "console", "", commands))
            at = end + 1
            continue
        fence = _FENCE.match(lines[at])
        if fence is None or at in closers:
            at += 1
            continue
        end = _end_of(fence, lines, at, page)
        block = _block(page, at, fence, lines[at + 1 : end], "\n".join(lines[above:at]))
        if block is not None:
            blocks.append(block)
            at = above = end + 1
        else:
            closers.add(end)
            at += 1
    return blocks


def _end_of(fence: re.Match[str], lines: list[str], at: int, page: Path) -> int:
    closing = re.compile(rf"^ *{re.escape(fence['ticks'][0])}{{{len(fence['ticks'])},}}\s*$")
    for number in range(at + 1, len(lines)):
        if closing.match(lines[number]):
            return number
    raise ValueError(f"{page}:{at + 1}: this fence is not closed")


def _block(page: Path, at: int, fence: re.Match[str], inside: list[str], above: str) -> Block | None:
    info = fence["info"].strip()
    directive = _DIRECTIVE.match(info)
    if directive is None and info.startswith("{"):
        return None
    language = directive["language"] if directive else info.split(" ")[0]
    indent = len(fence["indent"])
    inside = [line[indent:] if not line[:indent].strip() else line for line in inside]
    options: dict[str, str] = {}
    skipped = 0
    if directive:
        while skipped < len(inside) and (option := _OPTION.match(inside[skipped])):
            options[option["name"]] = option["value"].strip().strip('"')
            skipped += 1
        while skipped < len(inside) and not inside[skipped].strip():
            skipped += 1
    reason = _NOT_RUN.search(above.rstrip())
    return Block(
        page,
        at + 2 + skipped,
        language,
        options.get("caption", ""),
        "\n".join(inside[skipped:]),
        " ".join(reason["reason"].split()) if reason else "",
    )
