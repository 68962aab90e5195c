"""One request to the project, over a real connection to a real server in this process; the steps, and the answer.

The request goes the whole way that it goes under `runserver`: a listening socket, the lot, the crew, the protocol, the
project's WSGI application.  We are the client.
"""

from __future__ import annotations

import copy
import logging
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any, NamedTuple

from miniframe.dispatch import Signal
from miniframe.handlers.base import BaseHandler
from miniframe.handlers.files import FilesHandler
from miniframe.handlers.wsgi import WSGIHandler
from miniframe.http import HttpRequest
from miniframe.management.explaining.asking import Question
from miniframe.management.explaining.recorder import Recorder
from miniframe.management.explaining.rendering import told_templates
from miniframe.management.explaining.serving import Server, watched_application
from miniframe.management.explaining.timeline import Step, Timeline
from miniframe.signals import request_finished, request_started

__all__ = ["Answer", "Explained", "explain"]

STREAM_SECONDS = 2.0
"""How long we listen to an answer that does not end."""
MOST_OCTETS = 16 * 1024 * 1024
"""How much of an answer we read."""


class Answer(NamedTuple):
    """What came back; `whole` is False for a stream that we left while it went on."""

    head: bytes
    size: int
    whole: bool

    @property
    def status(self) -> str:
        """Code and reason."""
        return self.head.partition(b"\r\n")[0].partition(b" ")[2].decode("latin-1")

    @property
    def fields(self) -> list[tuple[str, str]]:
        """The header fields as they came."""
        lines = self.head.decode("latin-1").split("\r\n")[1:]
        return [(name, value.strip()) for name, _, value in (line.partition(":") for line in lines if line)]


class Explained(NamedTuple):
    """All there is to tell."""

    question: Question
    answer: Answer
    steps: list[Step]
    reached: bool
    """The request came to the handler, whose steps are known one by one."""
    answered_by: str
    """The middleware or hook that answered in place of the view; "" if none did."""
    warm: bool
    """It was not the first request."""
    unfinished: Step | None
    """The step that was still going on when we stopped listening."""

    @property
    def microseconds(self) -> float:
        """What all steps took together."""
        return sum(step.nanoseconds for step in self.steps) / 1000


def explain(question: Question, load: Callable[[], Any], warm: bool = False) -> Explained:
    """Send `question` to the application that `load` returns.

    With `warm` it is sent twice, and told of the second time: what is imported or compiled by the first request of a
    process is then not in the way.
    """
    timeline = Timeline()
    recorder = Recorder(timeline)
    with BaseHandler.traced_by(recorder):
        application = watched_application(_of_our_own(load(), recorder), timeline)
        for _ in range(2 if warm else 1):
            timeline.clear()
            recorder.clear()
            with told_templates(timeline), _heard_signals(timeline), _told_logs(timeline):
                answer = _exchange(question, Server(application, timeline, question.secure))
            unfinished = timeline.stop()
            if not answer.head:
                break
    return Explained(question, answer, list(timeline.steps), recorder.reached, recorder.answered_by, warm, unfinished)


def _of_our_own(application: Any, recorder: Recorder) -> Any:
    """Return the application in a form that nobody else uses, with a chain that the recorder has seen being built."""
    if isinstance(application, FilesHandler):
        files = copy.copy(application)
        files.application = _of_our_own(files.application, recorder)
        return files
    if isinstance(application, WSGIHandler) and not recorder.has_chain:
        # It was loaded before we came.
        handler = copy.copy(application)
        handler.load_middleware()
        return handler
    return application


# ---------------------------------------------------------------- what is told meanwhile
@contextmanager
def _heard_signals(timeline: Timeline) -> Iterator[None]:
    """Begin the step of the request object, which the signal comes just before; name who else hears the two signals."""
    started, finished = _names_of_receivers(request_started), _names_of_receivers(request_finished)

    def on_start(**kwargs: Any) -> None:
        handler = timeline.stop()
        if handler is not None:
            handler.notes += [f"request_started: {name}" for name in started]
        timeline.begin("request", "a WSGIRequest, nothing computed yet", HttpRequest)

    def on_finish(**kwargs: Any) -> None:
        end = timeline.stop()
        if end is not None:
            end.notes += [f"request_finished: {name}" for name in finished]
        timeline.run(end)

    request_started.connect(on_start, weak=False)
    request_finished.connect(on_finish, weak=False)
    try:
        yield
    finally:
        request_started.disconnect(on_start)
        request_finished.disconnect(on_finish)


def _names_of_receivers(signal: Signal) -> list[str]:
    return [
        f"{call.__module__}.{getattr(call, '__qualname__', type(call).__name__)}"
        for call in (entry.get() for entry in signal.receivers)
        if call is not None
    ]


class _TellingHandler(logging.Handler):
    """Makes steps of log records."""

    def __init__(self, timeline: Timeline) -> None:
        super().__init__()
        self._timeline = timeline
        self._last: logging.LogRecord | None = None

    def emit(self, record: logging.LogRecord) -> None:
        """Write down a record, once."""
        if record is self._last:
            return
        self._last = record
        running = self._timeline.stop()
        text = f"{record.levelname} {record.name}: {record.getMessage()}"
        # What the framework logs about a response names no line.
        self._timeline.add("log", text, (record.pathname if record.lineno else "", record.lineno))
        self._timeline.run(running)


@contextmanager
def _told_logs(timeline: Timeline) -> Iterator[None]:
    """Make steps of what is logged; the framework's own console would only say the same in between."""
    teller = _TellingHandler(timeline)
    root = logging.getLogger()
    ours = [logging.getLogger(name) for name in ("miniframe", "miniframe.server")]
    kept = [(logger, logger.handlers) for logger in ours]
    root.addHandler(teller)
    for logger in ours:
        logger.handlers = [teller]
    try:
        yield
    finally:
        root.removeHandler(teller)
        for logger, handlers in kept:
            logger.handlers = handlers


# ---------------------------------------------------------------- the client
def _exchange(question: Question, server: Server) -> Answer:
    with server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        try:
            with socket.create_connection(server.server_address[:2]) as connection:
                sender = threading.Thread(target=_send, args=(connection, question.octets), daemon=True)
                sender.start()
                answer = _read(connection)
            # A view that streams notices at its next word that we have gone.
            server.finished.wait(STREAM_SECONDS)
        except KeyboardInterrupt:
            answer = Answer(b"", 0, False)  # whoever waited for it has waited long enough
        finally:
            server.shutdown()
    return answer


def _send(connection: socket.socket, octets: bytes) -> None:
    try:
        connection.sendall(octets)
    except OSError:
        pass  # it was refused before its end, and the answer says why


def _read(connection: socket.socket) -> Answer:
    """Return the answer; for its head we wait as long as it takes, since somebody may be at a breakpoint."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(65536)
        if not more:
            return Answer(data, 0, False)
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    size, until = len(body), monotonic() + STREAM_SECONDS
    while size < MOST_OCTETS:
        connection.settimeout(max(until - monotonic(), 0.001))
        try:
            more = connection.recv(65536)
        except TimeoutError:
            break
        except OSError:
            return Answer(head, size, False)
        if not more:
            return Answer(head, size, True)
        size += len(more)
    return Answer(head, size, False)
