"""Cut a long list into pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from miniframe.http import Http404, HttpRequest

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some of the items: page `number` of `count` pages, `total` items on all of them."""

    items: list[T]
    number: int
    count: int
    total: int

    @property
    def numbers(self) -> list[int | None]:
        """The page numbers to offer; None stands for a gap."""
        near = {1, self.count, self.number - 1, self.number, self.number + 1}
        shown: list[int | None] = []
        for number in sorted(each for each in near if 1 <= each <= self.count):
            if shown and shown[-1] is not None and number - shown[-1] > 1:
                shown.append(None)
            shown.append(number)
        return shown


def page_count(total: int, per_page: int) -> int:
    """Return how many pages `total` items fill; an empty list still has one page."""
    return max(1, -(-total // per_page))


def asked_page(request: HttpRequest) -> int:
    """Return the number in ?page=, 1 without it.

    Raises:
        Http404: it is not a number from 1.
    """
    typed = request.GET.get("page", "1")
    if not (typed.isascii() and typed.isdecimal() and len(typed) < 7 and int(typed) > 0):
        raise Http404(f"There is no page {typed!r}.")
    return int(typed)
