"""Data by SQLAlchemy: engines from settings.DATABASES, a session for each request, transactions.

    from sqlalchemy import select
    from miniframe.db import atomic, get_object_or_404, session

    def rename(request, pk):
        notice = get_object_or_404(Notice, pk)
        with atomic():
            notice.title = request.POST["title"]

Needs the extra `miniframe[sqlalchemy]`.  A project without settings.DATABASES loads nothing of it.

    config        what settings.DATABASES says, and what is wrong with it
    engines       one engine for each alias, made when it is first asked for
    sqlite        what SQLite needs to serve many threads and processes
    sessions      the session of a request
    transaction   `atomic`, `on_commit`, ATOMIC_REQUESTS
    shortcuts     rows, or 404
    tables        which tables are missing
    clients       how each database's own program is started
    statements    which SQL changes data

Source: Django's topics "Multiple databases" and "Database transactions"; SQLAlchemy's documentation.
"""

from __future__ import annotations

from miniframe.db.config import DEFAULT_DB_ALIAS, ConnectionDoesNotExist
from miniframe.db.engines import engines
from miniframe.db.sessions import Session, session
from miniframe.db.shortcuts import get_list_or_404, get_object_or_404
from miniframe.db.transaction import TransactionManagementError, atomic, non_atomic_requests, on_commit

__all__ = [
    "DEFAULT_DB_ALIAS",
    "ConnectionDoesNotExist",
    "Session",
    "TransactionManagementError",
    "atomic",
    "engines",
    "get_list_or_404",
    "get_object_or_404",
    "non_atomic_requests",
    "on_commit",
    "session",
]
