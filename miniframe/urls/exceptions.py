"""The two ways to find no URL, under the name Django users import them from."""

from __future__ import annotations

from miniframe.exceptions import NoReverseMatch, Resolver404

__all__ = ["NoReverseMatch", "Resolver404"]
