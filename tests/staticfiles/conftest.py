"""A project's static folders: one of its own, one with a prefix, one of an app."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from miniframe.apps import apps
from miniframe.staticfiles.finders import get_finder
from miniframe.test.utils import override_settings


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    for name in ("own/site.css", "own/both.css", "docs/guide.txt", "app/static/both.css", "app/static/app/x.js"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    config = SimpleNamespace(name="app", path=str(tmp_path / "app"))
    monkeypatch.setattr(apps, "get_app_configs", lambda: [config])
    get_finder.cache_clear()
    with override_settings(STATIC_URL="/static/", STATICFILES_DIRS=[tmp_path / "own", ("manual", tmp_path / "docs")]):
        yield tmp_path
    get_finder.cache_clear()
