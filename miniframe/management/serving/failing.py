"""What `runserver` does about a project that does not start: tell the terminal, and serve the reason as a page.

    tell(failure, ...)         write it to the terminal: the traceback, or one line where that says it all
    failure_app(...)           the application that shows the failure to those who may see it
    log_by_itself()            requests are logged, although the project's logging could not be set up

Not here: how the page looks (`views.report`); who may see it (`autoreload.audience`).
"""

from __future__ import annotations

import logging
import os
import traceback
from collections.abc import Iterable
from typing import Any

import miniframe
from miniframe.autoreload import Audience
from miniframe.autoreload.audience import plain_app
from miniframe.checks import CheckMessage
from miniframe.exceptions import ImproperlyConfigured
from miniframe.management.errors import CommandError, SystemCheckError, describe
from miniframe.management.output import OutputWrapper
from miniframe.types import Environ, WSGIApplication
from miniframe.utils.jsonlog import is_wanted
from miniframe.utils.log import ServerFormatter

__all__ = ["failure_app", "log_by_itself", "report", "tell"]

_NOT_THEIRS = (os.path.dirname(miniframe.__file__) + os.sep, os.path.dirname(os.__file__) + os.sep, "<frozen ")

logger: logging.Logger = logging.getLogger("miniframe.server")


def tell(failure: BaseException, stderr: OutputWrapper, audience: Audience) -> None:
    """Say on the terminal why the project does not start; in the log, if that is for programs."""
    if is_wanted():
        logger.error("The project does not start", exc_info=failure)
    else:
        stderr.write(report(failure), str if isinstance(failure, SystemCheckError) else None)
        if not audience.debug:
            stderr.write("DEBUG was off when the settings were last read, so visitors are told nothing.")
    stderr.flush()


def report(failure: BaseException) -> str:
    """Return what the terminal is told of a failure.

    Of a traceback that is the part from where it enters the project's own code: how we got there helps nobody mend it.
    """
    if isinstance(failure, SystemCheckError):
        return failure.painted
    if isinstance(failure, CommandError):
        return describe(failure)
    whole = traceback.TracebackException.from_exception(failure)
    part: traceback.TracebackException | None = whole
    found = False
    while part is not None:
        own = [index for index, frame in enumerate(part.stack) if not frame.filename.startswith(_NOT_THEIRS)]
        found = found or bool(own)
        del part.stack[: own[0] if own else len(part.stack)]
        part = part.__cause__ or part.__context__
    if not found and not isinstance(failure, (ImproperlyConfigured, SyntaxError)):
        # Nothing of theirs is in it, so it may be ours: all of it is wanted.
        return "".join(traceback.format_exception(failure))
    text = "".join(whole.format())
    return _with_indentation(text, failure.text or "") if isinstance(failure, IndentationError) else text


def _with_indentation(text: str, source: str) -> str:
    """Return a traceback of Python's with the indentation of the line it ends at, which is what it is about."""
    code = source.strip()
    before, found, after = text.rpartition(f"    {code}\n")
    if not code or not found:
        return text
    blank = source[: source.index(code)]
    carets, end, rest = after.partition("\n")
    marked = f"{blank}{carets}{end}{rest}" if carets.strip(" ^~") == "" else after
    return f"{before}    {blank}{code}\n{marked}"


def failure_app(failure: BaseException, audience: Audience) -> WSGIApplication:
    """Return an application that answers 500 with the failure's page, or with a line to those who may not see it."""
    page = _page(failure)

    def application(environ: Environ, start_response: Any) -> Iterable[bytes]:
        host = environ.get("HTTP_HOST", "")
        refusal = audience.refusal(host)
        if refusal is None:
            return page(environ, start_response)
        status, text = refusal
        if audience.debug:
            logger.warning(
                "Invalid HTTP_HOST header: %r. While the project does not start, its error page is for names and "
                "addresses of this machine and for ALLOWED_HOSTS as they were last.",
                host,
            )
        return plain_app(status, text)(environ, start_response)

    return application


def _page(failure: BaseException) -> WSGIApplication:
    """Return an application that shows the failure to everyone: as a page, or its traceback if even that fails."""
    try:
        from miniframe.views.hints import find_hints
        from miniframe.views.report.building import boot_failure_app  # a big page, for bad days only
        from miniframe.views.report.frames import project_files

        if isinstance(failure, SystemCheckError):
            issues = [issue for issue in failure.issues if issue.is_serious()]
            # A misspelt setting is often behind what the checks found.
            hints = [*find_hints(failure, None), *(str(issue.hint) for issue in issues if issue.hint)]
            return boot_failure_app(failure, message="\n".join(map(_in_short, issues)), hints=hints, way=False)
        # A setting that names nothing, say: our own code has found that, and no line of the project was on the way.
        in_words = isinstance(failure, ImproperlyConfigured) and not project_files(failure)
        return boot_failure_app(failure, way=not in_words and not isinstance(failure, CommandError))
    except Exception as error:
        text = "".join(traceback.format_exception(failure))
        text += "\nThe error page could not be made:\n\n" + "".join(traceback.format_exception(error))
        return plain_app("500 Internal Server Error", text)


def _in_short(issue: CheckMessage) -> str:
    """Return what a check found without its hint, which has a place of its own on the page."""
    about = "" if issue.obj is None else f"{issue.obj}: "
    return f"{about}{issue.msg}{f' ({issue.id})' if issue.id else ''}"


def log_by_itself() -> None:
    """Let the log of requests look as ever; the rest of the logging asks settings, and there may be none."""
    if logger.handlers:
        return
    handler = logging.StreamHandler()
    handler.setFormatter(ServerFormatter("[{server_time}] {message}", style="{"))
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False
