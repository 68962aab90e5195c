"""Files out and in: parts of them, names that are not ASCII, the proxy's help, and large uploads."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import pytest

from .client import Address, Connection, ask
from .project import LETTER, large
from .rows import Row


@pytest.mark.case("a file")
def test_a_file_arrives_whole(site: Address) -> None:
    answer = ask(site, path="/download/large.bin")
    assert (answer.status, answer["content-length"]) == (200, str(len(large())))
    assert hashlib.sha256(answer.body).digest() == hashlib.sha256(large()).digest()
    assert answer["accept-ranges"] == "bytes"


@pytest.mark.case("a file")
def test_a_file_is_sent_from_where_it_stands(site: Address) -> None:
    answer = ask(site, path="/offset/")
    assert answer.body == large()[1_000_000:]
    assert answer["content-length"] == str(len(large()) - 1_000_000)


@pytest.mark.case("Range")
@pytest.mark.parametrize(
    ("wanted", "first", "last"),
    [
        pytest.param("bytes=0-0", 0, 0, id="first-octet"),
        pytest.param("bytes=1000000-1099999", 1_000_000, 1_099_999, id="middle"),
        pytest.param("bytes=1999990-", 1_999_990, 1_999_999, id="to-the-end"),
        pytest.param("bytes=-10", 1_999_990, 1_999_999, id="last-octets"),
        pytest.param("bytes=1999990-9999999", 1_999_990, 1_999_999, id="beyond-the-end"),
    ],
)
def test_a_part_of_a_file_is_that_part(site: Address, wanted: str, first: int, last: int) -> None:
    with Connection(site) as connection:
        answer = connection.ask("GET", "/download/large.bin", [("Range", wanted)])
        connection.check_that_nothing_follows()
    assert (answer.status, answer["content-range"]) == (206, f"bytes {first}-{last}/2000000")
    assert answer.body == large()[first : last + 1]
    assert answer["content-length"] == str(last + 1 - first)


@pytest.mark.case("Range")
def test_a_part_that_is_not_there_is_refused(site: Address) -> None:
    with Connection(site) as connection:
        answer = connection.ask("GET", "/download/large.bin", [("Range", "bytes=2000000-")])
        connection.check_that_nothing_follows()
    assert (answer.status, answer["content-range"]) == (416, "bytes */2000000")


@pytest.mark.case("If-Range")
def test_of_a_file_that_has_changed_the_whole_is_sent(site: Address) -> None:
    answer = ask(site, path="/download/large.bin", fields=[("Range", "bytes=0-9"), ("If-Range", '"another"')])
    assert (answer.status, len(answer.body)) == (200, 2_000_000)


@pytest.mark.case("static: If-Range")
def test_of_a_static_file_that_has_not_changed_the_part_is_sent(site: Address, server: Row) -> None:
    path = server.static("large.css")
    first = ask(site, path=path)
    validator = first["last-modified"]
    answer = ask(site, path=path, fields=[("Range", "bytes=5-9"), ("If-Range", validator)])
    assert (answer.status, answer.body) == (206, first.body[5:10])
    changed = ask(site, path=path, fields=[("Range", "bytes=5-9"), ("If-Range", "Wed, 21 Oct 2015 07:28:00 GMT")])
    assert (changed.status, changed.body) == (200, first.body)


@pytest.mark.case("X-Accel-Redirect")
def test_a_file_with_a_name_that_is_not_ascii_is_sent(site: Address, server: Row) -> None:
    way = "accelerated" if server.proxied else "download"
    answer = ask(site, path=f"/{way}/{quote(LETTER)}")
    assert (answer.status, answer.body) == (200, b"a letter\n")
    assert "filename*=utf-8''Gr%C3%BC%C3%9Fe" in answer["content-disposition"]
    assert answer["content-type"].startswith("text/plain")
    assert answer["x-accel-redirect"] == ""


@pytest.mark.case("X-Accel-Redirect")
def test_a_private_file_has_no_address_of_its_own(site: Address) -> None:
    for path in (f"/protected/{quote(LETTER)}", "/protected/", "/private/large.bin", "/static/../private/large.bin"):
        assert ask(site, path=path).status in (400, 404)


@pytest.mark.case("X-Accel-Redirect")
@pytest.mark.parametrize("kind", ["uwsgi-nginx", "gunicorn-nginx", "waitress-nginx"], indirect=True)
def test_what_nginx_sends_is_not_run_in_the_sites_name_and_kept_for_one_visitor(site: Address) -> None:
    page, drawing, pdf, film, public = (
        ask(site, path=f"/accelerated/{quote(LETTER)}?{query}")
        for query in (
            "type=text/html",
            "type=image/svg%2Bxml",
            "type=application/pdf",
            "type=video/mp4",
            "cache=public,+max-age=60",
        )
    )
    assert {answer.status for answer in (page, drawing, pdf, film, public)} == {200}
    assert "sandbox" in page["content-security-policy"]
    assert "default-src 'none'" in page["content-security-policy"]
    assert drawing["content-security-policy"] == page["content-security-policy"]
    assert pdf["content-security-policy"] == film["content-security-policy"] == ""  # Chrome shows none in a sandbox
    assert {answer["x-content-type-options"] for answer in (page, drawing, pdf, film)} == {"nosniff"}
    assert page.all("cache-control") == pdf.all("cache-control") == ["private"]
    assert public.all("cache-control") == ["public, max-age=60"]


def _form(files: dict[str, bytes], boundary: str = "a-boundary") -> tuple[list[tuple[str, str]], bytes]:
    parts = [f'--{boundary}\r\nContent-Disposition: form-data; name="text"\r\n\r\ngrün\r\n'.encode()]
    for name, data in files.items():
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="Grüße {name}"\r\n'
        parts += [head.encode(), b"Content-Type: application/octet-stream\r\n\r\n", data, b"\r\n"]
    parts.append(f"--{boundary}--\r\n".encode())
    return [("Content-Type", f"multipart/form-data; boundary={boundary}")], b"".join(parts)


@pytest.mark.case("an upload of 20 MB")
@pytest.mark.parametrize("is_chunked", [False, True], ids=["content-length", "chunked"])
def test_a_large_upload_arrives_whole(site: Address, is_chunked: bool) -> None:
    files = {"one": large() * 9, "two": b"\r\n--a-boundar" * 200_000}
    fields, body = _form(files)
    assert len(body) > 20_000_000
    with Connection(site) as connection:
        framing = ("Transfer-Encoding", "chunked") if is_chunked else ("Content-Length", str(len(body)))
        connection.send_head("POST", "/upload/", [*fields, framing])
        for start in range(0, len(body), 1_000_000):
            connection.send_body(body[start : start + 1_000_000])
        connection.finish()
        told = connection.read().json()
    assert told["text"] == "grün"
    for name, data in files.items():
        assert told[name] == hashlib.sha256(data).hexdigest()
        assert told[f"{name} name"] == f"Grüße {name}"


@pytest.mark.case("a body beyond the limit")
def test_a_body_beyond_the_limit_of_the_application_is_refused(site: Address) -> None:
    assert _status_of_a_large_form(site) in (400, 413)
    assert ask(site).body == b"hello\n"


@pytest.mark.case("a body beyond the limit")
@pytest.mark.parametrize("kind", ["uwsgi-nginx", "gunicorn-nginx", "waitress-nginx"], indirect=True)
def test_a_proxy_hands_on_the_refusal_however_busy_it_is(site: Address) -> None:
    # A server that hangs up on the rest of a body looks broken to nginx, which says 502 and, of several, asks another.
    with ThreadPoolExecutor(6) as clients:
        assert set(clients.map(_status_of_a_large_form, [site] * 40)) <= {400, 413}


def _status_of_a_large_form(site: Address) -> int:
    # 3 MB are more than DATA_UPLOAD_MAX_MEMORY_SIZE, and less than any server's limit: the application says no.
    length = 3_000_000
    fields = [("Content-Type", "application/x-www-form-urlencoded"), ("Content-Length", str(length))]
    with Connection(site, heeds=True) as connection:
        connection.send_head("POST", "/upload/", fields)
        try:
            connection.send_body(b"x" * length)
        except OSError:
            pass  # the answer came before the body's end; it is here to be read
        return connection.read_head().status


@pytest.mark.case("a body beyond the server's limit")
def test_a_body_beyond_the_limit_of_the_server_is_refused_before_it_is_sent(site: Address) -> None:
    with Connection(site) as connection:
        connection.send_head("POST", "/upload/", [("Content-Length", str(2_000_000_000))])
        assert connection.read_head().status == 413


@pytest.mark.case("a body beyond the server's limit")
def test_a_body_that_says_no_length_is_refused_too(site: Address) -> None:
    fields = [("Content-Type", "multipart/form-data; boundary=b"), ("Transfer-Encoding", "chunked")]
    part = b'--b\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n'
    with Connection(site, heeds=True) as connection:
        connection.send_head("POST", "/upload/", fields)
        try:
            for data in [part, *[bytes(2**20)] * 40, b"\r\n--b--\r\n"]:
                connection.send_body(data)
            connection.finish()
        except OSError:
            pass  # the answer came before the body's end; it is here to be read
        assert connection.read_head().status in (400, 413)
    assert ask(site).body == b"hello\n"
