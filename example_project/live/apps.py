"""The log listens to the board, the gallery and the database."""

from __future__ import annotations

from miniframe.apps import AppConfig

from board.signals import notice_pinned
from core.db import database_created
from gallery.signals import picture_hung
from live import receivers


class LiveConfig(AppConfig):
    name = "live"
    verbose_name = "Live"

    def ready(self) -> None:
        notice_pinned.connect(receivers.notice_was_pinned, dispatch_uid="live.notice")
        picture_hung.connect(receivers.picture_was_hung, dispatch_uid="live.picture")
        database_created.connect(receivers.log_was_opened, dispatch_uid="live.opened")
