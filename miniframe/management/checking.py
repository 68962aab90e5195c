"""Run the system checks and lay out what they found.

Source: Django's topic "System check framework" and its reference "django-admin", section "check".
Not here: the checks themselves (`miniframe.checks` and the modules in CHECK_MODULES).
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Sequence
from typing import Any

from miniframe import checks
from miniframe.conf import settings
from miniframe.management.color import Style

__all__ = ["CHECK_MODULES", "Report", "load_check_modules"]

# Each registers its checks when it is imported.  Nothing else imports them: a server in
# production never runs a check, and should not pay for their modules.
CHECK_MODULES = (
    "miniframe.checks.caches",
    "miniframe.checks.databases",
    "miniframe.checks.settings",
    "miniframe.checks.files",
    "miniframe.checks.urls",
    "miniframe.checks.security.base",
    "miniframe.checks.security.csrf",
    "miniframe.checks.security.csp",
    "miniframe.checks.security.sessions",
    "miniframe.template.checks",
)

_GROUPS = (
    ("CRITICALS", checks.CRITICAL),
    ("ERRORS", checks.ERROR),
    ("WARNINGS", checks.WARNING),
    ("INFOS", checks.INFO),
    ("DEBUGS", 0),
)


def load_check_modules() -> None:
    """Import the modules that register miniframe's own checks; those of apps come with the apps."""
    for name in CHECK_MODULES:
        importlib.import_module(name)


class Report:
    """The messages of one run of the checks, silenced ones set aside but counted."""

    def __init__(self, issues: Iterable[checks.CheckMessage], style: Style) -> None:
        every = list(issues)
        # Not asked for nothing: checks may run before there are settings, and this would be a puzzling one to miss.
        silenced: list[str] = settings.SILENCED_SYSTEM_CHECKS if every else []
        self.visible: list[checks.CheckMessage] = [issue for issue in every if not issue.is_silenced(silenced)]
        self.silenced: int = len(every) - len(self.visible)
        self.style = style

    def is_serious(self, fail_level: int) -> bool:
        """Return whether any message reaches `fail_level`, one of the levels of `miniframe.checks`."""
        return any(issue.is_serious(fail_level) for issue in self.visible)

    def text(self, *, failed: bool, count: bool) -> str:
        """Return the report to print: a heading, the groups from bad to harmless, and with `count` a last line."""
        heading = "System check identified some issues:\n" if self.visible else ""
        if failed:
            heading = self.style.ERROR(f"SystemCheckError: {heading}")
        footer = ""
        if count:
            footer = f"System check identified {self._how_many()} ({self.silenced} silenced)."
            if self.visible:
                footer = f"\n{footer}"
        return heading + "".join(self._groups()) + footer

    def _how_many(self) -> str:
        number = len(self.visible)
        return "no issues" if not number else "1 issue" if number == 1 else f"{number} issues"

    def _groups(self) -> Iterable[str]:
        rest: Sequence[Any] = self.visible
        for title, level in _GROUPS:
            group = [issue for issue in rest if issue.level >= level]
            rest = [issue for issue in rest if issue.level < level]
            if group:
                lines = sorted(self._paint(issue) for issue in group)
                yield "\n{}:\n{}\n".format(title, "\n".join(lines))

    def _paint(self, issue: checks.CheckMessage) -> str:
        paint = self.style.ERROR if issue.is_serious() else self.style.WARNING
        painted: str = paint(str(issue))
        return painted
