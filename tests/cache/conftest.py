"""A Redis server of the tests' own, and caches of every kind."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from miniframe.cache import BaseCache, caches
from miniframe.test.utils import override_settings


def start_redis(port: int, folder: Path) -> subprocess.Popen[bytes]:
    """Start a server that keeps nothing, and return when it answers."""
    server = subprocess.Popen(
        ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)],
        stdout=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1) as client:
                client.sendall(b"PING\r\n")
                if client.recv(7) == b"+PONG\r\n":
                    return server
        except OSError:
            time.sleep(0.01)
    stop_redis(server)
    raise AssertionError("redis-server does not answer")


def stop_redis(server: subprocess.Popen[bytes]) -> None:
    server.terminate()
    server.wait(10)


@pytest.fixture(scope="session")
def redis_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server that is this run's alone."""
    if shutil.which("redis-server") is None:
        pytest.skip("the program redis-server is not installed")
    pytest.importorskip("redis", reason="the package redis is not installed")
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    server = start_redis(port, tmp_path_factory.mktemp("redis"))
    yield f"redis://127.0.0.1:{port}/0"
    stop_redis(server)


@pytest.fixture(params=["locmem", "file", "redis"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def settings_of(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, object]:
    """What CACHES says of a cache of this kind."""
    backend = {"locmem": "locmem.LocMemCache", "file": "filebased.FileBasedCache", "redis": "redis.RedisCache"}[kind]
    location: object = request.node.name
    if kind == "file":
        location = tmp_path / "cache"
    elif kind == "redis":
        location = request.getfixturevalue("redis_address")
    return {"BACKEND": f"miniframe.cache.backends.{backend}", "LOCATION": location}


@pytest.fixture
def cache(settings_of: dict[str, object]) -> Iterator[BaseCache]:
    """One cache of each kind in turn; "v2" and "prefixed" are others at the same place."""
    described = {
        "default": settings_of,
        "v2": settings_of | {"VERSION": 2},
        "prefixed": settings_of | {"KEY_PREFIX": "site"},
    }
    with override_settings(CACHES=described):
        caches["default"].clear()
        yield caches["default"]
        caches["default"].clear()
