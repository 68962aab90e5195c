"""Two machines that serve one site: gunicorn on two addresses behind one nginx, and a Redis that both know.

All of it runs on what `deploy gunicorn-nginx --backend A --backend B` has written, unchanged.  A machine has its own
address only, so each gunicorn is handed one socket, where systemd would try both and keep the one that is here.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.waiting import PATIENCE, free_port, until

from .client import Address
from .processes import kill, members
from .project import environment, manage
from .rows import need
from .units import Service
from .visitors import browser

redis = pytest.importorskip("redis", reason="the package redis is not installed")

HERE = Path(__file__).parent
PACKAGE = "frontdesk"
NAME = "desk.example"

_SETTINGS = """

# For the tests.
INSTALLED_APPS.append("desk")
ROOT_URLCONF = "desk.urls"
MIDDLEWARE.insert(0, "desk.views.name_the_machine")
"""

_NGINX = """\
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/nginx-error.log;
worker_processes 1;
{user}
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {site};
}}
"""


class Redis:
    """A server that keeps nothing when it ends; it may be started again."""

    def __init__(self, folder: Path) -> None:
        self.program = need("redis-server", "apt-get install redis-server")
        self.folder = folder
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; return when it answers."""
        self.process = subprocess.Popen(
            [self.program, "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", str(self.folder)],
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        until(self._answers, "redis-server does not answer")

    def client(self) -> Any:
        """Return a client, which closes its connections at the end of a `with`."""
        return redis.Redis(port=self.port, socket_timeout=5)

    def _answers(self) -> bool:
        with self.client() as client:
            try:
                return bool(client.ping())
            except redis.ConnectionError:
                return False

    def close(self) -> None:
        """End it, whatever it does."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(PATIENCE)


class Machine(Service):
    """One machine's gunicorn, on its own address."""

    def __init__(self, name: str, port: int, root: Path, folder: Path, redis_port: int) -> None:
        super().__init__(root / "deploy" / f"{PACKAGE}.service", folder / f"{name}.log")
        self.name = name
        self.port = port
        self._more = {"MACHINE": name, "WEB_CONCURRENCY": "1", "REDIS_URL": f"redis://127.0.0.1:{redis_port}/0"}

    def environment(self) -> dict[str, str]:
        """Return what the unit says, and what an operator would add to production.env."""
        return {**super().environment(), **self._more}

    def start(self) -> None:
        """Start it; return when it is ready."""
        self._listener = socket.create_server(("127.0.0.1", self.port), backlog=2048)
        try:
            super().start()
        finally:
            # From here on the address is gunicorn's, and goes with it.
            self._listener.close()
            self._listener = None

    def is_alive(self) -> bool:
        """Return whether its gunicorn runs."""
        return self.process is not None and self.process.poll() is None

    def kill(self) -> tuple[float, float]:
        """Kill all of it at once, as if the power failed; return when that began and when nothing was left."""
        assert self.process is not None
        began = time.monotonic()
        kill(self.process)
        return began, time.monotonic()

    def kill_the_worker(self) -> tuple[float, float]:
        """Kill gunicorn's one worker, and leave its master; return when that began and when it was gone."""
        assert self.process is not None
        [worker] = [pid for pid in members(self.process.pid) if pid != self.process.pid]
        began = time.monotonic()
        os.kill(worker, signal.SIGKILL)
        session = self.process.pid
        until(lambda: worker not in members(session), "a killed process is still there")
        return began, time.monotonic()

    def has_connections(self) -> bool:
        """Return whether somebody is connected, as `ss -tn state established "( sport = :PORT )"` shows."""
        ours, established = f":{self.port:04X}", "01"
        rows = (line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:])
        return any(row[1].endswith(ours) and row[3] == established for row in rows)

    def wait_until_it_ends(self) -> None:
        """Wait for the end that `tell_to_end` has asked for."""
        assert self.process is not None
        self.process.wait(self.time_to_end())

    def records(self, logger: str) -> list[str]:
        """Return the lines of its log that a logger has written."""
        return [line for line in self.log.read_text().splitlines() if f" {logger}: " in line]


class Pair:
    """The whole site."""

    def __init__(self, folder: Path) -> None:
        self._nginx = need("nginx", "apt-get install nginx")
        need("gunicorn", "pip install gunicorn")
        self.folder = folder
        self.root = folder / PACKAGE
        self.process: subprocess.Popen[bytes] | None = None
        self.address = Address(free_port(), NAME)
        self.redis = Redis(folder)
        self.machines: list[Machine] = []

    def build(self) -> None:
        """Make the project, with what `deploy` writes."""
        subprocess.run(
            [sys.executable, "-m", "miniframe", "startproject", PACKAGE],
            cwd=self.folder,
            env=environment(),
            check=True,
            stdout=subprocess.DEVNULL,
            timeout=60,
        )
        with (self.root / PACKAGE / "settings.py").open("a") as settings:
            settings.write(_SETTINGS)
        shutil.copytree(HERE / "desk", self.root / "desk", ignore=shutil.ignore_patterns("__pycache__"))
        ports = [free_port(), free_port()]
        backends = [word for port in ports for word in ("--backend", f"127.0.0.1:{port}")]
        where = ["--path", str(self.root), "--venv", sys.prefix, "--http-port", str(self.address.port)]
        manage(self.root, "deploy", "gunicorn-nginx", "--domain", NAME, "--plain-http", *where, *backends)
        for name, port in zip("AB", ports, strict=True):
            self.machines.append(Machine(name, port, self.root, self.folder, self.redis.port))
        subprocess.run(
            [sys.executable, "manage.py", "collectstatic", "--no-input"],
            cwd=self.root,
            env={**environment(), **self.machines[0].environment()},
            check=True,
            stdout=subprocess.DEVNULL,
            timeout=60,
        )

    def start(self) -> None:
        """Start everything; return when pages are answered."""
        self.redis.start()
        for machine in self.machines:
            machine.start()
        main = self.folder / "nginx.conf"
        # The tests' folder is open to its owner only, and nginx would give up what root may.
        user = "user root;" if os.getuid() == 0 else ""
        main.write_text(_NGINX.format(folder=self.folder, user=user, site=self.root / "deploy" / "nginx.conf"))
        self.process = subprocess.Popen(
            [self._nginx, "-c", str(main), "-e", str(self.folder / "nginx-error.log")],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        until(self._answers, "no page was answered")

    def _answers(self) -> bool:
        with browser(self.address) as visitor:
            return not visitor.get("/")[0].failed

    def take_out(self, machine: Machine) -> None:
        """Have nginx send a machine nothing more: "down" behind its address, and `nginx -s reload`."""
        self._set_server(machine, " down")

    def put_back(self, machine: Machine) -> None:
        """Have nginx use a machine again."""
        self._set_server(machine, "")

    def _set_server(self, machine: Machine, word: str) -> None:
        site = self.root / "deploy" / "nginx.conf"
        line = rf"(server 127\.0\.0\.1:{machine.port}\b[^;]*?)( down)?;"
        site.write_text(re.sub(line, rf"\g<1>{word};", site.read_text()))
        self._reload_nginx()

    def _reload_nginx(self) -> None:
        assert self.process is not None
        os.kill(self.process.pid, signal.SIGHUP)

    def close(self) -> None:
        """End all that is left."""
        if self.process is not None:
            kill(self.process)
        for machine in self.machines:
            machine.close()
        self.redis.close()
