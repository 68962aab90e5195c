"""`routes`: every address the project answers, in the order in which they are tried."""

from __future__ import annotations

import os
from typing import Any

from miniframe.management.base import BaseCommand
from miniframe.management.errors import CommandError
from miniframe.management.parser import CommandParser
from miniframe.urls import get_resolver
from miniframe.urls.listing import iter_routes

_COLUMNS = ("route", "name", "view", "where")


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
        wanted = options["filter"].lower()
        every = [_as_dict(row) for row in iter_routes(get_resolver(options["urlconf"]))]
        rows = [row for row in every if any(wanted in str(row[key] or "").lower() for key in ("route", "name", "view"))]
        if options["json"]:
            import json  # only when asked for

            return json.dumps(rows, indent=2)
        if not rows:
            raise CommandError(
                f"No route contains {wanted!r}; there are {len(every)}." if wanted else "There are no routes."
            )
        return self._table(rows)

    def _table(self, rows: list[dict[str, Any]]) -> str:
        lines = [dict(zip(_COLUMNS, ("Route", "Name", "View", "Where"), strict=True)), *map(_as_cells, rows)]
        widths = {column: max(len(line[column]) for line in lines) for column in _COLUMNS}
        shown = ["  ".join(line[column].ljust(widths[column]) for column in _COLUMNS).rstrip() for line in lines]
        return "\n".join([self.style.SUCCESS(shown[0]), *shown[1:]])


def _as_dict(row: Any) -> dict[str, Any]:
    name = ":".join(filter(None, (row.namespace, row.name))) or None
    return {"route": row.route, "name": name, "view": row.view, "file": row.file, "line": row.line}


def _as_cells(row: dict[str, Any]) -> dict[str, str]:
    where = ""
    if row["file"]:
        where = f"{os.path.relpath(row['file'])}:{row['line']}"
    return {"route": f"/{row['route']}", "name": row["name"] or "", "view": row["view"], "where": where}
