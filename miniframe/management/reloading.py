"""Take part in reloading, if `runserver` was typed: as the parent, which never imports the project, or as a worker."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

__all__ = ["take_part_in_reloading", "wants_reload"]


def take_part_in_reloading(argv: Sequence[str]) -> None:
    """Become the parent of the reloader, or a worker of it, if these words ask for `runserver`.

    Raises:
        SystemExit: this was the parent, and it has ended.
    """
    if argv[1:2] != ["runserver"]:
        return
    from miniframe import autoreload  # sockets, signals and a watcher: no business of other commands
    from miniframe.management.serving.obituary import obituary

    _choose_log_format(argv[2:])
    if autoreload.is_worker():
        autoreload.attach()
    elif wants_reload(argv[2:]):
        sys.exit(autoreload.supervise(argv, obituary))


def wants_reload(arguments: Sequence[str]) -> bool:
    """Return whether these arguments of `runserver` serve with reloading.

    >>> wants_reload(["8080"]), wants_reload(["--nor", "8080"]), wants_reload(["--help"])
    (True, False, False)
    """
    from miniframe import autoreload  # as above

    return not any(
        word in {"-h", "--help", "--version"} or autoreload.is_meant("--noreload", word) for word in arguments
    )


def _choose_log_format(arguments: Sequence[str]) -> None:
    """Let every process know, the reloader's too, before anything is logged."""
    for option, following in zip(arguments, [*arguments[1:], ""], strict=False):
        name, _, value = option.partition("=")
        if name == "--log-format":
            from miniframe.utils.jsonlog import LOG_FORMAT  # with all of logging

            os.environ[LOG_FORMAT] = value or following
