"""Advice on Python itself: names, types, None, text and numbers, async, source that cannot be read."""

from __future__ import annotations

import sys

from miniframe.utils.text import nearest
from miniframe.views.hints.names import home_of, import_from_project
from miniframe.views.hints.project import is_about_settings
from miniframe.views.hints.requests import ASKED_IN_VAIN
from miniframe.views.hints.row import Case, Hint

__all__ = ["ROWS"]

# There are 150, and a forgotten import is likelier than one of them that is only a little like the name.
_ALIKE_AMONG_BUILTINS = 0.75
# Another module has exactly this name; one in this function must be very like it to be likelier.
_ALIKE_HERE = 0.8


def _unknown_name(case: Case) -> str:
    if case.frame is None:
        return ""
    frame, name = case.frame, case.match[1]
    module, line = import_from_project(name, frame)
    home = home_of(name)
    told = f"`{name}` is in `{module}`: `{line}`." if module else ""
    # A class of that name is meant. A view may be called `messages` or `settings`, and is hardly what is missing.
    if told and name[0].isupper():
        return told
    if home:
        return f"`{name}` is in `{home}`: `from {home} import {name}`."
    close = nearest(name, [*frame.f_locals, *frame.f_globals], cutoff=_ALIKE_HERE if told else 0.6)
    if told and not close:
        return told
    if not close and name in sys.stdlib_module_names:
        return f"`{name}` is a module of Python: `import {name}`."
    close = close or nearest(name, frame.f_builtins, cutoff=_ALIKE_AMONG_BUILTINS)
    return f"Did you mean `{close}`?" if close else ""


def _unknown_attribute(case: Case) -> str:
    error, request = case.exception, case.request
    name, owner = getattr(error, "name", None), getattr(error, "obj", None)
    if name is None or owner is None or is_about_settings(case.match.string):
        return ""
    if owner is request and (name == "session" or name in ASKED_IN_VAIN):
        return ""
    close = nearest(name, [each for each in dir(owner) if not each.startswith("_")])
    return f"Did you mean `{close}`?" if close else ""


_AWAIT = "An `async def` function was called without `await`: this is its coroutine, and not yet its result."
_NONE = "The value is None here: the call that made it found nothing, or ends without a `return`."
_NUMBERS = "What comes with a request is text: turn it into a number first, as in `int(request.GET['n'])`."

ROWS: list[Hint] = [
    Hint("unknown-name", "NameError", r"^name '([^']+)' is not defined", _unknown_name),
    Hint("unbound-local", "UnboundLocalError", r"variable '([^']+)'",
         "`{0}` is assigned further down in this function, which makes it local from its first line on. Give it a "
         "value first, or use another name."),
    Hint("not-awaited", "AttributeError", r"^'coroutine' object has no attribute", _AWAIT),
    Hint("not-awaited", "TypeError", r"^'coroutine' object is not|^unsupported operand .*'coroutine'", _AWAIT),
    Hint("await-of-no-coroutine", "TypeError", r"^object (\w+) can't be used in 'await' expression",
         "What is called there is no `async def` function and gave a `{0}` at once: take the `await` away."),
    Hint("await-outside", "SyntaxError", r"^'(?:await|async \w+)' outside async function",
         "Make the function around it `async def`: views may be such."),
    Hint("loop-in-a-loop", "RuntimeError", r"^asyncio\.run\(\) cannot be called from a running event loop",
         "This is async code already: write `await` in place of `asyncio.run(...)`."),
    Hint("attribute-of-none", "AttributeError", r"^'NoneType' object has no attribute '([^']+)'",
         "What is left of `.{0}` is None: the call that made it found nothing."),
    Hint("unknown-attribute", "AttributeError", r"has no attribute", _unknown_attribute),
    Hint("none", "TypeError", r"^'NoneType' object is not|^unsupported operand type\(s\) .*'NoneType'", _NONE),
    Hint("method-in-brackets", "TypeError",
         r"^'(?:builtin_function_or_method|method|function)' object is not subscriptable",
         "A method is called with parentheses: `get('name')` in place of `get['name']`."),
    Hint("text-and-number", "TypeError", r"^unsupported operand type\(s\) for \S+ '(?:int|float)' and 'str'", _NUMBERS),
    Hint("text-and-number", "TypeError",
         r"^'\S+' not supported between instances of '(?:int|str|float)' and '(?:int|str|float)'", _NUMBERS),
    Hint("text-and-number", "TypeError", r"^can only concatenate str \(not \"(?:int|float)\"\) to str",
         "An f-string joins text and numbers: `f\"{{name}}: {{number}}\"`."),
    Hint("text-and-bytes", "TypeError",
         r"bytes-like object is required, not 'str'|^can't concat str to bytes|\(not \"bytes\"\) to str",
         "Text and bytes do not mix: `text.encode()` makes bytes, `data.decode()` text. `request.body` is bytes."),
    Hint("time-without-zone", "TypeError", r"offset-naive and offset-aware datetimes",
         "`datetime.now()` knows no time zone: use `miniframe.utils.timezone.now()`, or `timezone.make_aware(value)`."),
    Hint("mixed-tabs", "TabError", r"^", "This file mixes tabs and spaces. Let your editor turn the tabs into spaces."),
    Hint("endless-recursion", "RecursionError", r"^",
         "Functions call each other without end. The calls that repeat show the circle."),
    Hint("not-utf8", "UnicodeDecodeError", r"^'utf-8' codec",
         "These bytes are not UTF-8. Open the file with its real `encoding=`, or as bytes."),
]  # fmt: skip
