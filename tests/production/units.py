"""Start a service as systemd would: what its unit file says, with the descriptors and the word of readiness.

Understood are the directives that a configuration of ours uses to run a program; those that fence it in (User,
ProtectSystem and their like) are the business of `systemd-analyze`, since a test must not need a systemd.

Source: systemd.service(5), systemd.socket(5), systemd.exec(5), sd_listen_fds(3), sd_notify(3).
"""

from __future__ import annotations

import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path

from tests.waiting import PATIENCE

from .processes import kill, members, signal_all

# The process has to know its own id before it is the program, so this stands between.
_HAND_OVER = (
    "import os, sys\n"
    "os.dup2(int(sys.argv[1]), 3, True)\n"
    "os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS='1')\n"
    "os.execvp(sys.argv[2], sys.argv[2:])\n"
)

Directives = dict[str, list[str]]


def read_unit(path: Path) -> dict[str, Directives]:
    """Return the sections of a unit file, each with the values of its directives."""
    sections: dict[str, Directives] = {}
    current: Directives = {}
    for line in path.read_text().replace("\\\n", " ").splitlines():
        line = line.strip()
        if line.startswith("["):
            current = sections.setdefault(line.strip("[]"), defaultdict(list))
        elif line and line[0] not in "#;":
            name, _, value = line.partition("=")
            current[name.strip()].append(value.strip())
    return sections


def read_environment(path: Path) -> dict[str, str]:
    """Return the variables of an EnvironmentFile."""
    lines = (line.strip() for line in path.read_text().splitlines())
    pairs = (line.partition("=") for line in lines if line and line[0] not in "#;")
    return {name.strip(): " ".join(shlex.split(value)) for name, _, value in pairs}


def words_of(value: str) -> list[str]:
    """Return a command line's words; "%%" is a percent sign, and a first sign such as "-" is not of the program."""
    return [word.replace("%%", "%") for word in shlex.split(value.lstrip("-@+!:"))]


def _filled_in(word: str, environ: dict[str, str]) -> str:
    """Return a word with its variables, $NAME or ${NAME}, in place."""
    return re.sub(r"\$\{?(\w+)\}?", lambda found: environ.get(found[1], ""), word)


class Service:
    """A unit's program, as it runs."""

    def __init__(self, unit: Path, log: Path, socket_unit: Path | None = None) -> None:
        self._directives = read_unit(unit)["Service"]
        self._socket_unit = socket_unit
        self._listener: socket.socket | None = None
        self.log = log
        self.process: subprocess.Popen[bytes] | None = None

    def _one(self, name: str, default: str = "") -> str:
        return (self._directives.get(name) or [default])[-1]

    def environment(self) -> dict[str, str]:
        """Return the variables that the unit gives to its program; of this process's it sees the path only."""
        environ = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin", "LANG": "C.UTF-8"}
        for line in self._directives.get("Environment", []):
            environ.update({name: value for name, _, value in (word.partition("=") for word in words_of(line))})
        for name in self._directives.get("EnvironmentFile", []):
            environ.update(read_environment(Path(name.lstrip("-").strip('"'))))
        return environ

    def _credentials(self) -> dict[str, str]:
        """Copy the files that only this service is to see; return the variable that tells where."""
        folder = self.log.parent / "credentials"
        for line in self._directives.get("LoadCredential", []):
            name, _, source = line.partition(":")
            folder.mkdir(mode=0o700, exist_ok=True)
            shutil.copyfile(source, folder / name)
        return {"CREDENTIALS_DIRECTORY": str(folder)} if folder.exists() else {}

    def start(self) -> None:
        """Start the program; return when it is ready, as far as the unit has it say so.

        Raises:
            AssertionError: it ended instead, or did not come so far in time.
        """
        environ = {**self.environment(), **self._credentials()}
        command = [_filled_in(word, environ) for word in words_of(self._one("ExecStart"))]
        inherited: list[int] = []
        if self._socket_unit is not None and self._listener is None:
            self._listener = _listen(read_unit(self._socket_unit)["Socket"])
        if self._listener is not None:
            number = self._listener.fileno()
            inherited, command = [number], [sys.executable, "-S", "-E", "-c", _HAND_OVER, str(number), *command]
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ready, self.log.open("ab") as log:
            ready.bind("")  # a name that Linux chooses
            environ["NOTIFY_SOCKET"] = "@" + ready.getsockname()[1:].decode()
            self.process = subprocess.Popen(
                command,
                cwd=self._one("WorkingDirectory", "/").strip('"'),
                env=environ,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=inherited,
                start_new_session=True,
            )
            if self._one("Type") in ("notify", "notify-reload"):
                self._wait_until_ready(ready)

    def _wait_until_ready(self, ready: socket.socket) -> None:
        assert self.process is not None
        ready.settimeout(0.05)
        deadline = time.monotonic() + PATIENCE
        said = b""
        while b"READY=1" not in said:
            assert self.process.poll() is None, f"it ended: {self.log.read_text()[-3000:]}"
            assert time.monotonic() < deadline, f"it does not say READY=1: {self.log.read_text()[-3000:]}"
            try:
                said += ready.recv(4096)
            except TimeoutError:
                pass

    def reload(self) -> None:
        """Do what `systemctl reload` does."""
        assert self.process is not None
        for line in self._directives["ExecReload"]:
            words = [_filled_in(word, {"MAINPID": str(self.process.pid)}) for word in words_of(line)]
            subprocess.run(
                words,
                cwd=self._one("WorkingDirectory", "/"),
                env=self.environment(),
                check=True,
                timeout=PATIENCE,
                stdout=subprocess.DEVNULL,
            )

    def tell_to_end(self) -> None:
        """Send the signal that `systemctl stop` sends first, to the processes to which it sends it."""
        assert self.process is not None
        number = signal.Signals[self._one("KillSignal", "SIGTERM")]
        if self._one("KillMode", "control-group") == "control-group":
            signal_all(self.process.pid, number)
        else:
            self.process.send_signal(number)

    def has_ended(self) -> bool:
        """Return whether all of it is gone."""
        assert self.process is not None
        return self.process.poll() is not None and not members(self.process.pid)

    def time_to_end(self) -> float:
        """Return after how many seconds systemd would kill what is left (TimeoutStopSec; 90 unless set)."""
        return float(self._one("TimeoutStopSec", "90").removesuffix("s"))

    def close(self) -> None:
        """End all that is left of it, and its socket."""
        if self.process is not None:
            kill(self.process)
        if self._listener is not None:
            self._listener.close()
            self._listener = None


def _listen(directives: Directives) -> socket.socket:
    """Return the socket that a socket unit asks for."""
    where = directives["ListenStream"][-1]
    if where.startswith("/"):
        Path(where).unlink(missing_ok=True)
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(where)
    else:
        host, _, port = where.rpartition(":")
        listener = socket.create_server((host or "127.0.0.1", int(port)))
    listener.listen(int((directives.get("Backlog") or ["4096"])[-1]))
    return listener
