"""What a report holds of an exception: the way, the failing part, causes, notes, groups, templates."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from miniframe.template.loader import render_to_string
from miniframe.test import RequestFactory
from miniframe.test.utils import override_settings
from miniframe.urls import ResolverMatch
from miniframe.views.report.building import boot_failure_app, build_report, choose_face
from miniframe.views.report.data import Frame, Report, Route
from miniframe.views.report.html import render_html
from miniframe.views.report.json import render_json, report_as_dict
from miniframe.views.report.markdown import render_markdown
from miniframe.views.report.script import SCRIPT
from miniframe.views.report.source import source_html
from miniframe.views.report.text import MOST_LINES, render_text


def report_of(call: Any, request: Any = None) -> Report:
    try:
        call()
    except BaseException as error:
        return build_report(request, error)
    raise AssertionError("it should have failed")


def run(code: str, folder: Path, name: str = "code.py") -> Any:
    """Return a function that runs `code` as a file, so that its source can be shown."""
    file = folder / name
    file.write_text(code)
    return lambda: exec(compile(code, str(file), "exec"), {"__name__": "code"})


def test_the_failing_part_of_a_line_is_marked_in_characters(tmp_path: Path) -> None:
    report = report_of(run('grüße = {"ä": 1}\nsumme = grüße["ä"] + grüße["ö"] + 1\n', tmp_path))
    frame = report.raised[0].frames[-1]
    assert (frame.line, frame.code) == (2, 'summe = grüße["ä"] + grüße["ö"] + 1')
    assert frame.marks is not None
    assert frame.source[1][frame.marks.column : frame.marks.end_column] == 'grüße["ö"]'


def test_causes_and_contexts_follow_with_their_notes(tmp_path: Path) -> None:
    code = """
try:
    try:
        1 / 0
    except ZeroDivisionError as error:
        error.add_note("division by nothing")
        raise KeyError("second") from error
except KeyError:
    raise ValueError("third")
"""
    report = report_of(run(code, tmp_path))
    assert [(each.kind, each.link) for each in report.raised] == [
        ("ValueError", ""),
        ("KeyError", "context"),
        ("ZeroDivisionError", "cause"),
    ]
    assert report.raised[2].notes == ("division by nothing",)


def test_raise_from_none_hides_the_context(tmp_path: Path) -> None:
    code = "try:\n    1 / 0\nexcept ZeroDivisionError:\n    raise ValueError('x') from None\n"
    assert len(report_of(run(code, tmp_path)).raised) == 1


def test_a_chain_that_bites_its_tail_ends() -> None:
    first, second = ValueError("a"), KeyError("b")
    first.__cause__, second.__cause__ = second, first
    assert len(build_report(None, first).raised) == 2


def test_the_members_of_a_group_are_there(tmp_path: Path) -> None:
    report = report_of(run("raise ExceptionGroup('both', [ValueError('a'), KeyError('b')])", tmp_path))
    assert [member.kind for member in report.raised[0].members] == ["ValueError", "KeyError"]


def test_an_endless_recursion_is_cut_in_the_middle(tmp_path: Path) -> None:
    report = report_of(run("def f(n):\n    return f(n + 1)\nf(0)\n", tmp_path))
    assert len(report.raised[0].frames) == 80
    assert report.raised[0].left_out > 100


def test_a_file_that_cannot_be_parsed_is_shown_where_it_breaks(tmp_path: Path) -> None:
    report = report_of(run("a = 1\nb = (2\nc = 3\n", tmp_path))
    assert report.place is not None
    assert (report.place.line, report.place.code, report.place.function) == (2, "b = (2", "")
    assert "code.py:2</code>, which cannot be parsed" in render_html(report)
    assert "code.py:2\n    b = (2\n" in render_text(report)


def test_variables_are_text_and_secrets_stars(tmp_path: Path) -> None:
    code = "def f():\n    password, user, rows = 'geheim', 'ann', [1, 2]\n    return rows[9]\nf()\n"
    variables = dict(report_of(run(code, tmp_path)).raised[0].frames[-1].variables)
    assert variables == {"password": "*" * 20, "user": "'ann'", "rows": "[1, 2]"}


def test_a_lazy_object_in_a_module_is_not_woken(tmp_path: Path) -> None:
    code = """
class Lazy:
    @property
    def __class__(self):
        raise RuntimeError("woken")
