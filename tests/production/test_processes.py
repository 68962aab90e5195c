"""The helpers that end what a test has started: what they take for ended holds no socket any more."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.waiting import until

from .processes import kill, members

FIRST_THREAD_ENDS = """\
import ctypes, sys, threading
threading.Thread(target=sys.stdin.read).start()
ctypes.CDLL(None).pthread_exit(None)
"""


def test_a_process_whose_first_thread_has_ended_still_runs() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", FIRST_THREAD_ENDS], stdin=subprocess.PIPE, start_new_session=True
    ) as process:
        until(lambda: ") Z " in Path(f"/proc/{process.pid}/stat").read_text(), "its first thread does not end")
        assert members(process.pid) == [process.pid]
        kill(process)
        assert members(process.pid) == []
