"""The commands of this site."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from miniframe.files.storage import default_storage
from miniframe.management import CommandError, call_command

from board import store
from gallery import store as pictures


def test_seed_fills_board_and_gallery(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("seed", notices=30, pictures=2)
    assert len(store.find()) == 30
    assert len(pictures.find()) == 2
    assert all(default_storage.size(picture.stored_name) == picture.size for picture in pictures.find()[:2])
    assert "filled" in capsys.readouterr().out


def test_seed_fills_up_what_is_missing() -> None:
    for notices in (20, 25, 10):
        call_command("seed", notices=notices, pictures=1, verbosity=0)
    assert len(store.find()) == 25
    assert len({notice.title for notice in store.find()[:25]}) > 20
    assert len(pictures.find()) == 1


def test_seed_can_begin_anew(data_dir: Path) -> None:
    call_command("seed", notices=3, pictures=2, verbosity=0)
    call_command("seed", notices=4, pictures=1, fresh=True, verbosity=0)
    assert len(store.find()) == 4
    assert len(list((data_dir / "pictures").iterdir())) == 1


def test_a_quiet_seed_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("seed", notices=1, pictures=0, verbosity=0)
    assert capsys.readouterr().out == ""


def test_a_pipe_gets_no_progress_bar() -> None:
    out = io.StringIO()
    call_command("seed", notices=5, pictures=1, stdout=out, no_color=True)
    assert out.getvalue() == "The board and the gallery are filled.\n"


def test_seed_refuses_a_silly_number() -> None:
    with pytest.raises(CommandError, match="--notices must be from 0 to 10000; it is -1"):
        call_command("seed", notices=-1)


def test_export_writes_json_to_the_terminal() -> None:
    store.add("Grüße", "Some text", "sale", "Rosa")
    out = io.StringIO()
    call_command("export", stdout=out)
    (notice,) = json.loads(out.getvalue())
    assert notice["title"] == "Grüße"
    assert "author_key" not in notice


def test_export_writes_csv_to_a_file(tmp_path: Path) -> None:
    store.add("For sale", "Two\nlines", "sale", "Rosa")
    store.add("Lost", "Some text", "lost", "Piet")
    target = tmp_path / "notices.csv"
    call_command("export", "--format", "csv", "--category", "sale", "--output", str(target), stdout=io.StringIO())
    with target.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["body"] for row in rows] == ["Two\nlines"]


def test_export_says_why_it_cannot_write(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be written: Is a directory"):
        call_command("export", "--output", str(tmp_path))
