"""System checks on the URLconf: its patterns, the views' arguments, what can never be reached."""

from __future__ import annotations

from miniframe.checks.urls.arguments import check_view_arguments
from miniframe.checks.urls.dead import check_dead_names, check_dead_routes
from miniframe.checks.urls.patterns import (
    E006,
    check_custom_error_handlers,
    check_resolver,
    check_root_urlconf,
    check_url_config,
    check_url_namespaces_unique,
    check_url_settings,
    get_warning_for_invalid_pattern,
)

__all__ = [
    "E006",
    "check_custom_error_handlers",
    "check_dead_names",
    "check_dead_routes",
    "check_resolver",
    "check_root_urlconf",
    "check_url_config",
    "check_url_namespaces_unique",
    "check_url_settings",
    "check_view_arguments",
    "get_warning_for_invalid_pattern",
]
