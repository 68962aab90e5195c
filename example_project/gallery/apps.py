"""The gallery hangs its sample pictures in a new database."""

from __future__ import annotations

from miniframe.apps import AppConfig

from core.db import database_created
from gallery.samples import fill_new_database


class GalleryConfig(AppConfig):
    name = "gallery"
    verbose_name = "Gallery"

    def ready(self) -> None:
        database_created.connect(fill_new_database, dispatch_uid="gallery.samples")
