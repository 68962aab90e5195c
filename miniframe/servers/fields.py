"""A request's header fields as request handlers see them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping


class Fields(Mapping[str, str]):
    """A request's header fields, found by name in any case."""

    def __init__(self, fields: dict[str, str]) -> None:
        self._fields = fields

    def __getitem__(self, name: str) -> str:
        return self._fields[name.lower()]

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)
