"""The code blocks of the tutorial, the how-to pages and the topics do what their pages say."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.conftest import CHAPTERS, HOWTOS, ROOT, TOPICS, Tutorial, blocks_of, need_programs
from tests.docs.story import Story, is_run

NOT_RUN_AT_MOST = 12
"""Blocks that this machine cannot run. One more wants a reason in its page, and this number changed."""

ALL = [*CHAPTERS, *HOWTOS, *TOPICS]


def _name(page: Path) -> str:
    return str(page.relative_to(ROOT / "docs").with_suffix(""))


@pytest.mark.parametrize("chapter", CHAPTERS, ids=_name)
def test_a_chapter_of_the_tutorial_gives_what_it_says_at_each_step(chapter: Path, tutorial: Tutorial) -> None:
    tutorial.tell_up_to(chapter)


@pytest.mark.parametrize("page", [page for page in HOWTOS if any(map(is_run, blocks_of(page)))], ids=_name)
def test_the_blocks_of_a_how_to_page_do_what_it_says_from_an_empty_folder_on(page: Path, story: Story) -> None:
    need_programs(blocks_of(page))
    story.tell(blocks_of(page))


@pytest.mark.parametrize("page", [page for page in TOPICS if any(map(is_run, blocks_of(page)))], ids=_name)
def test_the_blocks_of_a_topic_do_what_it_says_in_a_new_project(page: Path, story: Story) -> None:
    need_programs(blocks_of(page))
    story.begin_project()
    story.tell(blocks_of(page))


@pytest.mark.parametrize("page", ALL, ids=_name)
def test_a_page_has_no_block_that_nobody_tells_how_to_run(page: Path) -> None:
    for block in blocks_of(page):
        assert block.language, f"{block.place}: say the language of this block (console, python, text ...)"
        assert block.language not in ("sh", "bash", "shell", "pycon"), (
            f"{block.place}: commands are written as ```console with '$ ', Python's prompt as ```python"
        )


def test_blocks_that_are_not_run_are_few_and_say_why() -> None:
    spared = [block for page in ALL for block in blocks_of(page) if block.not_run]
    for block in spared:
        assert len(block.not_run.split()) >= 3, f"{block.place}: {block.not_run!r} is no reason"
    assert len(spared) <= NOT_RUN_AT_MOST, "\n".join(f"{block.place}: {block.not_run}" for block in spared)
