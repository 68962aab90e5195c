"""Load the settings module when a setting is first read, and make every later read cheap.

The first read of a name stores its value in the `__dict__` of the `settings` object itself, so the
second one is an ordinary attribute look-up: `__getattr__` is not even called.  Whoever changes
what is behind (`configure`, `override_settings`, a plain assignment) forgets those values.

Source: Django's topic "Settings".
"""

from __future__ import annotations

import os
import sys
import time
from importlib import import_module
from types import ModuleType
from typing import Any

from miniframe.conf import global_settings
from miniframe.exceptions import ImproperlyConfigured
from miniframe.utils.dotted import advice

__all__ = ["ENVIRONMENT_VARIABLE", "LazySettings", "Settings", "UserSettingsHolder", "settings"]

ENVIRONMENT_VARIABLE = "MINIFRAME_SETTINGS_MODULE"

# Settings that must be lists or tuples: a string here is a forgotten comma, and would be read letter by letter.
_SEQUENCES = ("ALLOWED_HOSTS", "INSTALLED_APPS", "MIDDLEWARE", "TEMPLATES", "SECRET_KEY_FALLBACKS")

_PATHS = ("MEDIA_URL", "STATIC_URL")


def _load(module_name: str) -> ModuleType:
    """Import the settings module.

    Raises:
        ImproperlyConfigured: there is no such module.  It is an ImportError as well for those who catch that.
        Exception: whatever the module raises while it is run; the traceback leads into it.
    """
    try:
        return import_module(module_name)
    except ModuleNotFoundError as error:
        # Only if the settings module itself is missing: an import that fails inside it has its own message.
        if error.name is None or not (module_name == error.name or module_name.startswith(f"{error.name}.")):
            raise
        raise SettingsModuleNotFound(
            f"Could not import settings {module_name!r} (is it on sys.path?): No module named {error.name!r}."
            f"{advice(module_name)} "
            f"Correct {ENVIRONMENT_VARIABLE} or --settings, or run from the folder that holds "
            f"{module_name.partition('.')[0]!r}; it was looked for from {os.getcwd()!r}."
        ) from error


class SettingsModuleNotFound(ImproperlyConfigured, ImportError):
    """The module named by MINIFRAME_SETTINGS_MODULE does not exist."""


class TimeZoneNotFound(ImproperlyConfigured, ValueError):
    """TIME_ZONE names none that this system knows; a ValueError as well, as Django's."""


class Settings:
    """The values of one settings module laid over the defaults."""

    def __init__(self, settings_module: str) -> None:
        for name in dir(global_settings):
            if name.isupper():
                setattr(self, name, getattr(global_settings, name))
        self.SETTINGS_MODULE = settings_module
        module = _load(settings_module)
        self._explicit: set[str] = set()
        for name in dir(module):
            if name.isupper():
                value = getattr(module, name)
                if name in _SEQUENCES and not isinstance(value, (list, tuple)):
                    raise ImproperlyConfigured(
                        f"The {name} setting must be a list or a tuple, and it is {value!r}. "
                        f"Correct it in {settings_module}."
                    )
                setattr(self, name, value)
                self._explicit.add(name)
        self._set_time_zone()

    def _set_time_zone(self) -> None:
        zone = getattr(self, "TIME_ZONE", None)
        # Only an explicit choice touches the process; the default must not overrule the machine's TZ.
        if zone and "TIME_ZONE" in self._explicit and hasattr(time, "tzset"):
            root = "/usr/share/zoneinfo"
            if os.path.isdir(root) and not os.path.exists(os.path.join(root, *zone.split("/"))):
                raise TimeZoneNotFound(f"Incorrect timezone setting: {zone}")
            os.environ["TZ"] = zone
            time.tzset()

    def is_overridden(self, setting: str) -> bool:
        """Return whether the project's module sets this, rather than the defaults."""
        return setting in self._explicit

    def __repr__(self) -> str:
        return f'<{type(self).__name__} "{self.SETTINGS_MODULE}">'


