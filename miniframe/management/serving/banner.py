"""What `runserver` says once it can be reached: where, with what, and how to stop it.

Django's users, and programs that wait for the server, look for "Starting development server at" and
"Quit the server with"; those words stay.

Not here: the lines after it (see `servers.requestlog` and `autoreload.terminal.telling`).
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from typing import Final, NamedTuple

from miniframe.autoreload import Audience
from miniframe.conf import ENVIRONMENT_VARIABLE
from miniframe.management.entry import LOADED_AT
from miniframe.management.serving.addresses import holder_of, is_everywhere, lan_address

__all__ = ["Banner", "age_of", "name_of_settings", "reachable", "refusal", "seconds_since_start", "told_move"]

# In seconds: no Python takes so long to come from its first instruction to manage.py.
_BEFORE_PYTHON: Final = 1.0


class Banner(NamedTuple):
    """The facts of a banner.

    `refusal` is a remark behind `url`; `moved` says why it is another port than usual; `milliseconds` have passed
    since the start, if that is known.
    """

    version: str
    url: str
    reloading: str
    refusal: str = ""
    urls: Sequence[str] = ()
    advice: Sequence[str] = ()
    moved: str = ""
    milliseconds: float | None = None
    is_broken: bool = False
    has_keys: bool = False

    def __str__(self) -> str:
        ready = "" if self.milliseconds is None else f" Ready in {self.milliseconds:.0f} ms."
        stop = "CTRL-BREAK" if sys.platform == "win32" else "CONTROL-C"
        lines = [
            time.strftime("%B %d, %Y - %X"),
            f"miniframe version {self.version}, using {_settings()}",
            self.moved,
            f"Starting development server at {self.url}{self.refusal}",
            *(f"  {line}" for line in self.urls),
            *self.advice,
            f"{self.reloading}{ready}",
        ]
        if self.is_broken:
            lines.append("The project does not start (see above); the page shows why, until it is mended.")
        lines.append(f"Quit the server with {stop}." + (" Or press h for what keys do." if self.has_keys else ""))
        return "\n".join(filter(None, lines))


def reachable(address: str, protocol: str, port: int, audience: Audience) -> dict[str, str]:
    """Return addresses that a browser opens, when the one we listen on is none, and the line for each."""
    if not is_everywhere(address):
        return {}
    local = f"{protocol}://localhost:{port}/"
    lines = {local: f"on this machine: {local}{refusal('localhost', audience)}"}
    neighbour = lan_address()
    if neighbour is not None:
        near = f"{protocol}://{neighbour}:{port}/"
        lines[near] = f"in your network: {near}{refusal(neighbour, audience)}"
    return lines


def refusal(host: str, audience: Audience) -> str:
    """Return what the project needs to answer to a host, for behind its URL; nothing if it does answer."""
    if audience.allows(host):
        return ""
    return f"  (needs {host!r} in ALLOWED_HOSTS, in {name_of_settings()})"


def told_move(usual: str, port: int) -> str:
    """Return why the server is at `port` and not at the usual one; empty if that was not taken."""
    if not usual:
        return ""
    holder = holder_of(int(usual))
    by = "" if holder is None else f" by process {holder.pid} ({holder.command})"
    return f"Port {usual} is taken{by}; {port} is the next free one."


def name_of_settings() -> str:
    """Return the settings module as people know it, also when it is broken."""
    return os.environ.get(ENVIRONMENT_VARIABLE) or "your settings"


def _settings() -> str:
    name = os.environ.get(ENVIRONMENT_VARIABLE)
    return f"settings {name!r}" if name else "settings.configure()"


def seconds_since_start(pid: int) -> float | None:
    """Return how long ago a process, this one or its parent, began with the start; None where /proc does not tell.

    A script that ends with `exec` bequeaths its age: what it did before, to install packages or to wait for a
    database, is no part of the start.
    """
    age, own = age_of(pid), time.monotonic() - LOADED_AT
    return age if age is None or age - own < _BEFORE_PYTHON else own


def age_of(pid: int) -> float | None:
    """Return for how many seconds a process has been running; None where /proc does not tell.

    Source: proc_pid_stat(5), field 22; clock_gettime(2), CLOCK_BOOTTIME.
    """
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            # The name of the program stands in brackets, and may hold anything.
            fields = file.read().rpartition(")")[2].split()
        started = int(fields[19]) / os.sysconf("SC_CLK_TCK")
        return max(time.clock_gettime(time.CLOCK_BOOTTIME) - started, 0.0)
    except (OSError, AttributeError, ValueError, IndexError):
        return None
