"""A live server for tests that finds static files where they lie, without `collectstatic`.

Source: Django's reference "The staticfiles app", section "Specialized test case to support 'live testing'".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from miniframe.staticfiles.handlers import StaticFilesHandler
from miniframe.test import LiveServerTestCase

__all__ = ["StaticLiveServerTestCase"]


class StaticLiveServerTestCase(LiveServerTestCase):
    """LiveServerTestCase whose static files come from the finders, and not from STATIC_ROOT."""

    static_handler: Callable[[Any], Any] = StaticFilesHandler
