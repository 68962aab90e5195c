"""URLs: which view answers a path, and which path leads to a view."""

from __future__ import annotations

from miniframe.urls.base import (
    clear_script_prefix,
    clear_url_caches,
    get_script_prefix,
    get_urlconf,
    is_valid_path,
    resolve,
    reverse,
    reverse_lazy,
    set_script_prefix,
    set_urlconf,
)
from miniframe.urls.conf import include, path, re_path
from miniframe.urls.converters import register_converter
from miniframe.urls.exceptions import NoReverseMatch, Resolver404
from miniframe.urls.match import ResolverMatch
from miniframe.urls.resolvers import DEFAULT_HANDLERS, URLPattern, URLResolver, get_resolver
from miniframe.urls.utils import get_callable, get_mod_func

__all__ = [
    "include",
    "path",
    "re_path",
    "register_converter",
    "resolve",
    "is_valid_path",
    "reverse",
    "reverse_lazy",
    "NoReverseMatch",
    "Resolver404",
    "ResolverMatch",
    "URLPattern",
    "URLResolver",
    "get_resolver",
    "clear_url_caches",
    "set_script_prefix",
    "get_script_prefix",
    "clear_script_prefix",
    "set_urlconf",
    "get_urlconf",
    "get_callable",
    "get_mod_func",
    "DEFAULT_HANDLERS",
]
