"""What is shown in the place of a server process that died: the maker of that page, to be handed to the supervisor.

The supervisor is below all that makes pages, and starts without it: so it is given this function, which loads that
when a process has died.
"""

from __future__ import annotations

from miniframe.types import WSGIApplication

__all__ = ["obituary"]


def obituary(what: str, output: str) -> WSGIApplication:
    """Return an application that answers with the report: what became of the process, and its standard error."""
    from miniframe.views.report.crash import crash_app  # with all that makes error pages, for bad days only

    return crash_app(what, output)
