"""Files as objects: those on disk, those in memory, and those that visitors upload."""

from __future__ import annotations

from miniframe.files.base import ContentFile, File

__all__ = ["ContentFile", "File"]
