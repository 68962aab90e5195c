"""Changes are handed over twice, at their first sign and when all is written; those that a page makes are not."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from miniframe.autoreload.loop import Loop
from miniframe.autoreload.watching import restless
from miniframe.autoreload.watching.changes import Reaction, Role
from miniframe.autoreload.watching.gathering import Gathering
from miniframe.autoreload.watching.lookout import Lookout


class Owner:
    """Has a lookout without a watcher, and remembers what it hears of."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.loop = Loop()
        self.told: list[str] = []
        self.begun: list[Reaction] = []
        self.batches: list[set[str]] = []
        self.is_busy = False
        self.lookout = Lookout(self.loop, self.told.append, self.begin, self.complete)
        self.lookout.kinds.add(Role.STATIC, str(root / "static"))

    def begin(self, reaction: Reaction) -> Reaction:
        self.begun.append(reaction)
        return reaction

    def complete(self, batch: Gathering) -> bool:
        if not self.is_busy:
            self.batches.append({Path(path).name for path in batch.paths})
        return not self.is_busy

    def change(self, *names: str) -> None:
        """Have the watcher tell of files, as from its thread."""
        for name in names:
            self.lookout._hear(str(self.root / name), True)

    def turn_until(self, batches: int) -> None:
        deadline = time.monotonic() + 10
        while len(self.batches) < batches:
            assert time.monotonic() < deadline
            self.loop.turn()


@pytest.fixture
def owner(tmp_path: Path) -> Iterator[Owner]:
    owner = Owner(tmp_path)
    yield owner
    owner.loop.close()


def test_a_change_is_told_at_its_first_sign_and_when_it_is_complete(owner: Owner) -> None:
    owner.change("views.py", "static/a.css", "db.sqlite3")
    owner.loop.turn()
    assert (owner.begun, owner.batches) == ([Reaction.RESTART, Reaction.STYLE], [])
    owner.turn_until(1)
    assert owner.batches == [{"views.py", "a.css"}]


def test_what_is_handed_over_too_early_is_kept(owner: Owner) -> None:
    owner.is_busy = True
    owner.change("views.py")
    owner.loop.turn()
    owner.loop.turn()
    owner.change("urls.py")
    owner.loop.turn()
    owner.is_busy = False
    owner.turn_until(1)
    owner.lookout.check()
    assert owner.batches == [{"views.py", "urls.py"}]


def change_often(owner: Owner) -> None:
    """Change a file so often that it is held."""
    for number in range(1, 9):
        owner.change("static/drawn.png")
        owner.turn_until(number)


def test_a_file_that_changes_all_the_time_is_not_followed_until_it_rests(
    owner: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(restless, "_QUIET", 0.3)
    change_often(owner)
    assert owner.told[0].endswith("drawn.png changes all the time: open pages follow it when it has rested.")
    owner.change("static/drawn.png", "static/other.png")
    owner.turn_until(9)
    assert owner.batches[-1] == {"other.png"}
    # What was saved last is seen.
    owner.turn_until(10)
    assert owner.batches[-1] == {"drawn.png"}


def test_a_file_that_each_load_of_a_page_changes_is_followed_ever_more_seldom(
    owner: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(restless, "_QUIET", 0.3)
    change_often(owner)
    for number, rest in enumerate((0.3, 0.6), start=9):
        began = time.monotonic()
        owner.change("static/drawn.png")
        owner.turn_until(number)
        assert time.monotonic() - began > rest
    assert len(owner.told) == 1


def test_a_style_is_followed_for_ever(owner: Owner) -> None:
    for number in range(1, 12):
        owner.change("static/site.css")
        owner.turn_until(number)
    assert owner.told == []


def test_after_the_end_nothing_is_told(owner: Owner) -> None:
    owner.change("views.py")
    owner.lookout.end()
    owner.change("urls.py")
    owner.loop.turn()
    assert owner.begun == []
