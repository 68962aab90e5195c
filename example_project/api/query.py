"""Read filters out of the query string, and say what is wrong with all of them at once."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from difflib import get_close_matches

from miniframe.http import HttpRequest

from api.errors import ApiError
from tides.tables import FIRST_YEAR, LAST_YEAR


class Query:
    """The filters of one request; ask for each by its kind, then call `check`."""

    def __init__(self, request: HttpRequest) -> None:
        self._given = request.GET
        self._known: list[str] = []
        self._wrong: dict[str, str] = {}

    def text(self, name: str) -> str:
        """Return any text."""
        return self._take(name) or ""

    def choice(self, name: str, choices: Collection[str]) -> str:
        """Return one of `choices`, "" without one."""
        typed = self._take(name) or ""
        if typed and typed not in choices:
            self._wrong[name] = f"must be one of {', '.join(choices)}; it is {typed!r}"
        return typed

    def number(self, name: str, default: int, low: int, high: int) -> int:
        """Return a whole number from `low` to `high`."""
        typed = self._take(name)
        if typed is None:
            return default
        # Digits only: int() would also take " 1", "+1" and "1_0".
        if typed.isascii() and typed.isdecimal() and len(typed) < 10 and low <= int(typed) <= high:
            return int(typed)
        self._wrong[name] = f"must be a whole number from {low} to {high}; it is {typed!r}"
        return default

    def day(self, name: str, default: date) -> date:
        """Return a day written as 2026-11-20."""
        typed = self._take(name)
        if typed is None:
            return default
        try:
            found = date.fromisoformat(typed)
        except ValueError:
            found = date.min
        if FIRST_YEAR <= found.year <= LAST_YEAR:
            return found
        self._wrong[name] = f"must be a day such as 2026-11-20, from {FIRST_YEAR} to {LAST_YEAR}; it is {typed!r}"
        return default

    def check(self) -> None:
        """Refuse what was wrong, and names that nobody asked for: a misspelt filter would quietly filter nothing.

        Raises:
            ApiError: with all the mistakes.
        """
        for name in self._given:
            if name not in self._known:
                near = get_close_matches(name, self._known, n=1)
                hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(self._known) or 'none'}"
                self._wrong[name] = f"is not a filter of this address; {hint}"
        if self._wrong:
            raise ApiError(400, "The query string has mistakes; see fields.", self._wrong)

    def _take(self, name: str) -> str | None:
        self._known.append(name)
        typed: str | None = self._given.get(name)
        return typed
