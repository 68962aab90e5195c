"""`manage.py explain`: the way of one request, each step with its place and its time."""

from __future__ import annotations

import json
import logging
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from miniframe.exceptions import PermissionDenied
from miniframe.handlers.base import BaseHandler
from miniframe.handlers.wsgi import WSGIHandler
from miniframe.http import FileResponse, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from miniframe.management.errors import CommandError
from miniframe.management.explaining import exchange
from miniframe.management.explaining.asking import Question, question_of
from miniframe.management.explaining.data import as_data
from miniframe.management.explaining.text import render_text
from miniframe.shortcuts import render
from miniframe.template.response import TemplateResponse
from miniframe.test.utils import override_settings
from miniframe.urls import ResolverMatch, clear_url_caches, path
from miniframe.utils.deprecation import MiddlewareMixin
from miniframe.utils.termcolors import no_style

from .conftest import Run

ROOT = Path(__file__).resolve().parents[2]

Explain = Callable[..., dict[str, Any]]


# ------------------------------------------------------------------ a site in this process
def hello(request: Any, **kwargs: Any) -> HttpResponse:
    response = HttpResponse("hello")
    response.set_cookie("sessionid", "swordfish", httponly=True)
    return response


def broken(request: Any) -> HttpResponse:
    password = "swordfish"
    raise ValueError(f"no way in, not even with a {len(password)} letter word")


def rude(request: Any) -> HttpResponse:
    logging.getLogger("shop").warning("log \x1b[2J")
    raise ValueError("error \x1b]0;x\x07")


def refused(request: Any) -> HttpResponse:
    raise PermissionDenied("not you")


def leaving(request: Any) -> HttpResponse:
    raise SystemExit("a view must not end the server")


def forgetful(request: Any) -> None:
    logging.getLogger("shop").warning("about to forget the response")


async def waiting(request: Any) -> HttpResponse:
    return HttpResponse("waited")


def rendered(request: Any) -> HttpResponse:
    return render(request, "page.html", {"word": "hello"})


def late(request: Any) -> TemplateResponse:
    return TemplateResponse(request, "page.html", {"word": "hello"})


def endless(request: Any) -> StreamingHttpResponse:
    def words() -> Iterator[bytes]:
        while True:
            yield b"word " * 1000

    return StreamingHttpResponse(words())


def file(request: Any) -> FileResponse:
    return FileResponse(open(__file__, "rb"))


def echo(request: Any) -> HttpResponse:
    return HttpResponse(request.body)


class Plain:
    """A view that is an object."""

    def __call__(self, request: Any) -> HttpResponse:
        return HttpResponse("from an object")


def marking(get_response: Any) -> Any:
    def middleware(request: Any) -> Any:
        request.mark = "set"
        response = get_response(request)
        response["X-Mark"] = request.mark
        response["X-Api-Key"] = "swordfish"
        return response

    return middleware


