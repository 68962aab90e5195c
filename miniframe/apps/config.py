"""What the framework knows of one app: its module, its names and its folder.

Source: Django's reference "Applications".
"""

from __future__ import annotations

import os
from importlib import import_module
from types import ModuleType
from typing import Any

from miniframe.conf import place_of
from miniframe.exceptions import ImproperlyConfigured
from miniframe.utils.dotted import advice
from miniframe.utils.module_loading import module_has_submodule

__all__ = ["AppConfig"]


class AppNotFound(ImproperlyConfigured, ModuleNotFoundError):
    """INSTALLED_APPS names a package that does not exist; an ImportError as well, for those who catch that."""


class AppConfigNotFound(ImproperlyConfigured, ImportError):
    """INSTALLED_APPS names a class that its module does not have; an ImportError as well, as Django's."""


class TooManyDefaults(ImproperlyConfigured, RuntimeError):
    """An app's `apps.py` has several classes with `default = True`; a RuntimeError as well, as Django's."""


class AppConfig:
    """One app.  A package's `apps.py` may define a subclass to name it otherwise or to run code in `ready`."""

    name: str
    """The dotted path of the package."""

    label: str
    """A short unique name; the last part of `name` unless given."""

    verbose_name: str
    """A name for people."""

    path: str
    """The app's folder on disk."""

    default: bool
    """Set to True on the one class to use, where an `apps.py` has several."""

    def __init__(self, app_name: str, app_module: ModuleType | None) -> None:
        self.name = app_name
        self.module = app_module
        self.apps: Any = None
        if not hasattr(self, "label"):
            self.label = app_name.rpartition(".")[2]
        if not self.label.isidentifier():
            raise ImproperlyConfigured(f"The app label '{self.label}' is not a valid Python identifier.")
        if not hasattr(self, "verbose_name"):
            self.verbose_name = self.label.replace("_", " ").title()
        if not hasattr(self, "path"):
            self.path = _folder(app_module)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.label}>"

    def ready(self) -> None:
        """Called once, when every app is loaded; the place to connect signals and register checks."""

    @classmethod
    def create(cls, entry: str) -> AppConfig:
        """Make the config for one line of INSTALLED_APPS: a package, or the dotted path of an AppConfig.

        Raises:
            ImproperlyConfigured: the line leads to something that is neither.
            ImportError: there is nothing there; or the app fails while it is imported.
        """
        if not isinstance(entry, str) or not entry or entry.startswith("."):
            raise ImproperlyConfigured(
                f"{place_of('INSTALLED_APPS')} has the entry {entry!r}, and it should be the dotted path of a package."
            )
        config = cls._of_package(entry) or cls._of_dotted_path(entry)
        name = getattr(config, "name", None)
        if not name:
            raise ImproperlyConfigured(f"'{entry}' must supply a name attribute. {place_of('INSTALLED_APPS')} has it.")
        try:
            module = import_module(name)
        except ModuleNotFoundError as error:
            if error.name != name:
                raise
            raise ImproperlyConfigured(
                f"Cannot import '{name}'. Check that '{config.__module__}.{config.__qualname__}.name' is correct."
                f"{advice(name)} {place_of('INSTALLED_APPS')} has the entry {entry!r}."
            ) from error
        return config(name, module)

    @classmethod
    def _of_package(cls, entry: str) -> type[AppConfig] | None:
        """Return the class for a package: the one its `apps.py` offers, or a plain one with its name."""
        try:
            package = import_module(entry)
        except ModuleNotFoundError as error:
            # "blog.apps.BlogConfig" is no package, and that is fine; a missing import inside the app is not.
            if error.name is None or not (entry == error.name or entry.startswith(f"{error.name}.")):
                raise
            if "." not in entry:
                raise AppNotFound(_not_found(entry, entry)) from None
            return None
        offered: list[type[AppConfig]] = []
        if module_has_submodule(package, "apps"):
            module = import_module(f"{entry}.apps")
            offered = [
                value
                for value in vars(module).values()
                if isinstance(value, type)
                and issubclass(value, cls)
                and value is not cls
                and getattr(value, "default", True)
            ]
            chosen = [value for value in offered if getattr(value, "default", False)]
            if len(chosen) > 1:
                names = ", ".join(repr(value.__name__) for value in chosen)
                raise TooManyDefaults(f"{module.__name__!r} declares more than one default AppConfig: {names}.")
            offered = chosen or offered
        if len(offered) == 1:
            return offered[0]
        return type("AppConfig", (cls,), {"name": entry, "__module__": cls.__module__})

    @classmethod
    def _of_dotted_path(cls, entry: str) -> type[AppConfig]:
        module_path, _, name = entry.rpartition(".")
        try:
            module = import_module(module_path)
        except ModuleNotFoundError as error:
            if error.name is None or not f"{module_path}.".startswith(f"{error.name}."):
                raise
            raise AppNotFound(_not_found(str(error.name), entry)) from None
        found = getattr(module, name, None)
        if found is None and not name[:1].isupper():
            raise AppNotFound(_not_found(entry, entry))
        if found is None:
            choices = sorted(
                value.__name__ for value in vars(module).values() if _is_config(value) and value is not AppConfig
            )
            listed = f" Choices are: {', '.join(map(repr, choices))}." if choices else ""
            raise AppConfigNotFound(
                f"Module {module_path!r} does not contain a {name!r} class.{listed} "
                f"{place_of('INSTALLED_APPS')} has the entry {entry!r}.{advice(entry)}"
            )
        if not _is_config(found):
            raise ImproperlyConfigured(f"'{entry}' isn't a subclass of AppConfig. {place_of('INSTALLED_APPS')} has it.")
        config: type[AppConfig] = found
        return config


def _is_config(value: object) -> bool:
    return isinstance(value, type) and issubclass(value, AppConfig)


def _not_found(module: str, entry: str) -> str:
    """Return what to say when `module` is missing, which `entry` of INSTALLED_APPS is or needs."""
    guess = advice(entry) or (
        " Correct the entry, or install the app; a package of the project's own has to lie in a folder on the Python "
        "path."
    )
    return f"No module named {module!r}. {place_of('INSTALLED_APPS')} has the entry {entry!r}.{guess}"


def _folder(module: ModuleType | None) -> str:
    """Return the one folder a package lives in; a namespace package spread over several has to say which."""
    places = list(dict.fromkeys(getattr(module, "__path__", [])))
    if len(places) == 1:
        return str(places[0])
    filename = getattr(module, "__file__", None)
    if filename:
        return os.path.dirname(str(filename))
    raise ImproperlyConfigured(
        f"The app module {module!r} has {'multiple' if places else 'no'} filesystem locations ({places!r}); "
        f"you must configure this app with an AppConfig subclass with a 'path' class attribute."
    )
