"""Pictures: a row in the database, and a file in the storage under a name of our own."""

from __future__ import annotations

import secrets
from datetime import datetime

from miniframe.db import atomic, session
from miniframe.files import File
from miniframe.files.storage import default_storage
from sqlalchemy import select, tuple_

from core.db import LAST_ID, Rows, now
from gallery.kinds import Kind
from gallery.models import Picture


def get(pk: int) -> Picture | None:
    """Return the picture with this number, None if there is none."""
    return session().get(Picture, pk) if pk <= LAST_ID else None


def find() -> Rows[Picture]:
    """Return all pictures, newest first."""
    return Rows(select(Picture).order_by(Picture.posted_at.desc(), Picture.id.desc()))


def neighbours(picture: Picture) -> tuple[Picture | None, Picture | None]:
    """Return the next newer and the next older picture."""
    place, here = tuple_(Picture.posted_at, Picture.id), (picture.posted_at, picture.id)
    newer = select(Picture).where(place > here).order_by(Picture.posted_at, Picture.id).limit(1)
    older = select(Picture).where(place < here).order_by(Picture.posted_at.desc(), Picture.id.desc()).limit(1)
    return session().scalar(newer), session().scalar(older)


def add(content: File, kind: Kind, caption: str, taken_by: str, *, posted_at: datetime | None = None) -> Picture:
    """Keep a picture.

    The name on disk is random and the extension ours: what a visitor called the file never touches the file system.
    """
    name = default_storage.save(secrets.token_hex(16) + kind.extension, content)
    picture = Picture(
        caption=caption,
        taken_by=taken_by,
        stored_name=name,
        content_type=kind.content_type,
        size=default_storage.size(name),
        posted_at=posted_at or now(),
    )
    try:
        with atomic():
            session().add(picture)
    except BaseException:
        # Half a picture the storage clears away by itself; one that is in no table is for us to clear.
        default_storage.delete(name)
        raise
    return picture


def remove_all() -> None:
    """Take all pictures off the wall."""
    with atomic():
        pictures = list(session().scalars(select(Picture)))
        names = [picture.stored_name for picture in pictures]
        for picture in pictures:
            session().delete(picture)
    # The files last: a row without its picture would be a broken page, a picture without its row is only litter.
    for name in names:
        default_storage.delete(name)