class GateMiddleware(MiddlewareMixin):
    def process_request(self, request: Any) -> HttpResponse | None:
        if request.path == "/gate/fails/":
            raise KeyError("gate")
        return HttpResponseRedirect("/?token=swordfish") if request.path == "/gate/" else None

    def process_view(self, request: Any, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        return HttpResponse("in its place") if request.path == "/hook/" else None

    def process_exception(self, request: Any, exception: Exception) -> HttpResponse | None:
        return HttpResponse("saved") if request.path == "/saved/" else None

    def process_template_response(self, request: Any, response: Any) -> Any:
        return response


def shortening(get_response: Any) -> Any:
    async def middleware(request: Any) -> Any:
        response = await get_response(request)
        if not response.streaming and request.path == "/":
            response.content = response.content[:2]
        return response

    return middleware


shortening.sync_capable = False  # type: ignore[attr-defined]
shortening.async_capable = True  # type: ignore[attr-defined]

ROUTES = [
    path("", hello, name="home"),
    path("broken/", broken),
    path("rude/", rude),
    path("refused/", refused),
    path("leaving/", leaving),
    path("forgetful/", forgetful),
    path("waiting/", waiting),
    path("rendered/", rendered),
    path("late/", late),
    path("endless/", endless),
    path("file/", file),
    path("echo/", echo),
    path("hook/", hello),
    path("saved/", broken),
    path("object/", Plain()),
    path("reset/<token>/<int:pk>/", hello, name="reset"),
]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[type[WSGIHandler]]:
    """Settings with the routes, the middleware and the templates of this file."""
    (tmp_path / "base.html").write_text("<title>{% block title %}{% endblock %}</title>")
    (tmp_path / "page.html").write_text('{% extends "base.html" %}{% block title %}{{ word }}{% endblock %}')
    with ExitStack() as stack:
        urls = ModuleType("explained_urls")
        urls.urlpatterns = ROUTES  # type: ignore[attr-defined]  # a URLconf
        sys.modules["explained_urls"] = urls
        stack.callback(sys.modules.pop, "explained_urls")
        layers = [f"{__name__}.{name}" for name in ("marking", "GateMiddleware", "shortening")]
        templates = {"BACKEND": "miniframe.template.backends.jinja2.Jinja2", "DIRS": [tmp_path]}
        stack.enter_context(
            override_settings(DEBUG=True, ROOT_URLCONF="explained_urls", MIDDLEWARE=layers, TEMPLATES=[templates])
        )
        yield WSGIHandler


def ask(method: str = "GET", target: str = "/", body: bytes = b"", fields: dict[str, str] | None = None) -> Question:
    """Return a question with the fields that each has."""
    length = {"Content-Length": str(len(body))} if body else {}
    given = {"Host": "localhost", "Connection": "close", **length, **(fields or {})}
    return Question(method, target, tuple(given.items()), body)


def told(question: Question, load: Callable[[], Any] = WSGIHandler, **options: Any) -> dict[str, Any]:
    """Return what explain has to say, as a program reads it."""
    data: dict[str, Any] = json.loads(json.dumps(as_data(exchange.explain(question, load, **options))))
    return data


def kinds(data: dict[str, Any]) -> list[str]:
    return [step["step"] for step in data["steps"]]


def the(data: dict[str, Any], kind: str) -> dict[str, Any]:
    """Return the one step of this kind."""
    [step] = [step for step in data["steps"] if step["step"] == kind]
    found: dict[str, Any] = step
    return found


BEFORE = ["lot", "crew", "connection", "parse", "body", "gateway", "application", "request", "chain"]
IN, OUT = ["in", "in", "in"], ["out", "out", "out"]
AFTER = ["answer", "close"]


@pytest.mark.parametrize(
    ("target", "status", "inside"),
    [
        pytest.param("/", 200, ["route", "hook", "view", "response"], id="view"),
        pytest.param("/object/", 200, ["route", "hook", "view", "response"], id="view-is-an-object"),
        pytest.param("/waiting/", 200, ["route", "hook", "view", "response"], id="async-view"),
        pytest.param("/rendered/", 200, ["route", "hook", "view", "template", "response"], id="template-in-view"),
        pytest.param("/late/", 200, ["route", "hook", "view", "response", "render", "hook", "template"], id="late"),
        pytest.param("/hook/", 200, ["route", "hook"], id="hook-answers"),
        pytest.param("/broken/", 500, ["route", "hook", "view", "error", "hook", "page"], id="view-raises"),
        pytest.param("/saved/", 200, ["route", "hook", "view", "error", "hook"], id="exception-is-caught"),
        pytest.param("/refused/", 403, ["route", "hook", "view", "error", "hook", "page"], id="view-refuses"),
        pytest.param("/nowhere/", 404, ["route", "error", "page"], id="no-route"),
        pytest.param("/forgetful/", 500, ["route", "hook", "view", "log", "error", "page"], id="view-returns-none"),
    ],
)
def test_the_steps_come_in_their_order(site: Any, target: str, status: int, inside: list[str]) -> None:
    data = told(ask(target=target))
    assert data["response"]["status"] == status
    # What is logged about an error may come at any place after it.
    shown = [kind for kind in kinds(data) if kind != "log" or "log" in inside]
    logged = [index for index, kind in enumerate(shown) if kind == "log"]
    shown = [kind for index, kind in enumerate(shown) if index not in logged[1:]]
    assert shown == [*BEFORE, *IN, *inside, *OUT, *AFTER]


def test_every_step_has_an_existing_place(site: Any) -> None:
    for step in told(ask(target="/late/"))["steps"]:
        lines = Path(step["file"]).read_text().splitlines()
        assert 1 <= step["line"] <= len(lines), step


def test_the_time_of_the_steps_is_the_whole_time(site: Any) -> None:
    data = told(ask())
    assert sum(step["microseconds"] for step in data["steps"]) == pytest.approx(data["microseconds"], abs=3)
    assert all(step["microseconds"] > 0 for step in data["steps"] if step["step"] in ("in", "view", "route", "parse"))


def test_a_middleware_is_told_with_what_it_changed(site: Any) -> None:
    data = told(ask())
    first, last = (next(s for s in data["steps"][::order] if s["title"] == "marking") for order in (1, -1))
    assert (first["step"], last["step"]) == ("in", "out")
    assert first["changes"] == [{"what": "attribute", "name": "mark", "before": None, "after": "str"}]
    assert last["changes"][0] == {"what": "header", "name": "X-Mark", "before": None, "after": "set"}
    assert [change["after"] for change in the(data, "response")["changes"]] == [
        "text/html; charset=utf-8",
        "sessionid=********************; HttpOnly; Path=/",
    ]
    shortened = next(s for s in data["steps"] if s["step"] == "out" and s["title"] == "shortening")
    assert shortened["changes"] == [{"what": "body", "name": "", "before": "5 octets", "after": "2 octets"}]


@pytest.mark.parametrize(
    ("target", "who", "reached"),
    [
        pytest.param("/gate/", "GateMiddleware", ["marking", "GateMiddleware"], id="middleware"),
        pytest.param(
            "/hook/", "GateMiddleware.process_view", ["marking", "GateMiddleware", "shortening"], id="view-hook"
        ),
        pytest.param("/", None, ["marking", "GateMiddleware", "shortening"], id="nobody"),
    ],
)
def test_who_answers_in_place_of_the_view_is_named(site: Any, target: str, who: str | None, reached: list[str]) -> None:
    data = told(ask(target=target))
    assert data["answered_by"] == who
    assert [step["title"] for step in data["steps"] if step["step"] == "in"] == reached


def test_an_error_in_a_middleware_is_told_where_it_happens(site: Any) -> None:
    data = told(ask(target="/gate/fails/"))
    assert the(data, "error")["title"] == "KeyError: 'gate'"
    assert the(data, "error")["file"] == __file__
    assert [step["title"] for step in data["steps"] if step["step"] == "out"] == ["marking"]


def test_an_error_in_a_view_has_its_line(site: Any) -> None:
    error = the(told(ask(target="/broken/")), "error")
    assert error["title"].startswith("ValueError: no way in")
    assert "raise ValueError" in Path(error["file"]).read_text().splitlines()[error["line"] - 1]


def test_what_the_handler_does_not_catch_is_answered_by_the_server(site: Any) -> None:
    data = told(ask(target="/leaving/"))
    assert data["response"]["status"] == 500
    assert the(data, "error")["title"] == "SystemExit: a view must not end the server"


def test_the_route_is_told_with_its_arguments_and_what_was_tried(site: Any) -> None:
    route = the(told(ask(target="/reset/swordfish/7/")), "route")
    assert route["title"] == "/reset/<token>/<int:pk>/ leads to reset"
    assert route["notes"][0].startswith("tried before it: / [home], /broken/, ")
    assert route["notes"][0].endswith(f", and {len(ROUTES) - 1 - 12} more")
    assert "pk = 7" in route["notes"]


def test_templates_are_told_with_their_parts(site: Any, tmp_path: Path) -> None:
    template = the(told(ask(target="/rendered/")), "template")
    assert (template["title"], template["notes"]) == ("page.html", ["with base.html"])
    assert template["file"] == str(tmp_path / "page.html")
    assert template["depth"] == 1


class Foreign:
    """A pattern that is none of ours: it knows how to resolve, and nothing else."""

    def resolve(self, path: str) -> Any:
        return ResolverMatch(hello, (), {}, "foreign") if path == "foreign/" else None


def test_a_pattern_that_is_none_of_ours_is_told_as_well(site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules["explained_urls"], "urlpatterns", [Foreign()])
    clear_url_caches()
    data = told(ask(target="/foreign/"))
    assert (the(data, "route")["title"], data["response"]["status"]) == ("/ leads to foreign", 200)


def test_a_body_arrives_and_a_file_leaves(site: Any) -> None:
    data = told(ask("POST", "/echo/", b"a=1"))
    assert the(data, "body")["title"] == "3 octets, by Content-Length"
    assert data["response"]["octets"] == 3
    assert kinds(told(ask(target="/file/")))[-3:] == ["answer", "file", "close"]


def test_a_chunked_body_is_told_as_such(site: Any) -> None:
    data = told(question("/echo/", data="a=1", header=["Transfer-Encoding: chunked"]))
    assert the(data, "body")["title"] == "3 octets, in chunks"
    assert data["response"]["octets"] == 3


def test_an_endless_stream_is_left(site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange, "MOST_OCTETS", 200_000)
    data = told(ask(target="/endless/"))
    assert not data["response"]["whole"]
    assert kinds(data)[-3:] == ["answer", "stream", "close"]


def test_a_request_that_the_server_refuses_comes_no_further(site: Any) -> None:
    data = told(ask(fields={"Bad Header": "x"}))
    assert kinds(data) == ["lot", "crew", "connection", "parse", "refusal"]
    assert the(data, "refusal")["title"].startswith("400 ")


def test_the_second_request_is_told_when_it_is_to_be_warm(site: Any) -> None:
    asked: list[str] = []

    def counting(environ: Any, start_response: Any) -> list[bytes]:
        asked.append(environ["PATH_INFO"])
        start_response("204 No Content", [])
        return []

    data = told(ask(target="/twice/"), lambda: counting, warm=True)
    assert asked == ["/twice/", "/twice/"]
    assert kinds(data) == ["lot", "crew", "connection", "parse", "body", "gateway", "application", "answer", "close"]


def test_a_handler_that_was_built_before_is_left_as_it_was(site: Any) -> None:
    handler = WSGIHandler()
    handler.load_middleware_once()
    before = dict(vars(handler))
    assert "in" in kinds(told(ask(), lambda: handler))
    assert vars(handler) == before
    assert BaseHandler._trace is None


def test_logs_are_steps_and_say_nothing_elsewhere(site: Any, capsys: pytest.CaptureFixture[str]) -> None:
    before = logging.getLogger("miniframe").handlers
    data = told(ask(target="/forgetful/"))
    assert "WARNING shop: about to forget the response" in [s["title"] for s in data["steps"] if s["step"] == "log"]
    assert logging.getLogger("miniframe").handlers is before
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("target", ["/", "/reset/swordfish/7/?password=swordfish", "/gate/", "/broken/"])
def test_no_face_shows_a_secret(site: Any, target: str) -> None:
    explained = exchange.explain(ask(target=target, fields={"Cookie": "sessionid=swordfish"}), WSGIHandler)
    text = render_text(explained, no_style(), 100)
    data = json.dumps(as_data(explained))
    if "/reset/" in target:  # in the path itself it is part of the address that was typed
        text, data = (face.replace("/reset/swordfish", "") for face in (text, data))
    assert "swordfish" not in text
    assert "swordfish" not in data


def test_nothing_that_is_told_steers_the_terminal(site: Any) -> None:
    text = render_text(exchange.explain(ask(target="/rude/"), WSGIHandler), no_style(), 100)
    assert r"WARNING shop: log \x1b[2J" in text
    assert r"ValueError: error \x1b]0;x\x07" in text
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", text)


@pytest.mark.parametrize("width", [80, 100, 120])
@pytest.mark.parametrize("target", ["/late/", "/broken/", "/nowhere/", "/reset/a-long-token-of-forty-and-some/7/"])
def test_the_table_keeps_within_its_columns(site: Any, width: int, target: str) -> None:
    text = render_text(exchange.explain(ask(target=target), WSGIHandler), no_style(), width)
    table = text.partition("in all")[0].splitlines()
    assert max(map(len, table)) <= width
    # The places begin in one column.
    columns = {match.start(1) for line in table if (match := re.fullmatch(r" *[\d,]*  \w+ .*? (\S+\.\w+:\d+)", line))}
    assert len(columns) == 1


# ------------------------------------------------------------------ the command line
def question(*path: str, host: str = "localhost", **options: Any) -> Question:
    given = {"method": "", "path": path[-1], "header": [], "data": None, "csrf": False, **options}
    if len(path) == 2:
        given["method"] = path[0]
    return question_of(given, host)


@pytest.mark.parametrize(
    ("asked", "method", "target", "fields"),
    [
        pytest.param({"path": "/a b/ü"}, "GET", "/a%20b/%C3%BC", {"Host": "localhost"}, id="quoted"),
        pytest.param({"path": "/a%20b?x=1#part"}, "GET", "/a%20b?x=1", {}, id="fragment-stays-here"),
        pytest.param({"path": "http://shop.example:8000/x"}, "GET", "/x", {"Host": "shop.example:8000"}, id="address"),
        pytest.param({"path": "/", "data": "a=1"}, "POST", "/", {"Content-Length": "3"}, id="data-is-posted"),
        pytest.param({"path": "/", "data": "[1]"}, "POST", "/", {"Content-Type": "application/json"}, id="json"),
        pytest.param({"path": "/", "data": "", "method": "PUT"}, "PUT", "/", {"Content-Length": "0"}, id="method"),
        pytest.param({"path": "*", "method": "OPTIONS"}, "OPTIONS", "*", {}, id="asterisk"),
        pytest.param(
            {"path": "/", "header": ["host: other.example", "X-One:1"]},
            "GET",
            "/",
            {"host": "other.example", "X-One": "1"},
            id="fields",
        ),
    ],
)
def test_what_is_typed_becomes_a_request(asked: dict[str, Any], method: str, target: str, fields: Any) -> None:
    made = question(asked.pop("path"), **asked)
    assert made[:2] == (method, target)
    assert fields.items() <= dict(made[2]).items()
    assert len({name.lower() for name, _ in made[2]}) == len(made[2])


@pytest.mark.parametrize(
    ("asked", "complaint"),
    [
        pytest.param({"path": "notices/"}, "explain /notices/", id="no-slash"),
        pytest.param({"path": "/", "method": "G T"}, "is no method", id="method"),
        pytest.param({"path": "/", "header": ["colonless"]}, "-H 'NAME: VALUE'", id="field"),
        pytest.param({"path": "/", "data": "@/no/such/file"}, "cannot be read", id="file"),
    ],
)
def test_what_makes_no_request_is_refused_with_advice(asked: dict[str, Any], complaint: str) -> None:
    with pytest.raises(CommandError, match=re.escape(complaint)):
        question(asked.pop("path"), **asked)


def test_data_may_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "body").write_bytes(b"\xff\x00")
    assert question("/", data=f"@{tmp_path / 'body'}")[3] == b"\xff\x00"


