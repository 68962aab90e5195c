"""What can be said of a request head before it is whole; bytes in, complaints out.

A client may send a head octet by octet.  Each octet is looked at once, so that the work
grows with what was sent and not with its square.

Source: RFC 9112, sections 2.2, 3 and 5.
"""

from __future__ import annotations

from miniframe.servers.errors import ProtocolError
from miniframe.servers.protocol import DEFAULT_LIMITS, Limits

# Section 2.2 asks us to pass over an empty line before a request: old clients send one
# after a body.  More than a few are somebody playing.
_SPARE_LINES = 4


def skip_empty_lines(data: bytes) -> bytes:
    """Drop the empty lines before a request line; `data` itself is returned if there are none.

    Raises:
        ProtocolError: 400, there are too many of them.

    Source: RFC 9112, section 2.2.
    """
    for _ in range(_SPARE_LINES):
        if not data.startswith(b"\r\n"):
            return data
        data = data[2:]
    if data.startswith(b"\r\n"):
        raise ProtocolError(400, "Too many empty lines before the request")
    return data


class UnfinishedHead:
    """A head that has not ended yet, and how far it was read."""

    __slots__ = ("_first_line", "_line_ends", "_seen", "data", "limits")

    def __init__(self, limits: Limits = DEFAULT_LIMITS) -> None:
        self.limits: Limits = limits
        self.data: bytearray = bytearray()
        """All that has come."""
        self._seen = 0
        self._first_line = -1  # where it ends
        self._line_ends = 0

    def feed(self, data: bytes) -> int:
        """Take octets in; return where the empty line that ends the head begins, or -1 while it has not come.

        Raises:
            ProtocolError: the head cannot become good any more: 400 (a line ends in LF
                alone), 414, 431.
        """
        self.data += data
        # The end may lie across what was there and what came.
        end = self.data.find(b"\r\n\r\n", max(self._seen - 3, 0))
        if end < 0:
            self._check()
            self._seen = len(self.data)
        return end

    def _check(self) -> None:
        data = self.data
        before = max(self._seen - 1, 0)
        line_ends = data.count(b"\r\n", before)
        if data.count(b"\n", self._seen) != line_ends:
            # Section 2.2 lets us take LF for a line end.  Some do and some do not: that
            # is two readings of one stream.
            raise ProtocolError(400, "Lines must end in CR LF")
        self._line_ends += line_ends
        if self._first_line < 0:
            self._first_line = data.find(b"\r\n", before)
        first = self._first_line
        if (first + 2 if first >= 0 else len(data)) > self.limits.line:
            raise ProtocolError(414, "The request line is too long")
        if first >= 0 and len(data) - first > self.limits.head:
            raise ProtocolError(431, "The header fields are too long")
        if self._line_ends - 1 > self.limits.fields:
            raise ProtocolError(431, f"More than {self.limits.fields} header fields")
