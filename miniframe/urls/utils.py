"""Find the view that a dotted path names.

Source: Django's reference "URLconf utilities" (`handler404` and its like may be dotted paths).
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from miniframe.exceptions import ViewDoesNotExist
from miniframe.utils.module_loading import module_has_submodule
from miniframe.utils.text import nearest

__all__ = ["get_callable", "get_mod_func"]


def get_callable(lookup_view: Any) -> Any:
    """Return `lookup_view` if it can be called, else import the callable that this dotted path names.

    Raises:
        ViewDoesNotExist: the module lacks it, its parent lacks the module, or it cannot be called.
        ImportError: the path has no dot, its top module is missing, or a module fails while it is imported.
    """
    if callable(lookup_view):
        return lookup_view
    if not isinstance(lookup_view, str):
        raise ViewDoesNotExist(f"'{lookup_view}' is not a callable or a dot-notation path")
    module_name, name = get_mod_func(lookup_view)
    if not name:
        raise ImportError(f"Could not import '{lookup_view}'. The path must be fully qualified.")
    module = _import_for(lookup_view, module_name)
    if not hasattr(module, name):
        raise ViewDoesNotExist(
            f"Could not import '{lookup_view}'. View does not exist in module {module_name}." + _hint(name, module)
        )
    view = getattr(module, name)
    if not callable(view):
        raise ViewDoesNotExist(f"Could not import '{lookup_view}'. View is not callable.")
    return view


def get_mod_func(callback: str) -> tuple[str, str]:
    """Split "package.module.name" into its module and its last name; without a dot the name is empty.

    >>> get_mod_func("shop.views.cart")
    ('shop.views', 'cart')
    """
    module_name, dot, name = callback.rpartition(".")
    return (module_name, name) if dot else (callback, "")


def _import_for(lookup_view: str, module_name: str) -> Any:
    try:
        return import_module(module_name)
    except ImportError as error:
        parent, _, child = module_name.rpartition(".")
        # Only "there is no such module" is the dotted path's fault; an import that fails
        # inside the module has to be seen as it is.
        if parent and not module_has_submodule(import_module(parent), child):
            raise ViewDoesNotExist(
                f"Could not import '{lookup_view}'. Parent module {module_name} does not exist."
            ) from error
        raise


def _hint(name: str, module: Any) -> str:
    near = nearest(name, [known for known in vars(module) if not known.startswith("_")])
    return f" Did you mean {near!r}?" if near else ""
