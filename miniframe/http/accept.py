"""Media types, and which of them a client would rather have.

Source: RFC 9110, section 12.5.1; Django's reference "Request and response objects", sections
`HttpRequest.accepts()` and `HttpRequest.get_preferred_type()`.
"""

from __future__ import annotations

from collections.abc import Sequence

from miniframe.http.attributes import lazy
from miniframe.utils.http import parse_header_parameters

__all__ = ["MediaType", "best_match", "by_precedence", "parse_accept", "preferred"]

# A browser sends about eight types.  What follows the hundredth is not read, and neither is what
# no client writes by honest means: each type is compared with each candidate.
_MOST_TYPES = 100
_MOST_CHARACTERS = 8192


class MediaType:
    """A media type or range with its parameters, such as "text/html; level=1; q=0.5"."""

    main_type: str
    sub_type: str
    params: dict[str, str]

    def __init__(self, media_type_raw_line: str | MediaType) -> None:
        full_type, self.params = parse_header_parameters(str(media_type_raw_line) if media_type_raw_line else "")
        self.main_type, _, self.sub_type = full_type.partition("/")

    def __str__(self) -> str:
        subtype = f"/{self.sub_type}" if self.sub_type else ""
        return self.main_type + subtype + "".join(f"; {name}={value}" for name, value in self.params.items())

    def __repr__(self) -> str:
        return f"<{type(self).__qualname__}: {self}>"

    @lazy
    def range_params(self) -> dict[str, str]:
        """The parameters without the quality."""
        return {name: value for name, value in self.params.items() if name != "q"}

    @lazy
    def quality(self) -> float:
        """The client's weight, 0 (not acceptable) to 1; 1 if it is missing or no such number."""
        try:
            weight = float(self.params.get("q", 1))
        except ValueError:
            return 1
        return round(weight, 3) if 0 <= weight <= 1 else 1  # which a NaN is not either

    @property
    def specificity(self) -> int:
        """How exact this is: 0 for */*, 1 for text/*, 2 for text/html, 3 with parameters."""
        if self.main_type == "*":
            return 0
        if self.sub_type == "*":
            return 1
        return 3 if self.range_params else 2

    def match(self, other: str | MediaType | None) -> bool:
        """Return whether the two name the same, a "*" on either side matching anything.

        Parameters must be equal, but a range without any accepts a type that has some.
        """
        if not other:
            return False
        if not isinstance(other, MediaType):
            other = MediaType(other)
        for mine, theirs in ((self.main_type, other.main_type), (self.sub_type, other.sub_type)):
            if not mine or not theirs:
                return False
            if mine != theirs and "*" not in (mine, theirs):
                return False
        return not other.range_params or self.range_params == other.range_params


def parse_accept(value: str) -> list[MediaType]:
    """Return the acceptable types of an Accept header, the most wanted first; those with q=0 are left out."""
    types = []
    for piece in value[:_MOST_CHARACTERS].split(",", _MOST_TYPES)[:_MOST_TYPES]:
        if piece.strip():
            try:
                media_type = MediaType(piece)
            except ValueError:
                # One that cannot be read is one that we cannot send; the others still count.
                continue
            if media_type.quality != 0:
                types.append(media_type)
    return sorted(types, key=lambda one: (one.quality, one.specificity), reverse=True)


def by_precedence(accepted: list[MediaType]) -> list[MediaType]:
    """Return the same types, the most exact first: that one decides about a type that several match."""
    return sorted(accepted, key=lambda one: (one.specificity, one.quality), reverse=True)


def best_match(media_type: str, precedence: list[MediaType]) -> MediaType | None:
    """Return the accepted type that decides about `media_type`; None if none matches."""
    wanted = MediaType(media_type)
    return next((one for one in precedence if wanted.match(one)), None)


def preferred(candidates: Sequence[str], accepted: list[MediaType], precedence: list[MediaType]) -> str | None:
    """Return the candidate that the client wants most, the first of equals; None if it wants none."""
    rank = {id(one): place for place, one in enumerate(accepted)}
    found = [
        (rank[id(match)], place, candidate)
        for place, candidate in enumerate(candidates)
        if (match := best_match(candidate, precedence)) is not None
    ]
    return min(found)[2] if found else None
