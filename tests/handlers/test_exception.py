"""One table, one page, one record: what becomes of each kind of exception."""

from __future__ import annotations

import io
import logging
import os
import sys
from typing import Any

import pytest

from miniframe.exceptions import (
    BadRequest,
    DisallowedHost,
    Http404,
    PermissionDenied,
    RequestDataTooBig,
    ServiceUnavailable,
    SuspiciousFileOperation,
    UnreadablePostError,
)
from miniframe.handlers.exception import LAST_RESORT_PAGE, rule_for
from miniframe.http import HttpResponse, MultiPartParserError, UnsupportedMediaType
from miniframe.signals import got_request_exception
from miniframe.urls import path
from miniframe.utils.log import ErrorFormatter, ProjectFormatter


def raising(exception: BaseException) -> Any:
    def view(request: Any) -> HttpResponse:
        raise exception

    return view


class Teapot(BadRequest):
    status_code = 418


TABLE = [
    pytest.param(Http404("gone"), 404, "WARNING", "miniframe.request", "Not Found: /x/", id="404"),
    pytest.param(
        PermissionDenied("no"), 403, "WARNING", "miniframe.request", "Forbidden (Permission denied): /x/", id="403"
    ),
    pytest.param(BadRequest("what?"), 400, "WARNING", "miniframe.request", "what?: /x/", id="bad-request"),
    pytest.param(
        UnsupportedMediaType("no XML"), 415, "WARNING", "miniframe.request", "no XML: /x/", id="unsupported-type"
    ),
    pytest.param(
        MultiPartParserError("torn"),
        400,
        "WARNING",
        "miniframe.request",
        "Bad request (Unable to parse request body): /x/",
        id="multipart",
    ),
    pytest.param(
        SuspiciousFileOperation("..\r\n/etc"),
        400,
        "ERROR",
        "miniframe.security.SuspiciousFileOperation",
        r"..\r\n/etc",
        id="suspicious",
    ),
    pytest.param(
        DisallowedHost("100%s"), 400, "ERROR", "miniframe.security.DisallowedHost", "100%s", id="percent-is-no-format"
    ),
    pytest.param(
        RequestDataTooBig("too big"), 400, "ERROR", "miniframe.security.RequestDataTooBig", "too big", id="too-big"
    ),
    pytest.param(
        UnreadablePostError("reset"),
        400,
        "WARNING",
        "miniframe.request",
        "Client closed the connection (reset): /x/",
        id="client-gone",
    ),
    pytest.param(
        ServiceUnavailable("no cache"), 503, "WARNING", "miniframe.request", "no cache: /x/", id="something-is-gone"
    ),
    pytest.param(
        LookupError("oops"), 500, "ERROR", "miniframe.request", "Internal Server Error: /x/", id="anything-else"
    ),
]


@pytest.mark.parametrize(("exception", "status", "level", "logger", "message"), TABLE)
@pytest.mark.parametrize("debug", [False, True], ids=["production", "debug"])
def test_contract_70_each_exception_has_its_status_and_its_record(
    make_site: Any,
    caplog: pytest.LogCaptureFixture,
    exception: Exception,
    status: int,
    level: str,
    logger: str,
    message: str,
    debug: bool,
) -> None:
    answer = make_site(path("x/", raising(exception)), DEBUG=debug).get("/x/")
    assert answer.status.startswith(str(status))
    assert [(r.levelname, r.name, r.getMessage()) for r in caplog.records] == [(level, logger, message)]
    assert caplog.records[0].status_code == status  # type: ignore[attr-defined]  # log_response adds it


def test_the_nearest_row_of_the_table_decides() -> None:
    class Special(SuspiciousFileOperation): ...

    assert rule_for(Special()).logger == "miniframe.security."
    assert rule_for(Teapot()).status == 400
    assert rule_for(KeyError()).status == 500


def test_a_path_cannot_forge_lines_of_the_log(make_site: Any, caplog: pytest.LogCaptureFixture) -> None:
    make_site().get("/x\r\nFORGED \x1b[31m")
    assert [record.getMessage() for record in caplog.records] == [r"Not Found: /x\r\nFORGED \x1b[31m"]


