"""Answer with parts of a file: what a Range field asks for, as 206 or 416.

A player that jumps to the middle of a film and a download that goes on after a break ask for some octets only.
`FileResponse` offers them and comes here when a request takes the offer, so nobody else pays for this module.

A field that is malformed, that asks for too many ranges or for octets twice is passed over, and the whole file is sent:
the standard allows it, and what one short field can cost stays bounded (RFC 9110, section 14.2 and 17.15).

Source: RFC 9110, sections 13.1.5 (If-Range), 14 (range requests), 15.3.7 (206) and 15.5.17 (416).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from miniframe.utils.http import parse_http_date_safe

__all__ = ["FileSection", "answer_with_ranges", "parse_range"]

MOST_RANGES = 8
"""Ranges that one request may ask for."""

LONGEST_FIELD = 512
"""Characters of a Range field that we read."""

_BLOCK = 65536
_SPEC = re.compile(r"(\d+)-(\d*)|-(\d+)", re.ASCII)

# What a 416 has no use for: it says nothing about the file but its length, and nobody shall keep it.
_NOT_IN_416 = (
    *("Content-Type", "Content-Disposition", "Content-Encoding"),
    *("Cache-Control", "ETag", "Expires", "Last-Modified"),
)


def parse_range(field: str, length: int) -> list[tuple[int, int]] | None:
    """Return the (first, last) octets that a Range field asks for, of a file of `length` octets.

    Ranges that lie behind the file's end are left out, so an empty list means that none can be had (416). None means
    that the field is to be ignored: another unit than bytes, malformed, too many ranges, or ranges that overlap.

    >>> parse_range("bytes=0-4,-2", 10)
    [(0, 4), (8, 9)]
    """
    unit, equals, specs = field.partition("=")
    if unit.lower() != "bytes" or not equals or len(field) > LONGEST_FIELD:
        return None
    # A recipient takes empty elements of a list as if they were not there (RFC 9110, section 5.6.1.2).
    pieces = [piece for piece in (each.strip(" \t") for each in specs.split(",")) if piece]
    if not 0 < len(pieces) <= MOST_RANGES:
        return None
    ranges = []
    for piece in pieces:
        found = _SPEC.fullmatch(piece)
        if found is None or (found[2] and int(found[2]) < int(found[1])):
            return None
        if found[3] is not None:
            first, last = max(length - int(found[3]), 0), length - 1
            if length == 0 and int(found[3]):
                return None  # the last octets of nothing: that can be had, and is the whole file
        else:
            first, last = int(found[1]), min(int(found[2] or length), length - 1)
        if first < length:
            ranges.append((first, last))
    return None if _overlap(ranges) else ranges


def _overlap(ranges: list[tuple[int, int]]) -> bool:
    in_order = sorted(ranges)
    return any(before[1] >= after[0] for before, after in pairwise(in_order))


class FileSection:
    """A file from its position on that ends after `length` octets; the rest of its interface is the file's own."""

    __slots__ = ("_file", "_left")

    def __init__(self, file: Any, length: int) -> None:
        self._file = file
        self._left = length

    def read(self, size: int = -1) -> bytes:
        """Return at most `size` octets, or all that are left."""
        data: bytes = self._file.read(self._left if size < 0 else min(size, self._left))
        self._left -= len(data)
        return data

    def __getattr__(self, name: str) -> Any:
        # fileno and tell, for servers that have the system copy the file; they stop at Content-Length.
        return getattr(self._file, name)


def answer_with_ranges(response: Any, length: int, environ: dict[str, Any]) -> None:
    """Make a 206 or a 416 of `response`, a whole file of `length` octets, if `environ` asks for ranges that count.

    `response` is a FileResponse whose file can be told and sought.
    """
    if not _is_unchanged(environ.get("HTTP_IF_RANGE"), response.headers):
        return
    ranges = parse_range(environ["HTTP_RANGE"], length)
    if ranges is None:
        return
    response.reason_phrase = None
    if not ranges:
        _refuse(response, length)
    elif len(ranges) == 1:
        _send_one(response, ranges[0], length)
    else:
        _send_many(response, ranges, length)


def _is_unchanged(condition: str | None, headers: Any) -> bool:
    """Return whether If-Range holds: what the client has a part of is what we have now.

    A weak entity tag never does: two files that mean the same are still not two halves of one. A date must be the very
    one that we said.
    """
    if condition is None:
        return True
    if condition.startswith('"'):
        return bool(condition == headers.get("ETag"))
    date = parse_http_date_safe(condition)
    return date is not None and date == parse_http_date_safe(headers.get("Last-Modified") or "")


def _refuse(response: Any, length: int) -> None:
    response.status_code = 416
    response.streaming_content = ()
    for name in _NOT_IN_416:
        del response.headers[name]
    response.headers["Content-Range"] = f"bytes */{length}"
    response.headers["Content-Length"] = "0"


def _send_one(response: Any, octets: tuple[int, int], length: int) -> None:
    first, last = octets
    file = response.file_to_stream
    file.seek(file.tell() + first)
    response.status_code = 206
    response.read_from(FileSection(file, last - first + 1))
    response.headers["Content-Range"] = f"bytes {first}-{last}/{length}"
    response.headers["Content-Length"] = str(last - first + 1)


def _send_many(response: Any, ranges: list[tuple[int, int]], length: int) -> None:
    """Send several ranges as the parts of one body (RFC 9110, section 14.6)."""
    # Random, so that it stands in no file, not even in one that was made to hold it.
    boundary = os.urandom(16).hex()
    content_type = response.headers.get("Content-Type")
    field = f"Content-Type: {content_type}\r\n" if content_type else ""
    heads = [
        f"\r\n--{boundary}\r\n{field}Content-Range: bytes {first}-{last}/{length}\r\n\r\n".encode("latin-1")
        for first, last in ranges
    ]
    heads[0] = heads[0][2:]
    end = f"\r\n--{boundary}--\r\n".encode()
    file = response.file_to_stream
    response.status_code = 206
    response.streaming_content = _parts(file, file.tell(), ranges, heads, end)
    response.headers["Content-Type"] = f"multipart/byteranges; boundary={boundary}"
    size = sum(map(len, heads)) + sum(last - first + 1 for first, last in ranges) + len(end)
    response.headers["Content-Length"] = str(size)


def _parts(file: Any, start: int, ranges: list[tuple[int, int]], heads: list[bytes], end: bytes) -> Iterator[bytes]:
    for head, (first, last) in zip(heads, ranges, strict=True):
        yield head
        file.seek(start + first)
        section = FileSection(file, last - first + 1)
        while block := section.read(_BLOCK):
            yield block
    yield end
