"""Live servers in tests serve what was collected and uploaded; one finds static files by itself."""

from __future__ import annotations

import unittest
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from miniframe.exceptions import ImproperlyConfigured
from miniframe.staticfiles.testing import StaticLiveServerTestCase
from miniframe.test import LiveServerTestCase
from miniframe.test.utils import override_settings


def answers(base: type[LiveServerTestCase], paths: list[str]) -> dict[str, bytes | int]:
    """Return what a live server has at each path: its content, or the status that is not 200."""
    found: dict[str, bytes | int] = {}

    class Case(base):  # type: ignore[misc, valid-type]  # the base is a parameter
        def runTest(self) -> None:  # unittest's name
            for path in paths:
                try:
                    with urlopen(self.live_server_url + path, timeout=5) as answer:
                        found[path] = answer.read()
                except HTTPError as error:
                    with error:
                        found[path] = error.code

    result = unittest.TestResult()
    unittest.TestSuite([Case()]).run(result)
    assert not result.errors, result.errors[0][1]
    assert not result.failures, result.failures[0][1]
    return found


def test_a_live_server_serves_static_root_and_media(project: Path) -> None:
    paths = ["/static/guide.txt", "/media/both.css", "/static/site.css", "/media/../secret", "/media/", "/elsewhere"]
    with override_settings(STATIC_ROOT=project / "docs", MEDIA_ROOT=project / "app/static", MEDIA_URL="/media/"):
        found = answers(LiveServerTestCase, paths)
    assert list(found.values()) == [b"docs/guide.txt", b"app/static/both.css", 404, 400, 404, 404]


def test_a_live_server_without_folders_serves_the_site_only(project: Path) -> None:
    with override_settings(STATIC_ROOT=None, MEDIA_ROOT="", MEDIA_URL=""):
        assert set(answers(LiveServerTestCase, ["/static/site.css", "/manage.py"]).values()) == {404}


def test_the_static_live_server_needs_no_collectstatic(project: Path) -> None:
    assert answers(StaticLiveServerTestCase, ["/static/app/x.js"]) == {"/static/app/x.js": b"app/static/app/x.js"}


def test_the_static_live_server_refuses_settings_that_cannot_work() -> None:
    with override_settings(STATIC_URL=None), pytest.raises(ImproperlyConfigured, match="STATIC_URL"):
        StaticLiveServerTestCase.setUpClass()
    StaticLiveServerTestCase.doClassCleanups()
