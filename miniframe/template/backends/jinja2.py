"""Jinja2 as a template engine: settings in, an environment out, and what every template can use.

Imported by its dotted name in settings.TEMPLATES when a template is first used, and never sooner.

Globals of every template: `url(name, *args, query=, fragment=, **kwargs)` and `static(path)`.  With a request come
`request`, `csrf_input`, `csrf_token` and `csp_nonce`.  Then follow the context processors, and last what the view
gave, which wins.

Source: Django's topic "Templates", section "Jinja2"; Jinja2's documentation, "High Level API".
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

import jinja2

from miniframe.conf import import_from_setting, settings
from miniframe.exceptions import ImproperlyConfigured
from miniframe.template.backends import parts
from miniframe.template.backends.base import BaseEngine
from miniframe.template.backends.utils import csrf_input_lazy, csrf_token_lazy
from miniframe.template.exceptions import Origin, TemplateDoesNotExist, TemplateSyntaxError
from miniframe.template.signals import template_rendered
from miniframe.template.utils import APP_FOLDERS
from miniframe.templatetags.static import static
from miniframe.urls import reverse
from miniframe.utils.functional import cached_property

__all__ = ["Jinja2", "Template", "get_exception_info", "url"]

_Ours = TypeVar("_Ours", bound=Exception)

_INSIDE_JINJA2 = (os.path.dirname(jinja2.__file__) + os.sep, parts.__file__)

_KEPT = 1000
"""How many loaded templates an engine keeps ready; only a loader that makes up names could ever reach it."""


@jinja2.pass_context
def url(context: jinja2.runtime.Context, name: str, /, *args: Any, **kwargs: Any) -> str:
    """Return the address of a route, as `reverse` does; in the namespace of the request that is being answered.

    `query` and `fragment` are added to the address; other keyword arguments are the route's.

    Raises:
        NoReverseMatch: no route has this name and takes these arguments.
    """
    request = context.get("request")
    query, fragment = kwargs.pop("query", None), kwargs.pop("fragment", None)
    current_app = getattr(request, "current_app", None)
    if current_app is None:
        current_app = getattr(getattr(request, "resolver_match", None), "namespace", None)
    return reverse(name, args=args, kwargs=kwargs, current_app=current_app, query=query, fragment=fragment)


class Jinja2(BaseEngine):
    """An engine that finds templates in DIRS and, with APP_DIRS, in the folders of the installed apps.

    Of OPTIONS, `environment` is the dotted path of a callable that makes the `jinja2.Environment`, `context_processors`
    a list of dotted paths; whatever is left goes to that callable.
    """

    app_dirname: str | tuple[str, ...] = APP_FOLDERS

    def __init__(self, params: dict[str, Any]) -> None:
        params = dict(params)
        options: dict[str, Any] = dict(params.pop("OPTIONS"))
        super().__init__(params)
        self.context_processors: list[str] = options.pop("context_processors", [])
        self.env: jinja2.Environment = self._make_environment(options)
        self._ready: dict[str, Template] = {}

    def _make_environment(self, options: dict[str, Any]) -> jinja2.Environment:
        make = options.pop("environment", None)
        if isinstance(make, str):
            make = import_from_setting("TEMPLATES", make)
        debug: bool = settings.DEBUG
        options.setdefault("autoescape", True)
        options.setdefault("auto_reload", debug)
        if "undefined" not in options:
            options["undefined"] = _told_undefined() if debug else jinja2.Undefined
        if "loader" not in options:
            options["loader"] = jinja2.FileSystemLoader(self.template_dirs)
        try:
            env: jinja2.Environment = (make or jinja2.Environment)(**options)
        except TypeError as error:
            raise ImproperlyConfigured(
                f"The template engine {self.name!r} could not be made: {error}. "
                f"Correct its OPTIONS in settings.TEMPLATES; they are {', '.join(sorted(options))}."
            ) from error
        env.globals.setdefault("url", url)
        env.globals.setdefault("static", static)
        return env

    @cached_property
    def template_context_processors(self) -> list[Callable[[Any], Mapping[str, Any]]]:
        """The functions that OPTIONS["context_processors"] names."""
        return [import_from_setting("TEMPLATES", path) for path in self.context_processors]

    def get_template(self, template_name: str) -> Template:
        """Return the template of that name.

        Raises:
            TemplateDoesNotExist: it is in none of the folders; `tried` lists them.
            TemplateSyntaxError: Jinja2 cannot parse it.
        """
        kept = self._ready.get(template_name)
        if kept is not None:
            return kept
        try:
            template = Template(self.env.get_template(template_name), self)
        except jinja2.TemplateNotFound as error:
            raise _in_place_of(error, self.not_found(error)) from None
        except jinja2.TemplateSyntaxError as error:
            raise _in_place_of(error, _syntax_error(error)) from None
        # With auto_reload Jinja2 has to look at the file each time; without it nothing can change any more.
        if not self.env.auto_reload and len(self._ready) < _KEPT:
            # Jinja2 keeps a chain of two dicts here, and walks along it three times a page, in Python: 6 us.
            template.template.globals = dict(template.template.globals)
            self._ready[template_name] = template
        return template

    def forget_templates(self) -> None:
        """Read every template anew when it is next asked for, with all that it extends, includes and imports."""
        self._ready.clear()
        if self.env.cache is not None:
            self.env.cache.clear()

    def from_string(self, template_code: str) -> Template:
        """Return a template made from its source."""
        try:
            return Template(self.env.from_string(template_code), self)
        except jinja2.TemplateSyntaxError as error:
            raise _in_place_of(error, _syntax_error(error)) from None

    def not_found(self, error: jinja2.TemplateNotFound) -> TemplateDoesNotExist:
        """Turn Jinja2's exception into ours, which tells where the template was looked for."""
        names = list(getattr(error, "templates", None) or [error.name])
        folders = getattr(self.env.loader, "searchpath", [])
        tried = [
            (Origin(os.path.join(folder, str(name)), str(name)), "Source does not exist")
            for name in names
            for folder in folders
        ]
        return TemplateDoesNotExist(error.name or str(error), tried=tried, backend=self)


