"""What to try next: a table of errors that people meet often, and the advice for each.

To add one, add a row to `HINTS`.  Text between backquotes is code.  A hint is only worth its place if it names what
to change; what the message says already is not repeated.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from miniframe.conf import settings
from miniframe.exceptions import ImproperlyConfigured
from miniframe.urls import get_resolver
from miniframe.urls.listing import iter_leaves
from miniframe.utils.text import nearest
from miniframe.views.hints.modules import advise_on_missing_module
from miniframe.views.hints.templates import (
    advise_on_call,
    advise_on_filter,
    advise_on_filter_argument,
    advise_on_include,
    advise_on_tag,
    advise_on_variable,
)

__all__ = ["HINTS", "Case", "Hint", "find_hints"]

MOST_HINTS = 4


class Case(NamedTuple):
    """What a row of the table may look at."""

    exception: BaseException
    request: Any
    match: re.Match[str]


class Hint(NamedTuple):
    """One row: if the class (or a parent) has this name and its text fits the pattern, this is the advice."""

    name: str
    exception: str
    pattern: str
    #: Text, in which "{0}" is the pattern's first group, or a function that gives the text, or "" to stay silent.
    advice: str | Callable[[Case], str]


def find_hints(
    exception: BaseException | None, request: Any, text_of: Callable[[BaseException], str] = str
) -> tuple[str, ...]:
    """Return the advice for an exception and for those that led to it, the nearest first.

    `text_of` is what to ask for an exception's text: it may be slow, or have none.
    """
    found: list[str] = []
    seen: set[int] = set()
    while exception is not None and id(exception) not in seen:
        seen.add(id(exception))
        for text in _advice(exception, request, text_of):
            if text and text not in found:
                found.append(text)
        exception = exception.__cause__ or (None if exception.__suppress_context__ else exception.__context__)
    return tuple(found[:MOST_HINTS])


def _advice(exception: BaseException, request: Any, text_of: Callable[[BaseException], str]) -> Iterator[str]:
    # By name along the parents, so that errors of packages that may not be installed can have rows.
    names = {kind.__name__ for kind in type(exception).__mro__}
    try:
        text = text_of(exception)
    except Exception:
        return
    for hint in HINTS:
        match = re.search(hint.pattern, text) if hint.exception in names else None
        if match is None:
            continue
        try:
            yield (
                hint.advice.format(*match.groups())
                if isinstance(hint.advice, str)
                else hint.advice(Case(exception, request, match))
            )
        except Exception:  # advice that fails is no advice, and must not take the page with it
            continue


# ---- the rows that have to look closer


def _disallowed_host(case: Case) -> str:
    host = case.match[1].rpartition(":")[0] if re.search(r":\d+$", case.match[1]) else case.match[1]
    module = getattr(settings, "SETTINGS_MODULE", None) or "your settings"
    known = [*settings.ALLOWED_HOSTS, host]
    return (
        f"If `{host}` is an address of this site, put it into {module}: `ALLOWED_HOSTS = {known!r}`. "
        "If it is not, somebody sent a forged Host header, and refusing it was right."
    )


def _no_route(case: Case) -> str:
    wanted = case.match[1]
    for leaf in iter_leaves(get_resolver(getattr(case.request, "urlconf", None))):
        if leaf.namespace and leaf.pattern.name == wanted:
            return f"It is in a namespace: write `{leaf.namespace}:{wanted}`."
    return "`python manage.py routes` lists every name."


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
    close = nearest(name, known) or nearest(os.path.basename(name), [os.path.basename(each) for each in known])
    advice = [f"Did you mean `{close}`?" if close else f"Correct the name, or make `{os.path.join(folders[0], name)}`."]
    # The exception's note names the folders already.
    advice += [f"There is no folder `{folder}`." for folder in folders if not os.path.isdir(folder)]
    return " ".join(advice)


def _templates_in(folder: str) -> list[str]:
    found: list[str] = []
    for place, _, files in os.walk(folder):
        found += [os.path.relpath(os.path.join(place, file), folder).replace(os.sep, "/") for file in files]
        if len(found) > 500:
            break
    return found


def _missing_key(case: Case) -> str:
    match = re.match(r"'?([^']*)'?$", str(case.match[1]))
    key = match[1] if match else ""
    request = case.request
    for name in ("GET", "POST", "FILES"):
        there = getattr(request, name, None)
        if there and key not in there:
            close = nearest(key, there)
            return (
                f"`request.{name}` has {', '.join(f'`{each}`' for each in list(there)[:10])}."
                + (f" Did you mean `{close}`?" if close else "")
                + f" Use `request.{name}.get({key!r})` for a parameter that may be missing."
            )
    return f"The request came without it. Use `.get({key!r})` for a parameter that may be missing."


def _missing_module(case: Case) -> str:
    if isinstance(case.exception, ImproperlyConfigured):
        return ""  # raised by what read the setting: it has said already which one, and what is near
    return advise_on_missing_module(case.match[1], case.exception)


def _unknown_import(case: Case) -> str:
    module: Any = sys.modules.get(case.match[2])
    names = [name for name in dir(module) if not name.startswith("__")]
    for folder in getattr(module, "__path__", ()):
        names += [each.removesuffix(".py") for each in os.listdir(folder) if not each.startswith("__")]
    close = nearest(case.match[1], names)
    return f"Did you mean `{close}`?" if close else ""


def _unknown_name(case: Case) -> str:
    word, traceback = case.match[1], case.exception.__traceback__
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    if traceback is None:
        return ""
    frame = traceback.tb_frame
    builtins = frame.f_builtins
    close = nearest(word, [*frame.f_locals, *frame.f_globals, *builtins])
    return f"Did you mean `{close}`?" if close else ""


def _unknown_attribute(case: Case) -> str:
    error: Any = case.exception
    if getattr(error, "name", None) is None or getattr(error, "obj", None) is None:
        return ""
    close = nearest(error.name, dir(error.obj))
    if not close:
        return ""
    return f"Did you mean `{close}`?"


def _view_arguments(case: Case) -> str:
    match = getattr(case.request, "resolver_match", None)
    if match is None or case.match[1] not in getattr(match.func, "__qualname__", ""):
        return ""
    given = ", ".join(["request", *(repr(each) for each in match.args), *(f"{name}=…" for name in match.kwargs)])
    return (
        f"The route `{match.route}` calls this view with `({given})`: "
        "the names in the route must be those of the view's parameters."
    )


def _view_called(case: Case) -> str:
    """A view that urls.py calls while it is imported, where it should only name it."""
    traceback = case.exception.__traceback__
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    if traceback is None or traceback.tb_frame.f_code.co_name != "<module>":
        return ""
    view = case.match[1]
    return f"`path()` takes the view itself: write `{view}` without parentheses, in place of `{view}()`."


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


_VIEW = r"^The view (\S+) didn't return an HttpResponse"

HINTS: list[Hint] = [
    Hint("view-returned-none", "ValueError", _VIEW + r".*returned None",
         "Some way through `{0}` ends without a `return`. "
         "Return a response there, for example `return render(request, ...)`."),
    Hint("view-not-awaited", "ValueError", _VIEW + r".*unawaited coroutine",
         "Something in `{0}` calls an `async def` function without `await`."),
    Hint("view-returned-other", "ValueError", _VIEW + r".*returned (?!None)(?!an unawaited)",
         "Wrap what `{0}` returns: `HttpResponse(text)` for text, `JsonResponse(data)` for a dict or a list."),
    Hint("middleware-returned-none", "ValueError", r"^The middleware (\S+) didn't return an HttpResponse",
         "Some way through `{0}` ends without a `return`. A middleware returns what `get_response(request)` gave it, "
         "or a response of its own."),
    Hint("disallowed-host", "DisallowedHost", r"Invalid HTTP_HOST header: '([^']+)'", _disallowed_host),
    Hint("no-reverse-match", "NoReverseMatch", r"Reverse for '([^']*)' not found", _no_route),
    Hint("reverse-arguments", "NoReverseMatch", r"Reverse for '([^']*)' with .*arguments",
         "The name is right and the arguments are not. `python manage.py routes {0}` shows what the route takes."),
    Hint("not-a-namespace", "NoReverseMatch", r"'([^']+)' is not a registered namespace",
         "A namespace comes from `app_name = '{0}'` in the urls module that is included, "
         "or from `include(..., namespace='{0}')`."),
    Hint("template-missing", "TemplateDoesNotExist", r"^", _template_missing),
    Hint("template-tag", "TemplateSyntaxError", r"^Encountered unknown tag '(\w+)'",
         lambda case: advise_on_tag(case.match[1], case.exception)),
    Hint("template-filter", "TemplateSyntaxError", r"^No filter named '(\w+)'",
         lambda case: advise_on_filter(case.match[1])),
    Hint("template-filter-argument", "TemplateSyntaxError", r"^expected token '.*', got ':'",
         lambda case: advise_on_filter_argument(case.exception)),
    Hint("template-include-with", "TemplateSyntaxError", r"^expected token 'end of statement block', got 'with'",
         lambda case: advise_on_include(case.exception)),
    Hint("template-call", "TypeError", r"^'(?:builtin_function_or_method|method|function)' object is not iterable",
         lambda case: advise_on_call(case.exception)),
    Hint("template-undefined", "UndefinedError", r"^'([^']+)' is undefined", _undefined_in_template),
    Hint("missing-parameter", "MultiValueDictKeyError", r"(.*)", _missing_key),
    Hint("missing-module", "ModuleNotFoundError", r"^No module named '([^']+)'", _missing_module),
    Hint("circular-import", "ImportError", r"cannot import name '([^']+)' from partially initialized module '([^']+)'",
         "Two modules import each other: `{1}` had not come to `{0}` yet. Move what both need into a third module."),
    Hint("unknown-import", "ImportError", r"^cannot import name '([^']+)' from '([^']+)'", _unknown_import),
    Hint("unknown-name", "NameError", r"^name '([^']+)' is not defined", _unknown_name),
    Hint("unbound-local", "UnboundLocalError", r"variable '([^']+)'",
         "`{0}` is assigned further down in this function, which makes it local from its first line on. "
         "Give it a value first, or use another name."),
    Hint("unknown-attribute", "AttributeError", r"has no attribute", _unknown_attribute),
    Hint("attribute-of-none", "AttributeError", r"^'NoneType' object has no attribute '([^']+)'",
         "What is left of `.{0}` is None: the call that made it found nothing."),
    Hint("view-arguments", "TypeError", r"(\w+)\(\) (?:got an unexpected|missing \d+ required|takes \d+) ",
         _view_arguments),
    Hint("view-called", "TypeError", r"(\w+)\(\) missing \d+ required positional arguments?: 'request'", _view_called),
    Hint("not-json", "TypeError", r"^Object of type (\w+) is not JSON serializable",
         "JSON has no `{0}`. Turn it into text, a number, a list or a dict first, or give JsonResponse an `encoder`."),
    Hint("json-not-dict", "TypeError", r"set the safe parameter to False",
         "`JsonResponse(data, safe=False)` sends a list; safe since browsers of 2011."),
    Hint("mixed-tabs", "TabError", r"^", "This file mixes tabs and spaces. Let your editor turn the tabs into spaces."),
    Hint("apps-not-ready", "AppRegistryNotReady", r"^",
         "A script of its own has to call `miniframe.setup()` before it uses apps; `manage.py` and `wsgi.py` do."),
    Hint("settings-unset", "ImproperlyConfigured", r"settings are not configured",
         "Run it through `manage.py`, or set the variable in your shell: "
         "`export MINIFRAME_SETTINGS_MODULE=mysite.settings`."),
    Hint("endless-recursion", "RecursionError", r"^",
         "Functions call each other without end. The frames that repeat below show the circle."),
    Hint("not-utf8", "UnicodeDecodeError", r"^'utf-8' codec",
         "These bytes are not UTF-8. Open the file with its real `encoding=`, or as bytes."),
]  # fmt: skip
