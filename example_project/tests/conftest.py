"""What the tests share: a data folder of their own, and a strict client; the others are the plug-in's fixtures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from miniframe.test import Client
from miniframe.test.utils import override_settings

from core.db import database_created


@pytest.fixture(autouse=True)
def data_dir(db: None, tmp_path: Path) -> Iterator[Path]:
    """Give each test a new database, an empty data folder, and streams that end at once."""
    folders = {"DATA_DIR": tmp_path, "MEDIA_ROOT": tmp_path / "pictures"}
    with override_settings(**folders, SAMPLE_DATA=False, LIVE_INTERVAL=0.0, LIVE_SECONDS=0.0):
        database_created.send(sender=None)
        yield tmp_path


@pytest.fixture
def strict_client() -> Client:
    """Return a client whose forms need their CSRF token, as a browser's do."""
    return Client(enforce_csrf_checks=True)
