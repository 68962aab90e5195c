"""Tags of Django's template language that its skeletons use, for Jinja2: `startproject --template` takes those too.

    {% now "Y" %}              the date of today, by Django's letters
    {% templatetag openblock %}  the characters of a tag, for templates that make templates
    {% verbatim %} ... {% endverbatim %}, {% comment %} ... {% endcomment %}, {% load ... %}

Whatever else a skeleton may hold (variables, if, for) is written alike in both languages.

Source: Django's reference "Built-in template tags and filters".
"""

from __future__ import annotations

import re
import time

from jinja2 import nodes
from jinja2.ext import Extension
from jinja2.parser import Parser

__all__ = ["DjangoTags"]

_CHARACTERS = {
    "openblock": "{%",
    "closeblock": "%}",
    "openvariable": "{{",
    "closevariable": "}}",
    "openbrace": "{",
    "closebrace": "}",
    "opencomment": "{#",
    "closecomment": "#}",
}
_NAMED_FORMATS = {
    "DATE_FORMAT": "F j, Y",
    "SHORT_DATE_FORMAT": "m/d/Y",
    "YEAR_MONTH_FORMAT": "F Y",
    "TIME_FORMAT": "H:i",
}
# Django's letters, and strftime's for the same.
_CODES = dict(pair.split("=") for pair in "Y=%Y y=%y m=%m M=%b N=%b F=%B d=%d D=%a l=%A H=%H i=%M s=%S A=%p".split())
_WITHOUT_ZERO = {"j": "%d", "n": "%m"}
_VERBATIM = re.compile(r"\{%(-?)\s*(end)?verbatim\b[^%]*?(-?)%\}")


class DjangoTags(Extension):
    """The Jinja2 extension with these tags."""

    tags: set[str] = {"now", "templatetag", "load", "comment"}

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        """Call `verbatim` by the name that Jinja2 has for it, before anything in it is read."""
        return _VERBATIM.sub(r"{%\1 \2raw \3%}", source)

    def parse(self, parser: Parser) -> nodes.Node | list[nodes.Node]:
        """Read one tag.

        Raises:
            jinja2.TemplateSyntaxError: it is not written as Django's reference says.
        """
        tag = next(parser.stream)
        if tag.value == "comment":
            parser.stream.skip_if("string")
            parser.parse_statements(("name:endcomment",), drop_needle=True)
            return []
        if tag.value == "load":
            while parser.stream.current.type != "block_end":
                next(parser.stream)
            return []
        if tag.value == "templatetag":
            word = parser.stream.expect("name")
            if word.value not in _CHARACTERS:
                parser.fail(f"templatetag knows {', '.join(_CHARACTERS)}, not {word.value!r}", word.lineno)
            text = _CHARACTERS[word.value]
        else:
            text = _today(parser.stream.expect("string").value)
        return nodes.Output([nodes.TemplateData(text)], lineno=tag.lineno)


def _today(wanted: str) -> str:
    now = time.localtime()
    return "".join(
        time.strftime(_WITHOUT_ZERO[letter], now).lstrip("0")
        if letter in _WITHOUT_ZERO
        else time.strftime(_CODES[letter], now)
        if letter in _CODES
        else letter
        for letter in _NAMED_FORMATS.get(wanted, wanted)
    )
