"""The container for real: the Dockerfile is built by buildah, without Docker and without a registry, and run.

It takes minutes and the network (Debian's packages, PyPI), so it runs when it is asked for, as root:

    apt-get install buildah debootstrap && MINIFRAME_IMAGE=1 pytest tests/management/test_deploy_image.py
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest

import miniframe
from tests.waiting import free_port, until

from .conftest import environment

pytestmark = pytest.mark.skipif(
    "MINIFRAME_IMAGE" not in os.environ, reason="builds an image, for minutes: MINIFRAME_IMAGE=1 asks for it"
)

PYTHON = f"{sys.version_info[0]}.{sys.version_info[1]}"
UID = 10001
Buildah = Callable[..., str]


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Return how buildah is called, with a store of its own."""
    folder = tmp_path_factory.mktemp("images")
    return ["buildah", "--root", f"{folder}/store", "--runroot", f"{folder}/run", "--storage-driver", "vfs"]


@pytest.fixture(scope="module")
def buildah(program: list[str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Buildah]:
    """Run buildah; in its store a small Debian stands for the image of Python."""
    folder = tmp_path_factory.mktemp("debian")

    def run(*args: str | Path) -> str:
        done = subprocess.run([*program, *args], capture_output=True, text=True, timeout=600)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout.strip()

    debian = folder / "debian"
    subprocess.run(
        ["debootstrap", "--variant=minbase", "--include=python3,python3-venv,ca-certificates", "bookworm", debian],
        check=True, capture_output=True, timeout=600,
    )  # fmt: skip
    (debian / "usr/local/bin/python").symlink_to("/usr/bin/python3")
    container = run("from", "scratch")
    run("copy", container, debian, "/")
    run("commit", container, f"docker.io/library/python:{PYTHON}-slim")
    shutil.rmtree(debian)
    yield run
    run("rm", "--all")
    run("rmi", "--all", "--force")


@pytest.fixture(scope="module")
def port() -> int:
    """Return a port that is free."""
    return free_port()


@pytest.fixture(scope="module")
def container(buildah: Buildah, port: int, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return a container of the image that the Dockerfile makes, with this miniframe in it."""
    folder = tmp_path_factory.mktemp("site")
    for command in (
        ["startproject", "mysite", str(folder)],
        ["deploy", "container", "--domain", "www.example.org", "--http-port", str(port)],
    ):
        subprocess.run([sys.executable, "-m", "miniframe", *command], cwd=folder, env=environment(), check=True)
    wheels = tmp_path_factory.mktemp("wheels")
    source = Path(miniframe.__file__).parent.parent
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "-o", wheels, source],
        check=True, capture_output=True,
    )  # fmt: skip
    (wheels / "pip.conf").write_text("[global]\nfind-links = /wheels\n")
    mounts = [f"{wheels}:/wheels:ro", f"{wheels}/pip.conf:/etc/pip.conf:ro", "/etc/ssl/certs:/etc/ssl/certs:ro"]
    options = [word for mount in mounts for word in ("-v", mount)]
    buildah("bud", "--format", "docker", "--isolation", "chroot", "--pull-never", *options, "-t", "mysite", folder)
    name = buildah("from", "--pull-never", "mysite")
    (tmp_path_factory.getbasetemp() / "secret").write_text((folder / "deploy/production.env").read_text())
    return name


@pytest.fixture
def secrets(container: str, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Return the lines of production.env, NAME=value."""
    lines = (tmp_path_factory.getbasetemp() / "secret").read_text().splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def serving(port: int) -> list[int]:
    """Return the ids of the container's own processes that serve this port, the first of them first."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
            if folder.stat().st_uid == UID and words[0].endswith(b"python") and str(port).encode() in words:
                found.append(int(folder.name))
        except OSError:
            continue
    return sorted(found)


def get(port: int, path: str, **headers: str) -> tuple[int, bytes]:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path, headers=headers)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def answers(port: int) -> bool:
    try:
        return get(port, "/healthz") == (200, b"ok\n")
    except OSError:
        return False


def test_the_secret_is_not_in_the_image(buildah: Buildah, container: str, secrets: list[str]) -> None:
    [key] = (line.partition("=")[2] for line in secrets if line.startswith("SECRET_KEY="))
    root = Path(buildah("mount", container))
    found = subprocess.run(["grep", "-rlF", "--", key, root / "app", root / "venv"], capture_output=True, text=True)
    assert found.stdout == ""
    assert not (root / "app/deploy/production.env").exists()
    assert key not in buildah("inspect", container)


def test_the_image_serves_as_a_user_who_owns_nothing_and_ends_when_told(
    program: list[str], buildah: Buildah, container: str, secrets: list[str], port: int
) -> None:
    config = json.loads(buildah("inspect", container))["OCIv1"]["config"]
    health = json.loads(buildah("inspect", container))["Docker"]["config"]["Healthcheck"]["Test"]
    inside = ["run", "--isolation", "chroot", *(f"--env={line}" for line in secrets), container, "--"]
    assert buildah(*inside, "sh", "-c", "id -u; touch /app/x 2>/dev/null || echo no") == f"{UID}\nno"
    # `buildah run` answers for its own signals; the process that Docker would signal is looked for instead.
    with subprocess.Popen([*program, *inside, *config["Cmd"]], stderr=subprocess.DEVNULL) as process:
        try:
            until(lambda: answers(port), "the image does not answer", patience=30)
            assert buildah(*inside, *health[1:]) == ""
            headers = {"Host": "www.example.org", "X-Forwarded-Proto": "https"}
            status, page = get(port, "/", **headers)
            assert (status, b"mysite is running." in page) == (200, True)
            assert get(port, "/static/site.css", **headers)[0] == 200
            os.kill(serving(port)[0], signal.SIGTERM)
            process.wait(timeout=30)
            assert serving(port) == []
        finally:
            for number in serving(port):
                os.kill(number, signal.SIGKILL)
            process.kill()
