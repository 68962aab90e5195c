"""What Django's template language has and Jinja2 writes otherwise: tags, filters, variables.

Who comes from Django writes these from memory, and what Jinja2 says of them ("unknown tag") does not help.

Source: Django's reference "Built-in template tags and filters"; Jinja2's "Template Designer Documentation".
"""

from __future__ import annotations

import re
import sys

from miniframe.utils.text import nearest

__all__ = [
    "advise_on_call",
    "advise_on_condition",
    "advise_on_filter",
    "advise_on_filter_argument",
    "advise_on_include",
    "advise_on_tag",
    "advise_on_unclosed",
    "advise_on_variable",
]

_NO_TRANSLATION = (
    "miniframe does not translate: write the text itself, or give the engine's `OPTIONS` the extension "
    "`jinja2.ext.i18n` and install its functions in an `environment` of yours."
)
_NO_COMMENT = "Write a comment as `{# ... #}`; it may have several lines."

TAGS = {
    "blocktrans": _NO_TRANSLATION,
    "blocktranslate": _NO_TRANSLATION,
    "comment": _NO_COMMENT,
    "csrf_token": "Write `{{ csrf_input }}`, which is the whole hidden field.",
    "elseif": "Write `{% elif ... %}`.",
    "cycle": "Write `{{ loop.cycle('odd', 'even') }}`.",
    "empty": "Write `{% else %}`: in a `{% for %}` of Jinja2 it is for the case that there is nothing.",
    "firstof": "Write `{{ first or second }}`.",
    "get_media_prefix": "Let the view pass on `settings.MEDIA_URL`.",
    "get_static_prefix": "Write `{{ static('') }}`.",
    "ifchanged": "Write `{% if loop.changed(value) %}` ... `{% endif %}`.",
    "load": "Take the line out. `static()` and `url()` are there in every template; what is yours comes from the "
    "`environment` in the `OPTIONS` of `settings.TEMPLATES`.",
    "lorem": "Write `{{ lipsum() }}`.",
    "now": "Let the view pass on `datetime.now()`, and write `{{ now.strftime('%Y') }}`.",
    "regroup": "Write `{% for value, members in items|groupby('attribute') %}`.",
    "spaceless": "Write `{%-` and `-%}` in place of `{%` and `%}`: they take away the space on their side.",
    "templatetag": "Write `{{ '{%' }}`, or put the text between `{% raw %}` and `{% endraw %}`.",
    "trans": _NO_TRANSLATION,
    "translate": _NO_TRANSLATION,
    "verbatim": "Write `{% raw %}` ... `{% endraw %}`.",
    "widthratio": "Calculate it: `{{ (value / most * 100)|round|int }}`.",
}
"""What to write in place of a tag; `url` and `static` are made from the line itself."""

_FORMAT = "Write `{{ '%.2f'|format(value) }}`."
_DATE = "Write `{{ value.strftime('%d.%m.%Y') }}`; the letters are those of Python."
_JSON = "Write `{{ value|tojson }}`."
_BREAKS = "Let CSS keep the line breaks: `white-space: pre-line`."

FILTERS = {
    "add": "Write `{{ one + other }}`.",
    "cut": "Write `{{ text|replace('x', '') }}`.",
    "date": _DATE,
    "default_if_none": "Write `{{ 'nothing' if value is none else value }}`.",
    "divisibleby": "Write `{% if number is divisibleby(3) %}`.",
    "escapejs": _JSON,
    "floatformat": _FORMAT,
    "force_escape": "Write `|forceescape`.",
    "intcomma": "Write `{{ '{:,}'.format(number) }}`.",
    "json_script": _JSON,
    "length_is": "Write `{% if items|length == 3 %}`.",
    "linebreaks": _BREAKS,
    "linebreaksbr": _BREAKS,
    "make_list": "Write `|list`.",
    "pluralize": "Write `{{ '' if number == 1 else 's' }}`.",
    "slugify": "Let the view pass it on: `miniframe.utils.text.slugify`.",
    "stringformat": _FORMAT,
    "time": "Write `{{ value.strftime('%H:%M') }}`; the letters are those of Python.",
    "truncatechars": "Write `{{ text|truncate(80) }}`.",
    "truncatewords": "Write `{{ text|truncate(80) }}`, which counts characters and cuts between words.",
    "yesno": "Write `{{ 'yes' if value else 'no' }}`.",
}
"""What to write in place of a filter."""

VARIABLES = {
    "block": "Write `{{ super() }}` for what the parent template has in this block.",
    "super": "`super()` has a meaning inside of a `{% block %}` of a template that extends another one.",
    "forloop": "In Jinja2 it is `loop`: `loop.index` counts from 1, `loop.index0` from 0, and there are `loop.first`, "
    "`loop.last` and `loop.length`.",
}
"""What to write in place of a variable that Django makes."""

_CONDITIONS = (
    (r"\{%-?\s*else\s+if\b", "Write `{% elif ... %}`."),
    (r"&&", "Write `and` in place of `&&`."),
    (r"\|\|", "Write `or` in place of `||`."),
    (r"!(?!=)", "Write `not` in place of `!`."),
    (
        r"\{%-?\s*(?:el)?if\b[^%]*[^=!<>]=(?!=)",
        "To compare, write `==`: a single `=` gives a value, as in `{% set a = 1 %}`.",
    ),
)

# Words of a tag; a text in quotes is one word with what it is joined to.
_WORDS = re.compile(r"""(?:[^\s"']|"[^"]*"|'[^']*')+""")


