"""The registry of installed apps.

Source: Django's reference "Applications", section "Application registry".
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import Any

from miniframe.apps.config import AppConfig
from miniframe.conf import settings
from miniframe.exceptions import AppRegistryNotReady, ImproperlyConfigured
from miniframe.utils.text import nearest

__all__ = ["Apps", "apps"]


class Apps:
    """The apps of one project, by label and in the order of INSTALLED_APPS."""

    def __init__(self, installed_apps: Iterable[Any] | None = ()) -> None:
        self.app_configs: dict[str, AppConfig] = {}
        self.stored_app_configs: list[dict[str, AppConfig]] = []
        self.apps_ready: bool = False
        self.ready: bool = False
        self.ready_event: threading.Event = threading.Event()
        self._lock = threading.RLock()
        self._loading = False
        # None is for the one global registry, which `setup()` fills.
        if installed_apps is not None:
            self.populate(installed_apps)

    def populate(self, installed_apps: Iterable[Any]) -> None:
        """Load the apps and call `ready()` on each; later calls, from any thread, do nothing.

        A failure leaves the registry empty, so that a corrected project can be loaded by the next call.

        Raises:
            RuntimeError: an app calls this while it is being loaded.
            ImproperlyConfigured: two apps have the same name or label.
        """
        # Another thread may be at it: whoever waited for the lock finds the work done.
        with self._lock:
            if not self.ready:
                self._populate(installed_apps)

    def _populate(self, installed_apps: Iterable[Any]) -> None:
        if self._loading:
            raise RuntimeError("populate() isn't reentrant")
        self._loading = True
        try:
            self.app_configs = self._load(installed_apps)
            self.apps_ready = True
            for config in self.app_configs.values():
                config.ready()
        except BaseException:
            self.app_configs, self.apps_ready = {}, False
            raise
        finally:
            self._loading = False
        self.ready = True
        self.ready_event.set()

    def _load(self, installed_apps: Iterable[Any]) -> dict[str, AppConfig]:
        found: dict[str, AppConfig] = {}
        names: set[str] = set()
        for entry in installed_apps:
            config = entry if isinstance(entry, AppConfig) else AppConfig.create(entry)
            if config.label in found:
                raise ImproperlyConfigured(
                    f"Application labels aren't unique, duplicates: {config.label}. "
                    f"{found[config.label].name!r} and {config.name!r} both have it; "
                    f"give one of them an AppConfig with another label."
                )
            if config.name in names:
                raise ImproperlyConfigured(f"Application names aren't unique, duplicates: {config.name}")
            config.apps = self
            found[config.label] = config
            names.add(config.name)
        return found

    def check_apps_ready(self) -> None:
        """Raise AppRegistryNotReady before the apps are loaded.

        Raises:
            ImproperlyConfigured: there are no settings either, which is what has to be mended first.
        """
        if not self.apps_ready:
            settings.INSTALLED_APPS  # noqa: B018  # read for the sake of the error
            raise AppRegistryNotReady("Apps aren't loaded yet. Call miniframe.setup() first.")

    def get_app_configs(self) -> Iterable[AppConfig]:
        """Return every app, in order."""
        self.check_apps_ready()
        return self.app_configs.values()

    def get_app_config(self, app_label: str) -> AppConfig:
        """Return the app with this label.

        Raises:
            LookupError: there is none; the message names the nearest.
        """
        self.check_apps_ready()
        try:
            return self.app_configs[app_label]
        except KeyError:
            by_name = [config.label for config in self.app_configs.values() if config.name == app_label]
            near = by_name[0] if by_name else nearest(app_label, self.app_configs)
            hint = f" Did you mean '{near}'?" if near else ""
            raise LookupError(f"No installed app with label '{app_label}'.{hint}") from None

    def is_installed(self, app_name: str) -> bool:
        """Return whether an app of this dotted name is installed."""
        self.check_apps_ready()
        return any(config.name == app_name for config in self.app_configs.values())

    def get_containing_app_config(self, object_name: str) -> AppConfig | None:
        """Return the app whose package holds the object with this dotted name, the innermost if several do."""
        self.check_apps_ready()
        holders = [c for c in self.app_configs.values() if f"{object_name}.".startswith(f"{c.name}.")]
        return max(holders, key=lambda config: len(config.name), default=None)

    def set_installed_apps(self, installed: Iterable[Any]) -> None:
        """Replace the apps for a test; `unset_installed_apps` takes it back."""
        self.check_apps_ready()
        self.stored_app_configs.append(self.app_configs)
        self.app_configs, self.apps_ready, self.ready = {}, False, False
        try:
            self.populate(installed)
        except BaseException:
            self.unset_installed_apps()
            raise

    def unset_installed_apps(self) -> None:
        """Take the last `set_installed_apps` back."""
        self.app_configs = self.stored_app_configs.pop()
        self.apps_ready = self.ready = True

    def clear_cache(self) -> None:
        """Do nothing: there are no model caches here.  Code written for Django calls it."""


apps: Apps = Apps(installed_apps=None)
