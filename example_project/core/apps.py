"""Wire the shared parts: the database connection ends with the request."""

from __future__ import annotations

from miniframe.apps import AppConfig
from miniframe.signals import request_finished

from core import db


class CoreConfig(AppConfig):
    name = "core"
    verbose_name = "Port Merrow"

    def ready(self) -> None:
        request_finished.connect(db.close_after_request, dispatch_uid="core.db.close")
