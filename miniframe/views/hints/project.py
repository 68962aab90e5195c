"""Advice on what a project is made of: modules, settings, apps, the environment, files, databases and services."""

from __future__ import annotations

import os
import re
import sys
from typing import Any

from miniframe.conf import settings
from miniframe.exceptions import ImproperlyConfigured
from miniframe.utils.text import nearest
from miniframe.views.hints.django_names import advise_on_module, advise_on_name
from miniframe.views.hints.modules import advise_on_missing_module, asked_by
from miniframe.views.hints.row import Case, Hint

__all__ = ["ROWS", "is_about_settings"]

# As they are, and as tests change them.
_SETTINGS = r"^(?:'Settings' object|module 'miniframe\.conf\.global_settings')"


def is_about_settings(text: str) -> bool:
    """Return whether the text of an AttributeError is about `settings`."""
    return re.match(_SETTINGS, text) is not None


def _missing_module(case: Case) -> str:
    if isinstance(case.exception, ImproperlyConfigured):
        return ""  # raised by what read the setting: it has said already which one, and what is near
    return advise_on_missing_module(case.match[1], case.exception)


def _unknown_import(case: Case) -> str:
    name, package = case.match[1], case.match[2]
    django = advise_on_name(name, package)
    if django:
        return django
    module: Any = sys.modules.get(package)
    names = [each for each in dir(module) if not each.startswith("__")]
    for folder in getattr(module, "__path__", ()):
        names += [each.removesuffix(".py") for each in os.listdir(folder) if not each.startswith("__")]
    close = nearest(name, names)
    return f"Did you mean `{close}`?" if close else ""


def _django_itself(case: Case) -> str:
    """Code of Django that was imported by mistake, and asks for its own settings."""
    names = [str(frame.f_globals.get("__name__")) for frame in case.frames()]
    module = next((name for name in names if name.startswith("django.")), "")
    what = f"`{module}` of Django" if module else "Code of Django"
    instead = advise_on_module(module) or "Name and import what miniframe has in its place."
    return f"{asked_by('django')}{what} itself has run here, which knows nothing of this project. {instead}"


def _unknown_setting(case: Case) -> str:
    name = case.match[1]
    close = nearest(name, [each for each in dir(settings) if each.isupper()])
    return f"Did you mean `settings.{close}`?" if close else f"Write `{name} = ...` into the settings module."


def _unknown_variable(case: Case) -> str:
    """A KeyError of `os.environ`, and of no other dict."""
    frame, name = case.frame, case.match[1]
    if frame is None or frame.f_locals.get("self") is not os.environ:
        return ""
    file = " A file `.env` is not read by itself." if os.path.exists(".env") else ""
    return (
        f"The environment has no variable `{name}`: `export {name}=...` before the start sets it, and "
        f"`os.environ.get({name!r}, '...')` has a value for when it is missing.{file}"
    )


def _no_file(case: Case) -> str:
    path = getattr(case.exception, "filename", None)
    if not isinstance(path, str):  # it can be anything, with a slow text or none
        return ""
    if not os.path.isabs(path):
        return (
            f"`{path}` is looked for in the folder where the server was started, `{os.getcwd()}`. "
            f"Begin with the project's folder: `settings.BASE_DIR / {path!r}`."
        )
    folder, name = os.path.split(path)
    if not os.path.isdir(folder):
        return f"There is no folder `{folder}`."
    close = nearest(name, os.listdir(folder))
    return f"Did you mean `{os.path.join(folder, close)}`?" if close else ""


ROWS: list[Hint] = [
    Hint("missing-module", "ModuleNotFoundError", r"^No module named '([^']+)'", _missing_module),
    Hint("circular-import", "ImportError", r"cannot import name '([^']+)' from partially initialized module '([^']+)'",
         "Two modules import each other: `{1}` had not come to `{0}` yet. Move what both need into a third module."),
    Hint("unknown-import", "ImportError", r"^cannot import name '([^']+)' from '([^']+)'", _unknown_import),
    Hint("relative-import", "ImportError", r"^attempted relative import with no known parent package",
         "This file was run by itself, and so is in no package: start it through `python manage.py`, or write the "
         "whole name in place of the dot."),
    Hint("unknown-setting", "AttributeError", _SETTINGS + r" has no attribute '([A-Z]\w*)'", _unknown_setting),
    Hint("django-itself", "ImproperlyConfigured", r"DJANGO_SETTINGS_MODULE", _django_itself),
    Hint("settings-unset", "ImproperlyConfigured", r"settings are not configured(?!.*DJANGO_SETTINGS_MODULE)",
         "Run it through `manage.py`, or set the variable in your shell: `export "
         "MINIFRAME_SETTINGS_MODULE=mysite.settings`."),
    Hint("apps-not-ready", "AppRegistryNotReady", r"^",
         "A script of its own has to call `miniframe.setup()` before it uses apps; `manage.py` and `wsgi.py` do."),
    Hint("apps-alike", "ImproperlyConfigured", r"^Application labels aren't unique, duplicates: (\w+)",
         "Two entries of `INSTALLED_APPS` end alike. Take one out, or give one an `AppConfig` with another `label`, "
         "as in `label = 'my_{0}'`."),
    Hint("unknown-variable", "KeyError", r"^'(\w+)'$", _unknown_variable),
    Hint("no-file", "FileNotFoundError", r"^", _no_file),
    Hint("nobody-listens", "ConnectionRefusedError", r"^",
         "Nothing listens at that address: start the service (a database, Redis, another server), or correct its "
         "host and port."),
]  # fmt: skip
