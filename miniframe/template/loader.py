"""Get a template by name from the first engine that has it.

Source: Django's topic "Templates", section "Usage".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from miniframe.exceptions import ImproperlyConfigured
from miniframe.template.exceptions import TemplateDoesNotExist
from miniframe.template.utils import engines

__all__ = ["get_template", "render_to_string", "select_template"]


def get_template(template_name: str, using: str | None = None) -> Any:
    """Return the template of that name; its `render(context, request)` gives text.

    `using` is the alias of the one engine to ask.

    Raises:
        TemplateDoesNotExist: no engine has it.
        TemplateSyntaxError: it is there and cannot be parsed.
        ImproperlyConfigured: settings.TEMPLATES is empty.
    """
    chain: list[TemplateDoesNotExist] = []
    for engine in _engine_list(using, template_name):
        try:
            return engine.get_template(template_name)
        except TemplateDoesNotExist as error:
            chain.append(error)
    raise _not_found(template_name, chain)


def select_template(template_name_list: Iterable[str], using: str | None = None) -> Any:
    """Return the first of several templates that exists.

    Raises:
        TemplateDoesNotExist: none of them does; its message lists the names.
        TypeError: one name was given instead of a list of them.
    """
    if isinstance(template_name_list, str):
        raise TypeError(
            f"select_template() takes an iterable of template names but got a string: {template_name_list!r}. "
            "Use get_template() if you want to load a single template by name."
        )
    names = list(template_name_list)
    if not names:
        raise TemplateDoesNotExist("No template names provided")
    chain: list[TemplateDoesNotExist] = []
    for name in names:
        for engine in _engine_list(using, name):
            try:
                return engine.get_template(name)
            except TemplateDoesNotExist as error:
                chain.append(error)
    raise _not_found(", ".join(names), chain)


def render_to_string(
    template_name: str | Sequence[str],
    context: Mapping[str, Any] | None = None,
    request: Any = None,
    using: str | None = None,
) -> str:
    """Render a template, or the first existing one of several, and return the text."""
    if isinstance(template_name, (list, tuple)):
        template = select_template(template_name, using)
    else:
        template = get_template(template_name, using)  # type: ignore[arg-type]  # a str, after the branch above
    rendered: str = template.render(context, request)
    return rendered


def _engine_list(using: str | None, template_name: str) -> list[Any]:
    found = engines.all() if using is None else [engines[using]]
    if not found:
        raise ImproperlyConfigured(
            f"The template {template_name!r} was asked for, but settings.TEMPLATES is empty. Add an engine to it: "
            "TEMPLATES = [{'BACKEND': 'miniframe.template.backends.jinja2.Jinja2', "
            "'DIRS': [BASE_DIR / 'templates'], 'APP_DIRS': True}]."
        )
    return found


def _not_found(names: str, chain: list[TemplateDoesNotExist]) -> TemplateDoesNotExist:
    """Make one exception of those of several engines; a single one is itself."""
    if len(chain) == 1 and chain[0].args == (names,):
        return chain[0]
    tried = [attempt for error in chain for attempt in error.tried]
    return TemplateDoesNotExist(names, tried=tried, chain=chain)
