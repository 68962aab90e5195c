"""Notices in the database: one function a question."""

from __future__ import annotations

from datetime import datetime

from miniframe.db import atomic, session
from sqlalchemy import func, or_, select

from board.models import Notice
from core.db import LAST_ID, Rows, now


def get(pk: int) -> Notice | None:
    """Return the notice with this number, None if there is none."""
    return session().get(Notice, pk) if pk <= LAST_ID else None


def find(*, category: str = "", words: str = "") -> Rows[Notice]:
    """Return the notices that fit, newest first."""
    found = select(Notice).order_by(Notice.posted_at.desc(), Notice.id.desc())
    if category:
        found = found.where(Notice.category == category)
    for word in words.split()[:8]:
        found = found.where(
            or_(*(part.icontains(word, autoescape=True) for part in (Notice.title, Notice.body, Notice.author)))
        )
    return Rows(found)


def counts() -> dict[str, int]:
    """Return how many notices each category has."""
    return dict(session().execute(select(Notice.category, func.count()).group_by(Notice.category)).all())


def add(
    title: str, body: str, category: str, author: str, *, author_key: str = "", posted_at: datetime | None = None
) -> Notice:
    """Pin a notice, now unless `posted_at` says when."""
    notice = Notice(
        title=title, body=body, category=category, author=author, author_key=author_key, posted_at=posted_at or now()
    )
    with atomic():
        session().add(notice)
    return notice


def change(notice: Notice, title: str, body: str, category: str, author: str) -> None:
    """Give a notice new words."""
    with atomic():
        notice.title, notice.body, notice.category, notice.author = title, body, category, author
        notice.changed_at = now()


def remove(notice: Notice) -> None:
    """Take a notice down."""
    with atomic():
        session().delete(notice)
