"""Changes that belong together become one reload."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from miniframe.autoreload.watching.changes import Reaction
from miniframe.autoreload.watching.gathering import Gathering


def test_a_finished_save_is_due_almost_at_once() -> None:
    batch = Gathering()
    batch.add("a.py", complete=True, now=1.0, reaction=Reaction.RESTART)
    assert batch.due == pytest.approx(1.0 + Gathering.AFTER_SAVE)


def test_a_save_that_has_only_begun_is_waited_for() -> None:
    batch = Gathering()
    batch.add("a.py", complete=False, now=1.0, reaction=Reaction.RESTART)
    assert batch.due == pytest.approx(1.0 + Gathering.AFTER_BEGINNING)
    batch.add("a.py", complete=True, now=1.01, reaction=Reaction.RESTART)
    assert batch.due == pytest.approx(1.01 + Gathering.AFTER_SAVE)


def test_two_hundred_files_in_a_row_are_one_batch() -> None:
    batch = Gathering()
    now = 1.0
    for number in range(200):
        assert not number or batch.due > now
        batch.add(f"{number}.py", complete=True, now=now, reaction=Reaction.RESTART)
        now += 0.004 if not number else 0.03
    assert len(batch.paths) == 200


def test_where_changes_come_slowly_more_are_waited_for() -> None:
    batch = Gathering()
    now = 1.0
    for number, gap in enumerate([0.004, 0.03, 0.1, 0.25]):
        batch.add(f"{number}.py", complete=True, now=now, reaction=Reaction.RESTART)
        now += gap
        assert batch.due > now
    batch.add("last.py", complete=True, now=now, reaction=Reaction.RESTART)
    assert batch.due == pytest.approx(now + Gathering.AFTER_LONG)


def test_the_most_thorough_reaction_is_the_batchs() -> None:
    batch = Gathering()
    for reaction in (Reaction.STYLE, Reaction.TEMPLATE, Reaction.ASSET):
        batch.add(f"{reaction}", complete=True, now=1.0, reaction=reaction)
    assert batch.reaction is Reaction.TEMPLATE
    assert batch.began == 1.0


def test_an_installer_is_given_time_and_a_settings_file_is_not() -> None:
    batch = Gathering()
    batch.add("/site/.env", complete=True, now=1.0, reaction=Reaction.COLD)
    assert batch.due == pytest.approx(1.0 + Gathering.AFTER_SAVE)
    batch.add("/env/lib/site-packages/httpx/client.py", complete=True, now=1.0, reaction=Reaction.COLD)
    assert batch.due == pytest.approx(1.0 + Gathering.AFTER_PACKAGE)


def asked_late(batch: Gathering, now: float) -> bool:
    """Ask, and ask once more when it is due again."""
    return not batch.is_complete(now) and batch.is_complete(batch.due)


def test_after_a_standstill_what_is_on_the_way_may_come_once_more() -> None:
    batch = Gathering()
    batch.add("a.py", complete=True, now=1.0, reaction=Reaction.RESTART)
    late = batch.due + 2 * Gathering.LATE
    assert not batch.is_complete(late)
    assert batch.due == pytest.approx(late + Gathering.AFTER_SAVE)
    # However late it is this time.
    assert batch.is_complete(late + 1.0)


def test_what_was_complete_stays_so_until_there_is_room_for_a_new_worker() -> None:
    batch = Gathering()
    batch.add("a.py", complete=True, now=1.0, reaction=Reaction.RESTART)
    assert batch.is_complete(batch.due)
    assert batch.is_complete(batch.due + 5.0)


def hold_lock(git: Path, age: float = 0.0) -> Path:
    git.mkdir(parents=True)
    lock = git / "index.lock"
    lock.touch()
    os.utime(lock, (time.time() - age, time.time() - age))
    return lock


def changed_in(folder: Path) -> Gathering:
    batch = Gathering()
    batch.add(str(folder / "site/views.py"), complete=True, now=1.0, reaction=Reaction.RESTART)
    return batch


def test_git_is_waited_for_while_it_holds_its_lock(tmp_path: Path) -> None:
    lock = hold_lock(tmp_path / ".git")
    batch = changed_in(tmp_path)
    assert not batch.is_complete(1.004)
    assert not batch.is_complete(1.01)
    assert batch.due > 1.01
    lock.unlink()
    # The last file may have been written this moment, and be heard of in the next.
    assert not batch.is_complete(1.02)
    assert batch.due == pytest.approx(1.02 + Gathering.AFTER_GIT)
    assert batch.is_complete(batch.due)


def test_git_is_waited_for_in_a_second_working_tree(tmp_path: Path) -> None:
    hold_lock(tmp_path / "main/.git/worktrees/second")
    (tmp_path / "second").mkdir()
    (tmp_path / "second/.git").write_text("gitdir: ../main/.git/worktrees/second\n")
    assert not changed_in(tmp_path / "second").is_complete(1.01)


def test_git_that_writes_nothing_is_not_waited_for(tmp_path: Path) -> None:
    # It waits itself, for a hook or for the message of a commit.
    hold_lock(tmp_path / ".git")
    assert asked_late(changed_in(tmp_path), 1.0 + Gathering.GIT_SILENCE)


@pytest.mark.parametrize("age", [pytest.param(None, id="no-repository"), pytest.param(3600.0, id="stale-lock")])
def test_nobody_is_waited_for_without_git(tmp_path: Path, age: float | None) -> None:
    if age is not None:
        hold_lock(tmp_path / ".git", age)
    assert changed_in(tmp_path).is_complete(1.01)
