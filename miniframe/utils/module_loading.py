"""Turn dotted paths into objects.

Source: Django's reference "Utils", section `django.utils.module_loading`.
"""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any

from miniframe.utils.text import nearest

__all__ = ["import_string", "module_has_submodule"]


def import_string(dotted_path: str) -> Any:
    """Import a module and return the attribute named by the last part of the path.

    Raises:
        ImportError: the path has no dot; or, with another text, the module lacks that attribute;
            or whatever importing the module raises.

    >>> import_string("miniframe.utils.module_loading.import_string").__name__
    'import_string'
    """
    module_path, dot, name = dotted_path.rpartition(".")
    if not dot:
        raise ImportError(f"{dotted_path} doesn't look like a module path")
    module = sys.modules.get(module_path)
    # A module that is still being imported may lack the attribute: let import_module wait for it.
    if module is None or getattr(getattr(module, "__spec__", None), "_initializing", False):
        module = import_module(module_path)
    try:
        return getattr(module, name)
    except AttributeError as error:
        raise ImportError(
            f'Module "{module_path}" does not define a "{name}" attribute/class{_nearest(name, module)}'
        ) from error


def _nearest(name: str, module: ModuleType) -> str:
    close = nearest(name, [each for each in vars(module) if not each.startswith("_")])
    return f"; did you mean {close!r}?" if close else ""


def module_has_submodule(package: ModuleType, module_name: str) -> bool:
    """Return whether `package` has a module of that (possibly dotted) name, without importing it."""
    package_name = getattr(package, "__name__", None)
    if package_name is None or not hasattr(package, "__path__"):
        return False
    try:
        return find_spec(f"{package_name}.{module_name}", package_name) is not None
    except ModuleNotFoundError:
        # A dotted name whose first part is missing.
        return False