lazy = Lazy()
count = 3
1 / 0
"""
    variables = dict(report_of(run(code, tmp_path)).raised[0].frames[-1].variables)
    assert variables["count"] == "3"
    assert list(variables) == ["lazy", "count"]


def test_frames_know_whose_code_they_are(tmp_path: Path) -> None:
    report = report_of(run("import json\njson.loads('{')\n", tmp_path))
    assert [frame.origin for frame in report.raised[0].frames[-4:]] == ["project", "library", "library", "library"]
    assert report.place is not None
    assert report.place.code == "json.loads('{')"


def test_an_exception_whose_text_cannot_be_had_is_reported_all_the_same() -> None:
    class Silent(Exception):
        def __str__(self) -> str:
            raise RuntimeError("no")

    assert "cannot be had" in build_report(None, Silent()).message


def test_a_template_frame_points_into_the_template(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("<h1>\n{{ order.total() }}\n")
    backend = {"BACKEND": "miniframe.template.backends.jinja2.Jinja2", "DIRS": [tmp_path]}

    class Order:
        def total(self) -> float:
            return 1 / 0

    with override_settings(TEMPLATES=[backend]):
        report = report_of(lambda: render_to_string("page.html", {"order": Order()}))
    frame = next(frame for frame in report.raised[0].frames if frame.file.endswith("page.html"))
    assert (frame.line, frame.code) == (2, "{{ order.total() }}")
    assert [name for name, _ in frame.variables] == ["order"]


def test_a_template_frame_names_its_block_and_marks_no_columns_of_made_up_code(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("{% block main %}\n<p class='wide'>{{ nothing.at_all }}</p>\n{% endblock %}\n")
    backend = {"BACKEND": "miniframe.template.backends.jinja2.Jinja2", "DIRS": [tmp_path]}
    with override_settings(TEMPLATES=[backend]):
        report = report_of(lambda: render_to_string("page.html"))
    frame = [frame for frame in report.raised[0].frames if frame.file.endswith("page.html")][-1]
    assert (frame.function, frame.line, frame.marks) == ("block 'main'", 2, None)


def jinja2_in(folder: Path) -> dict[str, Any]:
    return {"BACKEND": "miniframe.template.backends.jinja2.Jinja2", "DIRS": [folder]}


def test_a_template_that_cannot_be_parsed_is_one_exception_and_its_line_one_frame(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("<h1>\n{% csrf_token %}\n")
    with override_settings(TEMPLATES=[jinja2_in(tmp_path)]):
        report = report_of(lambda: render_to_string("page.html"))
    (raised,) = report.raised
    shown = [frame for frame in raised.frames if frame.file.endswith("page.html")]
    assert [(frame.line, frame.code, frame.function) for frame in shown] == [(2, "{% csrf_token %}", "")]
    assert "page.html:2</code>, which cannot be parsed" in render_html(report)


def test_a_template_is_shown_as_it_is_now(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    with override_settings(TEMPLATES=[jinja2_in(tmp_path)], DEBUG=True):
        for line in ("{{ one() }}", "{{ another() }}"):
            page.write_text(f"<h1>\n{line}\n")
            report = report_of(lambda: render_to_string("page.html"))
            assert [frame.code for frame in report.raised[0].frames if frame.file == str(page)][-1] == line


# ---- the faces


@pytest.mark.parametrize(
    ("accept", "face"),
    [
        pytest.param("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "html", id="browser"),
        pytest.param("*/*", "text", id="curl"),
        pytest.param("application/json", "json", id="tool"),
        pytest.param("application/json, text/plain, */*", "json", id="axios"),
        pytest.param("text/plain;q=0.5, application/json;q=0.9", "json", id="quality"),
        pytest.param("image/avif,*/*", "text", id="neither"),
        pytest.param("", "text", id="empty"),
        pytest.param(None, "html", id="absent"),
    ],
)
def test_the_accept_header_chooses_the_face(accept: str | None, face: str) -> None:
    assert choose_face(accept) == face


def hostile() -> None:
    name = "<script>alert(1)</script>"
    try:
        dict[str, str]()["</style><script>" + name]
    except KeyError as error:
        error.add_note(name)
        raise ValueError(f"{name} `{name}`") from error


def hostile_report() -> Report:
    request = RequestFactory().get("/<script>/", {"<script>": "<script>"}, headers={"x-<script>": "<script>"})
    return report_of(hostile, request)


def test_nothing_of_a_request_becomes_html() -> None:
    page = render_html(hostile_report())
    assert page.count("<script") == page.count(f"<script>{SCRIPT}</script>") == 1
    assert page.count("</style>") == 1


def test_the_page_needs_nothing_from_elsewhere() -> None:
    page = render_html(hostile_report()).replace('<link rel="icon" href="data:,">', "")  # asks nobody
    for needle in ("src=", "@import", "url(", "<link", "javascript:"):
        assert needle not in page


def test_the_text_fits_on_a_screen_whatever_happens(tmp_path: Path) -> None:
    deep = "def f(n):\n    return g(n)\ndef g(n):\n    return f(n + 1)\n" + "\n".join(
        ["try:", "    f(0)", "except RecursionError as error:", "    raise ValueError('x\\n' * 50) from error"]
    )
    assert len(render_text(report_of(run(deep, tmp_path))).splitlines()) <= MOST_LINES
    assert len(render_text(hostile_report()).splitlines()) <= MOST_LINES


def test_the_text_points_at_the_failing_part(tmp_path: Path) -> None:
    text = render_text(report_of(run("prices = {}\nprint(1 + prices['melon'])\n", tmp_path)))
    assert "code.py:2 in <module>\n    print(1 + prices['melon'])\n              ^^^^^^^^^^^^^^^\n" in text


def test_all_faces_say_alike_whose_calls_are_folded() -> None:
    frame = Frame("a.py", "f", 1, "framework", 1, ("f()",), None, ())
    runs = ((frame, frame), (frame._replace(origin="library"),), (frame, frame._replace(origin="library")))
    told = ["2 calls in miniframe", "1 call in libraries", "2 calls in miniframe and libraries"]
    own = frame._replace(origin="project")
    report = hostile_report()
    frames = tuple(each for run in runs for each in (*run, own))
    report = report._replace(raised=(report.raised[0]._replace(frames=frames),))
    for face in (render_text(report), render_markdown(report), render_html(report)):
        assert [words for words in told if words not in face] == []


def test_the_text_never_shows_arrows_without_their_line(tmp_path: Path) -> None:
    way = "def f(n):\n    return [1, g(n)]\ndef g(n):\n    return [2, f(n + 1) if n < 3 else 1 / 0]\n"
    code = f"{way}try:\n    f(0)\nexcept ZeroDivisionError as error:\n    raise ValueError('x') from error\n"
    lines = render_text(report_of(run(code, tmp_path))).splitlines()
    arrows = [number for number, line in enumerate(lines) if line.strip(" ^") == "" and "^" in line]
    assert arrows
    for number in arrows:
        assert " in " in lines[number - 2]
        assert lines[number - 1].startswith("    ")
    assert any("lines before these" in line for line in lines)


def test_the_text_names_the_view_and_an_empty_route() -> None:
    request = RequestFactory().get("/")
    request.resolver_match = ResolverMatch(hostile, (), {}, url_name="home", route="")
    text = render_text(report_of(hostile, request))
    assert f"\nView: {hostile.__module__}.hostile (route '', name home)\n" in text
    assert "<dt>Route name</dt><dd><code>home</code></dd>" in render_html(report_of(hostile, request))


@pytest.mark.parametrize(("number", "words"), [(1, "1 route"), (2, "2 routes")])
def test_routes_are_counted_in_words_that_fit(number: int, words: str) -> None:
    report = build_report(None, None, status=404, kind="not_found", routes=(Route("a/", ""),) * number)
    assert f"<summary>{words}</summary>" in render_html(report)


def test_templates_have_no_colours_of_python(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("for you & me\n{% for a in nothing.at_all %}\n")
    with override_settings(TEMPLATES=[jinja2_in(tmp_path)]):
        report = report_of(lambda: render_to_string("page.html"))
    frame = next(frame for frame in report.raised[0].frames if frame.file.endswith("page.html"))
    html = source_html(frame)
    assert "for you &amp; me" in html
    assert '<span class="k">' not in html
    assert '<span class="k">' in source_html(frame._replace(file="page.py"))


def test_the_json_has_a_version_and_the_place() -> None:
    data = json.loads(render_json(hostile_report()))
    assert data["version"] == 1
    assert data["place"]["function"] == "hostile"
    assert [each["type"] for each in data["exceptions"]] == ["ValueError", "KeyError"]
    assert data["request"]["get"] == {"<script>": "'<script>'"}


def test_no_face_shows_the_settings_secrets() -> None:
    with override_settings(PAYMENT_API="pay-123456", SECRET_KEY="the-secret-key-of-this-test"):
        report = hostile_report()
        faces = render_html(report) + render_text(report) + render_json(report)
    assert "pay-123456" not in faces
    assert "the-secret-key-of-this-test" not in faces


def test_a_report_without_request_and_exception_can_be_made() -> None:
    report = build_report(None, None, message="No exception message supplied")
    assert "No exception message supplied" in render_html(report)
    assert report_as_dict(report)["exceptions"] == []


# ---- a project that cannot be loaded


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("text/html", "text/html; charset=utf-8"),
        ("*/*", "text/plain; charset=utf-8"),
        ("application/json", "application/json"),
    ],
    ids=["browser", "curl", "tool"],
)
def test_the_application_of_a_broken_project_answers_every_request_with_the_reason(
    accept: str, content_type: str
) -> None:
    answer: list[Any] = []
    app = boot_failure_app(ImportError("No module named 'shopp'"))
    body = b"".join(app({"REQUEST_METHOD": "GET", "HTTP_ACCEPT": accept}, lambda *args: answer.extend(args)))
    assert answer[0] == "500 Internal Server Error"
    headers = dict(answer[1])
    assert (headers["Content-Type"], headers["Content-Length"]) == (content_type, str(len(body)))
    assert b"No module named" in body


def test_head_gets_no_body_from_it() -> None:
    app = boot_failure_app(SystemExit("settings said no"))
    assert app({"REQUEST_METHOD": "HEAD"}, lambda *args: None) == []
