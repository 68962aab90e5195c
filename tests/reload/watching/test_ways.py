"""Where events of changed files come, and where one has to look."""

from __future__ import annotations

from pathlib import Path

import pytest

from miniframe.autoreload.watching import ways
from miniframe.autoreload.watching.ways import POLL, looks_always, reload_method, silent_parts, silent_system

MOUNTS = r"""
overlay / overlay rw,relatime 0 0
proc /proc proc rw 0 0
drvfs /mnt/c 9p rw,dirsync,aname=drvfs;path=C:\ 0 0
C: /mnt/old drvfs rw 0 0
/run/host_mark/Users /site fakeowner rw 0 0
osxfs /site/old fuse.osxfs rw 0 0
grpcfuse /site/older fuse.grpcfuse rw 0 0
mount0 /lima virtiofs rw 0 0
:/tmp/share /lima/share\040of\040mine 9p rw 0 0
nas:/code /home/me/code nfs4 rw 0 0
tmpfs /home/me/code/cache tmpfs rw 0 0
/dev/sda1 /again 9p rw 0 0
/dev/sda1 /again ext4 rw 0 0
""".lstrip()


@pytest.fixture(autouse=True)
def mounts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = tmp_path / "mounts"
    table.write_text(MOUNTS)
    monkeypatch.setattr(ways, "_MOUNTS", str(table))
    monkeypatch.delenv(POLL, raising=False)


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        pytest.param("/home/me", "", id="this-kernels-own"),
        pytest.param("/mnt/c/Users/me/site", "9p", id="windows-from-wsl-2"),
        pytest.param("/mnt/cc/site", "", id="name-that-begins-alike"),
        pytest.param("/mnt/old/site", "drvfs", id="windows-from-wsl-1"),
        pytest.param("/site", "fakeowner", id="docker-desktop"),
        pytest.param("/site/old", "fuse.osxfs", id="docker-desktop-long-ago"),
        pytest.param("/site/older/x", "fuse.grpcfuse", id="docker-desktop-later"),
        pytest.param("/lima/x", "virtiofs", id="virtual-machine"),
        pytest.param("/lima/share of mine", "9p", id="name-with-blanks"),
        pytest.param("/home/me/code/site", "nfs4", id="network"),
        pytest.param("/home/me/code/cache/x", "", id="own-inside-of-network"),
        pytest.param("/again/x", "", id="last-mount-counts"),
    ],
)
def test_a_silent_file_system_is_known_by_its_name(folder: str, kind: str) -> None:
    assert silent_system(folder) == kind


def test_silent_parts_of_a_folder_are_found() -> None:
    assert silent_parts("/mnt") == ["/mnt/c", "/mnt/old"]
    assert silent_parts("/home/me") == ["/home/me/code"]
    assert silent_parts("/home/me/code") == []


@pytest.mark.parametrize(
    ("value", "folder", "always", "method"),
    [
        pytest.param(None, "/home", False, "file events", id="not-set"),
        pytest.param("", "/home", False, "file events", id="empty"),
        pytest.param("1", "/home", True, f"a look at the files now and then, as {POLL} asks", id="asked-for"),
        pytest.param("0", "/site", False, "file events", id="forbidden"),
        pytest.param(
            None,
            "/site",
            False,
            "a look at the files now and then, for fakeowner sends no events of changes in /site",
            id="needed",
        ),
    ],
)
def test_the_way_is_told(
    monkeypatch: pytest.MonkeyPatch, value: str | None, folder: str, always: bool, method: str
) -> None:
    if value is not None:
        monkeypatch.setenv(POLL, value)
    assert (looks_always(), reload_method(folder)) == (always, method)


def test_where_no_mounts_are_told_events_are_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ways, "_MOUNTS", "/nowhere")
    assert silent_system("/site") == ""
