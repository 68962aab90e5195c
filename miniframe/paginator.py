"""Split a long list into pages.

Anything that has `len()` or `count()` and can be sliced will do: a list, or what a database library returns.

Source: Django's topic "Pagination" and its reference "Paginator".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from miniframe.utils.functional import cached_property

__all__ = ["EmptyPage", "InvalidPage", "Page", "PageNotAnInteger", "Paginator"]


class InvalidPage(Exception):
    """There is no such page."""


class PageNotAnInteger(InvalidPage):
    """The page's number is no whole number."""


class EmptyPage(InvalidPage):
    """The page's number is below 1 or beyond the last page."""


class Paginator:
    """The pages of `object_list`, `per_page` entries on each.

    A last page with `orphans` entries or fewer is joined to the one before.  Without `allow_empty_first_page` an empty
    list has no pages at all.  `error_messages` replaces the texts of "invalid_page", "min_page" and "no_results".
    """

    ELLIPSIS = "…"
    default_error_messages: dict[str, str] = {
        "invalid_page": "That page number is not an integer",
        "min_page": "That page number is less than 1",
        "no_results": "That page contains no results",
    }

    def __init__(
        self,
        object_list: Any,
        per_page: int | str,
        orphans: int | str = 0,
        allow_empty_first_page: bool = True,
        error_messages: Mapping[str, Any] | None = None,
    ) -> None:
        self.object_list = object_list
        self.per_page: int = int(per_page)
        self.orphans: int = int(orphans)
        self.allow_empty_first_page = allow_empty_first_page
        self.error_messages: dict[str, Any] = {**self.default_error_messages, **(error_messages or {})}

    def __iter__(self) -> Iterator[Page]:
        return (self.page(number) for number in self.page_range)

    def validate_number(self, number: Any) -> int:
        """Return a page's number, given as an int or as digits.

        Raises:
            PageNotAnInteger: it is none.
            EmptyPage: there is no such page.
        """
        try:
            if isinstance(number, float) and not number.is_integer():
                raise ValueError
            number = int(number)
        except (TypeError, ValueError):  # also more digits than Python converts
            raise PageNotAnInteger(self.error_messages["invalid_page"]) from None
        if number < 1:
            raise EmptyPage(self.error_messages["min_page"])
        if number > self.num_pages:
            raise EmptyPage(self.error_messages["no_results"])
        return int(number)

    def get_page(self, number: Any) -> Page:
        """Return the page that a visitor asks for: the first for what is no number, the last for one out of range."""
        try:
            return self.page(number)
        except PageNotAnInteger:
            return self.page(1)
        except EmptyPage:
            return self.page(self.num_pages)

    def page(self, number: Any) -> Page:
        """Return the page of that number, from 1.

        Raises:
            PageNotAnInteger, EmptyPage: as `validate_number`.
        """
        place = self.validate_number(number)
        start = (place - 1) * self.per_page
        # The last page has the orphans as well.
        end = start + self.per_page if place < self.num_pages else self.count
        return self._get_page(self.object_list[start:end], place, self)

    def _get_page(self, *args: Any, **kwargs: Any) -> Page:
        """Make the page; Django's users override this to have pages of a class of their own."""
        return Page(*args, **kwargs)

    @cached_property
    def count(self) -> int:
        """How many entries there are on all pages."""
        count = getattr(self.object_list, "count", None)
        # A list has a count() too, which counts one value.
        if callable(count) and not isinstance(self.object_list, (list, tuple, str, bytes, range)):
            try:
                return int(count())
            except TypeError:
                pass
        return len(self.object_list)

    @cached_property
    def num_pages(self) -> int:
        """How many pages there are."""
        if self.count == 0 and not self.allow_empty_first_page:
            return 0
        return max(1, -(-max(1, self.count - self.orphans) // self.per_page))

    @property
    def page_range(self) -> range:
        """The numbers of all pages."""
        return range(1, self.num_pages + 1)

    def get_elided_page_range(self, number: Any = 1, *, on_each_side: int = 3, on_ends: int = 2) -> Iterator[int | str]:
        """Yield the numbers around a page and at both ends, and `ELLIPSIS` for what is left out between.

        Raises:
            PageNotAnInteger, EmptyPage: as `validate_number`.
        """
        number, last = self.validate_number(number), self.num_pages
        if last <= (on_each_side + on_ends) * 2:
            yield from self.page_range
            return
        # An ellipsis stands for two pages at least: instead of a single one that page itself may stand there.
        if number > on_each_side + on_ends + 2:
            yield from (*range(1, on_ends + 1), self.ELLIPSIS, *range(number - on_each_side, number + 1))
        else:
            yield from range(1, number + 1)
        if number < last - on_each_side - on_ends - 1:
            yield from (*range(number + 1, number + on_each_side + 1), self.ELLIPSIS)
            yield from range(last - on_ends + 1, last + 1)
        else:
            yield from range(number + 1, last + 1)


class Page(Sequence[Any]):
    """One page: a sequence of its entries, with its `number` and the pages around it."""

    def __init__(self, object_list: Any, number: int, paginator: Paginator) -> None:
        self.object_list: Any = object_list
        self.number = number
        self.paginator = paginator

    def __repr__(self) -> str:
        return f"<Page {self.number} of {self.paginator.num_pages}>"

    def __len__(self) -> int:
        return len(self.object_list)

    def __getitem__(self, index: Any) -> Any:
        if not isinstance(index, (int, slice)):
            raise TypeError(f"Page indices must be integers or slices, not {type(index).__name__}.")
        # What a database library returns may ask again for each entry: have them all, once.
        if not isinstance(self.object_list, list):
            self.object_list = list(self.object_list)
        return self.object_list[index]

    def has_next(self) -> bool:
        """Return whether there is a page after this."""
        return self.number < self.paginator.num_pages

    def has_previous(self) -> bool:
        """Return whether there is a page before this."""
        return self.number > 1

    def has_other_pages(self) -> bool:
        """Return whether this is not the only page."""
        return self.has_previous() or self.has_next()

    def next_page_number(self) -> int:
        """Return the number of the next page.

        Raises:
            EmptyPage: there is none.
        """
        return self.paginator.validate_number(self.number + 1)

    def previous_page_number(self) -> int:
        """Return the number of the page before.

        Raises:
            EmptyPage: there is none.
        """
        return self.paginator.validate_number(self.number - 1)

    def start_index(self) -> int:
        """Return the number, from 1, of the page's first entry in the whole list; 0 if that is empty."""
        return 0 if self.paginator.count == 0 else self.paginator.per_page * (self.number - 1) + 1

    def end_index(self) -> int:
        """Return the number, from 1, of the page's last entry in the whole list."""
        last = self.number == self.paginator.num_pages
        return self.paginator.count if last else self.number * self.paginator.per_page
