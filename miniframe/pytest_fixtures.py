"""The fixtures of the pytest plug-in: `client`, `rf`, `settings`, `live_server`; tags as marks, and the mark `urls`.

The framework is imported, and the project set up, when the first test wants a fixture; or when
collecting the tests has imported the framework anyway, as test classes do.

Source: pytest's "How to use fixtures"; the names are pytest-django's.
Not here: which project, and whether there is one (`pytest_plugin`).
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import pytest

import miniframe

if TYPE_CHECKING:
    from miniframe.test import Client, RequestFactory

__all__ = ["LiveServer", "SettingsWrapper"]

_undo = pytest.StashKey[Callable[[], None]]()


def pytest_report_header() -> str:
    """Say under pytest's own versions which settings the tests run with."""
    module = os.environ.get("MINIFRAME_SETTINGS_MODULE")
    return f"miniframe: version {miniframe.__version__}, settings {module or 'configured by hand'}"


def pytest_itemcollected(item: pytest.Item) -> None:
    """Let `-m slow` choose what has `@tag("slow")`."""
    for tagged in (getattr(item, "cls", None), getattr(item, "function", None)):
        for tag in _tags_of(tagged):
            item.config.addinivalue_line("markers", f"{tag}: given by miniframe.test.tag")
            item.add_marker(tag)


def _tags_of(tagged: object) -> list[str]:
    """Return the tags that can be marks; a class may have `tags` of its own, for purposes of its own."""
    tags = getattr(tagged, "tags", None)
    words = [tag for tag in tags if isinstance(tag, str)] if isinstance(tags, set) else []
    return sorted(tag for tag in words if tag[:1] != "_" and tag.replace("-", "_").isidentifier())


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Set the project up for tests that use the framework without our fixtures.

    Settings that were given by hand are left to the conftest.py that gave them, until a fixture is wanted.
    """
    conf = sys.modules.get("miniframe.conf")
    if conf is not None and (not conf.settings.configured or conf.settings.SETTINGS_MODULE):
        _prepare(item.config)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Give DEBUG and ALLOWED_HOSTS back, for what else this process may do."""
    undo = config.stash.get(_undo, None)
    if undo is not None:
        undo()


def _prepare(config: pytest.Config) -> None:
    """Load the settings and the apps, once; tests see what visitors see: DEBUG off, and the host "testserver".

    Raises:
        pytest.exit.Exception: that failed, and would fail for each test again.
        pytest.fail.Exception: the same, in a worker of pytest-xdist, which must not end by itself.
    """
    if _undo in config.stash:
        return
    # The heavy part: 50 ms or more, and only for runs that have come this far.
    from miniframe.exceptions import ImproperlyConfigured
    from miniframe.test import utils

    failed = ""
    try:
        miniframe.setup()
    except Exception as error:
        expected = isinstance(error, ImproperlyConfigured)
        failed = f"{type(error).__name__}: {error}" if expected else "".join(traceback.format_exception(error))
    if failed:
        told = f"The project cannot be set up. {failed}"
        if hasattr(config, "workerinput"):
            pytest.fail(told, pytrace=False)
        pytest.exit(told, returncode=pytest.ExitCode.USAGE_ERROR)
    try:
        utils.setup_test_environment()
    except RuntimeError:  # the project's conftest.py has done it, and takes it back if it wants to
        config.stash[_undo] = lambda: None
    else:
        config.stash[_undo] = utils.teardown_test_environment


@pytest.fixture(scope="session")
def _project(pytestconfig: pytest.Config) -> None:
    _prepare(pytestconfig)


@pytest.fixture(autouse=True)
def _urls_of_the_mark(request: pytest.FixtureRequest) -> Iterator[None]:
    """Let `@pytest.mark.urls("shop.other_urls")` choose the test's ROOT_URLCONF."""
    mark = request.node.get_closest_marker("urls")
    if mark is None:
        yield
        return
    request.getfixturevalue("_project")
    from miniframe.test import override_settings  # when the first test wants it

    with override_settings(ROOT_URLCONF=mark.args[0]):
        yield


