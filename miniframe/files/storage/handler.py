"""The storages of settings.STORAGES by their aliases, each made when it is first asked for.

Source: Django's reference "File storage API", section "Getting the default storage class".
"""

from __future__ import annotations

from typing import Any, cast

from miniframe.conf import DEFAULT_STORAGE_ALIAS, settings
from miniframe.exceptions import ImproperlyConfigured
from miniframe.files.storage.base import Storage
from miniframe.signals import forget_when_changed
from miniframe.utils.dotted import advice
from miniframe.utils.functional import LazyObject, empty
from miniframe.utils.module_loading import import_string
from miniframe.utils.text import did_you_mean

__all__ = ["DefaultStorage", "InvalidStorageError", "StorageHandler", "default_storage", "storages"]


class InvalidStorageError(ImproperlyConfigured):
    """A storage was asked for that settings.STORAGES does not define, or defines wrongly."""


class StorageHandler:
    """A mapping from alias to storage; `backends` in place of settings.STORAGES."""

    def __init__(self, backends: dict[str, Any] | None = None) -> None:
        self._backends = backends
        self._storages: dict[str, Storage] = {}

    @property
    def backends(self) -> dict[str, Any]:
        """How the storages are to be made: alias -> {"BACKEND": dotted path, "OPTIONS": arguments}."""
        if self._backends is None:
            self._backends = dict(settings.STORAGES)
        return self._backends

    def __getitem__(self, alias: str) -> Storage:
        """Return the storage, always the same one.

        Raises:
            InvalidStorageError: there is none of this alias, or no backend where its path leads.
        """
        try:
            return self._storages[alias]
        except KeyError:
            return self._storages.setdefault(alias, self.create_storage(self._params(alias)))

    def _params(self, alias: str) -> dict[str, Any]:
        try:
            params: dict[str, Any] = self.backends[alias]
        except KeyError:
            hint = did_you_mean(alias, self.backends)
            raise InvalidStorageError(f"Could not find config for '{alias}' in settings.STORAGES.{hint}") from None
        return params

    def create_storage(self, params: dict[str, Any]) -> Storage:
        """Return a new storage made as `params`, an entry of settings.STORAGES, says.

        Raises:
            InvalidStorageError: BACKEND is missing or leads nowhere.
        """
        try:
            path = params["BACKEND"]
        except (KeyError, TypeError):
            # Not the values: OPTIONS may hold the keys of somebody's account.
            found = f"a dict of {list(params)}" if isinstance(params, dict) else f"a {type(params).__name__}"
            raise InvalidStorageError(
                f"An entry of settings.STORAGES has no BACKEND: it is {found}. "
                'Write it {"BACKEND": "module.Class", "OPTIONS": {...}}.'
            ) from None
        try:
            backend = import_string(path)
        except ImportError as error:
            raise InvalidStorageError(f"Could not find backend {path!r}: {error}{advice(path)}") from error
        storage: Storage = backend(**params.get("OPTIONS", {}))
        return storage

    def forget(self) -> None:
        """Drop all storages, and read settings.STORAGES again when the next one is asked for."""
        self._backends = None
        self._storages.clear()


class DefaultStorage(LazyObject):
    """The storage with the alias "default", made when it is first used."""

    def _setup(self) -> None:
        self._wrapped = storages[DEFAULT_STORAGE_ALIAS]


storages: StorageHandler = StorageHandler()
default_storage: Storage = cast(Storage, DefaultStorage())


def _forget_storages() -> None:
    storages.forget()
    vars(default_storage)["_wrapped"] = empty


# Those for static files keep what they read in STATIC_ROOT.
forget_when_changed("STORAGES", "STATIC_ROOT", "STATIC_URL", forget=_forget_storages)
