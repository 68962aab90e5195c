"""A report takes a bounded time, stays short, and steers no terminal, whatever the exception or the client."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

from miniframe.exceptions import Http404, PermissionDenied, Resolver404
from miniframe.http import HttpResponse
from miniframe.test import Client, RequestFactory
from miniframe.test.utils import override_settings
from miniframe.urls import path
from miniframe.views.report.building import FACES, boot_failure_app, build_report
from miniframe.views.report.json import render_json
from miniframe.views.report.not_found import describe_not_found
from miniframe.views.report.text import render_text
from miniframe.views.report.values import ValuePrinter


class Slow:
    def __repr__(self) -> str:
        time.sleep(20)
        return "done"


class Sleeps(Exception):
    def __str__(self) -> str:
        time.sleep(20)
        return "done"


class Exits(Exception):
    def __str__(self) -> str:
        raise SystemExit(3)


class Counts(Exception):
    asked = 0

    def __str__(self) -> str:
        self.asked += 1
        return f"asked {self.asked} times"


class Wide(Exception):
    def __str__(self) -> str:
        return "wide " * 1_000_000


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(Sleeps(), id="str"),
        pytest.param(ValueError(Slow()), id="argument"),
        pytest.param(KeyError([Slow()]), id="inside-an-argument"),
        pytest.param(OSError(2, Slow(), Slow()), id="os-error"),
    ],
)
def test_a_slow_text_of_an_exception_is_not_waited_for(error: Exception) -> None:
    started = time.monotonic()
    report = build_report(RequestFactory().get("/"), error)
    assert time.monotonic() - started < 3
    assert "takes longer than 0.25 s" in report.message
    assert report.title.endswith(type(error).__name__)


def test_a_slow_argument_of_an_exception_among_the_variables_is_not_waited_for() -> None:
    started = time.monotonic()
    assert ValuePrinter().show(ValueError("a", Slow())).startswith("ValueError('a', <Slow object; its repr takes")
    assert time.monotonic() - started < 3


@pytest.mark.parametrize(
    ("value", "text"),
    [
        pytest.param(ValueError(), "ValueError()", id="none"),
        pytest.param(ValueError("a"), "ValueError('a')", id="one"),
        pytest.param(ValueError("a", (1,)), "ValueError('a', (1,))", id="two"),
        pytest.param(ValueError((1,)), "ValueError((1,))", id="tuple"),
    ],
)
def test_exceptions_are_shown_as_their_repr_shows_them(value: Exception, text: str) -> None:
    assert ValuePrinter().show(value) == text == repr(value)


def test_an_exception_that_holds_itself_ends() -> None:
    error = ValueError()
    error.args = ([error],)
    assert "… 1 items" in ValuePrinter().show(error)


def test_an_exception_is_asked_for_its_text_once() -> None:
    error = Counts()
    assert build_report(RequestFactory().get("/"), error).message == "asked 1 times"
    assert error.asked == 1


def test_a_text_that_ends_the_process_does_not() -> None:
    assert "str() raised SystemExit" in build_report(None, Exits()).message


def test_a_long_text_is_cut() -> None:
    assert len(build_report(None, Wide()).message) < 5100


@pytest.mark.parametrize(
    "place",
    [
        pytest.param(([1], 1, 1, "text", 1, 1), id="file"),
        pytest.param(("a.cfg", "one", 1, "text", 1, 1), id="line"),
        pytest.param(("a.cfg", 10**30, 1, "text", 10**30, 1), id="far-away"),
        pytest.param(("a.cfg", 1, 1, 7, 1, 1), id="text"),
    ],
)
def test_a_place_that_no_parser_wrote_is_passed_over(place: tuple[Any, ...]) -> None:
    error = SyntaxError("not so")
    error.filename, error.lineno, error.offset, error.text, error.end_lineno, error.end_offset = place
    assert build_report(None, error).raised[0].frames == ()


def test_names_of_variables_may_be_anything() -> None:
    with pytest.raises(ZeroDivisionError) as caught:
        exec("1 / 0", {}, {5: "five", "six": 6})  # type: ignore[dict-item]  # as in a language of somebody's own
    rows = build_report(None, caught.value).raised[0].frames[-1].variables
    assert [row.name for row in rows] == ["six"]


@pytest.mark.parametrize(
    "notes", [pytest.param(5, id="number"), pytest.param([Slow()], id="slow"), pytest.param(["n" * 10**6], id="long")]
)
def test_notes_may_be_anything(notes: Any) -> None:
    error = ValueError("a")
    error.__notes__ = notes
    started = time.monotonic()
    assert len("".join(build_report(None, error).raised[0].notes)) < 6000
    assert time.monotonic() - started < 3


def test_nested_values_cost_what_is_shown_of_them() -> None:
    value: Any = "x" * 200
    for _ in range(4):
        value = [value] * 30
    started = time.monotonic()
    assert len(ValuePrinter().show(value)) < 1400
    assert time.monotonic() - started < 1


# ---- what was not found


def tried(*patterns: str) -> list[list[Any]]:
    return [[path(pattern, lambda request: HttpResponse())] for pattern in patterns]


@pytest.mark.parametrize(
    "asked",
    [
        pytest.param("a" * 60_000, id="one-part"),
        pytest.param("a/" * 30_000, id="many-parts"),
        pytest.param("ab" * 140, id="just-compared"),
    ],
)
def test_a_long_path_costs_no_search(asked: str) -> None:
    patterns = [f"{'ba' * 120}/<int:pk>/{number}/" for number in range(2000)]
    failure = Resolver404({"tried": tried(*patterns), "path": asked})
    request = RequestFactory().get("/" + asked)
    started = time.monotonic()
    report = describe_not_found(request, failure)
    assert time.monotonic() - started < 1
    assert report.request is not None
    assert len(report.message) < 500
    assert len(report.request.url) < 2100


def test_the_nearest_of_many_routes_is_found() -> None:
    failure = Resolver404({"tried": tried("orders/", "order/<int:pk>/", "ordners/"), "path": "ordrs/"})
    assert "`orders/`" in describe_not_found(RequestFactory().get("/ordrs/"), failure).hints[0]


# ---- control characters


@pytest.mark.parametrize("bad", ["\x1b[31m", "\x00", "\r", "\x07", "\x7f", "\x9b31m", "\u202e"])
def test_no_face_has_a_control_character(bad: str) -> None:
    error = LookupError(f"a{bad}b\nc\td")
    error.add_note(f"a{bad}b")
    report = build_report(RequestFactory().get("/", {"q": f"a{bad}b"}), error)
    for text in [render(report) for _, render in FACES.values()]:
        assert bad[0] not in text
    if bad != "\r":  # which ends a line
        assert f"a{repr(bad)[1:-1]}b" in render_text(report)
    assert json.loads(render_json(report))["message"] == f"a{bad}b\nc\td"


# ---- as a client gets them


def crash(request: Any) -> HttpResponse:
    raise LookupError(request.GET["m"])


def silent(request: Any) -> HttpResponse:
    class Silent(PermissionDenied):
        def __str__(self) -> str:
            raise RuntimeError("no words")

    raise Silent


def gone(request: Any) -> HttpResponse:
    class Gone(Http404):
        def __str__(self) -> str:
            raise RuntimeError("no words")

    raise Gone


@pytest.fixture(autouse=True)
def project() -> Iterator[None]:
    urls = ModuleType("urls_of_bounds")
    urls.urlpatterns = [path("crash", crash), path("silent", silent), path("gone", gone)]  # type: ignore[attr-defined]
    with override_settings(DEBUG=True, ROOT_URLCONF=urls, TEMPLATES=[], MIDDLEWARE=[]):
        yield


def get(address: str, **headers: str) -> Any:
    return Client(raise_request_exception=False, headers={"accept": "text/plain", **headers}).get(address)


def test_what_a_client_sends_does_not_reach_the_terminal_raw() -> None:
    text = get("/crash?m=%1b[31mRED").content.decode()
    assert "\\x1b[31mRED" in text
    assert "\x1b" not in text


@pytest.mark.parametrize(("address", "status"), [("/silent", 403), ("/gone", 404)])
def test_an_error_without_words_is_still_that_error(address: str, status: int) -> None:
    assert get(address).status_code == status
    with override_settings(DEBUG=False, ALLOWED_HOSTS=["*"]):
        assert get(address).status_code == status


@pytest.mark.parametrize("debug", [True, False], ids=["debug", "production"])
@pytest.mark.parametrize(("address", "status"), [("/crash?m=x", 500), ("/silent", 403), ("/nope", 404)])
def test_pages_of_our_own_are_not_framed_and_not_guessed_at(address: str, status: int, debug: bool) -> None:
    with override_settings(DEBUG=debug, ALLOWED_HOSTS=["testserver"]):
        response = get(address)
    assert response.status_code == status
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize("debug", [True, False], ids=["debug", "production"])
def test_so_are_those_about_a_forged_host(debug: bool) -> None:
    middleware = [
        "miniframe.middleware.common.CommonMiddleware",
        "miniframe.middleware.clickjacking.XFrameOptionsMiddleware",
    ]
    with override_settings(DEBUG=debug, ALLOWED_HOSTS=["example.com"], MIDDLEWARE=middleware):
        response = get("/crash", host="forged.example.net")
    assert response.status_code == 400
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["X-Frame-Options"] == "DENY"


def test_and_the_page_of_a_project_that_cannot_be_loaded() -> None:
    answer: list[Any] = []
    boot_failure_app(ImportError("broken"))({"REQUEST_METHOD": "GET"}, lambda *args: answer.extend(args))
    assert ("X-Content-Type-Options", "nosniff") in answer[1]
    assert ("X-Frame-Options", "DENY") in answer[1]
