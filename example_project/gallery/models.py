"""A picture, as a row of the table `picture`; its file lies in the storage."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from miniframe.urls import reverse
from miniframe.utils.text import slugify
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, now


class Picture(Base):
    """One picture; `size` in bytes."""

    __tablename__ = "picture"

    id: Mapped[int] = mapped_column(primary_key=True)
    caption: Mapped[str]
    taken_by: Mapped[str]
    stored_name: Mapped[str] = mapped_column(unique=True)
    content_type: Mapped[str]
    size: Mapped[int]
    posted_at: Mapped[datetime] = mapped_column(default=now)

    @property
    def address(self) -> str:
        return reverse("gallery:detail", kwargs={"pk": self.id})

    @property
    def image_address(self) -> str:
        return reverse("gallery:image", kwargs={"pk": self.id})

    @property
    def download_name(self) -> str:
        """A name for the visitor's disk, out of the caption and the kind of file."""
        return (slugify(self.caption)[:60] or "picture") + Path(self.stored_name).suffix

    @property
    def size_words(self) -> str:
        if self.size < 1024 * 1024:
            return f"{max(1, round(self.size / 1024))} KB"
        return f"{self.size / 1024 / 1024:.1f} MB"
