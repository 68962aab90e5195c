"""The pytest plug-in: finds the miniframe project that a run of pytest is about, and offers its fixtures.

pytest imports this module wherever miniframe is installed, for projects of any kind.  So it imports
nothing but what pytest has loaded already, and does nothing unless there is such a project:

    settings module    of the environment (MINIFRAME_SETTINGS_MODULE), else of pytest's configuration
                       (miniframe_settings_module, or spelt as the variable, as pytest-django spells its
                       own), else the one that manage.py names
    manage.py          in the folder where pytest was started, or between that and pytest's rootdir;
                       its folder is put on the import path

A conftest.py that calls `settings.configure()` is a project too.  Where pytest-django has a Django
project to test, the fixtures of the same names are Django's, and this plug-in keeps out of the way.

Not here: the fixtures (`pytest_fixtures`).
Source: pytest's reference, "Hooks"; pytest-django's documentation, for the names that people know.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

__all__ = ["INI", "VARIABLE"]

VARIABLE = "MINIFRAME_SETTINGS_MODULE"
INI = "miniframe_settings_module"

_NAMED_IN_MANAGE_PY = re.compile(VARIABLE + r"""["']\s*(?:,|\]\s*=)\s*["']([\w.]+)["']""")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Know the one line of configuration there is, in both spellings."""
    parser.addini(INI, f"The dotted path of miniframe's settings module; the variable {VARIABLE} goes before it.")
    parser.addini(VARIABLE, f"The same as {INI}.")


@pytest.hookimpl(trylast=True)  # pytest-django has found its own project by then
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Find the project before any conftest.py is imported; import nothing of it yet."""
    if _django_is_tested(early_config):
        return
    folder, named = _find_manage_py(early_config)
    patch = pytest.MonkeyPatch()
    early_config.add_cleanup(patch.undo)
    module = os.environ.get(VARIABLE) or early_config.getini(INI) or early_config.getini(VARIABLE) or named
    if module:
        patch.setenv(VARIABLE, module)
    if folder is not None and str(folder) not in sys.path:
        patch.syspath_prepend(folder)


def pytest_configure(config: pytest.Config) -> None:
    """Offer the fixtures if there is a project for them: elsewhere `client` may be another plug-in's."""
    if not _django_is_tested(config) and (os.environ.get(VARIABLE) or _is_configured("miniframe.conf")):
        from miniframe import pytest_database, pytest_fixtures  # for miniframe projects only

        config.pluginmanager.register(pytest_fixtures, "miniframe-fixtures")
        config.pluginmanager.register(pytest_database, "miniframe-database")
        for mark in pytest_database.MARKS:
            config.addinivalue_line("markers", mark)
        config.addinivalue_line("markers", "urls(module): the ROOT_URLCONF of the test.")
        if config.pluginmanager.has_plugin("django"):
            config.pluginmanager.register(pytest_fixtures.BesideDjango(), "miniframe-beside-django")


def _django_is_tested(config: pytest.Config) -> bool:
    if not config.pluginmanager.has_plugin("django") and "pytest_django.plugin" not in sys.modules:
        return False
    return bool(os.environ.get("DJANGO_SETTINGS_MODULE")) or _is_configured("django.conf")


def _is_configured(conf: str) -> bool:
    """Return whether somebody has imported that package already, and given settings."""
    module = sys.modules.get(conf)
    return module is not None and bool(module.settings.configured)


def _find_manage_py(config: pytest.Config) -> tuple[Path | None, str]:
    """Return the folder of the nearest manage.py of ours, and the settings module that it names."""
    for folder in _places(config.invocation_params.dir, config.rootpath):
        try:
            text = (folder / "manage.py").read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            continue
        found = _NAMED_IN_MANAGE_PY.search(text)
        if found:
            return folder, found[1]
    return None, ""


def _places(start: Path, root: Path) -> Iterator[Path]:
    yield start
    for folder in start.parents:
        if folder.is_relative_to(root):
            yield folder
    if not start.is_relative_to(root):
        yield root
