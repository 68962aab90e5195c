"""From settings.CACHES to cache objects: `caches["alias"]`, one for each thread, made when first asked for.

Source: Django's topic "Django's cache framework", section "The low-level cache API".
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from typing import Any, cast

from miniframe.cache.backends.base import BaseCache, InvalidCacheBackendError
from miniframe.conf import settings
from miniframe.signals import forget_when_changed, request_finished
from miniframe.utils.dotted import advice
from miniframe.utils.module_loading import import_string
from miniframe.utils.text import did_you_mean

__all__ = ["DEFAULT_CACHE_ALIAS", "CacheHandler", "cache", "caches", "close_caches"]

DEFAULT_CACHE_ALIAS = "default"


class CacheHandler:
    """Cache objects by their alias, as settings.CACHES or the argument describes them.

    Each thread has objects of its own, as in Django, so a backend need not guard its attributes; what they keep is
    shared.
    """

    exception_class = InvalidCacheBackendError

    def __init__(self, settings: Mapping[str, Mapping[str, Any]] | None = None) -> None:
        self._given = settings
        self._made = threading.local()

    @property
    def settings(self) -> Mapping[str, Mapping[str, Any]]:
        """Alias -> what settings.CACHES says of it."""
        if self._given is not None:
            return self._given
        described: Mapping[str, Mapping[str, Any]] = settings.CACHES
        return described

    def __getitem__(self, alias: str) -> BaseCache:
        """Return this thread's cache object of that alias.

        Raises:
            InvalidCacheBackendError: there is no such alias, or its backend cannot be made.
        """
        try:
            found: BaseCache = getattr(self._made, alias)
        except AttributeError:
            found = self.create_connection(alias)
            setattr(self._made, alias, found)
        return found

    def __setitem__(self, alias: str, value: BaseCache) -> None:
        """Put another object in its place, for this thread."""
        setattr(self._made, alias, value)

    def __delitem__(self, alias: str) -> None:
        """Forget this thread's object; the next one is made anew."""
        delattr(self._made, alias)

    def __iter__(self) -> Iterator[str]:
        return iter(self.settings)

    def create_connection(self, alias: str) -> BaseCache:
        """Make the cache object that settings.CACHES describes.

        Raises:
            InvalidCacheBackendError: there is no such alias, it has no BACKEND, or that leads nowhere.
        """
        params = dict(self._described(alias))
        path = params.pop("BACKEND", None)
        if path is None:
            raise self.exception_class(
                f"settings.CACHES[{alias!r}] has no BACKEND. Name one, such as "
                '"miniframe.cache.backends.locmem.LocMemCache".'
            )
        location = params.pop("LOCATION", "")
        made: BaseCache = self._backend(path)(location, params)
        made.alias = alias
        if type(made).close is not BaseCache.close:
            # Only a backend with something to close makes every request pay for the signal.
            request_finished.connect(close_caches)
        return made

    def _described(self, alias: str) -> Mapping[str, Any]:
        try:
            return self.settings[alias]
        except KeyError:
            hint = did_you_mean(alias, self.settings) or f" settings.CACHES has: {', '.join(self.settings)}."
            raise self.exception_class(f"The connection {alias!r} doesn't exist.{hint}") from None

    def _backend(self, path: Any) -> Any:
        try:
            return import_string(path)
        except (ImportError, AttributeError) as error:
            hint = advice(path) if isinstance(path, str) else " It should be a dotted path: a string."
            raise self.exception_class(f"Could not find backend {path!r}: {error}.{hint}") from error

    def all(self, initialized_only: bool = False) -> list[BaseCache]:
        """Return this thread's cache objects of all aliases; with `initialized_only` those that were asked for."""
        return [self[alias] for alias in self if not initialized_only or hasattr(self._made, alias)]

    def close_all(self) -> None:
        """Close this thread's cache objects."""
        for each in self.all(initialized_only=True):
            each.close()

    def _forget(self) -> None:
        self._made = threading.local()


class _DefaultCache:
    """Hands everything on to `caches["default"]`, whichever object that is in this thread and at this moment."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            # Tools that look at modules ask for such names; there may be no settings yet.
            raise AttributeError(f"the default cache has no {name!r}")
        return getattr(caches[DEFAULT_CACHE_ALIAS], name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(caches[DEFAULT_CACHE_ALIAS], name, value)

    def __delattr__(self, name: str) -> None:
        delattr(caches[DEFAULT_CACHE_ALIAS], name)

    def __contains__(self, key: Any) -> bool:
        return key in caches[DEFAULT_CACHE_ALIAS]

    def __eq__(self, other: object) -> bool:
        return caches[DEFAULT_CACHE_ALIAS] == other

    def __hash__(self) -> int:
        return hash(caches[DEFAULT_CACHE_ALIAS])

    def __repr__(self) -> str:
        return f"<cache: {caches[DEFAULT_CACHE_ALIAS]!r}>"


caches: CacheHandler = CacheHandler()
"""The caches of settings.CACHES, by alias."""

cache: BaseCache = cast(BaseCache, _DefaultCache())
"""The cache whose alias is "default"."""


def close_caches(**kwargs: Any) -> None:
    """Let this thread's caches free what they hold for a request; called when one has ended."""
    caches.close_all()


forget_when_changed("CACHES", forget=caches._forget)
