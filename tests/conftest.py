"""What every test stands on: minimal settings, once for the whole run."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from types import ModuleType

import pytest
from django.conf import settings as django_settings

import miniframe
from miniframe.conf import settings
from miniframe.test.utils import setup_test_environment, teardown_test_environment
from tests import waiting

settings.configure(
    ALLOWED_HOSTS=["localhost", "127.0.0.1", "[::1]"],
    SECRET_KEY="a-key-for-tests-that-signs-nothing-of-value-0123456789",
    ROOT_URLCONF="empty_urlconf",
    MIDDLEWARE=[],
    INSTALLED_APPS=[],
    LOGGING_CONFIG=None,
)

# Django is the oracle of the differential tests: the same key and the same hosts.
django_settings.configure(
    ALLOWED_HOSTS=["testserver"],
    SECRET_KEY=settings.SECRET_KEY,
    ROOT_URLCONF="none",
    USE_I18N=False,
    SIGNED_COOKIE_LEGACY_SALT_FALLBACK=False,
)


# A shell that starts the tests in the background has Ctrl-C ignored, and every process of theirs would inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def configured() -> Iterator[None]:
    """Settings, an (empty) registry of apps, an empty URLconf, the test client's host allowed."""
    empty = ModuleType("empty_urlconf")
    empty.urlpatterns = []  # type: ignore[attr-defined]
    sys.modules["empty_urlconf"] = empty
    miniframe.setup()
    setup_test_environment()
    yield
    teardown_test_environment()


@pytest.fixture
def free_port() -> int:
    """A port on 127.0.0.1 that nobody listens on now; for servers in processes of their own."""
    return waiting.free_port()
