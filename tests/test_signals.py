"""The signals of the framework itself: what was computed from a setting is forgotten with it."""

from __future__ import annotations

from miniframe.conf import settings
from miniframe.signals import forget_when_changed, setting_changed
from miniframe.test.utils import override_settings


def test_what_was_computed_from_a_setting_is_forgotten_when_that_changes_and_when_it_comes_back() -> None:
    forgotten: list[str] = []
    before = setting_changed.receivers
    forget_when_changed("APPEND_SLASH", "USE_TZ", forget=lambda: forgotten.append(str(settings.APPEND_SLASH)))
    try:
        with override_settings(APPEND_SLASH="a test's"):
            assert forgotten == ["a test's"]
        assert forgotten == ["a test's", "True"]
        with override_settings(DEBUG=True):
            assert len(forgotten) == 2
    finally:
        setting_changed.receivers = before
