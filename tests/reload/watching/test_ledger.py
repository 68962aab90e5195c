"""Two looks at the files show what has changed between them, and a glance nearly as much."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from miniframe.autoreload.watching.ledger import Ledger


def make(root: Path, *names: str, age: int = 3600) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
        # As on a disk on which nobody works.
        os.utime(path, (path.stat().st_mtime - age,) * 2)


def is_python(path: str) -> bool:
    return path.endswith((".py", ".dist-info"))


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    """One that has seen a small project once."""
    make(
        tmp_path, "views.py", "shop/cart.py", "shop/page.html", "node_modules/c.py", "my-env/pyvenv.cfg", "my-env/x.py"
    )
    ledger = Ledger(is_python)
    ledger.take_up(str(tmp_path), since=0)
    assert ledger.sweep([str(tmp_path)]) == set()
    return ledger


def edit(path: Path) -> None:
    path.write_text(path.read_text() + "more")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        pytest.param(lambda root: edit(root / "shop/cart.py"), ["shop/cart.py"], id="edited"),
        pytest.param(lambda root: (root / "views.py").unlink(), ["views.py"], id="deleted"),
        pytest.param(lambda root: make(root, "shop/new/till.py"), ["shop/new/till.py"], id="new"),
        pytest.param(
            lambda root: (root / "shop").rename(root / "store"), ["shop/cart.py", "store/cart.py"], id="renamed"
        ),
        pytest.param(lambda root: edit(root / "shop/page.html"), [], id="does-not-matter"),
        pytest.param(lambda root: edit(root / "node_modules/c.py"), [], id="nobodys-own"),
        pytest.param(lambda root: edit(root / "my-env/x.py"), [], id="in-an-environment"),
        pytest.param(lambda root: (root / "gone.py").symlink_to(root / "nowhere.py"), [], id="broken-link"),
    ],
)
@pytest.mark.parametrize("look", [pytest.param(Ledger.glance, id="glance"), pytest.param(None, id="sweep")])
def test_a_look_tells_what_has_changed(
    ledger: Ledger,
    tmp_path: Path,
    change: Callable[[Path], object],
    told: list[str],
    look: Callable[[Ledger], set[str]] | None,
) -> None:
    change(tmp_path)
    found = ledger.sweep([str(tmp_path)]) if look is None else look(ledger)
    assert found == {str(tmp_path / name) for name in told}
    assert ledger.glance() == set()
    assert ledger.recheck() == set()
    assert ledger.sweep([str(tmp_path)]) == set()


def test_what_comes_back_is_seen_by_a_glance(ledger: Ledger, tmp_path: Path) -> None:
    for _ in range(2):
        (tmp_path / "shop").rename(tmp_path / "away")
        assert ledger.glance() == {str(tmp_path / "shop/cart.py"), str(tmp_path / "away/cart.py")}
        (tmp_path / "away").rename(tmp_path / "shop")
        assert ledger.glance() == {str(tmp_path / "shop/cart.py"), str(tmp_path / "away/cart.py")}


def test_of_very_many_files_a_glance_looks_at_those_that_run_and_those_changed_last(tmp_path: Path) -> None:
    make(tmp_path, *(f"old{number}.py" for number in range(300)))
    make(tmp_path, "recent.py", age=0)
    # Or it would be looked into once more for what came at the same tick.
    os.utime(tmp_path, (1, 1))
    ledger = Ledger(is_python)
    ledger.sweep([str(tmp_path)])
    unlikely, runs, recent = (tmp_path / name for name in ("old7.py", "old8.py", "recent.py"))
    for path in (unlikely, runs, recent):
        edit(path)
    assert ledger.glance() == {str(recent)}
    ledger.favour([str(runs)])
    assert ledger.glance() == {str(runs)}
    assert ledger.recheck() == {str(unlikely)}


def test_what_was_heard_of_is_not_told_again(ledger: Ledger, tmp_path: Path) -> None:
    edit(tmp_path / "views.py")
    (tmp_path / "shop/cart.py").unlink()
    for name in ("views.py", "shop/cart.py"):
        ledger.note(str(tmp_path / name))
    assert ledger.sweep([str(tmp_path)]) == set()


def test_a_folder_that_is_gone_is_struck_out(ledger: Ledger, tmp_path: Path) -> None:
    assert ledger.strike_out(str(tmp_path / "shop")) == [str(tmp_path / "shop/cart.py")]
    assert ledger.strike_out(str(tmp_path / "shop")) == []


def test_what_is_taken_up_is_told_if_it_is_new(tmp_path: Path) -> None:
    make(tmp_path, "old.py", "new.py")
    os.utime(tmp_path / "new.py", ns=(2000, 2000))
    os.utime(tmp_path / "old.py", ns=(1000, 1000))
    ledger = Ledger(is_python)
    assert ledger.take_up(str(tmp_path), since=1500) == [str(tmp_path / "new.py")]
    assert ledger.take_up(str(tmp_path), since=1500) == []


def test_packages_are_looked_at_from_outside(tmp_path: Path) -> None:
    make(tmp_path, "httpx/client.py", "six.py", "httpx-1.0.dist-info/RECORD")
    ledger = Ledger(is_python)
    ledger.take_up(str(tmp_path), since=0, alone=True)
    make(tmp_path, "httpx/new.py", "h11-1.0.dist-info/RECORD")
    assert ledger.sweep([], [str(tmp_path)]) == {str(tmp_path / "h11-1.0.dist-info")}
    make(tmp_path, "httpx/newer.py", "idna-1.0.dist-info/RECORD")
    assert ledger.glance() == {str(tmp_path / "idna-1.0.dist-info")}
