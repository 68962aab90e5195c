"""What a request brings arrives whole, and an answer leaves as it was made."""

from __future__ import annotations

import hashlib
from urllib.parse import quote

import h11
import pytest

from .client import Address, Answer, Connection, ask
from .rows import Row


@pytest.mark.case("a plain page")
def test_contract_75_a_page_arrives_whole(site: Address) -> None:
    answer = ask(site)
    assert (answer.status, answer.body) == (200, b"hello\n")
    assert answer.all("content-length") == ["6"]
    assert len(answer.all("date")) == 1
    assert answer["content-type"] == "text/html; charset=utf-8"
    assert answer["x-frame-options"] == "DENY"


@pytest.mark.case("a body with Content-Length")
def test_a_body_of_known_length_arrives(site: Address) -> None:
    body = bytes(range(256)) * 4000
    seen = ask(site, "POST", "/echo/", [("Content-Type", "application/octet-stream")], body).json()
    assert (seen["method"], seen["length"]) == ("POST", len(body))
    assert seen["sha256"] == hashlib.sha256(body).hexdigest()


@pytest.mark.case("a chunked body")
def test_a_chunked_body_arrives(site: Address) -> None:
    parts = [b"first;", b"x" * 70_000, b"\r\n0\r\n\r\n", b"last"]
    with Connection(site) as connection:
        connection.send_head("POST", "/echo/", [("Transfer-Encoding", "chunked")])
        for part in parts:
            connection.send_body(part)
        connection.finish()
        seen = connection.read().json()
        # What follows on the connection is the next request, and nothing of the last body.
        after = connection.ask("GET", "/")
    assert seen["length"] == sum(map(len, parts))
    assert seen["sha256"] == hashlib.sha256(b"".join(parts)).hexdigest()
    assert after.body == b"hello\n"


@pytest.mark.case("100-continue")
def test_a_client_that_waits_for_100_is_answered(site: Address) -> None:
    with Connection(site) as connection:
        connection.send_head("POST", "/echo/", [("Content-Length", "5"), ("Expect", "100-continue")])
        assert connection.read_interim() == 100
        connection.send_body(b"hello")
        connection.finish()
        assert connection.read().json()["length"] == 5


def _without_changing(answer: Answer) -> list[tuple[str, str]]:
    return sorted(
        (name, value) for name, value in answer.fields if name not in ("date", "x-pid", "x-version", "set-cookie")
    )


@pytest.mark.case("HEAD")
@pytest.mark.parametrize("path", ["/", "/assets/large.css", "/cookies/", "/missing/", "/download/large.bin"])
def test_head_is_get_without_the_body(site: Address, path: str) -> None:
    with Connection(site) as connection:
        head = connection.ask("HEAD", path)
        connection.check_that_nothing_follows()
    get = ask(site, path=path)
    assert head.body == b""
    assert head.status == get.status
    assert _without_changing(head) == _without_changing(get)


@pytest.mark.case("HEAD of a stream")
def test_head_of_a_stream_ends_and_closes_it(site: Address, server: Row, token: str) -> None:
    with Connection(site) as connection:
        head = connection.ask("HEAD", f"/stream/{token}/")
        assert (head.status, head.body) == (200, b"")
        server.wait_for(f"{token}-closed")
        connection.check_that_nothing_follows()


@pytest.mark.case("no content")
def test_an_answer_without_content_has_no_body(site: Address) -> None:
    with Connection(site) as connection:
        answer = connection.ask("GET", "/empty/")
        connection.check_that_nothing_follows()
    assert (answer.status, answer.body) == (204, b"")
    assert "transfer-encoding" not in dict(answer.fields)


@pytest.mark.case("304")
def test_what_the_client_has_is_not_sent_again(site: Address) -> None:
    with Connection(site) as connection:
        first = connection.ask("GET", "/unchanged/")
        again = connection.ask("GET", "/unchanged/", [("If-None-Match", first["etag"])])
        connection.check_that_nothing_follows()
    assert (first.status, first["etag"]) == (200, '"as it was"')
    assert (again.status, again.body, again["etag"]) == (304, b"", '"as it was"')


@pytest.mark.case("two cookies")
def test_each_cookie_has_its_own_field(site: Address) -> None:
    first, second = ask(site, path="/cookies/").all("set-cookie")
    assert first.startswith("first=1; expires=Wed, 21 Oct 2065 07:28:00 GMT; ")
    assert second.startswith("second=2; ")


@pytest.mark.case("two cookies")
def test_cookies_come_back(site: Address) -> None:
    assert ask(site, path="/echo/", fields=[("Cookie", "a=1; b=2")]).json()["cookies"] == {"a": "1", "b": "2"}


@pytest.mark.case("a field that is not ASCII")
def test_what_a_browser_keeps_in_utf_8_does_not_hide_the_rest(site: Address) -> None:
    cookie = "a=1; b=grün".encode().decode("latin-1")
    assert ask(site, path="/echo/", fields=[("Cookie", cookie)]).json()["cookies"]["a"] == "1"


@pytest.mark.case("a session")
def test_a_visitor_is_known_again(site: Address) -> None:
    first = ask(site, path="/visits/")
    cookie = first["set-cookie"].partition(";")[0]
    assert first.body == b"visit 1\n"
    assert ask(site, path="/visits/", fields=[("Cookie", cookie)]).body == b"visit 2\n"


