"""Which statements change data, told by their words."""

from __future__ import annotations

import pytest

from miniframe.db.statements import is_read

READS = [
    "SELECT 1",
    "select replace(title, 'a', 'b') from notice",
    "VALUES (1)",
    "SHOW server_version",
    "EXPLAIN DELETE FROM notice",
    "WITH old AS (SELECT 1) SELECT * FROM old",
    # Nobody can see what it does.
    "SELECT nextval('notice_id')",
]
WRITES = [
    "DELETE FROM notice",
    "WITH old AS (SELECT 1) DELETE FROM notice",
    "SELECT * INTO copy FROM notice",
    "select title\ninto copy from notice",
    "WITH old AS (SELECT 1) SELECT * INTO copy FROM old",
    "EXPLAIN ANALYZE DELETE FROM notice",
    "explain (costs off, analyze) delete from notice",
    "EXPLAIN ANALYSE UPDATE notice SET count = 0",
    "CREATE TABLE copy AS SELECT 1",
]


@pytest.mark.parametrize("statement", READS)
def test_a_statement_reads(statement: str) -> None:
    assert is_read(statement)


@pytest.mark.parametrize("statement", WRITES)
def test_a_statement_writes(statement: str) -> None:
    assert not is_read(statement)
