"""Where runserver listens: the next free port, both halves of localhost, sockets of others, HTTPS."""

from __future__ import annotations

import errno
import http.client
import io
import os
import re
import socket
import ssl
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from miniframe import autoreload
from miniframe.management import CommandError
from miniframe.management.commands import runserver
from miniframe.management.commands.runserver import Command
from miniframe.management.serving import banner
from miniframe.management.serving.addresses import Holder
from miniframe.management.serving.listeners import from_activation, given, other_half

if TYPE_CHECKING:
    from tests.runserver.conftest import Project, Start

BOTH = pytest.mark.parametrize(
    "switches", [pytest.param((), id="reload"), pytest.param(("--noreload",), id="noreload")]
)


def has_ipv6_loopback() -> bool:
    """Return whether ::1 is an address of this machine."""
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


NEEDS_BOTH_HALVES = pytest.mark.skipif(not has_ipv6_loopback(), reason="this machine has no IPv6")


class Taken:
    """`run`, on a machine where the ports of `taken` are in use."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, taken: range) -> None:
        self.tried: list[int] = []
        self.taken = taken
        monkeypatch.setattr(runserver, "run", self)
        monkeypatch.setattr(banner, "holder_of", lambda port: Holder(4711, "python manage.py runserver"))
        monkeypatch.setattr(Command, "get_handler", lambda self, *args, **options: "the handler")
        monkeypatch.setattr(os, "_exit", self.exit)
        monkeypatch.setattr(autoreload, "remember", lambda audience: None)

    def __call__(self, address: str, port: int, *args: Any, on_bind: Any, **options: Any) -> None:
        self.tried.append(port)
        if port in self.taken:
            raise OSError(errno.EADDRINUSE, "Address already in use")
        on_bind(port)

    def exit(self, status: int) -> None:
        raise SystemExit(status)


def serve(*typed: str) -> tuple[str, str]:
    """Run the command to its end; return what it wrote."""
    command = Command(stdout=(out := io.StringIO()), stderr=(err := io.StringIO()))
    options = command.create_parser("manage.py", "runserver").parse_args([*typed, "--noreload", "--skip-checks"])
    try:
        command.execute(**vars(options))
    finally:
        command.stdout.flush()
    return out.getvalue(), err.getvalue()


def test_the_next_free_port_is_taken_when_nobody_has_said_which(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = Taken(monkeypatch, range(8000, 8002))
    out, _ = serve()
    assert taken.tried == [8000, 8001, 8002]
    assert "Port 8000 is taken by process 4711 (python manage.py runserver); 8002 is the next free one.\n" in out
    assert "Starting development server at http://127.0.0.1:8002/\n" in out


def test_ten_ports_are_tried_and_the_usual_one_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = Taken(monkeypatch, range(8000, 8100))
    told: list[int] = []

    def advice(error: OSError, address: str, port: int, *rest: Any) -> str:
        told.append(port)
        return ""

    monkeypatch.setattr(runserver, "advice", advice)
    with pytest.raises(SystemExit) as caught:
        serve()
    assert (caught.value.code, taken.tried, told) == (1, list(range(8000, 8010)), [8000])


def test_a_port_that_was_asked_for_is_the_only_one(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = Taken(monkeypatch, range(8000, 8100))
    with pytest.raises(SystemExit):
        serve("8000")
    assert taken.tried == [8000]


@NEEDS_BOTH_HALVES
@BOTH
def test_localhost_is_both_of_its_addresses(start: Start, project: Project, switches: tuple[str, ...]) -> None:
    running = start("runserver", "localhost:0", *switches).ready()
    assert f"Starting development server at http://localhost:{running.port}/" in running.out
    for host in ("127.0.0.1", "::1"):
        assert running.get(host=host).body == "one"
    if not switches:
        project.say("two")
        running.until_it_says("two")
        assert running.get(host="::1").body == "two"


@NEEDS_BOTH_HALVES
def test_half_of_localhost_is_not_enough(start: Start) -> None:
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as other:
        running = start("runserver", f"localhost:{other.getsockname()[1]}", "--noreload")
        assert running.process.wait(30) == 1
    assert running.err.startswith("Error: That port is already in use.\n")
    assert "Starting development server" not in running.out


def test_a_machine_without_ipv6_has_half_a_localhost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "has_ipv6", False)
    assert other_half(8000, 5) == []


def activated(*arguments: str, variables: str = "", sockets: int = 1) -> tuple[str, ...]:
    """Return a program that opens sockets from descriptor 3 on and becomes manage.py, as a service manager does."""
    return (
        "-c",
        "import os, socket, sys\n"
        # What happens to be open there already would be in the way.
        "os.closerange(3, 50)\n"
        f"for number in range({sockets}):\n"
        "    fd = socket.create_server(('127.0.0.1', 0)).detach()\n"
        "    assert fd == 3 + number\n"
        "    os.set_inheritable(fd, True)\n"
        f"{variables}\n"
        f"os.execv(sys.executable, [sys.executable, 'manage.py', *{arguments!r}])",
    )


@BOTH
def test_a_socket_of_whoever_starts_it_is_taken_over(start: Start, project: Project, switches: tuple[str, ...]) -> None:
    running = start(program=activated("runserver", "fd://3", *switches)).ready()
    assert running.get().body == "one"
    if not switches:
        project.say("two")
        running.until_it_says("two")


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="this system has no /proc")
@BOTH
def test_sockets_of_a_service_manager_are_taken_over(start: Start, switches: tuple[str, ...]) -> None:
    variables = "os.environ.update(LISTEN_FDS='2', LISTEN_PID=str(os.getpid()))"
    running = start(program=activated("runserver", *switches, variables=variables, sockets=2)).ready()
    assert running.get().body == "one"
    tables = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    inodes = {os.readlink(f"/proc/{running.process.pid}/fd/{number}")[8:-1] for number in (3, 4)}
    ports = {int(row[1].rpartition(":")[2], 16) for row in tables if row[9] in inodes}
    assert running.port in ports
    assert len(ports) == 2
    for running.port in ports:
        assert running.get().body == "one"


def test_variables_that_are_meant_for_another_process_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LISTEN_FDS", "1")
    monkeypatch.setenv("LISTEN_PID", "1")
    assert from_activation([os.getpid()]) == []
    assert os.environ["LISTEN_FDS"] == "1"


def test_a_descriptor_without_a_listening_socket_is_told() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs, socket.socket() as silent:
        for number in (silent.fileno(), ours.fileno()):
            with pytest.raises(CommandError, match=f"There is no TCP socket that listens at file descriptor {number}"):
                given(number)
    with pytest.raises(CommandError, match=r"There is no socket at file descriptor 987654\.") as caught:
        given(987654)
    assert "ListenStream=127.0.0.1:8000" in caught.value.__notes__[0]


@BOTH
def test_https_with_a_certificate_of_this_machine(
    start: Start, project: Project, tmp_path: Path, switches: tuple[str, ...]
) -> None:
    running = start("runserver", "0", "--https", *switches, XDG_CACHE_HOME=str(tmp_path / "cache"))
    running.until(lambda: "Quit the server with" in running.out or running.process.poll() is not None)
    url = re.search(r"Starting development server at https://127\.0\.0\.1:(\d+)/\n", running.out)
    assert url, f"{running.out}\n{running.err}"
    running.port = int(url[1])
    kept = tmp_path / "cache" / "miniframe" / "localhost.pem"
    assert f"curl --cacert {kept} https://127.0.0.1:{running.port}/\n" in running.out
    trust = ssl.create_default_context(cafile=str(kept))

    def get() -> tuple[int, bytes]:
        client = http.client.HTTPSConnection("localhost", running.port, timeout=30, context=trust)
        try:
            client.request("GET", "/", headers={"Connection": "close"})
            response = client.getresponse()
            return response.status, response.read()
        finally:
            client.close()

    assert get() == (200, b"one")
    assert running.get("/x/").status == 307  # by plain HTTP
    if not switches:
        # A worker that dies without a word has somebody who answers for it, and the next one is there in time.
        project.save("mysite/settings.py", "import os\nos._exit(3)\n")
        running.until(lambda: "its page is served until a file changes" in running.err)
        status, page = get()
        assert (status, b"ended with status 3" in page) == (500, True)
        assert running.get("/x/").status == 307
        project.save("mysite/settings.py", project.SETTINGS)
        running.until(lambda: get() == (200, b"one"))


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        (("--key", "key.pem"), "--key belongs to a certificate: name that with --cert."),
        (("--cert", "nowhere.pem"), "'nowhere.pem' does not exist."),
        (("--cert", __file__), "does not hold both a certificate and its key, in PEM; name the key with --key."),
    ],
)
def test_a_certificate_that_is_none_ends_it_in_one_line(
    typed: tuple[str, ...], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    Taken(monkeypatch, range(0))
    with pytest.raises(CommandError) as caught:
        serve(*typed)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_how_old_a_process_is() -> None:
    age = banner.age_of(os.getpid())
    if not os.path.isdir("/proc/self"):
        assert age is None
    else:
        assert age is not None
        assert 0 < age < 3600 * 24
    assert banner.age_of(2**22 + 1) is None


@pytest.mark.parametrize(
    ("age", "told"),
    [
        pytest.param(300.4, 300.4, id="python-from-the-first"),
        pytest.param(900.0, 300.0, id="a-script-ended-with-exec"),
        pytest.param(None, None, id="no-proc"),
    ],
)
def test_what_a_script_did_before_is_no_part_of_the_start(
    age: float | None, told: float | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(banner, "age_of", lambda pid: age)
    monkeypatch.setattr(banner, "LOADED_AT", time.monotonic() - 300.0)
    assert banner.seconds_since_start(os.getpid()) == (told and pytest.approx(told, abs=60.0))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows ends a program by another key")
def test_a_banner_says_all_that_one_wants_to_know() -> None:
    text = str(
        banner.Banner(
            version="1.2",
            url="http://0.0.0.0:8001/",
            reloading="Reloads when a file changes (file events).",
            urls=["on this machine: http://localhost:8001/"],
            moved="Port 8000 is taken; 8001 is the next free one.",
            milliseconds=123.4,
            has_keys=True,
        )
    )
    _, version, *rest = text.splitlines()
    assert version.startswith("miniframe version 1.2, using settings")
    assert rest == [
        "Port 8000 is taken; 8001 is the next free one.",
        "Starting development server at http://0.0.0.0:8001/",
        "  on this machine: http://localhost:8001/",
        "Reloads when a file changes (file events). Ready in 123 ms.",
        "Quit the server with CONTROL-C. Or press h for what keys do.",
    ]