class UserSettingsHolder:
    """Settings given by hand, over a module of defaults or over other settings."""

    SETTINGS_MODULE: str | None = None

    def __init__(self, default_settings: Any) -> None:
        self.__dict__["_deleted"] = set()
        self.__dict__["default_settings"] = default_settings

    def __getattr__(self, name: str) -> Any:
        if not name.isupper() or name in self._deleted:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return getattr(self.default_settings, name)

    def __setattr__(self, name: str, value: Any) -> None:
        self._deleted.discard(name)
        super().__setattr__(name, value)

    def __delattr__(self, name: str) -> None:
        self._deleted.add(name)
        self.__dict__.pop(name, None)

    def __dir__(self) -> list[str]:
        names = {*self.__dict__, *dir(self.default_settings)}
        return sorted(name for name in names if name.isupper() and name not in self._deleted)

    def is_overridden(self, setting: str) -> bool:
        """Return whether the setting was given or deleted here, or is overridden in what lies below."""
        below = getattr(self.default_settings, "is_overridden", None)
        return setting in self._deleted or setting in self.__dict__ or bool(below and below(setting))

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"


class LazySettings:
    """The object behind `from miniframe.conf import settings`.

    It loads the module named by MINIFRAME_SETTINGS_MODULE at the first read, unless `configure` came before.
    """

    _wrapped: Any

    def __init__(self) -> None:
        self.__dict__["_wrapped"] = None

    def _setup(self, name: str | None = None) -> None:
        module = os.environ.get(ENVIRONMENT_VARIABLE)
        if not module:
            what = f"setting {name}" if name else "settings"
            raise ImproperlyConfigured(
                f"Requested {what}, but settings are not configured. "
                f"You must either define the environment variable {ENVIRONMENT_VARIABLE} "
                f"or call settings.configure() before accessing settings. "
                f'(It is set to something like "mysite.settings"; a project\'s manage.py and wsgi.py do that.)'
            )
        self._wrapped = Settings(module)

    def __getattr__(self, name: str) -> Any:
        # Reached only for names that are not in __dict__ yet.
        if self._wrapped is None:
            if name.startswith("__"):
                raise AttributeError(name)
            self._setup(name)
        value = getattr(self._wrapped, name)
        if name in _PATHS and value is not None:
            value = self._under_script_name(value)
        elif name == "SECRET_KEY" and not value:
            raise ImproperlyConfigured("The SECRET_KEY setting must not be empty.")
        if name.isupper():
            self.__dict__[name] = value
        return value

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "_wrapped":
            self._forget()
            self.__dict__["_wrapped"] = value
        else:
            if self._wrapped is None:
                self._setup(name)
            self.__dict__.pop(name, None)
            setattr(self._wrapped, name, value)

    def __delattr__(self, name: str) -> None:
        if name == "_wrapped":
            raise TypeError("can't delete _wrapped.")
        if self._wrapped is None:
            self._setup(name)
        self.__dict__.pop(name, None)
        delattr(self._wrapped, name)

    def __dir__(self) -> list[str]:
        if self._wrapped is None:
            self._setup()
        return dir(self._wrapped)

    def __repr__(self) -> str:
        if self._wrapped is None:
            return f"<{type(self).__name__} [Unevaluated]>"
        return f'<{type(self).__name__} "{self._wrapped.SETTINGS_MODULE}">'

    def _forget(self) -> None:
        wrapped = self._wrapped
        self.__dict__.clear()
        self.__dict__["_wrapped"] = wrapped

    @staticmethod
    def _under_script_name(value: str) -> str:
        # A relative STATIC_URL ("static/") is meant below where the site is mounted.
        if value.startswith(("http://", "https://", "//", "/")):
            return value
        get_prefix = sys.modules.get("miniframe.urls")
        return f"{get_prefix.get_script_prefix() if get_prefix else '/'}{value}"

    def configure(self, default_settings: Any = global_settings, **options: Any) -> None:
        """Give the settings by hand, once, before anything reads them.

        Raises:
            RuntimeError: there are settings already.
            TypeError: a name is not in capitals, and would never be read.
        """
        if self.configured:
            raise RuntimeError("Settings already configured.")
        holder = UserSettingsHolder(default_settings)
        for name, value in options.items():
            if not name.isupper():
                raise TypeError(f"Setting {name!r} must be uppercase.")
            setattr(holder, name, value)
        self._wrapped = holder

    @property
    def configured(self) -> bool:
        """Whether the settings have been loaded or given; reading this loads nothing."""
        return self._wrapped is not None

    def is_overridden(self, setting: str) -> bool:
        """Return whether the project sets this, rather than the defaults."""
        if self._wrapped is None:
            self._setup(setting)
        return bool(self._wrapped.is_overridden(setting))


settings: LazySettings = LazySettings()
