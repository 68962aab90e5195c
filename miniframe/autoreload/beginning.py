"""Begin to supervise: the first worker is started before anything else is loaded, for its start takes longest.

What the supervisor needs besides is loaded when the worker has spoken, or takes long: two processes that load side
by side hold each other up, on the many machines whose two processors are one.

Not here: what the supervisor does from then on (see `supervisor`).
"""

from __future__ import annotations

import select
import signal
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from miniframe.autoreload.process import start
from miniframe.autoreload.switches import heed

if TYPE_CHECKING:
    from miniframe.autoreload.doorman import Obituary

__all__ = ["supervise"]

# Seconds in which the first worker usually has come so far as to speak.
_HEAD_START = 0.12


def supervise(argv: Sequence[str], obituary: Obituary | None = None) -> int:
    """Run the program that is running now once more, as a worker, and anew after each change; return the exit status.

    `argv` is the command line as the program knows it; its first part names it in messages.  `obituary` makes the page
    of a worker that died without a word.
    """
    heed(argv[2:])
    if sys.platform == "win32":
        print(f"Reloading needs a POSIX system. Add --noreload: {' '.join(argv)} --noreload", file=sys.stderr)
        return 1
    command = [sys.executable, *sys.orig_argv[1:]]
    # Whoever asks for the end meanwhile is heard when there is somebody to hear it.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
    first = start(command, [], "")
    select.select([first.channel.socket.fileno(), first.stderr], [], [], _HEAD_START)
    from miniframe.autoreload.supervisor import Supervisor  # see above
    from miniframe.autoreload.watching.folders import code_folders

    return Supervisor(command, code_folders(), obituary=obituary).run(first)
