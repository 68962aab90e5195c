"""Two tables for tests: boards, and the notices on them."""

from __future__ import annotations

from sqlalchemy import ForeignKey
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    pass


class Board(Base):
    __tablename__ = "board"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    notices: Mapped[list[Notice]] = relationship(back_populates="board")


class Notice(Base):
    __tablename__ = "notice"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    count: Mapped[int] = mapped_column(default=0)
    board_id: Mapped[int | None] = mapped_column(ForeignKey("board.id"))
    board: Mapped[Board | None] = relationship(back_populates="notices")
