"""An answer that is made while it is sent arrives while it is made, and ends with its client."""

from __future__ import annotations

import h11
import pytest

from .client import Address, Connection, ask
from .rows import Row


@pytest.mark.case("streaming")
def test_each_piece_arrives_before_the_next_is_made(site: Address, server: Row, token: str) -> None:
    with Connection(site) as connection:
        connection.send_head("GET", f"/stream/{token}/")
        connection.finish()
        assert connection.read_head().status == 200
        pieces = connection.pieces()
        for number in (1, 2, 3):
            assert next(pieces) == b"piece %d\n" % number
            server.allow(f"{token}-{number + 1}")
        assert list(pieces) == []
        server.wait_for(f"{token}-closed")
        connection.check_that_nothing_follows()


@pytest.mark.case("server-sent events")
def test_each_event_arrives_when_it_is_sent(site: Address, server: Row, token: str) -> None:
    with Connection(site) as connection:
        # As a browser's EventSource asks.
        connection.send_head("GET", f"/events/{token}/", [("Accept", "text/event-stream"), ("Accept-Encoding", "gzip")])
        connection.finish()
        head = connection.read_head()
        assert head["content-type"].startswith("text/event-stream")
        assert head["content-encoding"] == ""
        received, pieces = "", connection.pieces()
        for number in (1, 2, 3):
            while not received.endswith("\n\n") or f"event {number}" not in received:
                received += next(pieces).decode()
            assert f"event {number + 1}" not in received
            server.allow(f"{token}-{number + 1}")
    assert "data: event 3: grün\n" in received


@pytest.mark.case("a client that goes away")
def test_a_stream_is_closed_when_its_client_has_gone(site: Address, server: Row, token: str) -> None:
    with Connection(site) as connection:
        connection.send_head("GET", f"/endless/{token}/")
        connection.finish()
        connection.read_head()
        assert next(connection.pieces())
    server.wait_for(f"{token}-closed")
    assert ask(site).body == b"hello\n"


@pytest.mark.case("a client that goes away")
def test_an_upload_that_breaks_off_does_no_harm(site: Address, server: Row) -> None:
    for _ in range(4):
        with Connection(site) as connection:
            connection.send_head("POST", "/echo/", [("Content-Length", "100000")])
            connection.send_body(b"x" * 1000)
    assert ask(site).body == b"hello\n"


@pytest.mark.case("a stream that breaks")
def test_a_stream_that_breaks_is_not_taken_for_whole(site: Address, server: Row, token: str) -> None:
    with Connection(site) as connection:
        connection.send_head("GET", f"/broken-stream/{token}/")
        connection.finish()
        try:
            status = connection.read_head().status
            if status == 200:
                with pytest.raises((h11.RemoteProtocolError, ConnectionError)):
                    list(connection.pieces())
        except ConnectionError:
            status = 500  # nothing of it had been sent
    assert status in (200, 500, 502)
    server.until(lambda: f"stream-within {token}" in server.log, "the error is not in the log")
    assert ask(site).body == b"hello\n"
