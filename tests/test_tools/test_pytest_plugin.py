"""The pytest plug-in in runs of pytest of its own: for projects of ours, beside pytest-django, and elsewhere."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., str]

# Other plug-ins have nothing to do with it, and take half of the time.
QUICKER = [word for name in ("cacheprovider", "hypothesispytest", "xdist", "anyio") for word in ("-p", f"no:{name}")]

BESIDE_DJANGO = pytest.mark.skipif(
    importlib.util.find_spec("pytest_django") is None, reason="pytest-django is not installed"
)

MANAGE = 'import os\nos.environ.setdefault("MINIFRAME_SETTINGS_MODULE", "shop.settings")\n'
SETTINGS = """\
SECRET_KEY = "a-key-for-tests-that-signs-nothing-of-value-0123456789"
DEBUG = True
ROOT_URLCONF = "shop.urls"
INSTALLED_APPS = ["miniframe.staticfiles"]
STATIC_URL = "/static/"
STATICFILES_DIRS = [__file__.rpartition("/")[0]]
MIDDLEWARE = ["miniframe.middleware.common.CommonMiddleware"]
COLOURS = {"sky": "blue"}
"""
URLS = """\
from miniframe.conf import settings
from miniframe.http import HttpResponse
from miniframe.urls import path

urlpatterns = [path("", lambda request: HttpResponse(f"{request.get_host()} {settings.DEBUG}"))]
"""

FIXTURES = """\
import sys
from urllib.request import urlopen

import pytest

before = sorted(name for name in sys.modules if name.startswith("miniframe"))

def test_nothing_is_imported_before_a_fixture_is_used():
    plugin = ["miniframe.pytest_database", "miniframe.pytest_fixtures", "miniframe.pytest_plugin"]
    assert before == ["miniframe", *plugin, "miniframe.utils", "miniframe.utils.version"]

def test_client(client):
    assert client.get("/").text == "testserver False"

def test_each_test_has_a_client_of_its_own(client):
    client.cookies["a"] = "b"

def test_and_no_cookies_of_another(client):
    assert not client.cookies

def test_rf(rf):
    assert rf.get("/a/", headers={"X-A": "b"}).headers["X-A"] == "b"

def test_settings_are_changed(settings):
    settings.DEBUG = True
    settings.NEW = 1
    del settings.STATIC_URL
    settings.MIDDLEWARE += ["miniframe.middleware.gzip.GZipMiddleware"]
    settings.COLOURS["grass"] = "green"
    from miniframe.conf import settings as real
    assert (real.DEBUG, real.NEW, len(real.MIDDLEWARE), real.COLOURS["grass"]) == (True, 1, 2, "green")
    assert not hasattr(real, "STATIC_URL")

def test_and_are_as_they_were_afterwards(settings, client):
    assert (settings.DEBUG, hasattr(settings, "NEW"), settings.STATIC_URL) == (False, False, "/static/")
    assert settings.MIDDLEWARE == ["miniframe.middleware.common.CommonMiddleware"]
    assert settings.COLOURS == {"sky": "blue"}

def test_changes_are_announced(settings):
    from miniframe.signals import setting_changed
    heard = []
    def note(sender, setting, value, enter, **kwargs):
        heard.append((setting, value, enter))
    setting_changed.connect(note)
    settings.DEBUG = True
    del settings.COLOURS
    settings.finalize()
    setting_changed.disconnect(note)
    assert heard[0] == ("DEBUG", True, True)
    assert ("COLOURS", None, True) in heard
    assert heard[-2:] == [("COLOURS", {"sky": "blue"}, False), ("DEBUG", False, False)]

def fetch(url):
    with urlopen(url, timeout=10) as response:
        return response.read().decode()

def test_live_server(live_server, settings):
    settings.DEBUG = True
    assert fetch(live_server.url) == f"{live_server.url[7:]} True"
    assert str(live_server) == live_server.url
    assert fetch(live_server + "/static/settings.py").startswith("SECRET_KEY")

@pytest.fixture(scope="session")
def address(live_server):
    return live_server.url

def test_the_server_lives_as_long_as_the_session(address):
    assert fetch(address).endswith("False")