def test_the_traceback_of_an_error_is_recorded(make_site: Any, caplog: pytest.LogCaptureFixture) -> None:
    error = LookupError("oops")
    make_site(path("", raising(error))).get()
    [record] = caplog.records
    assert record.exc_info is not None
    assert record.exc_info[1] is error


async def leave_async(request: Any) -> None:
    sys.exit(3)


@pytest.mark.parametrize("debug", [True, False], ids=["debug", "production"])
@pytest.mark.parametrize("view", [raising(SystemExit(3)), leave_async], ids=["plain", "async"])
def test_an_exit_of_a_view_is_an_error_where_it_ends_no_server(
    make_site: Any, caplog: pytest.LogCaptureFixture, view: Any, debug: bool
) -> None:
    site = make_site(path("", view), DEBUG=debug)
    answer = site.get(**{"miniframe.outlives_exit": os.getpid()})
    assert answer.status.startswith("500")
    assert (b"SystemExit: 3" in answer.body) is debug
    assert [record.getMessage() for record in caplog.records] == ["Internal Server Error: /"]


class Terminated(SystemExit): ...


@pytest.mark.parametrize(
    ("exception", "process"),
    [(SystemExit(3), None), (SystemExit(3), os.getppid()), (Terminated(3), os.getpid())],
    ids=["another-server", "a-process-that-a-view-forked", "the-server-s-own"],
)
def test_any_other_exit_passes_through(make_site: Any, exception: SystemExit, process: int | None) -> None:
    site = make_site(path("", raising(exception)), DEBUG=True)
    with pytest.raises(SystemExit) as caught:
        site.get(**({} if process is None else {"miniframe.outlives_exit": process}))
    assert caught.value is exception


@pytest.mark.parametrize("debug", [True, False], ids=["debug", "production"])
def test_the_record_of_an_error_ends_with_what_its_page_advises(
    make_site: Any, caplog: pytest.LogCaptureFixture, debug: bool
) -> None:
    def view(request: Any) -> None:
        redirect("/")  # type: ignore[name-defined]  # noqa: F821  # the mistake

    make_site(path("", view), DEBUG=debug).get()
    [record] = caplog.records
    last = ProjectFormatter().format(record).splitlines()[-1]
    hint = "Hint: redirect is in miniframe.shortcuts: from miniframe.shortcuts import redirect."
    assert (last == hint) is debug


def test_the_record_of_what_is_not_found_has_no_advice(make_site: Any, caplog: pytest.LogCaptureFixture) -> None:
    make_site(path("cart/", raising(LookupError())), DEBUG=True).get("/crat/")
    assert [ProjectFormatter().format(record) for record in caplog.records] == ["Not Found: /crat/"]


def test_a_host_that_is_not_the_site_s_is_one_line_in_production(
    make_site: Any, caplog: pytest.LogCaptureFixture
) -> None:
    site = make_site(path("", lambda request: HttpResponse(request.get_host())), DEBUG=False, ALLOWED_HOSTS=["me"])
    assert site.get(HTTP_HOST="you\n.example").status[:3] == "400"
    [record] = caplog.records
    line = ErrorFormatter().format(record)
    assert line.startswith("Invalid HTTP_HOST header: ")
    assert "\n" not in line
    # For handlers of the project's it is all there.
    assert record.exc_info
    assert "Traceback" in logging.Formatter().format(record)
    assert "Traceback" not in ErrorFormatter().format(record)


def test_an_error_of_the_site_s_own_keeps_its_traceback_in_production(
    make_site: Any, caplog: pytest.LogCaptureFixture
) -> None:
    make_site(path("", raising(LookupError("mine"))), DEBUG=False).get()
    assert "Traceback" in ErrorFormatter().format(caplog.records[0])


