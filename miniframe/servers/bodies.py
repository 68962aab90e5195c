"""Find where a request's body ends, and take the chunked coding off; no sockets.

Both classes are fed octets as they arrive and hand back what belongs to the body.  When
`done` is true, `rest` holds the octets behind it: the next request.

Source: RFC 9112, sections 6.3 and 7.1.
"""

from __future__ import annotations

import re
from typing import Protocol

from miniframe.servers.errors import ProtocolError
from miniframe.servers.protocol import TOKEN, parse_field_line


class Body(Protocol):
    """A request body that is on its way."""

    done: bool
    rest: bytes

    def feed(self, data: bytes) -> bytes:
        """Take octets as they arrived; return those that are content."""
        ...


class LengthBody:
    """A body of `length` octets, as Content-Length said."""

    def __init__(self, length: int) -> None:
        self.left: int = length
        self.done: bool = length == 0
        self.rest: bytes = b""

    def feed(self, data: bytes) -> bytes:
        """Take octets as they arrived; return those that are content."""
        if len(data) < self.left:
            self.left -= len(data)
            return data
        content, self.rest = data[: self.left], data[self.left :]
        self.left = 0
        self.done = True
        return content


# chunk-size [ chunk-ext ] (sections 7.1 and 7.1.1).  Sixteen digits hold any size that a
# 64-bit machine can mean.  Possessive, so that no extension is tried twice.
_VALUE = rf"""(?:{TOKEN}|"(?:[\t \x21\x23-\x5b\x5d-\x7e\x80-\xff]|\\[\t \x21-\x7e\x80-\xff])*+")"""
_CHUNK_LINE = re.compile(rf"([0-9A-Fa-f]{{1,16}}+)(?:[ \t]*+;[ \t]*+{TOKEN}(?:[ \t]*+=[ \t]*+{_VALUE})?+)*+")


def parse_chunk_size(line: bytes) -> int:
    """Return how many octets the next chunk carries; 0 marks the last chunk.

    `line` is the chunk's first line without its CRLF.  Extensions are checked and
    ignored.

    Raises:
        ProtocolError: 400, no 1 to 16 hexadecimal digits, or a malformed extension.

    Source: RFC 9112, sections 7.1 and 7.1.1.

    >>> parse_chunk_size(b"1A;name=value")
    26
    """
    # int() alone would take "+1A" and "1_A"; a proxy in front of us might not.
    match = _CHUNK_LINE.fullmatch(line.decode("latin-1"))
    if match is None:
        raise ProtocolError(400, "Malformed chunk size")
    return int(match[1], 16)


class ChunkedBody:
    """A body in the chunked coding; trailer fields are checked and dropped.

    Trailers never join the header fields: there they could overrule what was decided
    from the head (RFC 9110, section 6.5.1).
    """

    max_line = 4096
    """Octets of a chunk's first line; its extensions have no other use than to waste ours."""
    max_overhead = 16384
    """Octets by which the lines of all chunks may outweigh their content (section 7.1.1 asks for such a bound)."""
    max_trailer = 16384
    """Octets of the trailer section."""

    def __init__(self) -> None:
        self.done: bool = False
        self.rest: bytes = b""
        self._held = b""  # octets of a line that is not complete
        self._left = -1  # of the chunk at hand; -1: its size comes next; -2: trailers
        self._trailer = 0
        self._overhead = 0

    def feed(self, data: bytes) -> bytes:
        """Take octets as they arrived; return those that are content.

        Raises:
            ProtocolError: 400 (malformed), 431 (endless trailers).
        """
        data = self._held + data
        content: list[bytes] = []
        position = 0
        while not self.done:
            if self._left > 0:
                piece = data[position : position + self._left]
                content.append(piece)
                position += len(piece)
                self._left -= len(piece)
                if self._left:
                    break
            if self._left == 0:
                if len(data) - position < 2:
                    self._check_line_end(data[position:])
                    break
                self._check_line_end(data[position : position + 2])
                position += 2
                self._left = -1
            end = self._line_end(data, position)
            if end < 0:
                break
            self._take_line(data[position:end])
            position = end + 2
        self._held = b"" if self.done else data[position:]
        if self.done:
            self.rest = data[position:]
        return b"".join(content)

    @staticmethod
    def _check_line_end(octets: bytes) -> None:
        if not b"\r\n".startswith(octets):
            raise ProtocolError(400, "A chunk is longer than its size says")

    def _line_end(self, data: bytes, start: int) -> int:
        """Return where the line from `start` ends, or -1 while that has not come."""
        limit = self.max_line if self._left == -1 else self.max_trailer - self._trailer
        end = data.find(b"\n", start)
        if (len(data) if end < 0 else end) - start > limit:
            raise ProtocolError(431 if self._left == -2 else 400, "A line of the chunked coding is too long")
        if end < 0:
            return -1
        if end == start or data[end - 1] != 0x0D:
            raise ProtocolError(400, "Lines of the chunked coding must end in CR LF")
        return end - 1

    def _take_line(self, line: bytes) -> None:
        if self._left == -1:
            size = parse_chunk_size(line)
            self._left = size or -2
            self._overhead += len(line) - size
            if self._overhead > self.max_overhead:
                raise ProtocolError(400, "The chunk extensions are longer than the content")
        elif line:
            self._trailer += len(line) + 2
            parse_field_line(line.decode("latin-1"))
        else:
            self.done = True