@pytest.mark.case("path and query not ASCII")
@pytest.mark.parametrize("name", ["Grüße", "日本", "a b", "50%", "a+b", "a;b", "semi;colon=1", "quote'\""])
def test_a_path_that_is_not_ascii_arrives(site: Address, name: str) -> None:
    answer = ask(site, path=f"/{quote('näme')}/{quote(name)}/?q={quote(name)}")
    assert answer.status == 200
    assert answer.body.decode() == f"{name}|{name}"


@pytest.mark.case("path and query not ASCII")
def test_an_encoded_slash_does_not_reach_another_page(site: Address) -> None:
    # PEP 3333 has PATH_INFO decoded, so this is /näme/a/b/, which is no page, whichever server it is.
    assert ask(site, path=f"/{quote('näme')}/a%2Fb/").status == 404


@pytest.mark.case("keep-alive")
def test_a_connection_serves_many_requests(site: Address) -> None:
    with Connection(site) as connection:
        for _ in range(20):
            assert connection.ask("GET", "/").body == b"hello\n"
        assert connection.ask("POST", "/echo/", body=b"x" * 10_000).json()["length"] == 10_000
        assert connection.ask("GET", "/missing/").status == 404
        assert connection.ask("GET", "/").body == b"hello\n"


@pytest.mark.case("keep-alive")
def test_a_body_that_the_view_leaves_unread_does_no_harm(site: Address) -> None:
    with Connection(site) as connection:
        assert connection.ask("POST", "/", body=b"GET /missing/ HTTP/1.1\r\n" * 40).status in (200, 403)
        try:
            after = connection.ask("GET", "/")
        except (OSError, h11.ProtocolError):
            return  # to hang up is right as well
    assert after.body == b"hello\n"


def _large_head(where: str, octets: int) -> tuple[str, list[tuple[str, str]]]:
    if where == "path":
        return "/?" + "x" * octets, []
    if where == "field":
        return "/", [("X-Large", "x" * octets)]
    return "/", [(f"X-Field-{number}", "x" * 80) for number in range(octets // 100)]


def _ask_with_a_large_head(site: Address, where: str, octets: int) -> int:
    path, fields = _large_head(where, octets)
    with Connection(site, heeds=True) as connection:
        try:
            connection.send_head("GET", path, fields)
            connection.finish()
        except OSError:
            pass  # the answer came before the request's end; it is here to be read
        return connection.read_head().status


@pytest.mark.case("a head of 100 KB")
@pytest.mark.parametrize("where", ["field", "path", "many fields"])
def test_a_large_head_is_answered_or_refused_politely(site: Address, where: str) -> None:
    assert _ask_with_a_large_head(site, where, 100_000) in (200, 400, 413, 414, 431)
    assert ask(site).body == b"hello\n"


@pytest.mark.case("a head of 2 MB")
@pytest.mark.parametrize("where", ["field", "path", "many fields"])
def test_a_huge_head_is_refused(site: Address, where: str) -> None:
    try:
        assert _ask_with_a_large_head(site, where, 2_000_000) in (400, 413, 414, 431)
    except (OSError, h11.RemoteProtocolError):
        pass  # with so much in flight a refusal may get lost on its way
    assert ask(site).body == b"hello\n"


@pytest.mark.case("a request that is none")
@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"GET / HTTP/1.1\r\n\r\n", id="no-host"),
        pytest.param(
            b"GET / HTTP/1.1\r\nHost: {name}\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx", id="lengths"
        ),
        pytest.param(
            b"POST / HTTP/1.1\r\nHost: {name}\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n", id="bad-chunk-size"
        ),
        pytest.param(b"GET / HTTP/1.1\r\nHost: {name}\r\nBad Name: x\r\n\r\n", id="blank-in-name"),
        pytest.param(b"rubbish\r\n\r\n", id="rubbish"),
    ],
)
def test_what_is_no_request_is_refused(site: Address, raw: bytes) -> None:
    with Connection(site) as connection:
        host = "\r\n".join([site.netloc, *(f"{name}: {value}" for name, value in site.via)])
        connection.socket.sendall(raw.replace(b"{name}", host.encode()))
        answer = b""
        while len(answer) < 12 and (data := connection.socket.recv(65536)):
            answer += data
    assert answer[:10] in (b"HTTP/1.1 4", b"HTTP/1.0 4")


@pytest.mark.case("two lengths of one body")
def test_a_request_of_two_lengths_has_nothing_behind_it(site: Address) -> None:
    # Whichever a server believes, another one on the way may have believed the other (RFC 9112, section 6.1).
    with Connection(site) as connection:
        connection.socket.sendall(
            b"POST / HTTP/1.1\r\nHost: %s\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
            b"GET /empty/ HTTP/1.1\r\nHost: %s\r\n\r\n" % (site.netloc.encode(), site.netloc.encode())
        )
        answers = b""
        while answers.count(b"HTTP/1.1 ") < 2 and (data := connection.socket.recv(65536)):
            answers += data
    assert answers.count(b"HTTP/1.1 ") == 1
