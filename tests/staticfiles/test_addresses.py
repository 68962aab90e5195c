"""`static()` gives the addresses that the storage for static files makes, once the app is installed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from miniframe.files import ContentFile
from miniframe.staticfiles.storage import staticfiles_storage
from miniframe.templatetags.static import build_with, static
from miniframe.test.utils import override_settings

MANIFEST = {"staticfiles": {"BACKEND": "miniframe.staticfiles.storage.ManifestStaticFilesStorage"}}


@pytest.fixture(autouse=True)
def without_the_app_again() -> Iterator[None]:
    yield
    build_with(None)


def test_without_the_app_addresses_are_joined() -> None:
    with override_settings(STATIC_URL="/static/"):
        assert static("a b.css") == "/static/a%20b.css"


def test_with_the_app_its_storage_makes_them(tmp_path: Path) -> None:
    with override_settings(
        INSTALLED_APPS=["miniframe.staticfiles"], STATIC_URL="/static/", STATIC_ROOT=tmp_path, STORAGES=MANIFEST
    ):
        staticfiles_storage.save("a.css", ContentFile(b"a"))
        assert list(staticfiles_storage.post_process({"a.css": (staticfiles_storage, "a.css")}))
        assert static("a.css") == "/static/a.0cc175b9c0f1.css"
        with override_settings(DEBUG=True):
            assert static("a.css") == "/static/a.css"
        with override_settings(INSTALLED_APPS=[]):
            assert static("a.css") == "/static/a.css"
        assert static("a.css") == "/static/a.0cc175b9c0f1.css"
        with override_settings(STORAGES={"staticfiles": {"BACKEND": "miniframe.files.storage.InMemoryStorage"}}):
            assert static("a.css") == "/a.css"


def test_the_app_costs_a_starting_site_neither_storages_nor_finders() -> None:
    code = (
        "import sys, miniframe; from miniframe.conf import settings\n"
        "settings.configure(INSTALLED_APPS=['miniframe.staticfiles'], STATIC_URL='/s/')\n"
        "miniframe.setup(); print(*sys.modules)"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert [name for name in loaded if name.startswith(("miniframe.files", "miniframe.staticfiles.f", "hashlib"))] == []
