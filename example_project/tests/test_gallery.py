"""The gallery: what is taken, what is refused, and how pictures are served."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from miniframe.db import session
from miniframe.files import ContentFile
from miniframe.files.storage import default_storage
from miniframe.files.uploadedfile import SimpleUploadedFile
from miniframe.test import Client
from miniframe.test.utils import override_settings
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from gallery import store
from gallery.kinds import GIF, JPEG, PNG, WEBP, Kind, kind_of
from gallery.painting import paint
from gallery.samples import SAMPLES

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(100)


def hang(client: Client, content: bytes = PICTURE, name: str = "photo.png", type: str = "image/png") -> Any:
    """Send the upload form."""
    file = SimpleUploadedFile(name, content, content_type=type)
    return client.post("/gallery/new/", {"caption": "The quay at dawn", "taken_by": "Ines", "file": file})


def test_an_uploaded_picture_can_be_seen_and_downloaded(client: Client) -> None:
    response = hang(client)
    assert response.status_code == 302
    address = response.headers["Location"]
    assert "The quay at dawn" in client.get(address).text
    image = client.get(f"{address}image")
    assert image.getvalue() == PICTURE
    assert image.headers["Content-Type"] == "image/png"
    assert image.headers["Content-Disposition"] == 'inline; filename="the-quay-at-dawn.png"'
    assert image.headers["X-Content-Type-Options"] == "nosniff"
    assert "immutable" in image.headers["Cache-Control"]
    download = client.get(f"{address}download")
    assert download.headers["Content-Disposition"] == 'attachment; filename="the-quay-at-dawn.png"'
    assert download.getvalue() == PICTURE


def test_a_download_that_broke_off_goes_on(client: Client) -> None:
    address = hang(client).headers["Location"] + "download"
    first = client.get(address)
    first.close()
    response = client.get(address, headers={"Range": "bytes=40-", "If-Range": first.headers["ETag"]})
    assert response.status_code == 206
    assert response.headers["Content-Range"] == f"bytes 40-{len(PICTURE) - 1}/{len(PICTURE)}"
    assert response.getvalue() == PICTURE[40:]


def test_a_row_that_cannot_be_written_leaves_no_file(data_dir: Path) -> None:
    session().execute(text("DROP TABLE picture"))
    with pytest.raises(DBAPIError):
        store.add(ContentFile(PICTURE), PNG, "The quay", "Ines")
    assert list((data_dir / "pictures").iterdir()) == []


def test_the_file_has_a_name_of_ours(client: Client, data_dir: Path) -> None:
    hang(client, name="../../evil.php")
    files = list((data_dir / "pictures").iterdir())
    assert [file.suffix for file in files] == [".png"]
    assert "evil" not in files[0].name


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        pytest.param(b"", "photo.png", "is empty", id="empty"),
        pytest.param(b"<html><script>", "photo.png", "not a picture that we can show", id="page"),
        pytest.param(b"<svg xmlns='http://www.w3.org/2000/svg'/>", "a.svg", "not a picture", id="svg"),
        pytest.param(b"GIF", "a.gif", "not a picture", id="cut-short"),
    ],
)
def test_what_is_no_picture_is_refused(client: Client, data_dir: Path, content: bytes, name: str, words: str) -> None:
    response = hang(client, content, name)
    assert response.status_code == 422
    assert words in response.text
    assert 'value="The quay at dawn"' in response.text
    assert not (data_dir / "pictures").exists()


def test_the_type_that_a_browser_claims_is_not_believed(client: Client) -> None:
    address = hang(client, b"\xff\xd8\xff\xe0" + bytes(50), "photo.html", "text/html").headers["Location"]
    response = client.get(f"{address}image")
    assert response.headers["Content-Type"] == "image/jpeg"
    response.close()


def test_a_large_picture_is_refused(client: Client) -> None:
    with override_settings(PICTURE_MAX_BYTES=1024 * 1024):
        response = hang(client, PICTURE + bytes(1024 * 1024))
    assert response.status_code == 422
    assert "At most 1 MB" in response.text


def test_a_form_without_a_file_is_told_so(client: Client) -> None:
    response = client.post("/gallery/new/", {"caption": "The quay", "taken_by": "Ines"})
    assert "Please choose a picture." in response.text


def test_a_picture_whose_file_is_gone_is_not_found(client: Client) -> None:
    address = hang(client).headers["Location"]
    (picture,) = store.find()[:]
    default_storage.delete(picture.stored_name)
    assert client.get(f"{address}image").status_code == 404


def test_a_failed_upload_leaves_no_file(data_dir: Path) -> None:
    class Torn(ContentFile):
        def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
            yield PICTURE
            raise OSError("the line went dead")

    with pytest.raises(OSError, match="line went dead"):
        store.add(Torn(PICTURE), PNG, "Half", "Ines")
    assert list((data_dir / "pictures").iterdir()) == []
    assert len(store.find()) == 0


def test_neighbours_are_one_click_away(client: Client) -> None:
    noons = [datetime(2026, 11, day, 12, tzinfo=UTC) for day in (1, 2, 3)]
    older, picture, newer = [store.add(ContentFile(PICTURE), PNG, "The quay", "Ines", posted_at=noon) for noon in noons]
    page = client.get(picture.address).text
    assert f'rel="prev" href="{newer.address}"' in page
    assert f'rel="next" href="{older.address}"' in page


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        pytest.param(b"\x89PNG\r\n\x1a\n....", PNG, id="png"),
        pytest.param(b"\xff\xd8\xff\xe1", JPEG, id="jpeg"),
        pytest.param(b"GIF89a", GIF, id="gif"),
        pytest.param(b"RIFF\x10\x00\x00\x00WEBPVP8 ", WEBP, id="webp"),
        pytest.param(b"RIFF\x10\x00\x00\x00WAVEfmt ", None, id="sound"),
        pytest.param(b"%PDF-1.7", None, id="pdf"),
    ],
)
def test_a_kind_is_told_by_the_first_bytes(head: bytes, kind: Kind | None) -> None:
    assert kind_of(head) == kind


def test_the_same_seed_paints_the_same_picture() -> None:
    painted = paint(SAMPLES[0].scene, 1)
    assert kind_of(painted) == PNG
    assert painted == paint(SAMPLES[0].scene, 1)
    assert painted != paint(SAMPLES[0].scene, 2)
