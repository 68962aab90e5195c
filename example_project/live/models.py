"""A line of the harbour log, as a row of the table `log_entry`."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base


class LogEntry(Base):
    """One line; `kind` is notice, picture or office."""

    __tablename__ = "log_entry"

    id: Mapped[int] = mapped_column(primary_key=True)
    written_at: Mapped[datetime]
    kind: Mapped[str]
    text: Mapped[str]
    link: Mapped[str] = mapped_column(default="")