def test_a_body_goes_in_chunks_where_the_fields_say_so() -> None:
    made = question("/", data="a=1", header=["Transfer-Encoding: chunked"])
    assert made.body == b"3\r\na=1\r\n0\r\n\r\n"
    assert "Content-Length" not in dict(made.fields)


def test_an_address_with_https_is_secure_for_the_application(site: Any) -> None:
    seen: list[str] = []

    def application(environ: Any, start_response: Any) -> list[bytes]:
        seen.append(environ["wsgi.url_scheme"])
        start_response("204 No Content", [])
        return []

    for address in ("https://localhost/", "http://localhost/"):
        told(question(address), lambda: application)
    assert seen == ["https", "http"]


def test_a_csrf_token_is_a_cookie_and_a_field() -> None:
    fields = dict(question("POST", "/", csrf=True)[2])
    assert fields["Cookie"] == f"csrftoken={fields['X-Csrftoken']}"


def test_a_terminal_shows_the_table(manage: Run) -> None:
    done = manage("explain", "/polls/7/")
    assert (done.returncode, done.stderr) == (0, "")
    assert "/polls/<int:pk>/ leads to polls:detail" in done.stdout
    assert re.search(r"^ +[\d,]+  view +urls\.poll +urls\.py:7$", done.stdout, re.MULTILINE)
    assert "200 OK, text/html; charset=utf-8, 1 octets" in done.stdout


