"""`findstatic`: say which file answers for a static path, and which ones it hides.

Source: Django's reference "The staticfiles app", section "findstatic".
"""

from __future__ import annotations

import os
from typing import Any

from miniframe.management.base import LabelCommand
from miniframe.management.parser import CommandParser
from miniframe.staticfiles import finders

__all__ = ["Command"]


class Command(LabelCommand):
    """Find the files of static paths."""

    help = "Find the absolute paths of static files, the one that is served first."
    label = "staticfile"

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the paths, and whether the first file of each is enough."""
        super().add_arguments(parser)
        parser.add_argument(
            "--first", action="store_false", dest="all", help="Show only the file that is served, not those it hides."
        )

    def handle_label(self, label: str, **options: Any) -> str | None:
        """Return the lines about one path; nothing but paths at verbosity 0, the searched folders too at 2."""
        verbosity: int = options["verbosity"]
        result = finders.find(label, find_all=options["all"])
        paths = [
            os.path.realpath(path) for path in (result if isinstance(result, list) else [result] if result else [])
        ]
        searched = ["Looking in the following locations:", *(f"  {folder}" for folder in finders.searched_locations)]
        if not paths:
            lines = [f"No matching file found for '{label}'."]
            self.stderr.write("\n".join([*lines, "", *searched] if verbosity >= 2 else lines))
            return None
        if verbosity < 1:
            return "\n".join(paths)
        lines = [f"Found '{label}' here:", *(f"  {path}" for path in paths)]
        return "\n".join([*lines, *searched] if verbosity >= 2 else lines)
