"""The processes that a test has started, found by their session."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

from tests.waiting import PATIENCE, until


def members(session: int) -> list[int]:
    """Return the processes of a session that still run.

    Source: proc(5), stat: state, session and num_threads.
    """
    found = []
    for pid in filter(str.isdecimal, os.listdir("/proc")):
        try:
            words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it has just ended
        # Its first thread may have ended before another one, which holds the sockets open until it ends too.
        has_ended = words[0] == "Z" and words[17] == "1"
        if int(words[3]) == session and not has_ended:
            found.append(int(pid))
    return found


def signal_all(session: int, number: signal.Signals) -> None:
    """Send a signal to each process of a session."""
    for pid in members(session):
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            pass


def kill(leader: subprocess.Popen[bytes]) -> None:
    """Kill all of a session, those too that it starts meanwhile; return when nothing is left of it."""

    def is_gone() -> bool:
        signal_all(leader.pid, signal.SIGKILL)
        return not members(leader.pid)

    until(is_gone, "a killed process is still there")
    leader.wait(PATIENCE)
