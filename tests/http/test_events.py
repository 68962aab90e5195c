"""Server-sent events: how they are written, when they are sent, and that nothing outlives its client."""

from __future__ import annotations

import contextlib
import http.client
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextvars import ContextVar
from typing import Any

import pytest

from miniframe.handlers.wsgi import WSGIHandler
from miniframe.http import HttpRequest, HttpResponseBase
from miniframe.http.events import EventStreamResponse, ServerSentEvent, last_event_id
from miniframe.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from miniframe.test import Client, RequestFactory
from miniframe.test.utils import override_settings
from miniframe.urls import path

PATIENCE = 10.0  # seconds until a test gives up


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        pytest.param({"data": "hello"}, "data: hello\n\n", id="text"),
        pytest.param({"data": "a\nb\r\nc\rd"}, "data: a\ndata: b\ndata: c\ndata: d\n\n", id="lines"),
        pytest.param({"data": "a\u2028b\x0bc\x85"}, "data: a\u2028b\x0bc\x85\n\n", id="what-ends-no-line"),
        pytest.param({"data": "x\n\nevent: forged"}, "data: x\ndata: \ndata: event: forged\n\n", id="no-forged-fields"),
        pytest.param({"data": " x"}, "data:  x\n\n", id="leading-space"),
        pytest.param({"data": ""}, "data: \n\n", id="empty-text"),
        pytest.param({"data": {"n": [1, None]}}, 'data: {"n": [1, null]}\n\n', id="json"),
        pytest.param({"data": 0}, "data: 0\n\n", id="zero"),
        pytest.param(
            {"data": "x", "event": "tick", "id": 7, "retry": 500},
            "event: tick\nid: 7\nretry: 500\ndata: x\n\n",
            id="all-fields",
        ),
        pytest.param({"id": ""}, "id: \n\n", id="forget-the-id"),
        pytest.param({"comment": "one\ntwo"}, ": one\n: two\n\n", id="comment"),
    ],
)
def test_an_event_is_written_as_the_standard_says(arguments: dict[str, Any], text: str) -> None:
    assert ServerSentEvent(**arguments).text == text


@pytest.mark.parametrize(
    "arguments",
    [{"event": "a\nb"}, {"event": "a\rb"}, {"id": "a\nb"}, {"id": "a\0b"}, {"retry": -1}, {"retry": 1.5}],
    ids=str,
)
def test_what_would_start_another_field_is_refused(arguments: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="of an event cannot be"):
        ServerSentEvent("x", **arguments)


def test_events_are_equal_by_what_is_sent() -> None:
    assert ServerSentEvent("a") == ServerSentEvent("a") != ServerSentEvent("b")
    assert len({ServerSentEvent("a"), ServerSentEvent("a")}) == 1
    assert repr(ServerSentEvent("a")) == "<ServerSentEvent 'data: a'>"


@pytest.mark.parametrize(
    ("sent", "read"),
    [({}, ""), ({"HTTP_LAST_EVENT_ID": "7"}, "7"), ({"HTTP_LAST_EVENT_ID": "\xc3\xa9\xff"}, "é\ufffd")],
)
def test_the_last_id_is_read_as_browsers_send_it(sent: dict[str, Any], read: str) -> None:
    assert last_event_id(RequestFactory().get("/", **sent)) == read


# The response.


async def slowly() -> AsyncIterator[Any]:
    import asyncio

    yield "a"
    await asyncio.sleep(0.2)
    yield "b"


def quickly() -> Iterator[Any]:
    yield "a"
    time.sleep(0.2)
    yield "b"


@pytest.mark.parametrize("source", [quickly, slowly], ids=["plain", "async"])
def test_silence_is_filled_with_heartbeats(source: Callable[[], Any]) -> None:
    response = EventStreamResponse(source(), heartbeat=0.02)
    pieces = list(response)
    response.close()
    assert pieces[:2] == [b":\n\n", b"data: a\n\n"]
    assert pieces[-1] == b"data: b\n\n"
    assert set(pieces[2:-1]) == {b":\n\n"}
    assert len(pieces) > 4


@pytest.mark.parametrize("heartbeat", [None, 60.0], ids=["here", "in-a-thread"])
def test_values_are_data_and_none_is_a_heartbeat(heartbeat: float | None) -> None:
    response = EventStreamResponse(iter(["a", None, {"n": 1}, ServerSentEvent(id=3)]), heartbeat=heartbeat, retry=200)
    assert list(response) == [b"retry: 200\n\n", b"data: a\n\n", b":\n\n", b'data: {"n": 1}\n\n', b"id: 3\n\n"]
    response.close()


def test_the_head_keeps_proxies_from_collecting() -> None:
    response = EventStreamResponse(headers={"X-Accel-Buffering": "yes"})
    assert dict(response.headers.items()) == {
        "Content-Type": "text/event-stream",
        "X-Accel-Buffering": "yes",
        "Cache-Control": "no-store, no-transform",
    }
    assert list(response) == [b":\n\n"]


def test_text_is_utf_8_whatever_the_site_uses() -> None:
    with override_settings(DEFAULT_CHARSET="latin-1"):
        assert list(EventStreamResponse(["é \udcff"]))[1] == "data: é ?\n\n".encode()


@pytest.mark.parametrize("arguments", [{"heartbeat": 0}, {"heartbeat": -1.0}, {"retry": -1}], ids=str)
def test_impossible_times_are_refused(arguments: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="cannot be"):
        EventStreamResponse([], **arguments)


