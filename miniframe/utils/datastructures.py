"""Containers that the standard library lacks: many values a key, keys without case, a list that cannot change.

Source: Django's reference "Request and response objects", section "QueryDict objects".
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NoReturn

__all__ = ["CaseInsensitiveMapping", "ImmutableList", "MultiValueDict", "MultiValueDictKeyError"]


class MultiValueDictKeyError(KeyError):
    """The key is not there; a KeyError, with a message that shows the whole dict."""


class MultiValueDict(dict[Any, Any]):
    """A dict that keeps a list of values for each key and gives the last one where one is asked for.

    >>> d = MultiValueDict({"name": ["Adrian", "Simon"], "position": ["Developer"]})
    >>> d["name"], d.getlist("name"), d.getlist("lastname")
    ('Simon', ['Adrian', 'Simon'], [])
    """

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {super().__repr__()}>"

    def __getitem__(self, key: Any) -> Any:
        try:
            # Not through super(), which takes longer than the look-up: 0.06 us for each parameter that a view reads.
            values = dict.__getitem__(self, key)
        except KeyError:
            raise MultiValueDictKeyError(key) from None
        return values[-1] if values else []

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__(key, [value])

    def __copy__(self) -> Any:
        return type(self)([(key, values[:]) for key, values in self.lists()])

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        result = type(self)()
        memo[id(self)] = result
        for key, values in self.lists():
            dict.__setitem__(result, copy.deepcopy(key, memo), copy.deepcopy(values, memo))
        return result

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_data": {key: self._getlist(key) for key in self}}

    def __setstate__(self, state: dict[str, Any]) -> None:
        for key, values in state.pop("_data", {}).items():
            self.setlist(key, values)
        self.__dict__.update(state)

    def get(self, key: Any, default: Any = None) -> Any:
        """Return the last value of `key`; `default` if there is no key or it has no values."""
        values = super().get(key)
        return values[-1] if values else default

    def _getlist(self, key: Any, default: Any = None, force_list: bool = False) -> Any:
        values = super().get(key)
        if values is None:
            return [] if default is None else default
        return list(values) if force_list else values

    def getlist(self, key: Any, default: Any = None) -> Any:
        """Return a new list of the key's values; `default`, or an empty list, if there is no such key."""
        return self._getlist(key, default, force_list=True)

    def setlist(self, key: Any, list_: list[Any]) -> None:
        """Replace all values of a key."""
        super().__setitem__(key, list_)

    def setdefault(self, key: Any, default: Any = None) -> Any:
        """Return the key's last value, after setting it to `default` if there was none."""
        if key not in self:
            self[key] = default
        return self[key]

    def setlistdefault(self, key: Any, default_list: list[Any] | None = None) -> Any:
        """Return the key's list, after setting it if there was none."""
        if key not in self:
            self.setlist(key, [] if default_list is None else default_list)
        return self._getlist(key)

    def appendlist(self, key: Any, value: Any) -> None:
        """Add a value to a key."""
        self.setlistdefault(key).append(value)

    def items(self) -> Any:
        """Yield (key, last value)."""
        return ((key, self[key]) for key in self)

    def lists(self) -> Any:
        """Return (key, all values) pairs."""
        return iter(super().items())

    def values(self) -> Any:
        """Yield the last value of each key."""
        return (self[key] for key in self)

    def copy(self) -> Any:
        """Return a copy with its own lists."""
        return copy.copy(self)

    def update(self, *args: Any, **kwargs: Any) -> None:
        """Add the values of another dict to what is there, rather than replacing it."""
        if len(args) > 1:
            raise TypeError(f"update expected at most 1 argument, got {len(args)}")
        for other in (*args, kwargs):
            if isinstance(other, MultiValueDict):
                for key, values in other.lists():
                    self.setlistdefault(key).extend(values)
            else:
                for key, value in other.items() if isinstance(other, Mapping) else other:
                    self.setlistdefault(key).append(value)

    def dict(self) -> dict[Any, Any]:
        """Return a plain dict of the last values."""
        return {key: self[key] for key in self}


class ImmutableList(tuple[Any, ...]):
    """A tuple with a list's methods, all of which refuse, with a message of one's own."""

    warning: str

    def __new__(cls, *args: Any, warning: str = "ImmutableList object is immutable.", **kwargs: Any) -> ImmutableList:
        self = super().__new__(cls, *args, **kwargs)
        self.warning = warning
        return self

    def complain(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse."""
        raise AttributeError(self.warning)

    __delitem__: Final = complain
    __setitem__: Final = complain
    __iadd__: Final = complain
    __imul__: Final = complain
    append: Final = complain
    extend: Final = complain
    insert: Final = complain
    pop: Final = complain
    remove: Final = complain
    sort: Final = complain
    reverse: Final = complain


class CaseInsensitiveMapping(Mapping[str, Any]):
    """A mapping whose keys are found in any case and shown as they were first written.

    >>> CaseInsensitiveMapping({"Content-Type": "text/html"})["content-type"]
    'text/html'
    """

    def __init__(self, data: Mapping[str, Any] | Iterable[tuple[str, Any]]) -> None:
        self._store = {key.lower(): (key, value) for key, value in self._pairs(data)}

    def __getitem__(self, key: str) -> Any:
        return self._store[key.lower()][1]

    def __len__(self) -> int:
        return len(self._store)

    def __iter__(self) -> Iterator[str]:
        return (key for key, _ in self._store.values())

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Mapping):
            return NotImplemented
        return {key.lower(): value for key, value in self.items()} == {key.lower(): v for key, v in other.items()}

    __hash__ = None  # type: ignore[assignment]  # equal by value

    def __repr__(self) -> str:
        return repr(dict(self._store.values()))

    def copy(self) -> CaseInsensitiveMapping:
        """Return the mapping itself: it cannot change."""
        return self

    @staticmethod
    def _pairs(data: Any) -> Iterator[tuple[str, Any]]:
        if isinstance(data, Mapping):
            yield from data.items()
            return
        for number, pair in enumerate(data):
            if len(pair) != 2:
                raise ValueError(f"dictionary update sequence element #{number} has length {len(pair)}; 2 is required.")
            if not isinstance(pair[0], str):
                raise ValueError(f"Element key {pair[0]!r} invalid, only strings are allowed")
            yield pair
