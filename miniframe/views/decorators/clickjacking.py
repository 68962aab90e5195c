"""Say for one view who may show it in a frame.

Source: Django's reference "Clickjacking Protection", section "Setting X-Frame-Options per view".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from miniframe.views.decorators.around import V, around


def xframe_options_deny(view_func: V) -> V:
    """Nobody may; unless the view sets X-Frame-Options itself."""
    return around(view_func, after=_setter("DENY"))


def xframe_options_sameorigin(view_func: V) -> V:
    """Only pages of this site may; unless the view sets X-Frame-Options itself."""
    return around(view_func, after=_setter("SAMEORIGIN"))


def xframe_options_exempt(view_func: V) -> V:
    """Anybody may: XFrameOptionsMiddleware leaves the view alone."""
    return around(view_func, after=_exempt)


def _setter(value: str) -> Callable[[Any, Any], None]:
    def after(request: Any, response: Any) -> None:
        response.headers.setdefault("X-Frame-Options", value)

    return after


def _exempt(request: Any, response: Any) -> None:
    response.xframe_options_exempt = True
