"""Files on disk: whole or not at all, with the modes and addresses that settings ask for."""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from miniframe.files import ContentFile, File
from miniframe.files.storage import FileSystemStorage
from miniframe.files.uploadedfile import TemporaryUploadedFile
from miniframe.test.utils import override_settings


@pytest.fixture
def storage(tmp_path: Path) -> FileSystemStorage:
    return FileSystemStorage(tmp_path, base_url="/media/")


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("content", ["text: ü", b"bytes: \xff", "", b""], ids=["text", "bytes", "no-text", "no-bytes"])
def test_what_is_saved_can_be_read(storage: FileSystemStorage, content: str | bytes) -> None:
    name = storage.save("deep/er/file", ContentFile(content))
    expected = content.encode() if isinstance(content, str) else content
    with storage.open(name) as file:
        assert file.read() == expected
    assert (storage.size(name), storage.exists(name), storage.listdir("deep")) == (len(expected), True, (["er"], []))
    storage.delete(name)
    storage.delete(name)
    storage.delete("deep/er")
    assert storage.listdir("deep") == ([], [])


def test_the_storage_itself_cannot_be_deleted(storage: FileSystemStorage) -> None:
    with pytest.raises(ValueError, match="The name must be given to delete"):
        storage.delete("")


def test_a_link_to_a_folder_is_deleted_and_not_the_folder(storage: FileSystemStorage, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "folder")
    storage.delete("link")
    assert storage.listdir("") == (["folder"], [])


class Failing(ContentFile):
    """A file whose second piece cannot be read."""

    def chunks(self, chunk_size: int | None = None) -> Iterator[Any]:
        yield b"first"
        raise OSError("the disk is gone")


@pytest.mark.parametrize("allow_overwrite", [False, True])
def test_a_file_that_fails_halfway_is_not_there(tmp_path: Path, allow_overwrite: bool) -> None:
    storage = FileSystemStorage(tmp_path, allow_overwrite=allow_overwrite)
    with pytest.raises(OSError, match="the disk is gone"):
        storage.save("file", Failing(b"x"))
    assert os.listdir(tmp_path) == []


def test_a_file_that_cannot_be_replaced_stays_whole(tmp_path: Path) -> None:
    storage = FileSystemStorage(tmp_path, allow_overwrite=True)
    storage.save("file", ContentFile(b"old"))
    with pytest.raises(OSError, match="the disk is gone"):
        storage.save("file", Failing(b"x"))
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"file": b"old"}


def test_overwriting_keeps_the_name_and_never_shows_half(tmp_path: Path) -> None:
    storage = FileSystemStorage(tmp_path, allow_overwrite=True)
    storage.save("file", ContentFile(b"the old one, which is longer"))
    with storage.open("file") as reader:
        assert storage.save("file", ContentFile(b"new")) == "file"
        assert reader.read() == b"the old one, which is longer"
    assert (tmp_path / "file").read_bytes() == b"new"
    assert storage.save("a-long-name.txt", ContentFile(b"x"), max_length=10) == "a-long.txt"


@pytest.mark.parametrize("allow_overwrite", [False, True])
def test_an_upload_on_disk_is_moved(tmp_path: Path, allow_overwrite: bool) -> None:
    storage = FileSystemStorage(tmp_path, allow_overwrite=allow_overwrite)
    upload = TemporaryUploadedFile("x", "text/plain", 1, None)
    with upload:
        upload.write(b"1")
        upload.flush()
        name = storage.save("folder/upload", upload)
        assert not os.path.exists(upload.temporary_file_path())
        assert (upload.closed, storage.size(name), mode_of(tmp_path / name)) == (False, 1, 0o644)


