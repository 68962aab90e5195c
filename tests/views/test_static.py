"""Files below a folder are served; nothing above it is, and no name can break it."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import Any

import pytest

from miniframe.conf.urls.static import static
from miniframe.exceptions import ImproperlyConfigured, SuspiciousFileOperation
from miniframe.http import Http404
from miniframe.test import RequestFactory
from miniframe.test.utils import override_settings
from miniframe.utils.http import http_date
from miniframe.views.static import serve, was_modified_since

factory = RequestFactory()
MTIME = 1_700_000_000


@pytest.fixture
def root(tmp_path: Path) -> Path:
    files = {"site.css": b"body {}", "data.tar.gz": b"zip", "sub/visible.txt": b"v", "sub/.hidden": b"h", "odd.zz": b""}
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    os.utime(tmp_path / "site.css", (MTIME, MTIME))
    return tmp_path


def get(root: Path, path: str, show_indexes: bool = False, **headers: str) -> Any:
    response: Any = serve(factory.get("/", headers=headers), path, document_root=root, show_indexes=show_indexes)
    if response.streaming:
        response.body = b"".join(response)
        response.close()
    return response


@pytest.mark.parametrize(
    ("name", "content_type", "encoding"),
    [
        pytest.param("site.css", "text/css", None, id="known"),
        pytest.param("data.tar.gz", "application/x-tar", "gzip", id="compressed"),
        pytest.param("odd.zz", "application/octet-stream", None, id="unknown"),
    ],
)
def test_a_file_is_served_with_its_type_and_length(
    root: Path, name: str, content_type: str, encoding: str | None
) -> None:
    response = get(root, name)
    content = (root / name).read_bytes()
    assert (response.status_code, response.body) == (200, content)
    assert response.headers["Content-Type"] == content_type
    assert response.headers["Content-Length"] == str(len(content))
    assert response.headers.get("Content-Encoding") == encoding


def test_a_large_file_is_closed_with_the_response(root: Path) -> None:
    (root / "film").write_bytes(bytes(100_000))
    response = serve(factory.get("/"), "film", document_root=root)
    file = response.file_to_stream  # type: ignore[union-attr]
    assert not file.closed
    response.close()
    assert file.closed


@pytest.mark.parametrize("size", [0, 4096, 4097])
def test_files_of_any_size_offer_parts_of_themselves(root: Path, size: int) -> None:
    (root / "film").write_bytes(os.urandom(size))
    content = (root / "film").read_bytes()
    request = factory.get("/")
    whole: Any = serve(request, "film", document_root=root)
    whole.settle(request)
    assert (whole.headers["Accept-Ranges"], whole.headers["Content-Length"]) == ("bytes", str(size))
    assert (b"".join(whole), b"".join(whole)) == (content, b"")
    whole.close()
    request = factory.get("/", headers={"range": "bytes=1-3"})
    part: Any = serve(request, "film", document_root=root)
    part.settle(request)
    assert (part.status_code, b"".join(part)) == ((206, content[1:4]) if size else (416, b""))
    part.close()


def test_a_middleware_may_change_the_stream_of_a_small_file(root: Path) -> None:
    response: Any = serve(factory.get("/"), "site.css", document_root=root)
    response.streaming_content = (piece.upper() for piece in response.streaming_content)
    assert b"".join(response) == b"BODY {}"


@pytest.mark.parametrize(
    "path",
    ["nope.css", "site.css/below", "n" * 5000, "nul\0.css", "sub", "", "surrogate\udcff"],
    ids=["missing", "below-a-file", "too-long", "nul", "folder", "root", "surrogate"],
)
def test_what_is_no_file_is_404(root: Path, path: str) -> None:
    with pytest.raises(Http404):
        get(root, path)


def test_a_named_pipe_is_404_at_once(root: Path) -> None:
    os.mkfifo(root / "pipe")
    with pytest.raises(Http404):
        get(root, "pipe")


def test_a_socket_is_404(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)  # the path of a socket may have some hundred characters only
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket")
    with pytest.raises(Http404):
        get(root, "socket")


@pytest.mark.parametrize("path", ["../outside.txt", "sub/../../outside.txt"])
def test_paths_that_lead_out_are_refused(root: Path, path: str) -> None:
    (root.parent / "outside.txt").write_text("secret")
    with pytest.raises(SuspiciousFileOperation):
        get(root, path)


def test_an_absolute_path_is_one_below_the_folder(root: Path) -> None:
    assert get(root, "/site.css").status_code == 200
    with pytest.raises(Http404):
        get(root, "/etc/passwd")


@pytest.mark.parametrize(
    ("since", "status"),
    [
        pytest.param(http_date(MTIME), 304, id="same"),
        pytest.param(http_date(MTIME + 1), 304, id="newer"),
        pytest.param(http_date(MTIME - 1), 200, id="older"),
        pytest.param("Mon, 28 May 999999999999 28:25:26 GMT", 200, id="nonsense"),
        pytest.param("", 200, id="empty"),
    ],
)
def test_a_file_that_the_client_has_is_not_sent_again(root: Path, since: str, status: int) -> None:
    response = get(root, "site.css", if_modified_since=since)
    assert response.status_code == status
    assert response.headers["Last-Modified"] == http_date(MTIME)


def test_under_debug_browsers_ask_each_time_and_two_saves_in_one_second_differ(root: Path) -> None:
    with override_settings(DEBUG=True):
        first = get(root, "site.css")
        assert first.headers["Cache-Control"] == "no-cache"
        same = get(root, "site.css", if_none_match=first.headers["ETag"])
        assert same.status_code == 304
        os.utime(root / "site.css", ns=(MTIME * 10**9 + 5, MTIME * 10**9 + 5))
        headers = {"if_none_match": first.headers["ETag"], "if_modified_since": http_date(MTIME)}
        assert get(root, "site.css", **headers).status_code == 200


def test_in_production_caching_is_left_to_the_web_server(root: Path) -> None:
    response = get(root, "site.css")
    assert "Cache-Control" not in response.headers
    assert "ETag" not in response.headers


def test_a_folders_index_lists_files_and_folders_but_no_hidden_ones(root: Path) -> None:
    (root / "sub" / "a<b>:c.txt").write_text("")
    text = get(root, "sub", show_indexes=True).content.decode()
    assert "Index of sub/" in text
    assert 'href="./visible.txt"' in text
    assert 'href="./a%3Cb%3E%3Ac.txt">a&lt;b&gt;:c.txt<' in text
    assert "hidden" not in text


def test_an_index_can_have_a_template(root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("templates")
    (folder / "static").mkdir()
    (folder / "static" / "directory_index.html").write_text("{{ directory }}: {{ file_list | join(' ') }}")
    with override_settings(TEMPLATES=[{"BACKEND": "miniframe.template.backends.jinja2.Jinja2", "DIRS": [folder]}]):
        assert get(root, "", show_indexes=True).content == b"./: data.tar.gz odd.zz site.css sub/"


def test_fractions_of_a_second_do_not_count() -> None:
    assert not was_modified_since(http_date(1343416141.107817), 1343416141.107817)


def test_the_helper_makes_routes_under_debug_only() -> None:
    assert static("media/", document_root="x") == []
    with override_settings(DEBUG=True):
        (route,) = static("media/", document_root="x")
        assert route.resolve("media/a/b.txt").kwargs == {"path": "a/b.txt", "document_root": "x"}
        assert static("https://cdn.example.com/") == []


def test_the_helper_refuses_an_empty_prefix() -> None:
    with pytest.raises(ImproperlyConfigured, match="Empty static prefix not permitted"):
        static("")