"""

CLASSES = """\
import unittest
from miniframe.test import SimpleTestCase, override_settings, tag

class PageTest(SimpleTestCase):
    @tag("slow")
    def test_slow(self):
        self.assertContains(self.client.get("/"), "testserver False")

    @override_settings(DEBUG=True)
    def test_quick(self):
        self.assertContains(self.client.get("/"), "testserver True")

@tag("slow", "net")
class OtherTest(SimpleTestCase):
    def test_other(self):
        pass

@tag("net")
def test_alone():
    pass
"""


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


MARKED = """\
import pytest
from miniframe.test import SimpleTestCase

def test_settings(client):
    assert client.get("/").text == "other False"

@pytest.mark.urls("shop.urls")
def test_marked(client):
    assert client.get("/").text == "testserver False"

@pytest.mark.urls("shop.urls")
class MarkedTest(SimpleTestCase):
    def test_marked(self):
        assert self.client.get("/").text == "testserver False"
"""


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Return a function that writes files, runs pytest there, and returns what it printed, how it ended first."""

    def run_pytest(files: dict[str, str], *arguments: str, folder: str = ".", **env: str) -> str:
        write(tmp_path, files)
        decisive = ("PYTEST_", "MINIFRAME_", "DJANGO_", "NO_COLOR", "FORCE_COLOR", "COV_")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(decisive)}
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-Werror", *QUICKER, *arguments],
            cwd=tmp_path / folder,
            env={**kept, "PYTHONDONTWRITEBYTECODE": "1", **env},
            capture_output=True,
            text=True,
            timeout=120,
        )
        return f"{done.returncode}\n{done.stdout}{done.stderr}"

    return run_pytest


def outcome(output: str) -> str:
    """Return the words of pytest's last line: "2 passed, 1 deselected"."""
    found = re.findall(r"^(?:=+ )?(\d+ .*?|no tests ran) in [\d.]+s", output, re.MULTILINE)
    return found[-1] if found else output


SHOP = {"shop/__init__.py": "", "shop/settings.py": SETTINGS, "shop/urls.py": URLS}
PROJECT = {"manage.py": MANAGE, **SHOP}
INI = {"pytest.ini": "[pytest]\nminiframe_settings_module = shop.settings\npythonpath = .\n"}


def test_the_fixtures_of_a_project_with_manage_py(run: Run) -> None:
    # Started in a folder of the project, with no configuration but a rootdir.
    files = {**PROJECT, "pytest.ini": "[pytest]\n", "tests/test_all.py": FIXTURES}
    output = run(files, "-p", "no:django", folder="tests")
    assert outcome(output) == f"{FIXTURES.count('def test_')} passed", output
    assert "settings shop.settings" in output


def test_classes_need_no_fixture_and_tags_are_marks(run: Run) -> None:
    files = {**SHOP, **INI, "test_classes.py": CLASSES}
    output = run(files, "-p", "no:django", "--strict-markers", "-m", "slow and not net", "-v")
    assert outcome(output) == "1 passed, 3 deselected", output
    assert "PageTest::test_slow PASSED" in output
    assert outcome(run({}, "-p", "no:django", "-q")) == "4 passed"


def test_the_variable_goes_before_the_configuration_and_manage_py(run: Run) -> None:
    other = SETTINGS + "NAME = 'other'\n"
    test = "def test_name(settings):\n    assert settings.NAME == 'other'\n"
    files = {**PROJECT, **INI, "other.py": other, "test_name.py": test}
    assert outcome(run(files, "-p", "no:django", MINIFRAME_SETTINGS_MODULE="other")) == "1 passed"


def test_a_project_moved_from_pytest_django_keeps_the_spelling_of_its_configuration_and_the_mark_urls(run: Run) -> None:
    other = SETTINGS.replace("shop.urls", "other_urls")
    files = {
        **PROJECT,
        "pytest.ini": "[pytest]\nMINIFRAME_SETTINGS_MODULE = other\naddopts = --strict-config --strict-markers\n",
        "other.py": other,
        "other_urls.py": URLS.replace("request.get_host()", "'other'"),
        "test_a.py": MARKED,
    }
    assert outcome(run(files, "-p", "no:django")) == "3 passed"
    if importlib.util.find_spec("pytest_django"):
        assert outcome(run({})) == "3 passed"


