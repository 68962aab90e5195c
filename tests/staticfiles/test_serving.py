"""The handler in front of an application serves files; the routes do it for everyone else."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from typing import Any
from wsgiref.util import setup_testing_defaults
from wsgiref.validate import validator

import pytest

from miniframe.handlers.wsgi import WSGIHandler
from miniframe.staticfiles.handlers import StaticFilesHandler
from miniframe.staticfiles.urls import staticfiles_urlpatterns
from miniframe.test import Client
from miniframe.test.utils import override_settings


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"the application"]


def ask(path: str, method: str = "GET", **environ: str) -> tuple[int, dict[str, str], bytes]:
    full: dict[str, Any] = {
        "PATH_INFO": path,
        "REQUEST_METHOD": method,
        "QUERY_STRING": "",
        "SCRIPT_NAME": "",
        **environ,
    }
    setup_testing_defaults(full)
    answer: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        answer.extend([int(status[:3]), dict(headers)])
        return answer.append

    handler: Any = StaticFilesHandler(application)
    result: Any = validator(handler)(full, start_response)
    try:
        body = b"".join(result)
    finally:
        result.close()
    return answer[0], answer[1], body


@pytest.mark.parametrize(
    ("path", "status", "body"),
    [
        pytest.param("/static/site.css", 200, b"own/site.css", id="project"),
        pytest.param("/static/app/x.js", 200, b"app/static/app/x.js", id="app"),
        pytest.param("/static/manual/guide.txt", 200, b"docs/guide.txt", id="prefix"),
        pytest.param("/", 200, b"the application", id="elsewhere"),
        pytest.param("/statics", 200, b"the application", id="only-alike"),
    ],
)
def test_files_are_served_and_the_rest_is_handed_on(project: Path, path: str, status: int, body: bytes) -> None:
    answer = ask(path)
    assert (answer[0], answer[2]) == (status, body)


def test_a_file_that_is_not_there_is_404_and_not_the_applications(project: Path) -> None:
    assert ask("/static/nope.css")[0] == 404


def test_the_page_of_a_missing_file_tells_the_folders_and_the_nearest_name_under_debug_only(project: Path) -> None:
    with override_settings(DEBUG=True):
        body = ask("/static/app/y.js", HTTP_ACCEPT="text/plain")[2].decode()
    assert "'app/y.js' could not be found" in body
    assert f"Looked into: {project}" in body
    assert "Did you mean 'app/x.js'?\n" in body
    with override_settings(DEBUG=False):
        assert str(project).encode() not in ask("/static/app/y.js", HTTP_ACCEPT="text/plain")[2]


@pytest.mark.parametrize("path", ["/static/", "/static/app/", "/static/nul\0", "/static/" + "n" * 5000])
def test_what_is_no_file_is_404(project: Path, path: str) -> None:
    assert ask(path)[0] == 404


@pytest.mark.parametrize("path", ["/static/../secret.txt", "/static/..//../etc/passwd", "/static/app/../../secret.txt"])
def test_nothing_outside_is_served(project: Path, path: str) -> None:
    (project / "secret.txt").write_text("secret")
    status, _, body = ask(path)
    assert status in (400, 404)
    assert b"secret" not in body


def test_a_name_with_a_percent_sign_is_decoded_once(project: Path) -> None:
    (project / "own" / "100%25.txt").write_text("percent")
    assert ask("/static/100%25.txt")[2] == b"percent"  # PATH_INFO is decoded already


def test_files_on_another_host_are_not_ours(project: Path) -> None:
    with override_settings(STATIC_URL="https://cdn.example.com/static/"):
        assert ask("/static/site.css")[2] == b"the application"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_a_file_knows_get_and_head_only(project: Path, method: str) -> None:
    status, headers, body = ask("/static/site.css", method)
    assert (status, headers["Allow"], body) == (405, "GET, HEAD", b"")
    assert ask("/", method)[2] == b"the application"


def test_browsers_are_told_not_to_guess_what_a_file_is(project: Path) -> None:
    assert ask("/static/site.css")[1]["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("debug", [True, False], ids=["debug", "production"])
def test_the_page_of_a_missing_file_carries_what_no_middleware_adds(project: Path, debug: bool) -> None:
    with override_settings(DEBUG=debug):
        status, headers, _ = ask("/static/nope.css", HTTP_ACCEPT="text/html")
    assert (status, headers["X-Content-Type-Options"], headers["X-Frame-Options"]) == (404, "nosniff", "DENY")


@pytest.mark.parametrize("accept", ["text/html", "text/plain", "application/json"])
@pytest.mark.parametrize("name", ["nul\0.css", "esc\x1b[31m.css"])
def test_no_control_character_of_a_name_is_on_the_page(project: Path, name: str, accept: str) -> None:
    with override_settings(DEBUG=True):
        status, _, body = ask(f"/static/{name}", HTTP_ACCEPT=accept)
    assert status == 404
    assert [mark for mark in (b"\0", b"\x1b") if mark in body] == []


def test_head_sends_the_length(project: Path) -> None:
    status, headers, _ = ask("/static/site.css", "HEAD")
    assert (status, headers["Content-Length"]) == (200, str(len("own/site.css")))


def test_middleware_is_not_passed_by_files(project: Path) -> None:
    with override_settings(MIDDLEWARE=["no.such.Middleware"]):
        handler = StaticFilesHandler(application)
        assert isinstance(handler, WSGIHandler)
        handler.load_middleware()


@pytest.mark.parametrize(("debug", "status"), [(True, 200), (False, 404)], ids=["debug", "production"])
def test_the_routes_serve_under_debug_only(project: Path, debug: bool, status: int) -> None:
    urls = ModuleType("urls_with_static_files")
    with override_settings(DEBUG=True):
        urls.urlpatterns = staticfiles_urlpatterns()  # type: ignore[attr-defined]
    with override_settings(DEBUG=debug, ROOT_URLCONF=urls):
        response = Client().get("/static/site.css")
        response.close()
        assert response.status_code == status
