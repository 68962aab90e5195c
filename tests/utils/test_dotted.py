"""Wrong dotted paths get the nearest right one as advice, and nothing is run to find it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from miniframe.utils.dotted import advice, exists, is_missing, nearest_path


@pytest.fixture(autouse=True)
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package that must not be run, on the path and in the current folder."""
    files = {
        "shop_here/__init__.py": "",
        "shop_here/urls.py": "raise SystemExit('run')\nurlpatterns = []\n",
        "shop_here/layers.py": "raise SystemExit('run')\nclass TimerLayer: ...\n",
        "shop_here/star.py": "from os.path import *\n",
        "shop_here/late.py": "def __getattr__(name): ...\n",
        "shop_here/broken.py": "def\n",
        "shop_here/static/site.css": "",
        "till_here.py": "",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        pytest.param("shop_here", True, id="package"),
        pytest.param("shop_here.urls", True, id="module"),
        pytest.param("shop_here.layers.TimerLayer", True, id="class"),
        pytest.param("shop_here.layers.Timer", False, id="no-such-class"),
        pytest.param("shop_here.star.join", True, id="star-import-may-bring-it"),
        pytest.param("shop_here.late.anything", True, id="getattr-may-make-it"),
        pytest.param("shop_here.broken.anything", True, id="does-not-compile-which-its-import-will-tell"),
        pytest.param("sys.path", True, id="loaded-module"),
        pytest.param("nothing_here", False, id="nothing"),
        pytest.param("till_here.urls.more", False, id="module-is-no-package"),
        pytest.param("", False, id="empty"),
        pytest.param("shop_here..urls", False, id="two-dots"),
        pytest.param(".urls", False, id="relative"),
    ],
)
def test_what_exists_is_known_without_running_it(path: str, expected: bool) -> None:
    assert exists(path) is expected
    assert "shop_here.layers" not in sys.modules


@pytest.mark.parametrize(
    ("path", "near"),
    [
        pytest.param("shop_here.url", "shop_here.urls", id="module"),
        pytest.param("shop_her.urls", "shop_here.urls", id="package"),
        pytest.param("shop_her.layer.TimerLayr", "shop_here.layers.TimerLayer", id="every-part"),
        pytest.param("shop_here.layer.TimerLayer", "shop_here.layers.TimerLayer", id="module-before-a-class"),
        pytest.param("shop_here.layers.Zzz", None, id="nothing-like-it"),
        pytest.param("shop_here.statics", None, id="a-folder-without-code-is-no-module"),
        pytest.param("quite_another_name", None, id="no-package-like-it"),
        pytest.param("shop_here.urls", None, id="right-as-it-is"),
    ],
)
def test_the_nearest_path_is_found_part_by_part(path: str, near: str | None) -> None:
    assert nearest_path(path) == near
    assert "shop_here.layers" not in sys.modules


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("shop_heretill_here", id="two-packages"),
        pytest.param("shop_here.layers.TimerLayertill_here", id="after-a-class"),
        pytest.param("till_hereshop_here.layers.TimerLayer", id="before-a-class"),
    ],
)
def test_a_forgotten_comma_is_recognized(path: str) -> None:
    assert advice(path).startswith(" Was a comma forgotten between ")


def test_advice_without_an_idea_is_empty() -> None:
    assert advice("quite_another_name") == ""
    assert advice("shop_hereos") == " Did you mean 'shop_here'?"  # not a comma before the standard library


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        pytest.param("django.contrib.sessions", " Did you mean 'miniframe.sessions'?", id="contrib"),
        pytest.param(
            "django.core.files.storage.FileSystemStorage",
            " Did you mean 'miniframe.files.storage.FileSystemStorage'?",
            id="core",
        ),
        pytest.param(
            "django.middleware.gzip.GZipMiddleware",
            " Did you mean 'miniframe.middleware.gzip.GZipMiddleware'?",
            id="others",
        ),
        pytest.param("django.contrib.admin", " miniframe has no 'admin', on purpose: take this out.", id="no-admin"),
        pytest.param(
            "miniframe.auth.middleware.AuthenticationMiddleware",
            " miniframe has no 'auth', on purpose: take this out.",
            id="no-users",
        ),
        pytest.param("django_shop.contrib.sessions", "", id="another-package"),
    ],
)
def test_names_of_django_are_known(path: str, expected: str) -> None:
    assert advice(path) == expected


@pytest.mark.parametrize(
    ("missing", "expected"),
    [
        pytest.param("shop_here.url", True, id="itself"),
        pytest.param("shop_here", True, id="its-package"),
        pytest.param("shop", False, id="a-name-that-only-begins-alike"),
        pytest.param("requests", False, id="something-it-imports"),
        pytest.param(None, False, id="unnamed"),
    ],
)
def test_a_missing_module_is_told_from_a_missing_import_inside_it(missing: str | None, expected: bool) -> None:
    assert is_missing(ModuleNotFoundError("No module", name=missing), "shop_here.url") is expected


def test_an_import_error_of_another_kind_is_no_missing_module() -> None:
    assert not is_missing(ImportError("cannot import name", name="shop_here.url"), "shop_here.url")
