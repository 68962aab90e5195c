"""`routes`: every address the project answers, in the order in which they are tried."""

from __future__ import annotations

import os
from typing import Any

from miniframe.management.base import BaseCommand
from miniframe.management.errors import CommandError
from miniframe.management.parser import CommandParser
from miniframe.urls import get_resolver
from miniframe.urls.listing import RouteRow, iter_routes

_COLUMNS = ("Route", "Methods", "Name", "View", "Where")


class Command(BaseCommand):
    """List the routes."""

    help = "List the routes: address, name, view, and where the view is."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Take what to look for, and the form of the list."""
        parser.add_argument(
            "filter", nargs="?", default="", help="Show only routes whose address, name or view contains this."
        )
        parser.add_argument("--json", action="store_true", help="Print a JSON list, for other programs.")
        parser.add_argument("--urlconf", help="List this URLconf instead of settings.ROOT_URLCONF.")

    def handle(self, *args: Any, **options: Any) -> str:
        """Return the list.

        Raises:
            CommandError: the filter leaves nothing.
        """
        wanted: str = options["filter"].lower()
        every = list(iter_routes(get_resolver(options["urlconf"])))
        rows = [row for row in every if any(wanted in text.lower() for text in (row.route, row.name, row.view))]
        if options["json"]:
            import json  # only when asked for

            return json.dumps([row._asdict() for row in rows], indent=2)
        if not rows:
            raise CommandError(
                f"No route contains {wanted!r}; there are {len(every)}." if wanted else "There are no routes."
            )
        return self._table([_as_cells(row) for row in rows])

    def _table(self, rows: list[tuple[str, ...]]) -> str:
        # A column that is empty from top to bottom, as methods often are, tells nothing.
        columns = [column for column in zip(_COLUMNS, *rows, strict=True) if any(column[1:])]
        padded = [[cell.ljust(max(map(len, column))) for cell in column] for column in columns]
        heading, *lines = ["  ".join(cells).rstrip() for cells in zip(*padded, strict=True)]
        return "\n".join([self.style.SUCCESS(heading), *lines])


def _as_cells(row: RouteRow) -> tuple[str, ...]:
    where = f"{os.path.relpath(row.file)}:{row.line}" if row.file else ""
    return row.route, " ".join(row.methods or ()), row.name, row.view, where
