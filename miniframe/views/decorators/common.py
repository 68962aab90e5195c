"""What CommonMiddleware is to leave alone.

Source: Django's reference "View decorators", section "Common".
"""

from __future__ import annotations

from miniframe.views.decorators.around import V, around


def no_append_slash(view_func: V) -> V:
    """Do not redirect to this view from its path without the slash."""
    wrapper = around(view_func)  # a function of its own, so that the one that was given stays as it is
    wrapper.should_append_slash = False  # type: ignore[attr-defined]  # read by CommonMiddleware
    return wrapper
