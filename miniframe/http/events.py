"""Server-sent events: a stream of messages to a browser's `EventSource`, over one plain response.

    from miniframe.http.events import EventStreamResponse, ServerSentEvent, last_event_id

    def news(request):
        def events():
            for entry in entries_after(last_event_id(request)):
                yield ServerSentEvent({"title": entry.title}, id=entry.number)
        return EventStreamResponse(events())

The browser connects again by itself when the stream ends or breaks, and says the last `id` that it has seen.

Not in the face of `http`: only sites that use it load it.
Source: WHATWG HTML, section 9.2, "Server-sent events".
"""

from __future__ import annotations

import contextvars
import logging
import re
import threading
from collections.abc import AsyncIterable, Iterable, Iterator
from queue import Empty, SimpleQueue
from typing import Any, Protocol

from miniframe.http.streaming import StreamingHttpResponse
from miniframe.serializers.json import encode_json

__all__ = ["EventStreamResponse", "ServerSentEvent", "last_event_id"]

logger: logging.Logger = logging.getLogger("miniframe.request")

# These end a line of the stream, and no others: str.splitlines() would also split at U+2028 and change the data.
_LINE_END = re.compile(r"\r\n|\r|\n")
_HEARTBEAT = b":\n\n"


class ServerSentEvent:
    """One event.  `data` is text, of any number of lines; anything else is sent as JSON.

    `event` is the name that the page listens to ("message" if there is none), `id` what it says when it connects again,
    `retry` after how many milliseconds it does so.  `comment` is for people who watch the stream.
    """

    __slots__ = ("text",)

    text: str
    """The event as it goes over the wire."""

    def __init__(
        self,
        data: Any = None,
        *,
        event: str | None = None,
        id: object = None,
        retry: int | None = None,
        comment: str | None = None,
    ) -> None:
        """Make an event; without data the page is not told of it.

        Raises:
            ValueError: a line break in `event` or `id`, a NUL in `id`, or `retry` is negative or no whole number.
            TypeError: `data` holds what JSON cannot write.
        """
        lines = [f": {line}" for line in _LINE_END.split(comment)] if comment is not None else []
        if event is not None:
            lines.append(f"event: {_one_line('event', event)}")
        if id is not None:
            lines.append(f"id: {_one_line('id', str(id))}")
        if retry is not None:
            lines.append(f"retry: {_milliseconds(retry)}")
        if data is not None:
            text = data if isinstance(data, str) else encode_json(data)
            lines += [f"data: {line}" for line in _LINE_END.split(text)]
        self.text = "\n".join([*lines, "", ""])

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.text.rstrip()!r}>"

    def __eq__(self, other: object) -> bool:
        return self.text == other.text if isinstance(other, ServerSentEvent) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.text)


def _one_line(name: str, value: str) -> str:
    # A browser takes what follows a line break for another field, and drops an id with a NUL in it.
    if "\n" in value or "\r" in value or "\0" in value:
        raise ValueError(f"{name} of an event cannot be {value!r}: it must be one line, without NUL")
    return value


def _milliseconds(retry: int) -> int:
    if not isinstance(retry, int) or retry < 0:
        raise ValueError(f"retry of an event cannot be {retry!r}: it is a whole number of milliseconds")
    return int(retry)  # True is a whole number, and not written as one


def last_event_id(request: Any) -> str:
    """Return the id of the last event that this client has seen; "" if it has seen none.

    A stranger may have written it: look it up, and do not trust it.
    """
    value: str = request.META.get("HTTP_LAST_EVENT_ID", "")
    # Browsers send it as UTF-8, and WSGI hands it over as latin-1.
    return value.encode("latin-1", "replace").decode("utf-8", "replace")


class EventStreamResponse(StreamingHttpResponse):
    """A stream of events, each sent when it is made.

    `events` is an iterable or an async iterable of `ServerSentEvent`; other values stand for the data of one, and None
    for a heartbeat.  Its `close` (of a generator: its `finally`) is called when the client is gone.

    A client's going is noticed when something is sent, and a proxy ends a connection on which nothing is; so after
    `heartbeat` seconds of silence a comment is sent, which pages do not see.  For that, plain iterables are run in a
    thread of their own: what belongs to one thread, such as a connection to SQLite, must be opened inside.  With
    `heartbeat=None` there is neither thread nor heartbeat.

    `retry` is after how many milliseconds a browser connects again; without it, after some seconds.
    """

    def __init__(
        self,
        events: Iterable[Any] | AsyncIterable[Any] = (),
        *,
        heartbeat: float | None = 15.0,
        retry: int | None = None,
        **kwargs: Any,
    ) -> None:
        """Make the response; `kwargs` are those of `StreamingHttpResponse`, without the content type.

        Raises:
            ValueError: `retry` is negative or no whole number, or `heartbeat` is no positive number.
        """
        if heartbeat is not None and not heartbeat > 0:
            raise ValueError(f"heartbeat cannot be {heartbeat!r}: it is a number of seconds, or None for none")
        first = ServerSentEvent(retry=retry).text.encode() if retry is not None else _HEARTBEAT
        super().__init__(_EventStream(events, heartbeat, first), content_type="text/event-stream", **kwargs)
        # Proxies must neither keep a stream nor collect it: to compress it they would (RFC 9111, section 5.2.2.6).
        self.headers.setdefault("Cache-Control", "no-store, no-transform")
        self.headers.setdefault("X-Accel-Buffering", "no")  # the same for nginx


