"""What `setUpTestData` made, for each test its own: a copy, which the next test does not see changed.

Not here: rows of databases (`rows`).
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

__all__ = ["EachItsOwn"]


class EachItsOwn:
    """A class's attribute, of which each instance gets a copy; copies made for one instance know each other."""

    def __init__(self, name: str, value: Any) -> None:
        self.name = name
        self.value = value

    def __get__(self, instance: Any, owner: type[Any]) -> Any:
        if instance is None:
            return self.value
        own = self.copy_for(instance)
        setattr(instance, self.name, own)
        return own

    def copy_for(self, instance: Any) -> Any:
        """Return what one test gets."""
        return deepcopy(self.value, self.copied_for(instance))

    @staticmethod
    def copied_for(instance: Any) -> dict[int, Any]:
        """Return what that test has got already: `deepcopy`'s memo."""
        copied: dict[int, Any] = vars(instance).setdefault("_copied_test_data", {})
        return copied
