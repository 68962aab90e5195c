"""Run the lines of a console as a reader types them, one after the other, in one folder and one environment.

A folder and variables that a line changes (`cd`, `. .venv/bin/activate`, `export`) are kept for the next. A command
that serves goes on in the background, as in a terminal of its own, until `^C` or the story's end. Ports that pages
name (8000 to 8099, 8443) stand for free ones of this machine, in commands and in what they print.
"""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.docs.comparing import difference, lines_in_order

__all__ = ["PATIENCE", "SYSTEM", "Command", "Server", "Shell", "commands_of", "python_on_path", "until"]

PATIENCE = 20.0
"""Seconds that something may take which a reader would wait for."""

_PORT = re.compile(r"(?<![\w.])(80\d\d|8443)(?![\w.]*\d)(?!\w)")
_SERVES = re.compile(
    r"(^|\s)(manage\.py|miniframe)\s+runserver\b|^(exec\s+)?\S*\b(gunicorn|granian|uwsgi|waitress-serve|redis-server|nginx)\s"
)
_ONLY_LOOKS = re.compile(r"\s(--help|--version|--check-config|-t|-s)\b")
SYSTEM = "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin"


@dataclass
class Command:
    """A line that a reader types, and what the page shows below it; None if it shows nothing."""

    line: str
    shown: str | None


def commands_of(text: str) -> list[Command]:
    """Split a console's lines: `$ ` begins a command, `> ` goes on with it, `^C` is the key; the rest is output."""
    found: list[Command] = []
    for line in text.splitlines():
        if line.startswith("$ "):
            found.append(Command(line[2:], None))
        elif line.strip() == "^C":
            found.append(Command("^C", None))
        elif not found:
            if line.strip():
                raise ValueError(f"a console begins with a line of '$ ', not with {line!r}")
        elif line.startswith("> ") and found[-1].shown is None:
            found[-1].line += "\n" + line[2:]
        else:
            found[-1].shown = (found[-1].shown or "") + line + "\n"
    return found


def until(condition: Callable[[], str], patience: float = PATIENCE) -> str:
    """Ask until the answer is "", or for so many seconds; return the last answer."""
    deadline = time.monotonic() + patience
    while (answer := condition()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return answer


@dataclass
class Server:
    """A command that serves, in a process group of its own."""

    line: str
    process: subprocess.Popen[bytes]
    log: Path
    read: int = 0

    def said(self) -> str:
        """Return what it has printed so far."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def stop(self) -> None:
        """End it as Ctrl-C does, and by force if that does not help."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(5)
                break
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)


