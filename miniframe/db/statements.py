"""Which SQL changes data: what has to happen before a transaction's first change depends on it.

In doubt a statement is one that writes: a lock too many costs time, one too few a failed request.  What functions do
is not seen: `SELECT empty_the_basket()` passes for a read.
"""

from __future__ import annotations

import re

__all__ = ["is_read", "runs_by_itself"]

_READ = re.compile(r"\s*(SELECT|VALUES|EXPLAIN|SHOW|WITH)\b", re.IGNORECASE)
# With which word each of them writes after all; EXPLAIN ANALYZE runs what it explains.
_CHANGE = {
    "SELECT": re.compile(r"\bINTO\b", re.IGNORECASE),
    "EXPLAIN": re.compile(r"\bANALY[SZ]E\b", re.IGNORECASE),
    "WITH": re.compile(r"\b(?:INSERT|UPDATE|DELETE|REPLACE|MERGE|INTO)\b", re.IGNORECASE),
}
_BY_ITSELF = re.compile(r"\s*(?:PRAGMA|BEGIN|VACUUM|ATTACH|DETACH)\b", re.IGNORECASE)


def is_read(statement: str) -> bool:
    """Return whether a statement only reads, as far as its words tell.

    >>> is_read("select 1"), is_read("WITH old AS (SELECT 1) DELETE FROM notice"), is_read("insert into a values (1)")
    (True, False, False)
    """
    match = _READ.match(statement)
    if match is None:
        return False
    change = _CHANGE.get(match[1].upper())
    return change is None or change.search(statement) is None


def runs_by_itself(statement: str) -> bool:
    """Return whether this is a statement that SQLite runs outside of transactions, or that begins one."""
    return _BY_ITSELF.match(statement) is not None
