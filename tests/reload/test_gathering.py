"""Changes that belong together become one reload."""

from __future__ import annotations

import pytest

from miniframe.autoreload.gathering import Gathering


def test_a_finished_save_is_due_almost_at_once() -> None:
    batch = Gathering()
    batch.add("a.py", complete=True, now=1.0)
    assert batch.due == pytest.approx(1.0 + Gathering.AFTER_SAVE)


def test_a_save_that_has_only_begun_is_waited_for() -> None:
    batch = Gathering()
    batch.add("a.py", complete=False, now=1.0)
    assert batch.due == pytest.approx(1.0 + Gathering.AFTER_BEGINNING)
    batch.add("a.py", complete=True, now=1.01)
    assert batch.due == pytest.approx(1.01 + Gathering.AFTER_SAVE)


def test_two_hundred_files_in_a_row_are_one_batch() -> None:
    batch = Gathering()
    now = 1.0
    for number in range(200):
        assert not number or batch.due > now
        batch.add(f"{number}.py", complete=True, now=now)
        now += 0.004 if not number else 0.03
    assert len(batch.paths) == 200