class _Source(Protocol):
    """Where events come from."""

    def next(self, timeout: float | None) -> Any:
        """Return the next one, or None if there is none after so many seconds; StopIteration is the end."""
        ...

    def close(self) -> None:
        """Have the events' iterator closed."""
        ...


class _EventStream:
    """The pieces of the response's body."""

    def __init__(self, events: Any, heartbeat: float | None, first: bytes) -> None:
        self._source: _Source
        if hasattr(events, "__aiter__"):
            self._source = _FromLoop(events)
        elif heartbeat is None or isinstance(events, (list, tuple)):
            self._source = _FromHere(events)
        else:
            self._source = _FromThread(events)
        self._heartbeat = heartbeat
        # Sent at once: the browser's `open` need not wait for something to happen.
        self._first = first

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        if self._first:
            first, self._first = self._first, b""
            return first
        event = self._source.next(self._heartbeat)
        if event is None:
            return _HEARTBEAT
        if not isinstance(event, ServerSentEvent):
            event = ServerSentEvent(event)
        text: str = event.text
        return text.encode("utf-8", "replace")

    def close(self) -> None:
        self._source.close()


class _FromHere:
    """Events that are made in the thread that sends them."""

    def __init__(self, events: Iterable[Any]) -> None:
        self._events, self._iterator = events, iter(events)

    def next(self, timeout: float | None) -> Any:
        return next(self._iterator)

    def close(self) -> None:
        _close(self._iterator, self._events)


_END = object()


class _FromThread:
    """Events that are made in a thread of their own, each when it is asked for and none before."""

    def __init__(self, events: Iterable[Any]) -> None:
        self._events, self._iterator = events, iter(events)
        self._wanted = threading.Semaphore(0)
        self._made: SimpleQueue[tuple[Any, BaseException | None]] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._at_work = False
        self._closed = False

    def next(self, timeout: float | None) -> Any:
        if self._thread is None:
            context = contextvars.copy_context()
            self._thread = threading.Thread(target=context.run, args=(self._work,), name="events", daemon=True)
            self._thread.start()
        if not self._at_work:
            self._at_work = True
            self._wanted.release()
        try:
            event, error = self._made.get(timeout=timeout)
        except Empty:
            return None
        self._at_work = False
        if error is not None:
            raise error
        if event is _END:
            raise StopIteration
        return event

    def close(self) -> None:
        self._closed = True
        if self._thread is None:
            _close(self._iterator, self._events)
            return
        self._wanted.release()
        if not self._at_work:
            self._thread.join()
        # Else it may wait for hours; it closes the events when it has the one that nobody wants any more.

    def _work(self) -> None:
        try:
            while self._wanted.acquire() and not self._closed:
                self._made.put((next(self._iterator, _END), None))
        except BaseException as error:
            self._made.put((None, error))
        finally:
            _close(self._iterator, self._events)


def _close(iterator: Any, events: Any) -> None:
    """Close an iterator, and what it came from; most have no `close`."""
    for each in (iterator,) if iterator is events else (iterator, events):
        try:
            if hasattr(each, "close"):
                each.close()
        except Exception:
            logger.exception("A stream of events could not be closed.")


class _FromLoop:
    """Events of an async iterable, in an event loop that runs while we wait for one."""

    def __init__(self, events: AsyncIterable[Any]) -> None:
        self._events = aiter(events)
        self._runner: Any = None
        self._task: Any = None

    def next(self, timeout: float | None) -> Any:
        if self._runner is None:
            import asyncio  # heavy, and needed by async streams only

            self._runner = asyncio.Runner()
        event = self._runner.run(self._wait(timeout))
        if event is _END:
            raise StopIteration
        return event

    async def _wait(self, timeout: float | None) -> Any:
        import asyncio  # loaded just above

        if self._task is None:
            self._task = asyncio.ensure_future(self._next())
        done, _ = await asyncio.wait({self._task}, timeout=timeout)
        if not done:
            return None
        task, self._task = self._task, None
        return task.result()

    async def _next(self) -> Any:
        return await anext(self._events, _END)

    def close(self) -> None:
        if self._runner is None:
            return
        try:
            self._runner.run(self._end())
        except Exception:
            logger.exception("A stream of events could not be closed.")
        self._runner.close()

    async def _end(self) -> None:
        import asyncio  # loaded by `next`

        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})
        close = getattr(self._events, "aclose", None)
        if close is not None:
            await close()