def test_a_client_that_hung_up_leaves_no_traceback(make_site: Any, caplog: pytest.LogCaptureFixture) -> None:
    class Torn(io.BytesIO):
        def read(self, *args: Any) -> bytes:
            raise ConnectionResetError("reset by peer")

    site = make_site(path("", lambda request: HttpResponse(request.body)))
    assert site.get(CONTENT_LENGTH="5", REQUEST_METHOD="POST", **{"wsgi.input": Torn()}).status[:3] == "400"
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize(
    ("status", "exception"),
    [(400, BadRequest("x")), (403, PermissionDenied("x")), (404, Http404("x"))],
    ids=["400", "403", "404"],
)
def test_the_urlconf_s_own_handler_makes_the_page(make_site: Any, status: int, exception: Exception) -> None:
    def handler(request: Any, exception: Exception) -> HttpResponse:
        return HttpResponse(f"own page for {exception}", status=status)

    site = make_site(path("", raising(exception)))
    setattr(site.urlconf, f"handler{status}", handler)
    answer = site.get()
    assert (answer.status[:3], answer.body) == (str(status), b"own page for x")


def test_the_urlconf_s_own_handler500_makes_the_page(make_site: Any) -> None:
    site = make_site(path("", raising(LookupError())))
    site.urlconf.handler500 = lambda request: HttpResponse("own", status=500)
    assert site.get().body == b"own"


def test_a_handler_may_answer_with_a_response_that_is_rendered_late(make_site: Any) -> None:
    class Deferred(HttpResponse):
        is_rendered = False

        def render(self) -> HttpResponse:
            self.content = "rendered"
            return self

    site = make_site()
    site.urlconf.handler404 = lambda request, exception: Deferred(status=404)
    assert site.get().body == b"rendered"


def broken_handler(request: Any, exception: Any = None) -> HttpResponse:
    raise RuntimeError("the handler is broken too")


def test_a_broken_handler404_is_a_server_error(make_site: Any, caplog: pytest.LogCaptureFixture) -> None:
    site = make_site()
    site.urlconf.handler404 = broken_handler
    assert site.get().status == "500 Internal Server Error"
    assert [r.exc_info[1].args for r in caplog.records if r.exc_info] == [("the handler is broken too",)]  # type: ignore[union-attr]  # an exception is there


def test_a_service_that_is_gone_is_no_error_of_ours(make_site: Any, caplog: pytest.LogCaptureFixture) -> None:
    heard: list[Any] = []

    def receiver(**kwargs: Any) -> None:
        heard.append(kwargs)

    got_request_exception.connect(receiver)
    answer = make_site(path("", raising(ServiceUnavailable("no cache")))).get()
    got_request_exception.disconnect(receiver)
    assert (answer.status, dict(answer.headers)["Retry-After"]) == ("503 Service Unavailable", "5")
    assert b"no cache" not in answer.body
    assert heard == []
    assert [record.exc_info for record in caplog.records] == [None]


class GoneForLong(ServiceUnavailable):
    retry_after = 60


def own_page(request: Any, exception: Any) -> HttpResponse:
    return HttpResponse("own", status=503)


def page_that_knows_better(request: Any, exception: Any) -> HttpResponse:
    return HttpResponse("own", status=503, headers={"Retry-After": "7"})


@pytest.mark.parametrize("debug", [False, True], ids=["production", "debug"])
@pytest.mark.parametrize(
    ("handler", "exception", "wanted"),
    [
        pytest.param(None, ServiceUnavailable("x"), "5", id="built-in-page"),
        pytest.param(own_page, ServiceUnavailable("x"), "5", id="page-of-the-project"),
        pytest.param(own_page, GoneForLong("x"), "60", id="seconds-of-the-exception"),
        pytest.param(page_that_knows_better, GoneForLong("x"), "7", id="page-that-knows-better"),
    ],
)
def test_whoever_made_the_page_a_client_is_told_when_to_come_again(
    make_site: Any, handler: Any, exception: ServiceUnavailable, wanted: str, debug: bool
) -> None:
    site = make_site(path("", raising(exception)), DEBUG=debug)
    if handler is not None:
        site.urlconf.handler503 = handler
    answer = site.get()
    if debug:  # the technical page, whatever the project has
        wanted = str(exception.retry_after)
    assert (answer.status, dict(answer.headers).get("Retry-After")) == ("503 Service Unavailable", wanted)


