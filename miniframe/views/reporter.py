"""`ExceptionReporter`: an exception and a request in, a report in any of its faces out.

This is the class that settings.DEFAULT_EXCEPTION_REPORTER names, for projects that write their own.

Source: Django's how-to "Error reporting", section "Custom error reports".
"""

from __future__ import annotations

from types import TracebackType
from typing import Any

from miniframe.utils.functional import cached_property
from miniframe.views.report.building import FACES, build_report
from miniframe.views.report.data import Report
from miniframe.views.report.filter import SafeExceptionReporterFilter, get_exception_reporter_filter
from miniframe.views.report.html import render_html
from miniframe.views.report.json import render_json, report_as_dict
from miniframe.views.report.markdown import render_markdown
from miniframe.views.report.text import render_text

__all__ = ["ExceptionReporter"]


class ExceptionReporter:
    """Makes the reports of one exception; subclasses change `get_report` or one of the faces."""

    #: The status that the report's page is sent with.
    status = 500

    def __init__(
        self,
        request: Any,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        tb: TracebackType | None,
        is_email: bool = False,
    ) -> None:
        self.request = request
        self.exc_type = exc_type
        self.exc_value = exc_value
        self.tb = tb
        self.is_email = is_email
        self.filter: SafeExceptionReporterFilter = get_exception_reporter_filter(request)

    def get_report(self) -> Report:
        """Return the report that all faces show."""
        return build_report(
            self.request,
            self.exc_value,
            self.tb,
            status=self.status,
            message="" if self.exc_value is not None else "No exception message supplied",
        )

    @cached_property
    def report(self) -> Report:
        """What `get_report` returned; it is made once, because values and files change."""
        return self.get_report()

    def get_traceback_data(self) -> dict[str, Any]:
        """Return the report as a dict, in the shape of its JSON face."""
        return report_as_dict(self.report)

    def get_traceback_html(self) -> str:
        """Return the report as a page."""
        return render_html(self.report)

    def get_traceback_text(self) -> str:
        """Return the report as text for a terminal."""
        return render_text(self.report)

    def get_traceback_markdown(self) -> str:
        """Return the report as Markdown, for an issue or a chat."""
        return render_markdown(self.report)

    def get_traceback_json(self) -> str:
        """Return the report as JSON."""
        return render_json(self.report)

    def render(self, face: str) -> tuple[str, str]:
        """Return the content type and the text of a face."""
        make = {
            "html": self.get_traceback_html,
            "text": self.get_traceback_text,
            "markdown": self.get_traceback_markdown,
            "json": self.get_traceback_json,
        }
        return FACES[face][0], make[face]()
