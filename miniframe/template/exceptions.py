"""What goes wrong with templates: there is none of that name, or it cannot be parsed.

Source: Django's topic "Templates", section "Support for template engines".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

__all__ = ["Origin", "TemplateDoesNotExist", "TemplateSyntaxError"]


class Origin(NamedTuple):
    """Where a template comes from: `name` is its file, `template_name` what it was asked for by."""

    name: str | None
    template_name: str | None

    def __str__(self) -> str:
        return str(self.name)


class TemplateDoesNotExist(Exception):
    """No engine has a template of this name.

    `tried` holds (origin, reason) for every file that was looked for, `backend` the engine that looked, and `chain`
    the same exceptions of the other engines when several were asked.  The folders are in a note as well, so that a
    traceback in a log names them.
    """

    def __init__(
        self,
        msg: object,
        tried: Sequence[tuple[Origin, str]] | None = None,
        backend: Any = None,
        chain: Sequence[TemplateDoesNotExist] | None = None,
    ) -> None:
        super().__init__(msg)
        self.backend = backend
        self.tried: list[tuple[Origin, str]] = list(tried or ())
        self.chain: list[TemplateDoesNotExist] = list(chain or ())
        if self.tried:
            self.add_note("Looked for: " + ", ".join(str(origin) for origin, _ in self.tried))


class TemplateSyntaxError(Exception):
    """A template cannot be parsed.

    The engine sets `template_debug`: a dict with `name`, `line`, `message`, `source_lines`, and the text `before`,
    `during` and `after` the error, for the error page.
    """

    template_debug: dict[str, Any]