def test_settings_given_by_hand_are_a_project_too(run: Run) -> None:
    conftest = (
        "from miniframe.conf import settings\nsettings.configure(ROOT_URLCONF='shop.urls', SECRET_KEY='x' * 50)\n"
    )
    tests = (
        "from miniframe.test.utils import setup_test_environment\n"
        "def test_the_environment_is_still_the_conftests():\n    setup_test_environment()\n"
        "def test_client(client):\n    assert client.get('/').text == 'testserver False'\n"
    )
    files = {**SHOP, "conftest.py": conftest, "test_a.py": tests}
    assert outcome(run(files, "-p", "no:django")) == "2 passed"


def test_broken_settings_end_the_run_once_and_say_why(run: Run) -> None:
    tests = "def test_one(client):\n    pass\ndef test_two(client):\n    pass\n"
    output = run({**PROJECT, "shop/settings.py": "INSTALLED_APPS = ['no_such_app']\n", "test_a.py": tests})
    assert output.startswith("4\n")
    assert output.count("No module named 'no_such_app'. INSTALLED_APPS in shop.settings") == 1
    assert "Traceback" not in output
    output = run({"shop/settings.py": "import os\nURL = os.environ['NO_SUCH_VARIABLE']\n"})
    assert 'shop/settings.py", line 2' in output
    assert output.count("KeyError: 'NO_SUCH_VARIABLE'") == 1


def test_elsewhere_nothing_is_imported_and_no_fixture_is_taken_away(run: Run) -> None:
    # A plug-in of somebody else has a fixture `client`; whichever is loaded first, that is the one.
    theirs = "import pytest\n@pytest.fixture\ndef client():\n    return 'theirs'\n"
    test = (
        "import sys\n"
        "def test_client(client):\n    assert client == 'theirs'\n"
        "def test_modules():\n"
        "    loaded = {name for name in sys.modules if name.startswith('miniframe')}\n"
        "    assert loaded == {'miniframe', 'miniframe.pytest_plugin', 'miniframe.utils', 'miniframe.utils.version'}\n"
    )
    files = {"theirs.py": theirs, "test_a.py": test, "manage.py": "import django\n"}
    output = run(files, "-p", "theirs", "-p", "no:django", PYTHONPATH=os.pathsep.join([".", *_path()]))
    assert outcome(output) == "2 passed", output


def _path() -> list[str]:
    return os.environ.get("PYTHONPATH", "").split(os.pathsep)


@BESIDE_DJANGO
def test_where_django_is_tested_the_fixtures_are_djangos(run: Run) -> None:
    settings = "SECRET_KEY = 'x'\nROOT_URLCONF = 'their_urls'\nDATABASES = {}\nUSE_TZ = True\n"
    tests = (
        "import sys\n"
        "import django.test\n"
        "def test_fixtures(client, rf, settings):\n"
        "    assert type(client) is django.test.Client\n"
        "    assert type(rf) is django.test.RequestFactory\n"
        "    assert type(settings).__module__.startswith('pytest_django')\n"
        "    assert 'miniframe.conf' not in sys.modules\n"
        "    assert 'miniframe.pytest_fixtures' not in sys.modules\n"
    )
    ini = "[pytest]\nDJANGO_SETTINGS_MODULE = their_settings\npythonpath = .\n"
    files = {"pytest.ini": ini, "their_settings.py": settings, "their_urls.py": "urlpatterns = []\n"}
    output = run({**files, "test_a.py": tests})
    assert outcome(output) == "1 passed", output


@BESIDE_DJANGO
def test_where_a_project_of_ours_is_tested_pytest_django_does_not_matter(run: Run) -> None:
    output = run({**PROJECT, "test_all.py": FIXTURES, "test_classes.py": CLASSES})
    assert "django" in re.findall(r"^plugins: .*", output, re.MULTILINE)[0]
    assert outcome(output) == f"{FIXTURES.count('def test_') + 4} passed", output
