"""The shape of an error report: plain text and numbers, nothing that could fail, hang or leak.

Exceptions, frames and values have been read by the time one of these is made, so a face only lays out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

__all__ = ["Frame", "Marks", "Raised", "Report", "RequestInfo", "Route", "Row", "calls_of_others"]


_WITHOUT_REQUEST = {
    "boot": "The project could not be loaded. Mend it and save: the next request runs the new code.",
    "crash": "The server goes on. Mend what ended its process and save: the next request runs the new code.",
}


class Row(NamedTuple):
    """A name and a value, both as text."""

    name: str
    value: str


class RequestInfo(NamedTuple):
    """The request in rows; a section that has none is empty."""

    method: str
    url: str
    path: str
    #: The view, its route and what the route captured.
    match: tuple[Row, ...]
    #: "GET", "POST", "FILES", "COOKIES", "Headers", "META", in this order.
    sections: tuple[tuple[str, tuple[Row, ...]], ...]


class Marks(NamedTuple):
    """What failed within the source: lines counted from 1, columns in characters from 0, the end exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


class Frame(NamedTuple):
    """One call on the way to the error."""

    file: str
    #: "" for a place in a file that cannot be parsed, where no call was made.
    function: str
    line: int
    #: "project", "library" or "framework".
    origin: str
    #: The number of the first line of `source`.
    first_line: int
    source: tuple[str, ...]
    marks: Marks | None
    variables: tuple[Row, ...]
    #: The address that opens the line in the developer's editor; "" if none is known.
    link: str = ""

    @property
    def code(self) -> str:
        """The line that failed, without its indentation; with it where that may be what cannot be parsed."""
        index = self.line - self.first_line
        line = self.source[index] if 0 <= index < len(self.source) else ""
        return line.strip() if self.function else line.rstrip()


def calls_of_others(frames: Sequence[Frame]) -> str:
    """Return how a run of calls that are not the project's own is told: "3 calls in miniframe"."""
    kinds = {frame.origin for frame in frames}
    whose = (
        "miniframe" if kinds == {"framework"} else "libraries" if kinds == {"library"} else "miniframe and libraries"
    )
    return f"{len(frames)} {'call' if len(frames) == 1 else 'calls'} in {whose}"


class Raised(NamedTuple):
    """One exception with its way."""

    kind: str
    message: str
    notes: tuple[str, ...]
    #: How it came about: "" for the one that was reported, then "cause", "context" or "member" of the one before.
    link: str
    frames: tuple[Frame, ...]
    left_out: int
    members: tuple[Raised, ...]


class Route(NamedTuple):
    """A route that was tried and did not match."""

    pattern: str
    name: str


class Report(NamedTuple):
    """All that a face shows."""

    status: int
    #: "exception", "not_found", "csrf", "boot" or "crash".
    kind: str
    title: str
    message: str
    #: The reported exception first, then what caused it.
    raised: tuple[Raised, ...]
    hints: tuple[str, ...]
    request: RequestInfo | None
    routes: tuple[Route, ...]
    settings: tuple[Row, ...]
    versions: tuple[Row, ...]
    #: What a process that died has left on standard error.
    output: str = ""

    def for_strangers(self, in_full: bool) -> Report:
        """Return what anybody may know: nothing of source, variables, routes or settings.

        What is wrong and what helps are told `in_full` if they are about the stranger.
        """
        said = self.hints if in_full else ()
        return Report(
            status=self.status,
            kind=self.kind,
            title=self.title,
            message=self.message if in_full else "",
            raised=(),
            hints=(*said, "The rest is shown to who asks for a host in ALLOWED_HOSTS."),
            request=None,
            routes=(),
            settings=(),
            versions=(),
        )

    @property
    def occasion(self) -> str:
        """The request, or what there was in place of one."""
        return f"{self.request.method} {self.request.url}" if self.request else _WITHOUT_REQUEST.get(self.kind, "")

    @property
    def headline(self) -> str:
        """The title and the first line of the message, as one line."""
        first = (self.message.splitlines() or [""])[0]
        return f"{self.title}{' ' if self.title.endswith('.') else ': '}{first}" if first else self.title

    @property
    def place(self) -> Frame | None:
        """The frame to look at first: the last one in the project's own code, else the last of all.

        While the project is loaded, and where a request is refused or nothing is found, that last one would be ours,
        where nothing is to be mended: then there is none.
        """
        frames = self.raised[0].frames if self.raised else ()
        own = [frame for frame in frames if frame.origin == "project"]
        if not own and (self.kind in ("boot", "crash") or self.status < 500):
            return None
        return (own or list(frames) or [None])[-1]  # type: ignore[list-item]  # None when there is no frame
