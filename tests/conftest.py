"""What every test stands on: minimal settings, once for the whole run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from miniframe.conf import settings
from miniframe.test.utils import setup_test_environment, teardown_test_environment

settings.configure(
    ALLOWED_HOSTS=["localhost", "127.0.0.1", "[::1]"],
    SECRET_KEY="a-key-for-tests-that-signs-nothing-of-value-0123456789",
    ROOT_URLCONF="empty_urlconf",
    MIDDLEWARE=[],
    INSTALLED_APPS=[],
    LOGGING_CONFIG=None,
)


@pytest.fixture(scope="session", autouse=True)
def configured() -> Iterator[None]:
    """Settings, an (empty) registry of apps, an empty URLconf, the test client's host allowed."""
    import sys
    from types import ModuleType

    import miniframe

    empty = ModuleType("empty_urlconf")
    empty.urlpatterns = []  # type: ignore[attr-defined]
    sys.modules["empty_urlconf"] = empty
    miniframe.setup()
    setup_test_environment()
    yield
    teardown_test_environment()
