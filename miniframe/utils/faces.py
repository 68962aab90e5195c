"""Let a module hand on names of others, each loaded when its name is asked for.

Source: PEP 562.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["hands_on"]


def hands_on(module: str, homes: Mapping[str, str]) -> Callable[[str], Any]:
    """Return a `__getattr__` for `module`, by which it has the names in `homes` from the modules given there.

    It belongs under `if not TYPE_CHECKING`, and imports of the names under the opposite: who checks types and sees a
    `__getattr__` believes that the module has every name.

    >>> hands_on("here", {"sqrt": "math"})("sqrt")(9.0)
    3.0
    """

    def get(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        from importlib import import_module  # whoever asks for nothing need not wait for it

        return getattr(import_module(homes[name]), name)

    return get
