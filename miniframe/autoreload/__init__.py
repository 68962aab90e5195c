"""Automatic reload: change a file, and the next request runs the new code.

The process you start becomes the *supervisor*.  It holds the listening socket for ever, watches the files
and never imports the project.  *Workers* load the project and serve it; a change brings a new one, and
requests wait in the socket's queue while it starts.  The port is never closed in between.

    channel      the words they exchange
    beginning    starts the first worker, then loads the supervisor
    supervisor   starts, replaces and ends workers
    loop         what the supervisor waits in: sockets, signals, times, calls from threads
    process      one worker as the supervisor sees it
    worker       what runs inside a worker
    copying      (a package) makes workers that are copies, as most are
    watching     (a package) sees that files have changed, and says what that calls for
    pages        (a package) has open pages follow what is saved
    terminal     (a package) shares the terminal between supervisor and workers
    switches     what people switch off
    audience     who may see the page of a project that does not start
    doorman      answers for a worker that died without a word

Not here: how to serve (see `servers.basehttp`), and what to serve (see `management.commands.runserver`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from miniframe.autoreload.audience import Audience
from miniframe.autoreload.channel import GRACE, RUN_MAIN
from miniframe.autoreload.switches import is_meant, pages_follow, starts_warm
from miniframe.autoreload.worker import (
    attach,
    audience,
    encrypts_with,
    failure,
    hand_on,
    has_keys,
    inherited_listeners,
    is_worker,
    leaving_by_itself,
    note_failure,
    on_folders,
    on_forget,
    on_leave,
    reached_at,
    remember,
    serving,
)
from miniframe.utils.faces import hands_on

if TYPE_CHECKING:
    from miniframe.autoreload.beginning import supervise
    from miniframe.autoreload.watching.ways import reload_method

__all__ = [
    "GRACE",
    "RUN_MAIN",
    "Audience",
    "attach",
    "audience",
    "encrypts_with",
    "failure",
    "hand_on",
    "has_keys",
    "inherited_listeners",
    "is_meant",
    "is_worker",
    "leaving_by_itself",
    "note_failure",
    "on_folders",
    "on_forget",
    "on_leave",
    "pages_follow",
    "reached_at",
    "reload_method",
    "remember",
    "serving",
    "starts_warm",
    "supervise",
]


if not TYPE_CHECKING:
    # What most workers, which all come through here, never need.
    __getattr__ = hands_on(
        __name__,
        {
            "reload_method": "miniframe.autoreload.watching.ways",
            "supervise": "miniframe.autoreload.beginning",
        },
    )
