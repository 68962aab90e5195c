"""All faces of a report: whatever is in it, they are made, and the text fits on a screen."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from miniframe.test import RequestFactory
from miniframe.views.report.building import FACES, build_report
from miniframe.views.report.data import Frame, Marks, Raised, Report, RequestInfo, Route, Row
from miniframe.views.report.html import render_html
from miniframe.views.report.json import report_as_dict
from miniframe.views.report.markdown import render_markdown
from miniframe.views.report.text import MOST_LINES, render_text

TEXT = st.text(st.sampled_from("ab`<>&\"'\n\r\x0b\x1b\u2028\u202e#*{}| \t~^é\udce9"), max_size=60)
ROWS = st.lists(st.builds(Row, TEXT, TEXT), max_size=3).map(tuple)
FRAMES = st.builds(
    Frame,
    file=TEXT,
    function=TEXT,
    line=st.integers(1, 9),
    origin=st.sampled_from(["project", "library", "framework"]),
    first_line=st.integers(1, 5),
    source=st.lists(TEXT, max_size=6).map(tuple),
    marks=st.none() | st.builds(Marks, *[st.integers(1, 9)] * 4),
    variables=ROWS,
    link=TEXT,
)


def raised(links: list[str], members: Any) -> Any:
    return st.builds(
        Raised,
        kind=TEXT,
        message=TEXT,
        notes=st.lists(TEXT, max_size=3).map(tuple),
        link=st.sampled_from(links),
        # A recursion: few calls, many times.
        frames=st.tuples(st.lists(FRAMES, max_size=2).map(tuple), st.integers(0, 40)).map(
            lambda each: each[0] * each[1]
        ),
        left_out=st.integers(0, 3),
        members=members,
    )


NOBODY = st.just(())
MEMBERS = st.lists(raised(["member"], NOBODY), max_size=2).map(tuple)
CHAIN = st.tuples(
    st.lists(raised([""], MEMBERS), min_size=1, max_size=1), st.lists(raised(["cause", "context"], NOBODY), max_size=2)
).map(lambda each: (*each[0], *each[1]))
REQUESTS = st.builds(
    RequestInfo, TEXT, TEXT, TEXT, match=ROWS, sections=st.lists(st.tuples(TEXT, ROWS), max_size=3).map(tuple)
)
REPORTS = st.builds(
    Report,
    status=st.sampled_from([403, 404, 500]),
    kind=st.sampled_from(["exception", "not_found", "csrf", "boot", "crash"]),
    title=TEXT,
    message=TEXT,
    raised=NOBODY | CHAIN,
    hints=st.lists(TEXT, max_size=12).map(tuple),
    request=st.none() | REQUESTS,
    routes=NOBODY | st.builds(Route, TEXT, TEXT).map(lambda route: (route,) * 50),
    settings=ROWS,
    versions=ROWS,
    output=TEXT,
)


class Tags(HTMLParser):
    """The tags and attributes of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.seen: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.update([tag, *(name for name, _ in attrs)])


ORDINARY = (
    "a b body br button charset class code content data-script dd details div dl dt footer h1 h2 head header hidden "
    "href html icon id kbd lang link main mark meta name open p pre rel role script section small span style summary "
    "table td th title tr"
).split()


@given(report=REPORTS)
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_face_can_be_made_of_every_report(report: Report) -> None:
    lines = render_text(report).rstrip("\n").split("\n")
    assert len(lines) <= MOST_LINES
    assert max(map(len, lines)) < 1000
    assert json.loads(FACES["json"][1](report))["version"] == 1
    assert Tags(render_html(report)).seen <= set(ORDINARY)
    for render in (render_html, render_text, render_markdown):
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\u202e]", render(report)), "nothing steers a terminal"


def fail(folder: Path) -> Report:
    file = folder / "cart.py"
    file.write_text("def price(name):\n    prices = {'plum': 1}\n    return 2 * prices[name]\n")
    names: dict[str, Any] = {}
    exec(compile(file.read_text(), str(file), "exec"), names)
    try:
        names["price"]("melon")
    except KeyError as error:
        error.add_note("a note with ``` in it")
        return build_report(RequestFactory().get("/cart/", {"q": "`x`"}), error)
    raise AssertionError


def test_markdown_tells_the_place_the_code_and_the_variables(tmp_path: Path) -> None:
    text = render_markdown(fail(tmp_path))
    assert text.startswith("# KeyError: 'melon'\n\n500 `GET http://testserver/cart/?q=%60x%60`\n")
    assert f"## Where\n\n`{tmp_path}/cart.py:3` in `price`\n\n```python\n" in text
    assert ">    3 |     return 2 * prices[name]\n       |                ^^^^^^^^^^^^\n```" in text
    assert "- `name`: `'melon'`\n" in text
    assert "- `q`: ``'`x`'``\n" in text
    assert "````\na note with ``` in it\n````" in text


def test_markdown_shows_the_code_of_a_cause_too(tmp_path: Path) -> None:
    cause = fail(tmp_path).raised[0]._replace(link="cause")
    report = fail(tmp_path)._replace(raised=(cause._replace(link="", frames=()), cause))
    _, _, after = render_markdown(report).partition("## Caused by `KeyError`: 'melon'")
    assert ">    3 |     return 2 * prices[name]\n" in after
    assert "- `name`: `'melon'`\n" in after


def test_a_page_links_into_the_editor_where_one_is_known(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MINIFRAME_EDITOR", "vscode")
    page = render_html(fail(tmp_path))
    assert page.count(f'href="vscode://file{tmp_path}/cart.py:3:16"') == 2, "in the head, and at the call"
    assert "Set <code>MINIFRAME_EDITOR" not in page
    monkeypatch.setenv("MINIFRAME_EDITOR", "")
    page = render_html(fail(tmp_path))
    assert "href=" not in page.replace('<link rel="icon" href="data:,">', "")
    assert "Set <code>MINIFRAME_EDITOR" in page


def test_a_link_is_in_the_json_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MINIFRAME_EDITOR", "pycharm")
    frame = report_as_dict(fail(tmp_path))["exceptions"][0]["frames"][-1]
    assert frame["link"] == f"pycharm://open?file={tmp_path}/cart.py&line=3"
