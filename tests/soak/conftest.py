"""A site in a process of its own, and what can be seen of that process from outside."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

PATIENCE = 30.0

SITE = '''\
"""Settings, URLs and views of the site under siege."""
import hashlib
import time

from miniframe.http import FileResponse, HttpResponse, StreamingHttpResponse
from miniframe.urls import path
from miniframe.views.decorators.csrf import csrf_exempt

SECRET_KEY = "for this test only, and of no value to anyone: 0123456789"
DEBUG = False
ALLOWED_HOSTS = ["localhost"]
ROOT_URLCONF = __name__
DATA_UPLOAD_MAX_MEMORY_SIZE = None
INSTALLED_APPS = ["miniframe.sessions", "miniframe.messages"]
MIDDLEWARE = [
    "miniframe.middleware.security.SecurityMiddleware",
    "miniframe.sessions.middleware.SessionMiddleware",
    "miniframe.middleware.common.CommonMiddleware",
    "miniframe.middleware.csrf.CsrfViewMiddleware",
    "miniframe.messages.middleware.MessageMiddleware",
    "miniframe.middleware.clickjacking.XFrameOptionsMiddleware",
]
smuggled = 0


def home(request):
    return HttpResponse("home")


@csrf_exempt
def digest(request):
    sha = hashlib.sha256()
    while piece := request.read(65536):
        sha.update(piece)
    return HttpResponse(sha.hexdigest())


@csrf_exempt
def ignore(request):
    return HttpResponse("ignored")


def file(request):
    return FileResponse(open("file.bin", "rb"))


def stream(request):
    def parts():
        for _ in range(20):
            yield b"part;" * 100
            time.sleep(0.005)

    return StreamingHttpResponse(parts())


def sleep(request):
    time.sleep(0.05)
    return HttpResponse("slept")


def smuggle(request):
    global smuggled
    smuggled += request.method == "GET"
    return HttpResponse(str(smuggled))


urlpatterns = [
    path("", home), path("digest", digest), path("ignore", ignore), path("file", file), path("stream", stream),
    path("sleep", sleep), path("smuggled", smuggle),
]
'''


class Vitals(NamedTuple):
    """What a process holds of its machine."""

    threads: int
    descriptors: int
    memory: float
    """Resident, in MiB."""


class Site:
    """`manage.py runserver` on the site, in a process of its own."""

    def __init__(self, folder: Path, port: int) -> None:
        self.port = port
        self.log = folder / "log.txt"
        (folder / "soak_site.py").write_text(SITE)
        self.content = bytes(range(256)) * 8192
        (folder / "file.bin").write_bytes(self.content)
        command = ["-m", "miniframe", "runserver", f"127.0.0.1:{port}", "--noreload", "--settings", "soak_site"]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, *command], cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )

    def wait(self) -> None:
        """Wait until clients can connect."""
        end = time.monotonic() + PATIENCE
        while True:
            try:
                self.connect().close()
                return
            except OSError:
                assert self.process.poll() is None, self.log.read_text()
                assert time.monotonic() < end, "nobody listens"
                time.sleep(0.02)

    def connect(self, receive_buffer: int = 0) -> socket.socket:
        """Return a new connection; a small `receive_buffer` makes the server wait for its reader."""
        client = socket.socket()
        if receive_buffer:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        client.settimeout(PATIENCE)
        try:
            client.connect(("127.0.0.1", self.port))
        except BaseException:
            client.close()
            raise
        return client

    def vitals(self) -> Vitals:
        """Look at the process, as Linux shows it."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        values = dict(line.split(":", 1) for line in status.splitlines())
        descriptors = len(os.listdir(f"/proc/{self.process.pid}/fd"))
        return Vitals(int(values["Threads"]), descriptors, int(values["VmRSS"].split()[0]) / 1024)


@pytest.fixture
def site(tmp_path: Path, free_port: int) -> Iterator[Site]:
    """The site, served."""
    running = Site(tmp_path, free_port)
    try:
        running.wait()
        yield running
    finally:
        running.process.terminate()
        running.process.wait(PATIENCE)
