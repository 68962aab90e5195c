"""The board fills a new database with sample notices."""

from __future__ import annotations

from miniframe.apps import AppConfig

from board.samples import fill_new_database
from core.db import database_created


class BoardConfig(AppConfig):
    name = "board"
    verbose_name = "Notice board"

    def ready(self) -> None:
        database_created.connect(fill_new_database, dispatch_uid="board.samples")