@pytest.fixture
def client(_project: None) -> Client:
    """Return a browser without a window: it keeps cookies, and needs no server."""
    from miniframe.test import Client  # when the first test wants it

    return Client()


@pytest.fixture
def rf(_project: None) -> RequestFactory:
    """Return a maker of requests, for views that are called directly."""
    from miniframe.test import RequestFactory  # when the first test wants it

    return RequestFactory()


class SettingsWrapper:
    """The project's settings, for one test: what it sets, deletes or changes in place is undone behind it."""

    def __init__(self) -> None:
        vars(self).update(_changes=[], _read={})

    def __getattr__(self, name: str) -> Any:
        from miniframe.conf import settings  # when the first test wants it

        value = getattr(settings, name)
        if name.isupper() and isinstance(value, (list, dict, set)) and id(value) not in self._read:
            # `settings.MIDDLEWARE += [...]` changes the project's own list; this is how it gets its items back.
            self._read[id(value)] = value, deepcopy(value)
        return value

    def __setattr__(self, name: str, value: Any) -> None:
        from miniframe.test import override_settings  # when the first test wants it

        change = override_settings(**{name: value})
        change.enable()
        self._changes.append(change)

    def __delattr__(self, name: str) -> None:
        from miniframe.conf import settings  # when the first test wants it
        from miniframe.signals import setting_changed

        # Laid over with its own value first, so that taking that away again announces the setting.
        self.__setattr__(name, getattr(settings, name))
        delattr(settings, name)
        setting_changed.send(sender=type(settings._wrapped), setting=name, value=None, enter=True)

    def finalize(self) -> None:
        """Undo everything, the last first."""
        for value, before in self._read.values():
            if value != before:
                value.clear()
                value.extend(before) if isinstance(value, list) else value.update(before)
        while self._changes:
            self._changes.pop().disable()
        self._read.clear()


@pytest.fixture
def settings(_project: None) -> Iterator[SettingsWrapper]:
    """Yield the settings, to be read and changed; changes last as long as the test."""
    wrapper = SettingsWrapper()
    yield wrapper
    wrapper.finalize()


class LiveServer:
    """A real server on a free port of this machine, in a thread; it serves static files and MEDIA_ROOT as well.

    Static files come from the finders where the project has that app, else from STATIC_ROOT.
    """

    def __init__(self, host: str = "localhost") -> None:
        from miniframe.apps import apps  # when the first test wants it
        from miniframe.staticfiles.handlers import StaticFilesHandler
        from miniframe.test.served import StaticRootHandler
        from miniframe.test.testcases import LiveServerThread

        has_finders = apps.is_installed("miniframe.staticfiles")
        self.thread: LiveServerThread = LiveServerThread(host, StaticFilesHandler if has_finders else StaticRootHandler)
        self.thread.start()
        self.thread.is_ready.wait()
        if self.thread.error:
            raise self.thread.error

    @property
    def url(self) -> str:
        """The address, without a slash at its end."""
        return f"http://{self.thread.host}:{self.thread.port}"

    def __str__(self) -> str:
        return self.url

    def __add__(self, path: str) -> str:
        return f"{self.url}{path}"

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.url}>"

    def stop(self) -> None:
        """Stop serving, and wait for the thread to end."""
        self.thread.terminate()


@pytest.fixture(scope="session")
def live_server(_project: None) -> Iterator[LiveServer]:
    """Yield a running server: `live_server.url`, or `live_server + "/path/"`."""
    from miniframe.test import modify_settings  # when the first test wants it

    with modify_settings(ALLOWED_HOSTS={"append": "localhost"}):
        server = LiveServer()
        try:
            yield server
        finally:
            server.stop()


class BesideDjango:
    """What is offered where pytest-django is installed, but has no project: its fixtures must not see ours."""

    @pytest.fixture(autouse=True)
    def _live_server_helper(self) -> None:
        """Stand in for the one of that name, which would skip every test that asks for a `live_server`."""

    @pytest.fixture(autouse=True)
    def _django_set_urlconf(self) -> None:
        """Stand in for the one of that name, which would skip every test with the mark `urls`."""