def test_a_page_that_needs_what_is_gone_is_no_error_of_ours_either(make_site: Any) -> None:
    def page(request: Any, exception: Any) -> HttpResponse:
        raise ServiceUnavailable("no sessions")

    site = make_site()
    site.urlconf.handler404 = page
    assert site.get().status == "503 Service Unavailable"
    site.urlconf.handler503 = lambda request, exception: HttpResponse(f"own: {exception}", status=503)
    assert (site.get().status, site.get().body) == ("503 Service Unavailable", b"own: no sessions")
    site.urlconf.handler503 = page
    assert site.get().status == "500 Internal Server Error"


@pytest.mark.parametrize("handlers", [["handler500"], ["handler404", "handler500"]], ids=["500", "404-and-500"])
def test_a_broken_handler500_leaves_a_plain_page(make_site: Any, handlers: list[str]) -> None:
    site = make_site(path("", raising(LookupError() if handlers == ["handler500"] else Http404())))
    for name in handlers:
        setattr(site.urlconf, name, broken_handler)
    answer = site.get()
    assert (answer.status, answer.body.decode()) == ("500 Internal Server Error", LAST_RESORT_PAGE)


def test_a_urlconf_that_cannot_be_imported_leaves_a_plain_page(
    make_site: Any, caplog: pytest.LogCaptureFixture
) -> None:
    site = make_site(MIDDLEWARE=[])
    from miniframe.test.utils import override_settings

    with override_settings(ROOT_URLCONF="no_such_urls"):
        answer = site.get()
    assert (answer.status, answer.body.decode()) == ("500 Internal Server Error", LAST_RESORT_PAGE)
    assert "no_such_urls" in caplog.text


def test_a_broken_error_page_leaves_a_plain_one_in_debug_too(make_site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from miniframe.views import debug

    def broken(*args: Any, **kwargs: Any) -> HttpResponse:
        raise RuntimeError("the report is broken")

    monkeypatch.setattr(debug, "technical_500_response", broken)
    monkeypatch.setattr(debug, "technical_404_response", broken)
    site = make_site(path("x/", raising(LookupError())), DEBUG=True)
    assert site.get("/x/").body.decode() == site.get("/nowhere/").body.decode() == LAST_RESORT_PAGE


def test_server_errors_are_announced_and_others_are_not(make_site: Any) -> None:
    seen: list[str] = []

    def receiver(sender: Any, request: Any, **kwargs: Any) -> None:
        seen.append(request.path)

    site = make_site(path("500/", raising(LookupError())), path("403/", raising(PermissionDenied())))
    got_request_exception.connect(receiver)
    try:
        for address in ("/500/", "/403/", "/404/"):
            site.get(address)
    finally:
        got_request_exception.disconnect(receiver)
    assert seen == ["/500/"]


def test_errors_propagate_if_they_are_to(make_site: Any) -> None:
    site = make_site(path("", raising(LookupError("through"))), DEBUG_PROPAGATE_EXCEPTIONS=True)
    with pytest.raises(LookupError, match="through"):
        site.get()


def test_a_response_is_recorded_once_however_many_layers_see_it(
    make_site: Any, caplog: pytest.LogCaptureFixture
) -> None:
    def layer(get_response: Any) -> Any:
        return lambda request: get_response(request)

    caplog.set_level(logging.DEBUG)
    make_site(path("", lambda request: HttpResponse(status=410)), middleware=[layer]).get()
    assert caplog.messages == ["Gone: /"]


def test_a_post_that_is_too_big_can_be_shown_on_the_error_page(make_site: Any) -> None:
    site = make_site(
        path("", lambda request: HttpResponse(request.POST["a"])), DATA_UPLOAD_MAX_MEMORY_SIZE=3, DEBUG=True
    )
    answer = site.get(
        REQUEST_METHOD="POST",
        CONTENT_TYPE="application/x-www-form-urlencoded",
        CONTENT_LENGTH="6",
        **{"wsgi.input": io.BytesIO(b"a=1234")},
    )
    assert answer.status == "400 Bad Request"
