"""`manage.py export`: the notices as a file, for a backup or a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

from miniframe.management.base import BaseCommand, CommandError, CommandParser

from board import store
from board.categories import CATEGORIES
from core.db import open_database

COLUMNS = ("id", "posted_at", "category", "title", "author", "body")


class Command(BaseCommand):
    help = "Write the notices as JSON or CSV, newest first."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--format", choices=("json", "csv"), default="json", help="how to write them (json)")
        parser.add_argument("--category", choices=tuple(CATEGORIES), default="", help="only these")
        parser.add_argument("--output", metavar="FILE", help="where to write; without it the terminal")

    def handle(self, *args: Any, **options: Any) -> str | None:
        open_database()
        rows = _rows(options["category"])
        text = _as_json(rows) if options["format"] == "json" else _as_csv(rows)
        if not options["output"]:
            return text
        path = Path(options["output"])
        try:
            path.write_text(text, encoding="utf-8", newline="")
        except OSError as error:
            raise CommandError(f"{path} cannot be written: {error.strerror}.") from error
        self.stdout.write(self.style.SUCCESS(f"{len(rows)} notices are in {path}."))
        return None


def _rows(category: str) -> list[dict[str, Any]]:
    found = store.find(category=category)[:]
    return [{name: str(getattr(notice, name)) for name in COLUMNS} for notice in found]


def _as_json(rows: list[dict[str, Any]]) -> str:
    return json.dumps(rows, indent=2, ensure_ascii=False) + "\n"


def _as_csv(rows: list[dict[str, Any]]) -> str:
    file = io.StringIO(newline="")
    writer: csv.DictWriter[str] = csv.DictWriter(file, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue()