class Template:
    """A loaded template: `render` gives its text."""

    __slots__ = ("backend", "origin", "template")

    def __init__(self, template: jinja2.Template, backend: Jinja2) -> None:
        self.template: jinja2.Template = template
        self.backend: Jinja2 = backend
        self.origin: Origin = Origin(template.filename, template.name)

    @property
    def name(self) -> str | None:
        """The name it was asked for by; None if it was made from a string."""
        return self.origin.template_name

    def render(self, context: Mapping[str, Any] | None = None, request: Any = None) -> str:
        """Return the text; `context` is the view's and wins over what the context processors say.

        Raises:
            TemplateDoesNotExist: it extends or includes a template that is missing.
            TemplateSyntaxError: it extends or includes a template that cannot be parsed.
        """
        variables: dict[str, Any] = {}
        if request is not None:
            variables["request"] = request
            variables["csrf_input"] = csrf_input_lazy(request)
            variables["csrf_token"] = csrf_token_lazy(request)
            variables["csp_nonce"] = getattr(request, "_csp_nonce", "")
            for processor in self.backend.template_context_processors:
                variables.update(processor(request))
        if context:
            variables.update(context)
        try:
            if template_rendered.receivers:
                return self._render_aloud(variables)
            return self.template.render(variables)
        except jinja2.TemplateNotFound as error:
            raise _in_place_of(error, self.backend.not_found(error)) from None
        except jinja2.TemplateSyntaxError as error:
            raise _in_place_of(error, _syntax_error(error)) from None

    def _render_aloud(self, variables: dict[str, Any]) -> str:
        """Render, and tell tests of this template and of all that it extends, includes and imports."""
        template_rendered.send(sender=self, template=self, context=variables)
        with parts.of_rendering(self.backend.env) as used:
            text = self.template.render(variables)
        for part in used:
            template = Template(part, self.backend)
            template_rendered.send(sender=template, template=template, context=variables)
        return text


def _told_undefined() -> type[jinja2.Undefined]:
    from miniframe.template.backends.undefined import ToldUndefined  # for who writes templates, under DEBUG

    return ToldUndefined


def _in_place_of(theirs: Exception, ours: _Ours) -> _Ours:
    """Return `ours` with the traceback of `theirs`, which says the same: told as its cause it would be told twice.

    What is left of the traceback are the templates on the way, such as the one that includes the broken one, and
    what they called; not Jinja2's own calls.
    """
    calls = []
    # The first call is the one that caught it, and raising adds that again.
    traceback = theirs.__traceback__ and theirs.__traceback__.tb_next
    while traceback is not None:
        if not traceback.tb_frame.f_code.co_filename.startswith(_INSIDE_JINJA2):
            calls.append(traceback)
        traceback = traceback.tb_next
    way = None
    for call in reversed(calls):
        way = TracebackType(way, call.tb_frame, call.tb_lasti, call.tb_lineno)
    return ours.with_traceback(way)


def _syntax_error(error: jinja2.TemplateSyntaxError) -> TemplateSyntaxError:
    new = TemplateSyntaxError(*error.args)
    new.template_debug = get_exception_info(error)
    new.add_note(f"In {error.filename or error.name or 'a template made from a string'}, line {error.lineno}")
    return new


def get_exception_info(exception: jinja2.TemplateSyntaxError) -> dict[str, Any]:
    """Return where a template is broken, in the shape that Django's error page documents.

    `source_lines` are (number, text) pairs of ten lines around the error, `top` and `bottom` their range.
    """
    lineno, source = exception.lineno, exception.source
    if source is None and exception.filename:
        try:
            source = Path(exception.filename).read_text()
        except (OSError, ValueError):
            source = None
    lines = [(number, line.strip("\n")) for number, line in enumerate((source or "").rstrip().split("\n"), 1)]
    during = lines[lineno - 1][1] if 0 < lineno <= len(lines) else ""
    if source is None:
        lines = []
    shown = slice(max(0, lineno - 11), min(len(lines), lineno + 10))
    place = {"name": exception.filename, "message": exception.message, "line": lineno, "total": len(lines)}
    # Jinja2 knows the line and not the column, so all of the line is what failed.
    failed = {"before": "", "during": during, "after": ""}
    return {**place, **failed, "source_lines": lines[shown], "top": shown.start, "bottom": shown.stop}
