"""The contexts of all templates that made a response, asked as one.

Source: Django's topic "Testing tools", section "Response objects", attribute `context`.
"""

from __future__ import annotations

from typing import Any, overload

__all__ = ["ContextList"]


class ContextList(list[Any]):
    """A list of contexts, the page's first; by a name it gives that variable of the first context that has it."""

    @overload
    def __getitem__(self, key: str) -> Any: ...
    @overload
    def __getitem__(self, key: Any) -> Any: ...

    def __getitem__(self, key: Any) -> Any:
        """Return a context by its place, or a variable by its name.

        Raises:
            KeyError: no context has the variable; its note lists those that there are.
        """
        if not isinstance(key, str):
            return super().__getitem__(key)
        for context in self:
            if key in context:
                return context[key]
        error = KeyError(key)
        error.add_note(f"The templates had these variables: {', '.join(sorted(map(str, self.keys())))}.")
        raise error

    def __contains__(self, key: object) -> bool:
        return any(key in context for context in self)

    def get(self, key: str, default: Any = None) -> Any:
        """Return a variable, or `default`."""
        return next((context[key] for context in self if key in context), default)

    def keys(self) -> set[str]:
        """Return the names of all variables."""
        return {name for context in self for name in context}
