"""Where style sheets and scripts name other files: what counts, and what only looks like it."""

from __future__ import annotations

import re

import pytest

from miniframe.staticfiles.references import JAVASCRIPT_MODULES, PATTERNS, Rule, rules_for, substitute, target_of

RULES = rules_for((*PATTERNS, JAVASCRIPT_MODULES), 'url("%(url)s")')


def references(name: str, text: str) -> list[str]:
    found: list[str] = []

    def note(rule: Rule, match: re.Match[str]) -> str:
        found.append(match["url"])
        return match[0]

    assert substitute(name, text, RULES, note) == text
    return found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("a { b: url(x.png) }", ["x.png"], id="bare"),
        pytest.param("""url( "x.png" ) URL('y.png')""", ["x.png", "y.png"], id="quoted"),
        pytest.param("url('a(1).png')", ["a(1).png"], id="parenthesis-in-quotes"),
        pytest.param("@import 'x.css'; @IMPORT\"y.css\"", ["x.css", "y.css"], id="import"),
        pytest.param('@import url("x.css") screen;', ["x.css"], id="import-url"),
        pytest.param("/* url(x.png) */ url(y.png) /* @import 'z.css' */", ["y.png"], id="comments"),
        pytest.param("/* it's */ url(x.png) /* isn't it */", ["x.png"], id="apostrophes-in-comments"),
        pytest.param('a::after { content: "/* "; b: url(x.png); c: "*/" }', ["x.png"], id="comment-in-strings"),
        pytest.param("content: 'see url(x.png)'", [], id="string"),
        pytest.param("/* unclosed url(x.png)", [], id="unclosed-comment"),
        pytest.param("a{}\n/*# sourceMappingURL=x.css.map */\n", ["x.css.map"], id="source-map"),
        pytest.param("a{}\r\n/*#\tsourceMappingURL=x.css.map*/\r\n", ["x.css.map"], id="source-map-windows"),
        pytest.param("/*# SOURCEMAPPINGURL=x.css.map */", [], id="source-map-in-capitals"),
    ],
)
def test_style_sheets(text: str, found: list[str]) -> None:
    assert references("a.css", text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("//# sourceMappingURL=x.js.map", ["x.js.map"], id="source-map"),
        pytest.param("import a from './x.js'", ["./x.js"], id="import"),
        pytest.param('import{a as b}from"./x.js";import*as m from"/y.js"', ["./x.js", "/y.js"], id="minified"),
        pytest.param("import {\n  a,\n  b\n} from '../x.js';", ["../x.js"], id="lines"),
        pytest.param("import './x.js';", ["./x.js"], id="for-its-effect"),
        pytest.param("const m = await import( './x.js' );", ["./x.js"], id="dynamic"),
        pytest.param("export * from './x.js'; export { a } from './y.js'", ["./x.js", "./y.js"], id="export"),
        pytest.param("import a from 'lodash'; import('react')", [], id="packages"),
        pytest.param("// import a from './x.js'\n * import b from './y.js'", [], id="comments"),
        pytest.param("export const a = './x.js'", [], id="a-string"),
        pytest.param("url(x.png)", [], id="no-style-sheet"),
    ],
)
def test_scripts(text: str, found: list[str]) -> None:
    assert references("a.js", text) == found


@pytest.mark.parametrize(
    ("address", "target"),
    [
        pytest.param("x.png", "css/x.png", id="beside"),
        pytest.param("../img/a%20b.png?v=1#i", "img/a b.png", id="encoded"),
        pytest.param("/static/img/x.png", "img/x.png", id="from-the-root"),
        pytest.param("font.eot?#iefix", "css/font.eot", id="query"),
        pytest.param("../../up.png", "../up.png", id="above-the-root"),
        pytest.param("/media/x.png", None, id="not-static"),
        pytest.param("//host/x.png", None, id="another-host"),
        pytest.param("HTTPS://host/x.png", None, id="scheme"),
        pytest.param("data:image/png;base64,xx", None, id="data"),
        pytest.param("#filter", None, id="fragment"),
        pytest.param("", None, id="empty"),
        pytest.param("fonts/", None, id="folder"),
    ],
)
def test_targets(address: str, target: str | None) -> None:
    assert target_of("css/site.css", address, "/static/") == target


def test_long_files_are_searched_in_linear_time() -> None:
    # Each would take minutes if a search went on to the end of the text from every place where it begins.
    for name, piece in (("a.css", "/* url( '"), ("a.css", "url("), ("a.js", "import a ")):
        assert references(name, piece * 20_000) == []