@pytest.mark.parametrize("heartbeat", [None, 60.0], ids=["here", "in-a-thread"])
def test_an_error_in_the_events_reaches_the_server(heartbeat: float | None) -> None:
    def events() -> Iterator[str]:
        yield "a"
        raise RuntimeError("the source dried up")

    response = EventStreamResponse(events(), heartbeat=heartbeat)
    with pytest.raises(RuntimeError, match="dried up"):
        list(response)
    response.close()


def test_an_error_in_async_events_reaches_the_server() -> None:
    async def events() -> AsyncIterator[str]:
        yield "a"
        raise RuntimeError("the source dried up")

    response = EventStreamResponse(events())
    with pytest.raises(RuntimeError, match="dried up"):
        list(response)
    response.close()


class Feed:
    """Endless events that tell when they were closed."""

    def __init__(self) -> None:
        self.closed = threading.Event()
        self.made = 0

    def __iter__(self) -> Iterator[int]:
        while True:
            self.made += 1
            yield self.made

    def close(self) -> None:
        self.closed.set()


@pytest.mark.parametrize("heartbeat", [None, 60.0], ids=["here", "in-a-thread"])
@pytest.mark.parametrize("taken", [0, 1, 3])
def test_events_are_made_when_they_are_wanted_and_closed_with_the_response(heartbeat: Any, taken: int) -> None:
    feed = Feed()
    response = EventStreamResponse(feed, heartbeat=heartbeat)
    stream = iter(response)
    for _ in range(taken):
        next(stream)
    response.close()
    assert feed.made == max(taken - 1, 0)
    assert feed.closed.is_set()


def test_async_events_are_closed_while_they_wait() -> None:
    ended: list[str] = []

    async def events() -> AsyncIterator[str]:
        import asyncio

        try:
            yield "a"
            await asyncio.sleep(3600)
        finally:
            ended.append("closed")

    response = EventStreamResponse(events(), heartbeat=0.01)
    stream = iter(response)
    assert [next(stream) for _ in range(4)][1:] == [b"data: a\n\n", b":\n\n", b":\n\n"]
    response.close()
    assert ended == ["closed"]


def test_a_response_that_is_never_sent_leaves_nothing_behind() -> None:
    EventStreamResponse(slowly()).close()
    assert "events" not in {thread.name for thread in threading.enumerate()}


def test_a_close_that_fails_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    class Bad(Feed):
        def close(self) -> None:
            raise OSError("jammed")

    EventStreamResponse(Bad()).close()
    assert "A stream of events could not be closed." in caplog.text


COLOUR: ContextVar[str] = ContextVar("colour", default="none")


def test_context_variables_of_the_request_are_seen_in_the_events_thread() -> None:
    def events() -> Iterator[str]:
        yield COLOUR.get()

    token = COLOUR.set("blue")
    try:
        assert list(EventStreamResponse(events()))[1] == b"data: blue\n\n"
    finally:
        COLOUR.reset(token)


# Through the framework.

FEEDS: list[Feed] = []


def live(request: HttpRequest) -> HttpResponseBase:
    feed = Feed()
    FEEDS.append(feed)

    def events() -> Iterator[int]:
        try:
            for number in feed:
                yield number
                if number > 2:
                    time.sleep(0.01)
        finally:
            feed.close()

    response = EventStreamResponse(events(), heartbeat=0.05)
    # The generator's own end is not reached if it is never begun (HEAD).
    response._resource_closers.append(feed.close)
    return response


urlpatterns = [path("live", live)]


@contextlib.contextmanager
def serving() -> Iterator[int]:
    """The routes above behind the development server; the port."""
    server = ThreadedWSGIServer(("127.0.0.1", 0), WSGIRequestHandler)
    server.set_app(WSGIHandler())
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join(PATIENCE)


def test_a_client_that_goes_ends_its_events() -> None:
    with override_settings(ROOT_URLCONF=__name__), serving() as port:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        connection.request("GET", "/live")
        response = connection.getresponse()
        assert response.getheader("Transfer-Encoding") == "chunked"
        assert [response.readline() for _ in range(6)] == [b":\n", b"\n", b"data: 1\n", b"\n", b"data: 2\n", b"\n"]
        response.close()
        connection.close()
        assert FEEDS[-1].closed.wait(PATIENCE)


def test_a_head_request_gets_the_head_and_starts_nothing() -> None:
    with override_settings(ROOT_URLCONF=__name__), serving() as port:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        connection.request("HEAD", "/live")
        response = connection.getresponse()
        assert (response.status, response.read()) == (200, b"")
        assert FEEDS[-1].closed.wait(PATIENCE)
        assert FEEDS[-1].made == 0
        connection.close()


def test_middleware_lets_each_event_through_at_once() -> None:
    names = ["gzip.GZipMiddleware", "http.ConditionalGetMiddleware", "common.CommonMiddleware"]
    with override_settings(ROOT_URLCONF=__name__, MIDDLEWARE=[f"miniframe.middleware.{name}" for name in names]):
        response: Any = Client().get("/live", headers={"accept-encoding": "gzip"})
    stream = iter(response.streaming_content)
    assert [next(stream), next(stream)] == [b":\n\n", b"data: 1\n\n"]
    assert not {"Content-Encoding", "Content-Length", "ETag"} & set(response.headers)
    response.close()
    assert FEEDS[-1].closed.is_set()
