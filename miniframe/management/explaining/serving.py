"""The development server's own classes, which tell a timeline of each step that they take.

Nothing here serves in another way than `runserver` does: what is overridden says a word and calls what it overrides.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from miniframe.handlers.files import FilesHandler
from miniframe.http import HttpResponseBase
from miniframe.management.explaining.changes import without_secrets
from miniframe.management.explaining.recorder import tell_error
from miniframe.management.explaining.timeline import Step, Timeline
from miniframe.servers.answers import frame_answer
from miniframe.servers.basehttp import ServerHandler, ThreadedWSGIServer, WSGIRequestHandler
from miniframe.servers.bodies import ChunkedBody, LengthBody
from miniframe.servers.connection import Next
from miniframe.servers.crew import Crew
from miniframe.servers.filewrapper import FileWrapper
from miniframe.servers.lot import Lot
from miniframe.servers.protocol import parse_head

__all__ = ["Server", "watched_application"]


class _Passage(ServerHandler):
    """One request's passage through the application."""

    request_handler: Any = None

    @property
    def _timeline(self) -> Timeline:
        timeline: Timeline = self.request_handler.server.timeline
        return timeline

    def setup_environ(self) -> None:
        """Say https where that was asked for."""
        super().setup_environ()
        if self.request_handler.server.secure:
            self.environ["wsgi.url_scheme"] = "https"

    def send_headers(self, known_length: int | None) -> bytes:
        """Tell how the answer's end will be known."""
        timeline = self._timeline
        step = timeline.resume("answer", "", frame_answer)
        octets = super().send_headers(known_length)
        timeline.stop()
        head = self.head
        assert head is not None
        ends = "chunked" if head.chunked else "no body" if not head.has_body else f"{head.length or 0:,} octets"
        step.title = f"{self.status}, {head.octets.count(bytes((13, 10))) - 2} fields, {ends}"
        if self.result_is_file():
            step = timeline.add("file", "the system sends it", FileWrapper)
        elif known_length is None and head.has_body:
            step = timeline.add("stream", "block by block, as the view gives them", type(self.result))
        timeline.run(step)
        return octets

    def handle_error(self, error: BaseException) -> None:
        """Tell of an error that came out of the application."""
        tell_error(self._timeline, error)
        self._timeline.begin("page", "the server's own, for what no handler caught", ServerHandler.handle_error)
        super().handle_error(error)

    def close(self) -> None:
        """Tell of the end."""
        self._timeline.begin("close", "close() and request_finished", HttpResponseBase.close)
        super().close()


class _Connection(WSGIRequestHandler):
    """The connection on which the one request comes."""

    server_handler_class = _Passage
    server: Server

    def resume(self) -> Next:
        """Tell which thread takes the connection."""
        timeline = self.server.timeline
        if not any(step.kind == "crew" for step in timeline.steps):
            timeline.add("crew", f"{threading.current_thread().name} takes it", Crew)
            timeline.begin("connection", "reads what has come", WSGIRequestHandler)
        try:
            return super().resume()
        finally:
            if self.served or self.close_connection:
                timeline.stop()
                self.server.finished.set()

    def parse_request(self) -> bool:
        """Tell of the head."""
        timeline = self.server.timeline
        step = timeline.begin("parse", "", parse_head)
        done = super().parse_request()
        running = timeline.stop()
        step.title = without_secrets("", self.requestline)
        if self.head is not None:
            step.title += f", {len(self.head.fields.values)} fields"
        timeline.run(running)
        if done and self._body is None:
            timeline.begin("body", "none", LengthBody)
        return done

    def _take_body(self) -> bool:
        """Tell how the end of the body is found; of a request without one nobody asks."""
        timeline = self.server.timeline
        step = timeline.resume("body", "", type(self._body))
        done = super()._take_body()
        timeline.stop()
        step.title = self._body_text()
        timeline.run(step)
        return done

    def _body_text(self) -> str:
        how = "in chunks" if isinstance(self._body, ChunkedBody) else "by Content-Length"
        if self._stream is not None:
            return f"{how}, read as the application asks"
        return f"{self._collected:,} octets, {how}"

    def handle_one_request(self) -> None:
        """Tell that the application is about to be called."""
        self.server.timeline.begin("gateway", "environ and start_response", ServerHandler)
        super().handle_one_request()

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Tell why the server refuses the request, without asking the application."""
        self.server.timeline.begin("refusal", f"{code} {message or ''}".strip(), WSGIRequestHandler.refuse)
        super().send_error(code, message, explain)

    def log_message(self, format: str, *args: Any) -> None:
        """Write no line: all is told elsewhere."""


class Server(ThreadedWSGIServer):
    """A server for one request, on a free port of this machine."""

    def __init__(self, application: Any, timeline: Timeline, secure: bool) -> None:
        self.timeline = timeline
        self.secure = secure
        self.finished: threading.Event = threading.Event()
        super().__init__(("127.0.0.1", 0), _Connection)
        self.set_app(application)

    def park(self, request: Any, client_address: Any) -> bool:
        """Tell that the connection waits."""
        self.timeline.begin("lot", "no thread until the client speaks", Lot)
        return super().park(request, client_address)


def watched_application(application: Any, timeline: Timeline) -> Callable[[Any, Any], Any]:
    """Return the application with a step of its own; `application` is one that nobody else uses."""
    name = getattr(application, "__qualname__", type(application).__name__)
    place = application if hasattr(application, "__code__") else type(application)
    if isinstance(application, FilesHandler):
        _watch_files(application, timeline)

    def watched(environ: Any, start_response: Any) -> Any:
        gateway = timeline.stop()
        if gateway is not None and gateway.kind == "gateway":
            gateway.title = f"an environ of {len(environ)} names"
        timeline.begin("application", name, place)
        return application(environ, start_response)

    return watched


def _watch_files(files: Any, timeline: Timeline) -> None:
    answer = files.get_response

    def answering(request: Any) -> Any:
        step: Step = timeline.begin("files", f"{type(files).__name__} answers by itself", type(files).serve)
        response = answer(request)
        timeline.stop()
        step.notes.append(f"{type(response).__name__} {response.status_code}")
        timeline.begin("answer", "", frame_answer)
        return response

    files.application = watched_application(files.application, timeline)
    files.get_response = answering
    vars(files).pop("_middleware_chain", None)  # it holds the one that we replace
