"""Give one view another Content-Security-Policy than the settings do.

Source: Django 6.0's reference "Content Security Policy", section "Decorators".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from miniframe.views.decorators.around import V, around

__all__ = ["csp_override", "csp_report_only_override"]


def csp_override(config: Mapping[str, Any]) -> Callable[[V], V]:
    """Use `config` in place of all of settings.SECURE_CSP; an empty one sends no policy.

    Raises:
        TypeError: `config` is no mapping.
    """
    return _override("_csp_config", config)


def csp_report_only_override(config: Mapping[str, Any]) -> Callable[[V], V]:
    """Use `config` in place of all of settings.SECURE_CSP_REPORT_ONLY; an empty one sends no policy.

    Raises:
        TypeError: `config` is no mapping.
    """
    return _override("_csp_ro_config", config)


def _override(attribute: str, config: Mapping[str, Any]) -> Callable[[V], V]:
    if not isinstance(config, Mapping):
        raise TypeError(
            f"CSP config should be a mapping, directive -> sources, and not {type(config).__name__}: {config!r}"
        )

    def after(request: Any, response: Any) -> None:
        setattr(response, attribute, config)

    return lambda view: around(view, after=after)
