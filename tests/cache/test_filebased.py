"""The cache in a folder: what lies there is trusted only if this site wrote it there."""

from __future__ import annotations

import logging
import os
import pickle
import shutil
import stat
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from miniframe.cache import InvalidCacheBackendError
from miniframe.cache.backends.filebased import FileBasedCache
from miniframe.test.utils import override_settings


class Touched:
    """Tells when it is unpickled."""

    seen: list[int] = []

    def __reduce__(self) -> tuple[Any, ...]:
        return (Touched.seen.append, (1,))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "above" / "cache"


@pytest.fixture
def cache(folder: Path) -> FileBasedCache:
    return FileBasedCache(folder, {})


def file_of(cache: FileBasedCache, key: str) -> Path:
    return Path(cache._key_to_file(key))


@pytest.mark.parametrize(
    "forge",
    [
        pytest.param(lambda content: pickle.dumps(Touched()), id="a-bare-pickle"),
        pytest.param(lambda content: content[:40] + pickle.dumps(Touched()), id="another-value-under-the-signature"),
        pytest.param(lambda content: content[:32] + b"\x7e" + content[33:], id="another-time"),
        pytest.param(lambda content: bytes(40) + pickle.dumps(Touched()), id="a-signature-of-nothing"),
        pytest.param(lambda content: content[:-1], id="cut-off"),
        pytest.param(lambda content: b"", id="empty"),
    ],
)
def test_what_this_site_did_not_write_is_passed_over(
    cache: FileBasedCache, forge: Any, caplog: pytest.LogCaptureFixture
) -> None:
    cache.set("key", "value", None)
    path = file_of(cache, "key")
    path.write_bytes(forge(path.read_bytes()))
    with caplog.at_level(logging.WARNING, "miniframe.cache"):
        assert cache.get("key", "default") == "default"
    assert f"The cache passes over {path}: it was not written with" in caplog.text
    assert not cache.has_key("key")
    assert cache.add("key", "new") is True
    assert cache.get("key") == "new"
    assert Touched.seen == []


@pytest.mark.skipif(os.name != "posix", reason="pipes are POSIX's")
@pytest.mark.parametrize("plant", [os.mkfifo, lambda path: os.symlink("/dev/zero", path)], ids=["pipe", "link"])
def test_what_a_neighbour_has_planted_is_passed_over(cache: FileBasedCache, plant: Any) -> None:
    cache.set("key", "value", None)
    path = file_of(cache, "key")
    path.unlink()
    plant(path)
    assert cache.get("key", "default") == "default"
    cache.set("key", "new")
    assert cache.get("key") == "new"


@pytest.mark.skipif(os.name != "posix", reason="users are POSIX's")
def test_a_lock_that_is_not_ours_is_not_waited_for(cache: FileBasedCache, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.set("key", "value")
    monkeypatch.setattr(os, "geteuid", lambda: os.stat(cache._dir).st_uid + 1)
    with pytest.raises(PermissionError, match="was not made by the user that runs this site"):
        cache.set("key", "new")


def test_the_lock_is_never_made_where_a_link_leads(cache: FileBasedCache, folder: Path, tmp_path: Path) -> None:
    treasure = tmp_path / "treasure"
    treasure.write_text("gold")
    cache.set("key", "value")
    (folder / ".lock").unlink()
    (folder / ".lock").symlink_to(treasure)
    with pytest.raises(OSError, match="symbolic links"):
        cache.set("key", "new")
    assert treasure.read_text() == "gold"


def test_a_value_of_one_key_is_worthless_under_another(cache: FileBasedCache) -> None:
    cache.set("is_admin:eve", False)
    cache.set("is_admin:root", True)
    shutil.copy(file_of(cache, "is_admin:root"), file_of(cache, "is_admin:eve"))
    assert cache.get("is_admin:eve") is None


def test_a_new_key_keeps_the_values_while_the_old_one_is_a_fallback(cache: FileBasedCache) -> None:
    cache.set("key", "value")
    from miniframe.conf import settings

    old = settings.SECRET_KEY
    with override_settings(SECRET_KEY="new", SECRET_KEY_FALLBACKS=[old]):
        assert cache.get("key") == "value"
    with override_settings(SECRET_KEY="new"):
        assert cache.get("key") is None


def test_a_value_whose_class_is_gone_is_no_longer_there(
    cache: FileBasedCache, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    module = __import__(__name__, fromlist=["Gone"])
    monkeypatch.setattr(
        module, "Gone", type("Gone", (), {"__module__": __name__, "__qualname__": "Gone"}), raising=False
    )
    cache.set("key", module.Gone())
    monkeypatch.delattr(module, "Gone")
    with caplog.at_level(logging.WARNING, "miniframe.cache"):
        assert cache.get("key", "default") == "default"
    assert "cannot be unpickled any more: AttributeError" in caplog.text


def test_folders_and_files_are_for_this_user_only(cache: FileBasedCache, folder: Path) -> None:
    cache.set("key", "value")
    for path in (folder, folder.parent):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_clear_leaves_what_is_not_the_caches(cache: FileBasedCache, folder: Path) -> None:
    cache.set("key", "value")
    (folder / "notes").touch()
    (folder / f"{file_of(cache, 'key').name}.1-1.part").touch()  # left by a process that was killed
    cache.clear()
    assert sorted(path.name for path in folder.iterdir()) == [".lock", "notes"]


def test_reading_needs_no_folder_and_makes_none(cache: FileBasedCache, folder: Path) -> None:
    assert cache.get("key") is None
    assert not cache.has_key("key")
    assert not folder.exists()


def test_a_failed_write_leaves_the_old_value_and_no_litter(cache: FileBasedCache, folder: Path) -> None:
    cache.set("key", "old")
    with mock.patch("os.replace", side_effect=OSError("disk full")), pytest.raises(OSError, match="disk full"):
        cache.set("key", "new")
    assert cache.get("key") == "old"
    assert len(list(folder.iterdir())) == 2


def test_the_oldest_files_make_room(folder: Path) -> None:
    cache = FileBasedCache(folder, {"OPTIONS": {"MAX_ENTRIES": 6, "CULL_FREQUENCY": 2}})
    for number in range(6):
        cache.set(number, number)
        os.utime(file_of(cache, str(number)), (number, number))
    cache.set(3, "again")  # no new file, so nobody has to go
    assert len(cache.get_many(range(6))) == 6
    cache.set(6, 6)
    assert sorted(cache.get_many(range(7))) == [3, 4, 5, 6]


@pytest.mark.parametrize(("frequency", "left"), [(3, 29), (0, 19), (1, 19)])
def test_a_full_folder_is_culled(folder: Path, frequency: int, left: int) -> None:
    cache = FileBasedCache(folder, {"OPTIONS": {"MAX_ENTRIES": 30, "CULL_FREQUENCY": frequency}})
    for number in range(1, 50):
        cache.set(number, number)
    assert len(cache.get_many(range(50))) == left


def test_other_processes_are_counted_too(folder: Path) -> None:
    caches = [FileBasedCache(folder, {"OPTIONS": {"MAX_ENTRIES": 20}}) for _ in range(3)]
    most = 0
    for number in range(120):
        caches[number % 3].set(number, number)
        most = max(most, len(list(folder.glob("*.cached"))))
    assert 20 <= most <= 20 + 3 * 2


@pytest.mark.parametrize("location", ["", None])
def test_no_location_is_an_error(location: Any) -> None:
    with pytest.raises(InvalidCacheBackendError, match="has no LOCATION"):
        FileBasedCache(location, {})
