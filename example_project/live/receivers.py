"""What the log writes down: it listens to the other apps, and they need not know of it."""

from __future__ import annotations

from typing import Any

from board.models import Notice
from gallery.models import Picture
from live import log


def notice_was_pinned(notice: Notice, **kwargs: Any) -> None:
    """Receive `notice_pinned`."""
    log.write("notice", f"{notice.author} pinned “{notice.title}”", notice.address)


def picture_was_hung(picture: Picture, **kwargs: Any) -> None:
    """Receive `picture_hung`."""
    log.write("picture", f"{picture.taken_by} hung “{picture.caption}” in the gallery", picture.address)


def log_was_opened(**kwargs: Any) -> None:
    """Receive `database_created`."""
    log.write("office", "The harbour office opened a new log")
