"""Find the view, or the URLconf, that a dotted path names.

Source: Django's reference "URLconf utilities" (`handler404` and its like may be dotted paths).
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from miniframe.exceptions import ImproperlyConfigured, ViewDoesNotExist
from miniframe.utils.dotted import advice, is_missing
from miniframe.utils.module_loading import module_has_submodule
from miniframe.utils.text import did_you_mean

__all__ = ["URLconfNotFound", "get_callable", "get_mod_func", "import_urlconf"]


class URLconfNotFound(ImproperlyConfigured, ModuleNotFoundError):
    """A setting or an include() names a URLconf that does not exist; an ImportError as well, as Django's."""


def import_urlconf(path: str, place: Callable[[], str]) -> Any:
    """Return the module `path`; `place` says who names it, for the message.

    Raises:
        URLconfNotFound: there is no such module.
        Exception: whatever the module raises while it is imported.
    """
    if not path or path.startswith("."):
        raise URLconfNotFound(f'{place()}: it should be the dotted path of a module, such as "mysite.urls".')
    try:
        return import_module(path)
    except ImportError as error:
        if not is_missing(error, path):
            raise
        # Without a cause: it says only again that there is no such module.
        raise URLconfNotFound(f"{place()}: there is no module {error.name!r}.{advice(path)}") from None


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
    return did_you_mean(name, [known for known in vars(module) if not known.startswith("_")])
