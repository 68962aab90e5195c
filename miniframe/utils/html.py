"""Escape text for HTML and for scripts inside of it.

Source: Django's reference "Utils", section `django.utils.html`; the HTML standard for void elements.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

from miniframe.exceptions import SuspiciousOperation
from miniframe.utils.functional import Promise, keep_lazy, keep_lazy_text
from miniframe.utils.safestring import SafeString, mark_safe
from miniframe.utils.text import normalize_newlines

__all__ = [
    "VOID_ELEMENTS",
    "conditional_escape",
    "escape",
    "escapejs",
    "format_html",
    "format_html_join",
    "html_safe",
    "json_script",
    "linebreaks",
    "strip_tags",
]

VOID_ELEMENTS = frozenset("area base br col embed hr img input link meta param source track wbr frame spacer".split())

# Every character that could end a string or a script element, and the two line ends that only JavaScript knows.
_JS_ESCAPES = {
    **{code: f"\\u{code:04X}" for code in range(32)},
    **{ord(letter): f"\\u{ord(letter):04X}" for letter in "\\'\"><&=-;`\u2028\u2029"},
}
_JSON_ESCAPES = {ord(">"): "\\u003E", ord("<"): "\\u003C", ord("&"): "\\u0026"}

# A tag, an end tag, a comment or a declaration begins so; any other "<" is text.
_MARK = re.compile(r"<(?:(!--)|[a-zA-Z/!?])")
_QUOTE_OR_END = re.compile(r"[\"'>]")

_DEEPEST = 50
"""How often `strip_tags` looks whether the text without tags has tags again."""

T = TypeVar("T", bound=type)


@keep_lazy(SafeString)
def escape(text: Any) -> SafeString:
    """Return `text` with &, <, >, " and ' as entities, whether it is marked as safe or not."""
    return SafeString(html.escape(str(text)))


def conditional_escape(text: Any) -> Any:
    """Return `text` escaped, unless it says that it is HTML already."""
    if isinstance(text, Promise):
        text = str(text)
    # Not `escape`, which would look once more whether the text is lazy.
    return text.__html__() if hasattr(text, "__html__") else SafeString(html.escape(str(text)))


@keep_lazy(SafeString)
def escapejs(value: Any) -> SafeString:
    r"""Return text that may stand between quotes in a script.

    >>> escapejs("</script>")
    '\\u003C/script\\u003E'
    """
    return SafeString(str(value).translate(_JS_ESCAPES))


def json_script(value: Any, element_id: str | None = None, encoder: type[json.JSONEncoder] | None = None) -> SafeString:
    """Return a script element that carries `value` as JSON for the page's own scripts to read."""
    data = mark_safe(json.dumps(value, cls=encoder).translate(_JSON_ESCAPES))
    if element_id:
        return format_html('<script id="{}" type="application/json">{}</script>', element_id, data)
    return format_html('<script type="application/json">{}</script>', data)


def format_html(format_string: str, *args: Any, **kwargs: Any) -> SafeString:
    """Do as `str.format`, but escape every argument that is not marked as safe.

    Raises:
        TypeError: there are no arguments, so somebody has formatted the string before and nothing was escaped.
    """
    if not (args or kwargs):
        raise TypeError("args or kwargs must be provided.")
    safe = {name: conditional_escape(value) for name, value in kwargs.items()}
    return SafeString(str.format(format_string, *map(conditional_escape, args), **safe))


def format_html_join(sep: str, format_string: str, args_generator: Iterable[Any]) -> SafeString:
    """Return `format_html` of each item (a tuple or a mapping of arguments), joined."""
    pieces = (
        format_html(format_string, **item) if isinstance(item, dict) else format_html(format_string, *item)
        for item in args_generator
    )
    return SafeString(str(conditional_escape(sep)).join(map(str, pieces)))


@keep_lazy_text
def strip_tags(value: Any) -> str:
    """Return a text without what looks like tags; entities and the contents of elements stay.

    What comes out is not safe: escape it where it goes into a page.

    Raises:
        SuspiciousOperation: tags are hidden in tags more than 50 levels deep.
    """
    text = str(value)
    for _ in range(_DEEPEST):
        stripped = "".join(_outside_tags(text))
        if len(stripped) == len(text):
            return stripped
        text = stripped
    if "<" not in text:
        return text
    raise SuspiciousOperation("strip_tags() was given tags within tags within tags, as only an attacker writes them.")


def _outside_tags(text: str) -> Iterator[str]:
    """Yield what is left of `text` without its tags; time grows with its length, whatever is in it."""
    place = 0
    while mark := _MARK.search(text, place):
        end = text.find("-->", mark.end()) + 3 if mark[1] else _end_of_tag(text, mark.end())
        if end < 3:
            break  # never closed, so it is none
        yield text[place : mark.start()]
        place = end
    yield text[place:]


def _end_of_tag(text: str, place: int) -> int:
    """Return the place after the ">" that ends a tag, which may not stand in quotes; 0 if there is none."""
    while found := _QUOTE_OR_END.search(text, place):
        if found[0] == ">":
            return found.end()
        closing = text.find(found[0], found.end())
        if closing < 0:
            return text.find(">", found.end()) + 1  # a lone quote, as in <a's>
        place = closing + 1
    return 0


@keep_lazy_text
def linebreaks(value: Any, autoescape: bool = False) -> str:
    """Return plain text as HTML: empty lines part paragraphs, a single line end becomes a <br>."""
    paragraphs = re.split("\n{2,}", normalize_newlines(value))
    texts = [str(escape(each)) if autoescape else each for each in paragraphs]
    return "\n\n".join("<p>{}</p>".format(each.replace("\n", "<br>")) for each in texts)


def html_safe(klass: T) -> T:
    """Mark a class whose `__str__` gives HTML."""
    if "__html__" in vars(klass):
        raise ValueError(f"can't apply @html_safe to {klass.__name__} because it defines __html__().")
    if "__str__" not in vars(klass):
        raise ValueError(f"can't apply @html_safe to {klass.__name__} because it doesn't define __str__().")
    plain: Any = klass.__str__

    def safe_text(self: Any) -> Any:
        return mark_safe(plain(self))

    setattr(klass, "__str__", safe_text)  # noqa: B010  # mypy knows that classes should not be changed so
    setattr(klass, "__html__", safe_text)  # noqa: B010
    return klass
