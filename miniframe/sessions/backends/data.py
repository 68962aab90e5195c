"""The data of a session: a dict that is loaded when it is first used, and knows whether it was changed.

Source: Django's topic "How to use sessions", section "Using sessions in views".
Not here: keys, stores and expiry (`base`).
"""

from __future__ import annotations

from collections.abc import ItemsView, KeysView, Mapping, ValuesView
from typing import Any

__all__ = ["MISSING", "SessionData"]

MISSING: Any = object()
"""Stands for an argument that was not given, where None would be a value."""


class SessionData:
    """A dict with `accessed`, whether anything was read or written, and `modified`, whether it has to be saved.

    What happens inside a value, as in `session["cart"].append(x)`, is not seen: set `session.modified = True` after it.
    """

    TEST_COOKIE_NAME = "testcookie"
    TEST_COOKIE_VALUE = "worked"

    accessed: bool = False
    modified: bool = False

    _session_cache: dict[str, Any]

    def _get_session(self, no_load: bool = False) -> dict[str, Any]:
        """Return the data; `no_load` leaves out the store, for a session that is about to be new."""
        self.accessed = True
        try:
            return self._session_cache
        except AttributeError:
            data = self._session_cache = {} if no_load else self._load_data()
            return data

    def _load_data(self) -> dict[str, Any]:
        """Return what was stored; each store says where that is."""
        raise NotImplementedError(f"{type(self).__qualname__} must provide _load_data()")

    @property
    def _session(self) -> dict[str, Any]:
        """The data, loaded when it is first asked for."""
        return self._get_session()

    def __contains__(self, key: object) -> bool:
        return key in self._session

    def __getitem__(self, key: str) -> Any:
        return self._session[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self._session[key] = value
        self.modified = True

    def __delitem__(self, key: str) -> None:
        del self._session[key]
        self.modified = True

    def get(self, key: str, default: Any = None) -> Any:
        """Return the value of `key`, or `default`."""
        return self._session.get(key, default)

    def pop(self, key: str, default: Any = MISSING) -> Any:
        """Take a key out and return its value, or `default`.

        Raises:
            KeyError: there is no such key, and no default was given.
        """
        data = self._session
        self.modified = self.modified or key in data
        return data.pop(key) if default is MISSING else data.pop(key, default)

    def setdefault(self, key: str, value: Any) -> Any:
        """Return the value of `key`; it is `value` from now on if there was none."""
        data = self._session
        if key not in data:
            data[key] = value
            self.modified = True
        return data[key]

    def update(self, dict_: Mapping[str, Any]) -> None:
        """Set several keys."""
        self._session.update(dict_)
        self.modified = True

    def has_key(self, key: str) -> bool:
        """Return whether there is such a key; `key in session` says the same."""
        return key in self._session

    def keys(self) -> KeysView[str]:
        """Return the keys."""
        return self._session.keys()

    def values(self) -> ValuesView[Any]:
        """Return the values."""
        return self._session.values()

    def items(self) -> ItemsView[str, Any]:
        """Return the pairs of key and value."""
        return self._session.items()

    def clear(self) -> None:
        """Take all data out; the session and its key remain.  What is stored need not be read for that."""
        self._session_cache = {}
        self.accessed = True
        self.modified = True

    # A cookie to try out whether the browser takes cookies.

    def set_test_cookie(self) -> None:
        """Put a mark into the session; on the next page `test_cookie_worked` looks for it."""
        self[self.TEST_COOKIE_NAME] = self.TEST_COOKIE_VALUE

    def test_cookie_worked(self) -> bool:
        """Return whether the mark came back."""
        return bool(self.get(self.TEST_COOKIE_NAME) == self.TEST_COOKIE_VALUE)

    def delete_test_cookie(self) -> None:
        """Take the mark out again."""
        del self[self.TEST_COOKIE_NAME]

    # The same for code that awaits.

    async def aset(self, key: str, value: Any) -> None:
        """Do as `session[key] = value`, for code that awaits."""
        self[key] = value

    async def aget(self, key: str, default: Any = None) -> Any:
        """Do as `get`, for code that awaits."""
        return self.get(key, default)

    async def apop(self, key: str, default: Any = MISSING) -> Any:
        """Do as `pop`, for code that awaits."""
        return self.pop(key, default)

    async def asetdefault(self, key: str, value: Any) -> Any:
        """Do as `setdefault`, for code that awaits."""
        return self.setdefault(key, value)

    async def aupdate(self, dict_: Mapping[str, Any]) -> None:
        """Do as `update`, for code that awaits."""
        self.update(dict_)

    async def ahas_key(self, key: str) -> bool:
        """Do as `has_key`, for code that awaits."""
        return self.has_key(key)

    async def akeys(self) -> KeysView[str]:
        """Do as `keys`, for code that awaits."""
        return self.keys()

    async def avalues(self) -> ValuesView[Any]:
        """Do as `values`, for code that awaits."""
        return self.values()

    async def aitems(self) -> ItemsView[str, Any]:
        """Do as `items`, for code that awaits."""
        return self.items()

    async def aset_test_cookie(self) -> None:
        """Do as `set_test_cookie`, for code that awaits."""
        self.set_test_cookie()

    async def atest_cookie_worked(self) -> bool:
        """Do as `test_cookie_worked`, for code that awaits."""
        return self.test_cookie_worked()

    async def adelete_test_cookie(self) -> None:
        """Do as `delete_test_cookie`, for code that awaits."""
        self.delete_test_cookie()
