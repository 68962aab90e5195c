"""What visitors upload is kept inside the storage, and sent back from there, whatever they call it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from miniframe.files.storage import default_storage
from miniframe.http import FileResponse, HttpResponse
from miniframe.test import Client
from miniframe.test.utils import override_settings
from miniframe.urls import path


def keep(request: Any) -> HttpResponse:
    upload = request.FILES.get("file")
    if upload is None:  # the parser drops what has no usable name
        return HttpResponse(status=400)
    return HttpResponse(default_storage.save(upload.name, upload))


def give(request: Any, name: str) -> FileResponse:
    return FileResponse(default_storage.open(name))


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    urlconf = SimpleNamespace(urlpatterns=[path("keep", keep), path("give/<path:name>", give)])
    with override_settings(ROOT_URLCONF=urlconf, MEDIA_ROOT=tmp_path / "media", FILE_UPLOAD_MAX_MEMORY_SIZE=100):
        yield Client()


def send(client: Client, name: str, content: bytes) -> Any:
    body = (
        f'--b\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    )
    return client.post(
        "/keep", body.encode() + content + b"\r\n--b--\r\n", content_type="multipart/form-data; boundary=b"
    )


@pytest.mark.parametrize("size", [1, 1000], ids=["in-memory", "on-disk"])
@pytest.mark.parametrize(
    "name",
    [
        "photo.jpg",
        "../../up.txt",
        "/etc/passwd",
        "C:\\\\windows\\\\system.ini",
        "%2e%2e%2fup.txt",
        "&#46;&#46;/up.txt",
        "😀" * 80 + ".txt",
        "x" * 400 + ".txt",
        "..",
        ".",
        "a%00b",
        ".hidden",
        "white \t space",
    ],
)
def test_uploads_stay_inside(client: Client, tmp_path: Path, name: str, size: int) -> None:
    for _ in range(2):
        answer = send(client, name, b"x" * size)
        assert answer.status_code in {200, 400}
    kept = [each for each in tmp_path.rglob("*") if each.is_file()]
    assert len(kept) == (0 if name in {".", ".."} else 2)
    assert all(each.parent == tmp_path / "media" and each.stat().st_size == size for each in kept)


def test_a_kept_file_is_sent_back(client: Client) -> None:
    for _ in range(2):
        name = send(client, "photo.jpg", b"x" * 1000).content.decode()
        answer = client.get(f"/give/{name}")
        assert (b"".join(answer), answer["Content-Type"]) == (b"x" * 1000, "image/jpeg")
        assert answer["Content-Length"] == "1000"
        answer.close()
