"""The key of a piece of a page, for code that wants to remove it.

Source: Django's topic "Django's cache framework", section "Template fragment caching".
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

__all__ = ["make_template_fragment_key"]


def make_template_fragment_key(fragment_name: str, vary_on: Iterable[Any] | None = None) -> str:
    """Return the key under which `{% cache %}` keeps a fragment, one for each combination of the values in `vary_on`.

    >>> make_template_fragment_key("sidebar", ["ann"])
    'template.cache.sidebar.4d98949ef9537b7163ffae62180b8aa2'
    """
    values = "".join(f"{value}:" for value in vary_on or ())
    return f"template.cache.{fragment_name}.{hashlib.md5(values.encode(), usedforsecurity=False).hexdigest()}"
