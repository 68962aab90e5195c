"""The processes that a test has started, found by their session."""

from __future__ import annotations

import os
import signal
from pathlib import Path


def members(session: int) -> list[int]:
    """Return the processes of a session that still run."""
    found = []
    for pid in filter(str.isdecimal, os.listdir("/proc")):
        try:
            state, _, _, number = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:4]
        except OSError:
            continue  # it has just ended
        if int(number) == session and state != "Z":
            found.append(int(pid))
    return found


def signal_all(session: int, number: signal.Signals) -> None:
    """Send a signal to each process of a session."""
    for pid in members(session):
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            pass
