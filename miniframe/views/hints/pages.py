"""Advice on templates: those that are not found, those that cannot be parsed, and what is undefined in them."""

from __future__ import annotations

import os
from typing import Any

from miniframe.utils.text import nearest
from miniframe.views.hints.row import Case, Hint
from miniframe.views.hints.templates import (
    advise_on_call,
    advise_on_condition,
    advise_on_filter,
    advise_on_filter_argument,
    advise_on_include,
    advise_on_tag,
    advise_on_unclosed,
    advise_on_variable,
)

__all__ = ["ROWS"]


def _template_missing(case: Case) -> str:
    error: Any = case.exception
    name = str(error)
    folders: list[str] = []
    for origin, _ in getattr(error, "tried", ()):
        folder = str(origin.name or "").removesuffix(str(origin.template_name or "")).rstrip(os.sep)
        if folder and folder not in folders:
            folders.append(folder)
    if not folders:
        return (
            "The template engine has no folders to look into: set `DIRS` in `settings.TEMPLATES`, or "
            "`APP_DIRS = True` and the app in `settings.INSTALLED_APPS`."
        )
    known = [each for folder in folders for each in _templates_in(folder)]
    close = _nearest_template(name, known)
    advice = [f"Did you mean `{close}`?" if close else f"Correct the name, or make `{os.path.join(folders[0], name)}`."]
    # The exception's note names the folders already.
    advice += [f"There is no folder `{folder}`." for folder in folders if not os.path.isdir(folder)]
    return " ".join(advice)


def _nearest_template(name: str, known: list[str]) -> str | None:
    """Return the template that is near in its folder and in its name, or the one of this name that is in a folder."""
    folder, stem = _folder_and_stem(name)
    near = []
    for each in known:
        its_folder, its_stem = _folder_and_stem(each)
        if its_folder == folder or nearest(folder, [its_folder]):
            near += [each] if nearest(stem, [its_stem]) else []
    if near:
        return nearest(name, near, cutoff=0)
    alike = {each for each in known if os.path.basename(each) == name}
    return alike.pop() if len(alike) == 1 else None


def _folder_and_stem(name: str) -> tuple[str, str]:
    # ".html" is the same in all, and would make any two names alike.
    folder, file = os.path.split(name)
    return folder, os.path.splitext(file)[0]


def _templates_in(folder: str) -> list[str]:
    found: list[str] = []
    for place, _, files in os.walk(folder):
        found += [os.path.relpath(os.path.join(place, file), folder).replace(os.sep, "/") for file in files]
        if len(found) > 500:
            break
    return found


def _undefined_in_template(case: Case) -> str:
    django = advise_on_variable(case.match[1])
    if django:
        return django
    traceback = case.exception.__traceback__
    known: set[str] = set()
    while traceback is not None:
        if not traceback.tb_frame.f_code.co_filename.endswith(".py"):
            known.update(name for name in traceback.tb_frame.f_locals if not name.startswith("__"))
        traceback = traceback.tb_next
    close = nearest(case.match[1], known)
    return f"Did you mean `{close}`?" if close else "Put it into the context that the view gives to the template."


def _unknown_key(case: Case) -> str:
    """A dict in the context that has something of nearly that name; what else is there is asked nothing."""
    frame = case.frame
    traceback = case.exception.__traceback__
    while traceback is not None:
        if not traceback.tb_frame.f_code.co_filename.endswith(".py"):
            frame = traceback.tb_frame
        traceback = traceback.tb_next
    dicts = [value for value in (frame.f_locals if frame else {}).values() if type(value) is dict]
    close = nearest(case.match[1], {key for each in dicts for key in each if isinstance(key, str)})
    return f"Did you mean `{close}`?" if close else ""


def _context(case: Case) -> str:
    code = case.frame and case.frame.f_code
    if code is None or f"{os.sep}template{os.sep}" not in code.co_filename:
        return ""
    return "The context of a template is a dict, of names and values: `render(request, name, {'items': items})`."


ROWS: list[Hint] = [
    Hint("template-missing", "TemplateDoesNotExist", r"^", _template_missing),
    Hint("template-tag", "TemplateSyntaxError", r"^Encountered unknown tag '(\w+)'",
         lambda case: advise_on_tag(case.match[1], case.exception)),
    Hint("template-filter", "TemplateSyntaxError", r"^No filter named '(\w+)'",
         lambda case: advise_on_filter(case.match[1])),
    Hint("template-filter-argument", "TemplateSyntaxError", r"^expected token '.*', got ':'",
         lambda case: advise_on_filter_argument(case.exception)),
    Hint("template-include-with", "TemplateSyntaxError", r"^expected token 'end of statement block', got 'with'",
         lambda case: advise_on_include(case.exception)),
    Hint("template-condition", "TemplateSyntaxError",
         r"^expected token '[^']*', got '([=|]|if)'|^unexpected char '([&!])'",
         lambda case: advise_on_condition(case.exception)),
    Hint("template-unclosed", "TemplateSyntaxError",
         r"^(?:Unexpected end of template|Encountered unknown tag 'end(?:block|call|filter|for|if|macro|set|with)')"
         r".*that needs to be closed is '(\w+)'",
         lambda case: advise_on_unclosed(case.match[1], case.exception)),
    Hint("template-endblock", "TemplateSyntaxError",
         r"^expected token 'end of statement block', got '(?!with|if|=|:)(\w+)'",
         "Look at the word `{0}`: nothing may stand there. An `{{% endblock %}}` may only repeat the name of its own "
         "block."),
    Hint("template-print", "TemplateSyntaxError", r"^expected token 'end of print statement', got (?!':')",
         "Between `{{{{` and `}}}}` stands one value: `a.b`, `a|filter`, or `a ~ b` for two texts in a row."),
    Hint("template-block-twice", "TemplateSyntaxError", r"^block '([^']+)' defined twice",
         "To show it once more write `{{{{ self.{0}() }}}}`; to have another, give the second one another name."),
    Hint("template-brace", "TemplateSyntaxError", r"^unexpected '}'",
         "What begins with `{{{{` ends with `}}}}`, and `{{%` with `%}}`: one of the two signs is missing."),
    Hint("template-comprehension", "TemplateSyntaxError", r"^expected token ',', got 'for'",
         "Jinja2 has no comprehensions: use filters, as in `items|map(attribute='name')|list`, or let the view make "
         "the list."),
    Hint("template-call", "TypeError", r"^'(?:builtin_function_or_method|method|function)' object is not iterable",
         lambda case: advise_on_call(case.exception)),
    Hint("template-undefined", "UndefinedError", r"^'([^']+)' is undefined", _undefined_in_template),
    Hint("template-key", "UndefinedError", r"^'dict object' has no attribute '([^']+)'", _unknown_key),
    Hint("template-context", "TypeError",
         r"^cannot convert dictionary update|object is not iterable$|is not a mapping", _context),
    Hint("static-not-collected", "ValueError", r"^Missing staticfiles manifest entry for '([^']+)'",
         "`python manage.py collectstatic` makes the list of hashed names; it was not there for `{0}` when that ran "
         "last."),
]  # fmt: skip
