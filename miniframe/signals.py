"""The signals that the framework itself sends.

Source: Django's reference "Signals", sections "Request/response signals" and "Test signals".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from miniframe.dispatch import Signal

__all__ = [
    "forget_when_changed",
    "got_request_exception",
    "request_finished",
    "request_started",
    "setting_changed",
]

request_started: Signal = Signal()
"""Sent before the request object is built, with `environ`."""

request_finished: Signal = Signal()
"""Sent when the response has been closed: after the last byte, an error, or the client's departure; and where an
exception such as SystemExit has left none.  Each receiver is called, even if one before it has failed."""

got_request_exception: Signal = Signal()
"""Sent with `request` while an exception that nobody handled is being handled."""

setting_changed: Signal = Signal()
"""Sent with `setting`, `value` and `enter` when a test overrides a setting or takes it back.

Whoever keeps something computed from a setting listens here and forgets it: see `forget_when_changed`.
"""


def forget_when_changed(*settings: str, forget: Callable[[], object]) -> None:
    """Call `forget` whenever a test changes one of these settings, for the rest of the process's life."""

    def listen(*, setting: str, **kwargs: Any) -> None:
        if setting in settings:
            forget()

    setting_changed.connect(listen, weak=False)
