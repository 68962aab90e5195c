"""A notice, as a row of the table `notice`."""

from __future__ import annotations

from datetime import datetime

from miniframe.urls import reverse
from sqlalchemy.orm import Mapped, mapped_column

from board.categories import CATEGORIES
from core.db import Base, now


class Notice(Base):
    """One notice on the board; `author_key` is known to the browser that pinned it, and shown to nobody."""

    __tablename__ = "notice"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    body: Mapped[str]
    category: Mapped[str]
    author: Mapped[str]
    author_key: Mapped[str] = mapped_column(default="")
    posted_at: Mapped[datetime] = mapped_column(default=now, index=True)
    changed_at: Mapped[datetime | None]

    @property
    def category_name(self) -> str:
        return CATEGORIES.get(self.category, self.category)

    @property
    def address(self) -> str:
        return reverse("board:detail", kwargs={"pk": self.id})

    @property
    def opening(self) -> str:
        """The first words, for a card."""
        words = self.body.split()
        return " ".join(words[:24]) + (" …" if len(words) > 24 else "")

    @property
    def paragraphs(self) -> list[str]:
        return [part.strip() for part in self.body.split("\n\n") if part.strip()]

    def belongs_to(self, key: str) -> bool:
        """Tell whether the browser with `key` pinned this notice."""
        return bool(key) and key == self.author_key
