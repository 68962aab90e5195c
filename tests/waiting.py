"""Wait for what happens in another thread or process, and no longer; and find a port for it."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable

__all__ = ["PATIENCE", "free_port", "until"]

PATIENCE = 20.0
"""Seconds before a test gives up; the machine may be busy."""


def until(
    condition: Callable[[], object],
    complaint: str | Callable[[], str] = "it never came to that",
    patience: float = PATIENCE,
    pause: float = 0.01,
) -> None:
    """Wait until `condition()` holds, asking every `pause` seconds; fail with the complaint when `patience` ends."""
    deadline = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < deadline, complaint if isinstance(complaint, str) else complaint()
        time.sleep(pause)  # the condition is what is waited for


def free_port() -> int:
    """Return a port on 127.0.0.1 that nobody listens on now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