def test_two_that_save_one_name_at_once_both_keep_their_file(storage: FileSystemStorage) -> None:
    together = threading.Barrier(2)

    class Racing(FileSystemStorage):
        def _save(self, name: str, content: Any) -> str:
            together.wait(5)
            return super()._save(name, content)

    racing = Racing(storage.location)
    threads = [threading.Thread(target=racing.save, args=("same", ContentFile(b"x"))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    names = sorted(storage.listdir("")[1])
    assert len(names) == 2
    assert names[0] == "same"


@pytest.mark.parametrize(
    ("overrides", "arguments", "file_mode", "folder_mode"),
    [
        pytest.param({}, {}, 0o644, 0o777 & ~0o027, id="defaults"),
        pytest.param({"FILE_UPLOAD_PERMISSIONS": None}, {}, 0o666 & ~0o027, 0o777 & ~0o027, id="the-systems"),
        pytest.param(
            {"FILE_UPLOAD_PERMISSIONS": 0o600, "FILE_UPLOAD_DIRECTORY_PERMISSIONS": 0o775},
            {},
            0o600,
            0o775,
            id="settings",
        ),
        pytest.param(
            {"FILE_UPLOAD_PERMISSIONS": 0o600},
            {"file_permissions_mode": 0o640, "directory_permissions_mode": 0o710},
            0o640,
            0o710,
            id="arguments-win",
        ),
    ],
)
@pytest.mark.parametrize("allow_overwrite", [False, True])
def test_modes(
    tmp_path: Path,
    overrides: dict[str, Any],
    arguments: dict[str, Any],
    file_mode: int,
    folder_mode: int,
    allow_overwrite: bool,
) -> None:
    umask = os.umask(0o027)
    try:
        with override_settings(**overrides):
            storage = FileSystemStorage(tmp_path, allow_overwrite=allow_overwrite, **arguments)
            storage.save("new/folder/file", ContentFile(b"x"))
    finally:
        os.umask(umask)
    made = [tmp_path / "new", tmp_path / "new/folder"]
    assert mode_of(tmp_path / "new/folder/file") == file_mode
    assert [mode_of(folder) for folder in made] == [folder_mode] * 2


@pytest.mark.parametrize("name", ["file/below", "file/far/below"])
def test_a_file_cannot_be_a_folder_too(storage: FileSystemStorage, name: str) -> None:
    storage.save("file", ContentFile(b"x"))
    with pytest.raises((FileExistsError, NotADirectoryError)):
        storage.save(name, ContentFile(b"x"))


@pytest.mark.parametrize(
    ("name", "address"),
    [
        pytest.param("a/b.txt", "/media/a/b.txt", id="plain"),
        pytest.param("a b?#ü.txt", "/media/a%20b%3F%23%C3%BC.txt", id="encoded"),
        pytest.param("a\\b.txt", "/media/a/b.txt", id="backslash"),
        pytest.param("//evil.example/x", "/media/evil.example/x", id="no-other-host"),
        pytest.param("http://evil.example", "/media/http%3A/evil.example", id="no-scheme"),
        pytest.param(None, "/media/", id="none"),
    ],
)
def test_addresses(storage: FileSystemStorage, name: str | None, address: str) -> None:
    assert storage.url(name) == address


def test_a_storage_without_address_says_so(storage: FileSystemStorage) -> None:
    storage.base_url = None  # as users do; it wins over the setting
    with pytest.raises(ValueError, match="not accessible via a URL"):
        storage.url("a")


def test_settings_are_read_when_they_are_needed(tmp_path: Path) -> None:
    fixed = FileSystemStorage("here", base_url="there")
    storage = FileSystemStorage()
    with override_settings(MEDIA_ROOT=tmp_path, MEDIA_URL="/uploads/", FILE_UPLOAD_PERMISSIONS=0o600):
        assert (storage.location, storage.url("a"), storage.file_permissions_mode) == (
            str(tmp_path),
            "/uploads/a",
            0o600,
        )
        assert (fixed.location, fixed.url("a")) == (os.path.abspath("here"), "there/a")
    with override_settings(MEDIA_ROOT="", MEDIA_URL="/x"):
        assert (storage.location, storage.url("a")) == (os.getcwd(), "/x/a")


@pytest.mark.parametrize("kind", ["accessed", "created", "modified"])
@pytest.mark.parametrize("use_tz", [True, False])
def test_times_are_aware_if_the_settings_want_it(storage: FileSystemStorage, kind: str, use_tz: bool) -> None:
    name = storage.save("file", ContentFile(b"x"))
    with override_settings(USE_TZ=use_tz):
        when = getattr(storage, f"get_{kind}_time")(name)
    assert when.tzinfo is (UTC if use_tz else None)
    assert abs(when - datetime.now(when.tzinfo)) < timedelta(seconds=30)


def test_anything_that_can_be_read_can_be_saved(storage: FileSystemStorage, tmp_path: Path) -> None:
    (tmp_path / "source").write_bytes(b"content")
    with open(tmp_path / "source", "rb") as source:
        storage.save(Path("copy"), source)
    with open(tmp_path / "source", "rb") as source:
        storage.save(None, File(source, name="named"))
    assert (tmp_path / "copy").read_bytes() == (tmp_path / "named").read_bytes() == b"content"
