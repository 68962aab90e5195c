"""The report of a server process that died without a word: what it left on standard error, read as a traceback.

Nobody caught an exception here, so there is only the text that Python printed: files, lines, carets, the last line.
It is read in the process that watches over the server, which never loads the project: so nothing here asks a setting.

Source: Python's library reference, "traceback", section "TracebackException"; signal(7).
Not here: serving it (`autoreload.doorman`).
"""

from __future__ import annotations

import linecache
import re
from collections.abc import Iterator
from typing import NamedTuple

from miniframe.types import WSGIApplication
from miniframe.utils.masking import mask_source
from miniframe.views.hints.modules import advise_on_missing_module
from miniframe.views.report.building import build_report, printer_for, report_app
from miniframe.views.report.data import Frame, Raised, Report
from miniframe.views.report.filter import SafeExceptionReporterFilter
from miniframe.views.report.frames import Reader, is_of_project

__all__ = ["crash_app", "crash_report"]

_CALL = re.compile(r'  File "(.+)", line (\d+)(?:, in (.+))?')
# A class, and perhaps a text.
_ERROR = re.compile(r"([^\W\d][\w.]*)(?:: ?(.*))?")
_CARETS = re.compile(r"    ( *)([~^]+)\s*")
_LINKS = {
    "The above exception was the direct cause of the following exception:": "cause",
    "During handling of the above exception, another exception occurred:": "context",
}
_SILENCE = "It left no message; look into the terminal."
_NOTHING_RAISED = "It left no traceback: something has called `os._exit()` or `sys.exit()`."
_IN_C = (
    "Code in C has crashed: Python's own, or an extension module's. `python -X faulthandler manage.py runserver` "
    "prints the Python calls that led there."
)
_SIGNALS = {
    **dict.fromkeys(("SIGSEGV", "SIGBUS", "SIGILL", "SIGFPE", "SIGABRT"), _IN_C),
    "SIGKILL": "The system ends processes like this when memory runs out: `dmesg | tail` tells.",
}


class _Call(NamedTuple):
    """One call as it was printed; `columns` are those of the carets, without the line's indentation."""

    file: str
    line: int
    function: str
    columns: tuple[int, int] | None


class _Printed(NamedTuple):
    """One exception as it was printed, and how it led to the next one: "cause", "context", or "" for the last."""

    kind: str
    message: str
    calls: tuple[_Call, ...]
    leads: str


def crash_app(what: str, output: str) -> WSGIApplication:
    """Return an application that answers every request with the report; see `crash_report`."""
    return report_app(crash_report(what, output))


def crash_report(what: str, output: str) -> Report:
    """Return the report: `what` became of the process ("ended with status 1"), and what it left on standard error."""
    safe = SafeExceptionReporterFilter()
    printed = list(_read(output.splitlines()))
    for file in {call.file for each in printed for call in each.calls if is_of_project(call.file)}:
        safe.learn("".join(linecache.getlines(file)))
    title = f"The server process {what}"
    reader = Reader(None, safe, printer_for(safe, None))
    raised = [_raised(each, reader, safe) for each in reversed(printed)]
    if raised:
        raised[0] = raised[0]._replace(link="", notes=(f"{title}.",))
        title = raised[0].kind
    hint = _hint(what, printed)
    report = build_report(
        None,
        None,
        kind="crash",
        title=safe.scrub(title),
        message=raised[0].message if raised else "" if output.strip() else _SILENCE,
        hints=[hint] if hint else (),
    )
    return report._replace(raised=tuple(raised), output=safe.scrub(mask_source(output.strip())))


def _read(lines: list[str]) -> Iterator[_Printed]:
    """Yield the exceptions of a printed traceback in the order of the text: what caused another comes before it."""
    calls: list[_Call] = []
    waiting: _Printed | None = None
    for number, line in enumerate(lines):
        call = _CALL.fullmatch(line)
        error = _ERROR.fullmatch(line)
        if call:
            calls.append(_Call(call[1], int(call[2]), call[3] or "", _columns(lines[number + 1 : number + 3])))
        elif line in _LINKS and waiting:
            yield waiting._replace(leads=_LINKS[line])
            waiting = None
        elif calls and line[:1].strip():
            # The first line after the calls that is not indented: the error, or something else than a traceback.
            waiting = _Printed(error[1], error[2] or "", tuple(calls), "") if error else None
            calls = []
    if waiting:
        yield waiting


def _columns(following: list[str]) -> tuple[int, int] | None:
    carets = _CARETS.fullmatch(following[1]) if len(following) == 2 else None
    return carets and (len(carets[1]), len(carets[1]) + len(carets[2]))


def _raised(printed: _Printed, reader: Reader, safe: SafeExceptionReporterFilter) -> Raised:
    return Raised(
        kind=printed.kind,
        message=safe.scrub(printed.message),
        notes=(),
        link=printed.leads,
        frames=tuple(_frame(call, reader) for call in printed.calls),
        left_out=0,
        members=(),
    )


def _frame(call: _Call, reader: Reader) -> Frame:
    return reader.printed_frame(call.file, call.function, call.line, call.columns)


def _hint(what: str, printed: list[_Printed]) -> str:
    if printed:
        missing = re.match(r"No module named '([^']+)'", printed[-1].message)
        return advise_on_missing_module(missing[1], ModuleNotFoundError()) if missing else ""
    if what.startswith("ended with"):
        return _NOTHING_RAISED
    return _SIGNALS.get(what.rpartition(" ")[2], "")
