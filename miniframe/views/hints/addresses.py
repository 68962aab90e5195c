"""Advice on names and routes: what `reverse()` does not find, and URLconfs that are not ready."""

from __future__ import annotations

import linecache

from miniframe.urls import get_resolver
from miniframe.urls.listing import iter_leaves
from miniframe.views.hints.row import Case, Hint

__all__ = ["ROWS"]


def _no_route(case: Case) -> str:
    wanted = case.match[1]
    if "/" in wanted:
        return "A name is wanted here, and this is a path: give the route a `name=`, or use the path as it is."
    for leaf in iter_leaves(get_resolver(getattr(case.request, "urlconf", None))):
        if leaf.namespace and leaf.pattern.name == wanted:
            return f"It is in a namespace: write `{leaf.namespace}:{wanted}`."
    return "`python manage.py routes` lists every name."


def _too_early(case: Case) -> str:
    """A URLconf that is asked for its routes while it is imported: by a `reverse()` in a module's body, mostly."""
    traceback = case.exception.__traceback__
    while traceback is not None:
        code = traceback.tb_frame.f_code
        if code.co_name == "<module>" and "reverse(" in linecache.getline(code.co_filename, traceback.tb_lineno):
            name = traceback.tb_frame.f_globals.get("__name__")
            return (
                f"`{name}` calls `reverse()` while it is imported, and there are no routes yet: use `reverse_lazy()`."
            )
        traceback = traceback.tb_next
    return f"`{case.match[1]}` needs a list `urlpatterns`, and must not import what needs its routes."


ROWS: list[Hint] = [
    Hint("no-reverse-match", "NoReverseMatch", r"Reverse for '([^']*)' not found", _no_route),
    Hint("reverse-arguments", "NoReverseMatch", r"Reverse for '([^']*)' with .*arguments",
         "The name is right and the arguments are not. `python manage.py routes {0}` shows what the route takes."),
    Hint("not-a-namespace", "NoReverseMatch", r"'([^']+)' is not a registered namespace",
         "A namespace comes from `app_name = '{0}'` in the urls module that is included, or from `include(..., "
         "namespace='{0}')`."),
    Hint("routes-too-early", "ImproperlyConfigured",
         r"The included URLconf '([^']*)' does not appear to have any patterns", _too_early),
    Hint("view-as-text", "TypeError", r"^view must be a callable .*'([\w.]+)' is text",
         "Views have not been named by text since Django 1.10: import the module, and pass the function."),
]  # fmt: skip