def line_of(error: BaseException) -> str:
    """Return the line of the template that could not be parsed; "" if it is not known."""
    debug = getattr(error, "template_debug", None)
    if isinstance(debug, dict):
        return str(debug.get("during") or "")
    lines, number = (getattr(error, "source", None) or "").splitlines(), getattr(error, "lineno", 0)
    return str(lines[number - 1]) if 0 < number <= len(lines) else ""


def advise_on_tag(tag: str, error: BaseException) -> str:
    """Return what to write in place of a tag that Jinja2 does not have."""
    if tag in ("url", "static"):
        return f"Write `{_as_call(tag, line_of(error))}`: in Jinja2 it is a function."
    if tag in TAGS:
        return TAGS[tag]
    known = re.search(r"looking for the following tags: ([^.]*)\.", str(error))
    opening = "autoescape block call extends filter for from if import include macro raw set with".split()
    # A tag that ends something is none that could begin something else.
    words = [*re.findall(r"'(\w+)'", known[1] if known else ""), *(() if tag.startswith("end") else opening)]
    if tag.removeprefix("end") in opening:
        return ""  # right by itself: what is wrong is that something else is still open
    close = nearest(tag, words)
    return f"Did you mean `{{% {close} %}}`?" if close else ""


def advise_on_unclosed(tag: str, error: BaseException) -> str:
    """Return where the tag stands that nothing closes: the parser tells the line where it gave up."""
    source = _source_before(error)
    opened: list[tuple[int, str]] = []
    for match in re.finditer(r"\{#.*?#\}|\{%[-+]?\s*(end)?(\w+)([^%]*)", source, re.DOTALL):
        if match[2] != tag or (tag == "set" and "=" in match[3]):
            continue  # a value that is given at once needs no end
        if not match[1]:
            opened.append((source.count("\n", 0, match.start()) + 1, match[3].strip(" -+\n")))
        elif opened:
            opened.pop()
    if not opened:
        return ""
    line, name = opened[-1]
    return f"`{{% {f'{tag} {name}'.strip()} %}}` in line {line} is not closed: it needs an `{{% end{tag} %}}`."


def _source_before(error: BaseException) -> str:
    """Return the template up to the line that could not be parsed; "" if Jinja2 did not leave it."""
    theirs = error if hasattr(error, "source") else error.__context__
    return "\n".join((getattr(theirs, "source", None) or "").splitlines()[: getattr(theirs, "lineno", 0)])


def _as_call(function: str, line: str) -> str:
    """Write `{% url 'name' 1 key=2 as x %}` as `{% set x = url('name', 1, key=2) %}`, and without "as" as a print."""
    example = {"url": "{{ url('name', pk=1) }}", "static": "{{ static('site.css') }}"}[function]
    found = re.search(rf"\{{%-?\s*{function}\s+(.*?)\s*-?%\}}", line)
    words = _WORDS.findall(found[1]) if found else []
    as_name = words.pop() if len(words) > 2 and words[-2] == "as" else ""
    if as_name:
        words.pop()
    # The arguments of a filter are written otherwise as well.
    if not words or any("|" in word for word in words):
        return example
    call = f"{function}({', '.join(words)})"
    return f"{{% set {as_name} = {call} %}}" if as_name else f"{{{{ {call} }}}}"


def advise_on_filter(name: str) -> str:
    """Return what to write in place of a filter that Jinja2 does not have."""
    if name in FILTERS:
        return FILTERS[name]
    # Not imported: this is about a template that Jinja2 has just refused.
    known = getattr(sys.modules.get("jinja2.filters"), "FILTERS", {})
    close = nearest(name, known)
    return f"Did you mean `|{close}`?" if close else ""


def advise_on_filter_argument(error: BaseException) -> str:
    """Return how a filter takes arguments, if that is what `error` is about."""
    found = re.search(r"""\|\s*(\w+)\s*:\s*("[^"]*"|'[^']*'|[\w.]+)""", line_of(error))
    if found is None:
        return ""
    if found[1] in FILTERS:
        return FILTERS[found[1]]
    return f"The arguments of a filter stand in parentheses: `|{found[1]}({found[2]})`."


def advise_on_include(error: BaseException) -> str:
    """Return how to give variables to an included template, if that is what `error` is about."""
    found = re.search(r"\{%-?\s*include\s+(\S+)\s+with\s+(.*?)\s*(?:only\s*)?-?%\}", line_of(error))
    if found is None:
        return ""
    values = ", ".join(_WORDS.findall(found[2]))
    return f"Write `{{% with {values} %}}{{% include {found[1]} %}}{{% endwith %}}`."


def advise_on_condition(error: BaseException) -> str:
    """Return how Jinja2 writes a condition, if `error` is about one in another language's signs."""
    line = line_of(error)
    for sign, advice in _CONDITIONS:
        if re.search(sign, line):
            return advice
    return ""


def advise_on_variable(name: str) -> str:
    """Return what to write in place of a variable that only Django's templates have; "" for any other."""
    return VARIABLES.get(name, "")


def advise_on_call(error: BaseException) -> str:
    """Return that Jinja2 calls nothing by itself, if a template went through something that is to be called."""
    traceback = error.__traceback__
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    if traceback is None or traceback.tb_frame.f_code.co_filename.endswith(".py"):
        return ""
    return "A template of Jinja2 calls nothing by itself: write the parentheses, as in `prices.items()`."
