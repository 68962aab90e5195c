"""`manage.py seed`: fill the board and the gallery, so that there is something to click through."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from miniframe.db import atomic, session
from miniframe.management.base import BaseCommand, CommandError, CommandParser
from sqlalchemy import delete

from board import samples as board_samples
from board import store as notices
from board.models import Notice
from core.db import open_database
from gallery import samples as gallery_samples
from gallery import store as pictures
from live.models import LogEntry

MOST = 10_000
T = TypeVar("T")


class Command(BaseCommand):
    help = "Fill up the notice board and the gallery with sample data."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--notices", type=int, default=60, help="how many notices to have on the board (60)")
        parser.add_argument("--pictures", type=int, default=12, help="how many pictures to have in the gallery (12)")
        parser.add_argument("--fresh", action="store_true", help="take down everything that is there first")

    def handle(self, *args: Any, **options: Any) -> None:
        for name in ("notices", "pictures"):
            if not 0 <= options[name] <= MOST:
                raise CommandError(f"--{name} must be from 0 to {MOST}; it is {options[name]}.")
        self.quiet = options["verbosity"] == 0
        open_database()
        if options["fresh"]:
            self._take_everything_down()
        self._pin_notices(options["notices"])
        self._paint_pictures(options["pictures"])
        if not self.quiet:
            self.stdout.write(self.style.SUCCESS("The board and the gallery are filled."))

    def _pin_notices(self, count: int) -> None:
        # What is there stays, so the command can be run twice; a new database may have brought samples of its own.
        there = len(notices.find())
        with atomic():
            samples = board_samples.invent(there, count)
            for sample in self._shown("Pinning notices", samples, count - there):
                board_samples.pin(sample)

    def _paint_pictures(self, count: int) -> None:
        there = len(pictures.find())
        for number in self._shown("Painting pictures", range(there, count), count - there):
            gallery_samples.hang(number)

    def _take_everything_down(self) -> None:
        with atomic():
            session().execute(delete(Notice))
            session().execute(delete(LogEntry))
        pictures.remove_all()

    def _shown(self, label: str, items: Iterable[T], length: int) -> Iterable[T]:
        """Return `items`, with a progress bar around them unless `-v 0` asked for silence."""
        return items if self.quiet else self.progress(items, label=label, length=max(0, length))