def test_whoever_stops_waiting_is_told_for_what(manage: Run, project: Path) -> None:
    urls = project / "urls.py"
    stuck = """\
import signal, threading
def home(request):
    signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
    threading.Event().wait()
"""
    urls.write_text(re.sub(r"def home.*\n.*\n", stuck, urls.read_text()))
    done = manage("explain", "/")
    assert done.returncode == 130
    assert done.stderr == "CommandError: There was no answer: the time ran for the view urls.home.\n"
    assert re.search(r"^ +[\d,]+  view +urls\.home +urls\.py:\d+$", done.stdout, re.MULTILINE)


# ------------------------------------------------------------------ ARCHITECTURE.md
# Answers several requests in one process, and prints what is told of each.
SEVERAL = """
import io, sys
import harbour.settings
from miniframe.management import call_command
import miniframe, os
miniframe.setup()
for words in sys.argv[1:]:
    print(call_command("explain", *words.split(), "--json", stdout=io.StringIO()).replace("\\n", " "))
"""

REQUESTS = ["/live/", "/", "POST /notices/new/ -dtitle=x --csrf", "/gallery/1/image", "/static/css/harbour.css"]


@pytest.fixture(scope="module")
def harbour(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """What explain tells of REQUESTS in the example project."""
    data = str(tmp_path_factory.mktemp("harbour"))
    done = subprocess.run(
        [sys.executable, "-c", SEVERAL, *REQUESTS],
        cwd=ROOT / "example_project",
        env=os.environ | {"HARBOUR_DATA": data, "MINIFRAME_SETTINGS_MODULE": "harbour.settings"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def trip() -> list[tuple[str, str]]:
    """Return file and name of each step of ARCHITECTURE.md's trip of a request."""
    chapter = (ROOT / "ARCHITECTURE.md").read_text().partition("### Request:")[2].partition("###")[0]
    return re.findall(r"\| `(miniframe/[\w/.]+)` \| `(\w+)` \|", chapter)


def test_contract_74_the_example_project_is_explained_in_the_order_of_the_architecture(
    harbour: list[dict[str, Any]],
) -> None:
    order = [file for file, _ in trip()]
    seen: set[str] = set()
    for data in harbour:
        files = [os.path.relpath(step["file"], ROOT) for step in data["steps"] if step["file"]]
        on_the_trip = [order.index(file) for file in dict.fromkeys(files) if file in order]
        assert on_the_trip == sorted(on_the_trip), data["request"]
        seen |= set(files)
    # What is asked here goes over plain HTTP.
    assert set(order) - {"miniframe/servers/tls.py"} <= seen


def test_the_steps_of_the_example_project_are_where_they_say(harbour: list[dict[str, Any]]) -> None:
    for data in harbour:
        for step in data["steps"]:
            if step["file"] is None:
                assert step["step"] == "log"
                continue
            text = Path(step["file"]).read_text().splitlines()[step["line"] - 1]
            if step["file"].endswith(".py"):
                assert re.match(r" *(@|class |(async )?def )", text), (step["title"], text)