class Shell:
    """A reader's terminal, in `folder`; nothing of this run's own environment is seen there."""

    def __init__(self, folder: Path, path: list[Path], variables: dict[str, str], words: dict[str, str]) -> None:
        self.folder = folder
        self.cwd = folder
        self.words = words  # what a page writes for a name that each reader has of their own -> ours
        self.servers: list[Server] = []
        self.ports: dict[str, int] = {}
        self.own = folder.parent / f".{folder.name}"  # logs and the like: not among the reader's files
        self.own.mkdir(exist_ok=True)
        home = self.own / "home"
        home.mkdir(exist_ok=True)
        self.environ = {
            "PATH": ":".join([*map(str, path), SYSTEM]),
            "HOME": str(home),
            "LANG": "C.UTF-8",
            "TERM": "dumb",
            "COLUMNS": "100",
            "PYTHONUNBUFFERED": "1",
            "MINIFRAME_RELOAD_POLL": "0",
            **variables,
        }

    # Ports

    def real(self, text: str) -> str:
        """Return what a page shows with the ports and folders of this machine."""
        for word, ours in self.words.items():
            text = text.replace(word, ours)
        return _PORT.sub(lambda found: str(self._free_port(found[1])), text)

    def _free_port(self, shown: str) -> int:
        if shown not in self.ports:
            with socket.socket() as listener:
                listener.bind(("127.0.0.1", 0))
                self.ports[shown] = listener.getsockname()[1]
        return self.ports[shown]

    def shown(self, text: str) -> str:
        """Return what a command printed as a page shows it."""
        for port, ours in self.ports.items():
            text = re.sub(rf"(?<!\d){ours}(?!\d)", port, text)
        for word, folder in self.words.items():
            text = text.replace(folder, word)
        return text

    # Commands

    def run(self, command: Command) -> str:
        """Run it; return "" if all is as the page shows it, else what is not."""
        if command.line == "^C":
            if not self.servers:
                return "no command is running that ^C could end"
            self.servers.pop().stop()
            return ""
        if _SERVES.search(command.line) and not _ONLY_LOOKS.search(command.line):
            return self._serve(command)
        if not command.line.startswith("curl ") or re.search(r"\s(-d|--data|-F|-X)\b", command.line):
            return self._judge(command)
        # A page that is only read may be read again: the server may be about to see what was saved just now.
        return until(lambda: self._judge(command), PATIENCE if self.servers else 0)

    def _judge(self, command: Command) -> str:
        status, output = self.execute(command.line)
        if command.shown is not None and command.shown.strip(".\n "):
            wrong = difference(command.shown, self.shown(output))
        else:
            wrong = output if status else ""
        return f"$ {command.line}\nexit status {status}\n{wrong}" if wrong else ""

    def execute(self, line: str) -> tuple[int, str]:
        """Run one line to its end; return its exit status and all that it printed."""
        kept = self.own / "kept"
        script = f"{self._spelt(line)}\nstatus=$?\n{{ pwd; env -0; }} > {shlex.quote(str(kept))}\nexit $status\n"
        kept.unlink(missing_ok=True)
        done = subprocess.run(
            ["sh", "-c", script],
            cwd=self.cwd,
            env=self.environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=180,
            check=False,
        )
        if kept.exists():
            cwd, _, variables = kept.read_text(encoding="utf-8", errors="surrogateescape").partition("\n")
            self.cwd = Path(cwd)
            self.environ = dict(each.split("=", 1) for each in variables.split("\0") if "=" in each)
        return done.returncode, done.stdout.decode(errors="replace")

    def _spelt(self, line: str) -> str:
        line = re.sub(r"\brunserver\b(?![^|;&]*\d{2})", "runserver 8000", line)
        # curl tells of its progress where its output is not a terminal.
        return re.sub(r"^curl ", "curl -s -S ", self.real(line))

    def _serve(self, command: Command) -> str:
        line = self._spelt(command.line)
        log = self.own / f"server-{len(list(self.own.glob('server-*')))}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                ["sh", "-c", line],
                cwd=self.cwd,
                env=self.environ,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        server = Server(command.line, process, log)
        self.servers.append(server)
        wrong = until(lambda: self._not_yet(server, command.shown, line))
        server.read = len(server.said())
        return f"$ {command.line}\n{wrong}" if wrong else ""

    def _not_yet(self, server: Server, shown: str | None, line: str) -> str:
        said = self.shown(server.said())
        wrong = lines_in_order(shown, said) if shown is not None else ""
        listening = [port for port in self.ports.values() if str(port) in line and not _answers(port)]
        if listening:
            wrong = wrong or f"nothing listens on port {listening[0]}:\n{said}"
        if wrong and server.process.poll() is not None:
            wrong = f"it ended with exit status {server.process.returncode}\n{wrong}"
        return wrong

    def wait_for_reload(self) -> None:
        """Wait for the development server to have seen what was saved; a file it does not watch costs a second."""
        for server in self.servers:
            if "runserver" in server.line:
                until(lambda server=server: "" if "changed" in server.said()[server.read :] else "not yet", 1.0)  # type: ignore[misc]

    def mark(self) -> None:
        """Note how far the servers have come with talking: `wait_for_reload` waits for what comes then."""
        for server in self.servers:
            server.read = len(server.said())

    def close(self) -> None:
        """End what runs still."""
        while self.servers:
            self.servers.pop().stop()


def _answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


def python_on_path(folder: Path) -> Path:
    """Make a folder with a `python3` that is the Python under test, without what is installed for its tests."""
    folder.mkdir(parents=True, exist_ok=True)
    base = Path(getattr(sys, "_base_executable", sys.executable)).resolve()
    script = folder / "python3"
    script.write_text(f'#!/bin/sh\nexec {shlex.quote(str(base))} "$@"\n')
    script.chmod(0o755)
    return folder
