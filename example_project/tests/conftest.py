"""What the tests share: the project's settings, a data folder of their own, and a client."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import miniframe
import pytest
from miniframe.test import Client
from miniframe.test.utils import override_settings

from core import db

os.environ["MINIFRAME_SETTINGS_MODULE"] = "harbour.settings"
miniframe.setup()


@pytest.fixture(autouse=True)
def data_dir(tmp_path: Path) -> Iterator[Path]:
    """Give each test an empty data folder, and streams that end at once."""
    with override_settings(
        DATA_DIR=tmp_path,
        SAMPLE_DATA=False,
        DEBUG=False,
        ALLOWED_HOSTS=["testserver"],
        LIVE_INTERVAL=0.0,
        LIVE_SECONDS=0.0,
    ):
        yield tmp_path
        db.close()


@pytest.fixture
def client() -> Client:
    """Return a browser without a window: it keeps cookies, and needs no server."""
    return Client()


@pytest.fixture
def strict_client() -> Client:
    """Return a client whose forms need their CSRF token, as a browser's do."""
    return Client(enforce_csrf_checks=True)
