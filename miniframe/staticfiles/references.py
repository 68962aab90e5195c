"""Find where style sheets and scripts name other files, so that those names can be replaced.

This is no parser of CSS or JavaScript: patterns find the places, and what stands in a comment or in a
string of a style sheet is passed over.

Source: CSS Syntax Level 3, sections 4.3.2 (comments), 4.3.5 (strings) and 4.3.6 (url tokens); ECMA-262, sections
16.2.2 and 16.2.3 (import and export); ECMA-426 (source maps).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from fnmatch import fnmatchcase
from posixpath import dirname, join, normpath
from typing import Any, NamedTuple
from urllib.parse import unquote

__all__ = ["JAVASCRIPT_MODULES", "PATTERNS", "Rule", "rules_for", "split_tail", "substitute", "target_of"]

# Each entry: which files; then expressions with the groups "matched" and "url", alone or with the text to put
# in place of "matched".  Subclasses of storages add their own, so the shape is Django's.
PATTERNS: tuple[Any, ...] = (
    (
        "*.css",
        (
            r"""(?P<matched>\burl\(\s*(?P<quote>["'])?"""
            r"""(?P<url>(?(quote)(?:(?!(?P=quote)).)*|[^"'()\s]*))(?(quote)(?P=quote))\s*\))""",
            (r"""(?P<matched>@import\s*(?P<quote>["'])(?P<url>.*?)(?P=quote))""", '@import url("%(url)s")'),
            (
                r"(?m)^(?P<matched>/\*#[ \t](?-i:sourceMappingURL)=(?P<url>\S+?)[ \t]*\*/)(?=\r?$)",
                "/*# sourceMappingURL=%(url)s */",
            ),
        ),
    ),
    (
        "*.js",
        (
            (
                r"(?m)^(?P<matched>//# (?-i:sourceMappingURL)=(?P<url>\S+)[ \t]*)(?=\r?$)",
                "//# sourceMappingURL=%(url)s",
            ),
        ),
    ),
)

JAVASCRIPT_MODULES: Any = (
    "*.js",
    (
        (
            r"""(?P<matched>(?P<head>\b(?:import\s*\(?\s*|(?:import|export)\b"""
            # Not beyond the next statement, even where no semicolon ends this one.
            r"""(?:(?!(?<![\w$])(?:import|export)\b)[^'"();])*?\bfrom\s*))"""
            r"""(?P<quote>["'])(?P<url>\.{0,2}/[^'"\s]*)(?P=quote))""",
            '%(head)s"%(url)s"',
        ),
    ),
)

# What a pattern must not look into: comments, strings; and url(...), since "/*" begins no comment there.
_OPAQUE = r"""/\*.*?(?:\*/|\Z)|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|\burl\(\s*[^"'\s()][^()]*\)"""
_ELSEWHERE = r"(?i)[a-z][a-z0-9+.-]*:|//"


class Rule(NamedTuple):
    """One pattern for the files that `files`, a glob, fits; `template` is what takes the place of "matched"."""

    files: str
    pattern: re.Pattern[str]
    template: str


def rules_for(patterns: Iterable[Any], default_template: str) -> list[Rule]:
    """Return the rules that `patterns`, in the shape of PATTERNS, stand for."""
    rules = []
    for files, expressions in patterns:
        for expression in expressions:
            pattern, template = (expression, default_template) if isinstance(expression, str) else expression
            rules.append(Rule(files, re.compile(pattern, re.IGNORECASE), template))
    return rules


def substitute(name: str, text: str, rules: Iterable[Rule], convert: Callable[[Rule, re.Match[str]], str]) -> str:
    """Return `text`, the content of the file `name`, with each reference replaced by what `convert` returns for it."""
    for rule in rules:
        if not fnmatchcase(name, rule.files):
            continue
        pieces, done = [], 0
        for match in _references(name, text, rule.pattern):
            pieces += [text[done : match.start()], convert(rule, match)]
            done = match.end()
        text = "".join([*pieces, text[done:]])
    return text


def _references(name: str, text: str, pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
    spans: list[tuple[int, int]] | None = None
    for match in pattern.finditer(text):
        start = match.start()
        if name.endswith(".css"):
            if spans is None:
                spans = [token.span() for token in re.finditer(_OPAQUE, text, re.DOTALL | re.IGNORECASE)]
            # At the start of a span is a reference itself, such as a source map's comment.
            nearest = bisect_right(spans, (start, -1)) - 1
            if nearest >= 0 and spans[nearest][0] < start < spans[nearest][1]:
                continue
        elif text[text.rfind("\n", 0, start) + 1 : start].lstrip().startswith(("//", "/*", "*")):
            continue
        yield match


def split_tail(address: str) -> tuple[str, str]:
    """Return the path, and the query and fragment with the "?" or "#" that begins them.

    >>> split_tail("font.eot?#iefix")
    ('font.eot', '?#iefix')
    """
    path = address.partition("?")[0].partition("#")[0]
    return path, address[len(path) :]


def target_of(name: str, address: str, base: str) -> str | None:
    """Return the name of the static file that `address` in the file `name` leads to; None if to none of ours.

    `base` is the path below which static files are served, such as "/static/".

    >>> target_of("css/site.css", "../img/a%20b.png?v=2", "/static/")
    'img/a b.png'
    """
    path = split_tail(address)[0]
    if not path or path.endswith("/") or re.match(_ELSEWHERE, address):
        return None
    if not path.startswith("/"):
        return normpath(join(dirname(name), unquote(path)))
    return normpath(unquote(path.removeprefix(base))) if path.startswith(base) else None
