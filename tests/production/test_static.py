"""Static files: compressed, kept by browsers for ever under names that change, and nothing beside them."""

from __future__ import annotations

import gzip
import re

import pytest

from .client import Address, Connection, ask
from .rows import Row


@pytest.mark.case("a static file")
def test_a_static_file_is_sent_under_the_name_that_pages_have(site: Address, server: Row) -> None:
    path = server.static("large.css")
    assert re.fullmatch(r"/static/large\.[0-9a-f]{12}\.css", path)
    with Connection(site) as connection:
        answer = connection.ask("GET", path)
        connection.check_that_nothing_follows()
        head = connection.ask("HEAD", path)
    assert (answer.status, answer["content-type"].partition(";")[0]) == (200, "text/css")
    assert answer.body == (server.root / "static" / "large.css").read_bytes()
    assert (head.status, head.body, head["content-length"]) == (200, b"", answer["content-length"])


@pytest.mark.case("static: kept for ever")
def test_a_file_whose_name_tells_its_contents_is_kept_for_ever(site: Address, server: Row) -> None:
    control = ask(site, path=server.static("large.css"))["cache-control"]
    assert int(re.search(r"max-age=(\d+)", control)[1]) >= 31_536_000  # type: ignore[index]
    assert "immutable" in control
    assert "public" in control


@pytest.mark.case("static: kept for ever")
def test_a_file_whose_name_stays_is_not_kept_for_ever(site: Address) -> None:
    answer = ask(site, path="/static/large.css")
    assert answer.status in (200, 404)
    assert "immutable" not in answer["cache-control"]


@pytest.mark.case("static: compressed")
def test_a_static_file_is_compressed_for_who_takes_that(site: Address, server: Row) -> None:
    path = server.static("large.css")
    plain = ask(site, path=path)
    packed = ask(site, path=path, fields=[("Accept-Encoding", "gzip")])
    assert plain["content-encoding"] == ""
    assert packed["content-encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body
    assert len(packed.body) < len(plain.body) / 3
    for answer in (plain, packed):
        assert "accept-encoding" in answer["vary"].lower()


@pytest.mark.case("static: 304")
def test_a_static_file_that_has_not_changed_is_not_sent_again(site: Address, server: Row) -> None:
    path = server.static("large.css")
    first = ask(site, path=path)
    with Connection(site) as connection:
        again = connection.ask("GET", path, [("If-Modified-Since", first["last-modified"])])
        connection.check_that_nothing_follows()
    assert (again.status, again.body) == (304, b"")


@pytest.mark.case("static: nothing beside")
@pytest.mark.parametrize(
    "path",
    [
        "/static/../manage.py",
        "/static/%2e%2e/manage.py",
        "/static/..%2fmanage.py",
        "/static/%2e%2e%2f%2e%2e%2fetc/passwd",
        "/static/..%5c..%5cmanage.py",
        "/static../manage.py",
        "/static//etc/passwd",
        "/static/",
        "/deploy/production.env",
        "/depot/settings.py",
        "/.gitignore",
    ],
)
def test_nothing_but_static_files_is_sent(site: Address, path: str) -> None:
    answer = ask(site, path=path)
    assert answer.status in (400, 403, 404)
    for secret in (b"execute_from_command_line", b"root:", b"SECRET_KEY"):
        assert secret not in answer.body
