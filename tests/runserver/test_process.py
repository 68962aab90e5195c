"""runserver as a process: what it prints, where it listens, how it ends.  Mostly with and without reload."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from miniframe.management.serving.addresses import free_port, holder_of

if TYPE_CHECKING:
    from tests.runserver.conftest import Project, Start

BOTH = pytest.mark.parametrize(
    "switches", [pytest.param((), id="reload"), pytest.param(("--noreload",), id="noreload")]
)
NEEDS_IPV6 = pytest.mark.skipif(not socket.has_ipv6, reason="this Python has no IPv6")
NEEDS_PROC = pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="this system has no /proc")


@BOTH
def test_contract_05_06_07_08_28_the_banner_comes_when_connect_works(start: Start, switches: tuple[str, ...]) -> None:
    running = start("runserver", "0", *switches).ready()
    assert running.get() == (200, "one")
    assert "System check identified no issues (0 silenced)." in running.out
    assert "using settings 'mysite.settings'" in running.out
    assert f"Starting development server at http://127.0.0.1:{running.port}/\n" in running.out
    assert ("Does not reload" in running.out) is bool(switches)
    assert "WARNING: This is a development server." in running.out
    assert " Ready in " in running.out or not os.path.isdir("/proc/self")
    assert len(running.members()) == (1 if switches else 2)


def test_contract_05_11_without_an_address_it_is_port_8000(start: Start) -> None:
    running = start("runserver", "--noreload")
    running.ready()
    assert running.port == 8000 or "Port 8000 is taken" in running.out


@NEEDS_IPV6
@BOTH
def test_contract_06_14_ipv6(start: Start, switches: tuple[str, ...]) -> None:
    running = start("runserver", "[::1]:0", *switches).ready()
    assert f"http://[::1]:{running.port}/" in running.out
    assert running.get(host="::1").body == "one"
    other = start("runserver", "-6", "0", *switches).ready()
    assert other.get(host="::1").body == "one"


@BOTH
def test_contract_05_everywhere(start: Start, switches: tuple[str, ...]) -> None:
    running = start("runserver", "0:0", *switches).ready()
    assert f"http://0.0.0.0:{running.port}/" in running.out
    assert f"http://localhost:{running.port}/" in running.out
    assert running.get(host="127.0.0.2").body == "one"


def test_contract_07_nothreading_is_not_blocked_by_idle_sockets(start: Start) -> None:
    running = start("runserver", "0", "--nothreading", "--noreload").ready()
    idle = [socket.create_connection(("127.0.0.1", running.port)) for _ in range(20)]
    try:
        assert running.get().body == "one"
    finally:
        for one in idle:
            one.close()


@BOTH
def test_contract_09_debug_off_needs_allowed_hosts(start: Start, project: Project, switches: tuple[str, ...]) -> None:
    project.save("mysite/settings.py", project.SETTINGS.replace("DEBUG = True", "DEBUG = False"))
    running = start("runserver", "0", *switches)
    assert running.process.wait(30) == 1
    first, example = running.err.splitlines()
    assert first == "CommandError: You must set settings.ALLOWED_HOSTS if DEBUG is False."
    assert 'in mysite.settings: ALLOWED_HOSTS = ["localhost", "127.0.0.1"]' in example
    assert running.out == ""


@BOTH
def test_settings_that_do_not_exist_end_it_in_one_line(start: Start, switches: tuple[str, ...]) -> None:
    running = start("runserver", "0", "--settings", "mysite.settigns", *switches)
    assert running.process.wait(30) == 1
    assert "Could not import settings 'mysite.settigns'" in running.err
    assert "Traceback" not in running.err
    assert running.out == ""


@BOTH
@pytest.mark.parametrize(
    ("typed", "message", "hint"),
    [
        (
            "::1",
            '"::1" is not a valid port number or address:port pair.',
            "Type a port, or an address and a port: python manage.py runserver [::1]:8000\n",
        ),
        ("99999", "'99999' is not a valid port number. Use 1 to 65535, or 0 for any free one.", ""),
    ],
)
def test_contract_12_13_16_a_wrong_address_ends_it(
    start: Start, switches: tuple[str, ...], typed: str, message: str, hint: str
) -> None:
    running = start("runserver", typed, *switches)
    assert running.process.wait(30) == 1
    assert running.err == f"CommandError: {message}\n{hint}"


@BOTH
def test_a_wrong_option_ends_it_with_2_as_argparse_does(start: Start, switches: tuple[str, ...]) -> None:
    running = start("runserver", "--colour", *switches)
    assert running.process.wait(30) == 2
    assert "unrecognized arguments: --colour" in running.err


@BOTH
def test_contract_24_26_a_taken_port_ends_it(start: Start, switches: tuple[str, ...], taken_port: int) -> None:
    running = start("runserver", str(taken_port), *switches)
    assert running.process.wait(30) == 1
    first, *hint = running.err.splitlines()
    assert first == "Error: That port is already in use."
    assert hint[-1].startswith("To take another port: python manage.py runserver ")
    assert running.members() == []
    assert "Starting development server" not in running.out


@NEEDS_PROC
def test_contract_24_a_taken_port_is_told_with_its_holder(start: Start, taken_port: int) -> None:
    running = start("runserver", str(taken_port), "--noreload")
    running.process.wait(30)
    assert f"Process {os.getpid()} has it: " in running.err
    assert f"To stop that one: kill {os.getpid()}\n" in running.err


def test_contract_24_an_address_of_another_machine(start: Start) -> None:
    running = start("runserver", "192.0.2.1:8000", "--noreload")
    assert running.process.wait(30) == 1
    assert running.err == (
        "Error: That IP address can't be assigned to.\n"
        "192.0.2.1 is not an address of this machine. To listen on all that it has: python manage.py runserver 0:8000\n"
    )


@pytest.mark.skipif(
    os.geteuid() == 0 or Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").read_text().strip() == "0",
    reason="this user may take any port",
)
def test_contract_24_a_port_for_the_administrator(start: Start) -> None:
    running = start("runserver", "80", "--noreload")
    assert running.process.wait(30) == 1
    assert running.err.startswith("Error: You don't have permission to access that port.\n")


def test_contract_25_a_name_that_nobody_knows_is_one_line_and_a_hint(start: Start) -> None:
    running = start("runserver", "no-such-host.invalid:8000", "--noreload")
    assert running.process.wait(30) == 1
    first, hint = running.err.splitlines()
    assert first.startswith("Error: [Errno ")
    assert hint == (
        "Nothing here goes by the name 'no-such-host.invalid'. "
        "To serve this machine only: python manage.py runserver 8000"
    )


@BOTH
@pytest.mark.parametrize("with_signal", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "sigterm"])
def test_contract_27_it_ends_at_once_and_in_peace(
    start: Start, switches: tuple[str, ...], with_signal: signal.Signals
) -> None:
    running = start("runserver", "0", *switches).ready()
    # An open stream must not hold it up.
    with socket.create_connection(("127.0.0.1", running.port)) as client:
        client.sendall(b"GET /stream/ HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert client.recv(10)
        status, seconds = running.end(with_signal)
    assert status == 0
    assert "Traceback" not in running.err
    assert running.members() == []
    # The promise is 300 ms; a machine that runs other tests as well is given more.
    assert seconds < 1.5


def test_contract_27_the_shutdown_message_is_printed(start: Start, project: Project) -> None:
    project.save(
        "serve.py",
        "import os\n"
        'os.environ["MINIFRAME_SETTINGS_MODULE"] = "mysite.settings"\n'
        "import miniframe\n"
        "from miniframe.management import call_command\n"
        "miniframe.setup()\n"
        'call_command("runserver", "0", use_reloader=False, shutdown_message="Until tomorrow.")\n',
    )
    running = start(program=("serve.py",)).ready()
    assert running.end(signal.SIGINT)[0] == 0
    assert running.out.endswith("Until tomorrow.\n")


@BOTH
def test_ctrl_c_works_where_the_shell_had_it_ignored(start: Start, switches: tuple[str, ...]) -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        running = start("runserver", "0", *switches)
    finally:
        signal.signal(signal.SIGINT, before)
    assert running.ready().end(signal.SIGINT)[0] == 0


def test_it_outlives_its_terminal_under_nohup(start: Start, project: Project) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        running = start("runserver", "0")
    finally:
        signal.signal(signal.SIGHUP, before)
    running.ready()
    os.killpg(running.process.pid, signal.SIGHUP)
    project.say("two")
    running.until_it_says("two")
    os.killpg(running.process.pid, signal.SIGHUP)
    project.say("three")
    running.until_it_says("three")
    assert running.end()[0] == 0


@pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("unshare") is None, reason="only the administrator can make a process 1"
)
@BOTH
def test_sigterm_ends_it_as_process_1_of_a_container(start: Start, switches: tuple[str, ...]) -> None:
    command = ["unshare", "--pid", "--fork", "--kill-child", sys.executable, "manage.py", "runserver", "0", *switches]
    running = start(program=("-c", f"import os; os.execvp({command[0]!r}, {command!r})"))
    try:
        running.ready()
    except AssertionError:
        if "unshare" in running.err:
            pytest.skip(running.err)
        raise
    first = Path(f"/proc/{running.process.pid}/task/{running.process.pid}/children").read_text().split()[0]
    os.kill(int(first), signal.SIGTERM)
    assert running.process.wait(30) == 0
    assert "Traceback" not in running.err


def test_the_terminals_ctrl_c_reaches_all_and_ends_all(start: Start) -> None:
    running = start("runserver", "0").ready()
    os.killpg(running.process.pid, signal.SIGINT)
    assert running.process.wait(30) == 0
    assert "Traceback" not in running.err


@BOTH
def test_contract_16_26_a_killed_parent_leaves_nobody_and_a_free_port(start: Start, switches: tuple[str, ...]) -> None:
    running = start("runserver", "0", *switches).ready()
    running.end(signal.SIGKILL)
    began = time.monotonic()

    def is_free() -> bool:
        try:
            socket.create_server(("127.0.0.1", running.port)).close()
        except OSError:
            return False
        return running.members() == []

    running.until(is_free)
    # The promise is a second; a machine that runs other tests as well is given more.
    assert time.monotonic() - began < 3


def test_python_m_miniframe_serves_and_reloads_as_well(start: Start, project: Project) -> None:
    running = start("runserver", "0", "--settings", "mysite.settings", program=("-m", "miniframe")).ready()
    assert running.get().body == "one"
    project.say("two")
    running.until_it_says("two")


def test_a_command_of_an_app_takes_the_place_of_ours(start: Start, project: Project) -> None:
    project.save("mysite/management/__init__.py", "")
    project.save("mysite/management/commands/__init__.py", "")
    project.save(
        "mysite/management/commands/runserver.py",
        "from miniframe.management.commands.runserver import Command as Base\n"
        "class Command(Base):\n"
        '    default_addr = "127.0.0.3"\n'
        '    default_port = "0"\n'
        "    def add_arguments(self, parser):\n"
        "        super().add_arguments(parser)\n"
        '        parser.add_argument("--mine", action="store_true")\n',
    )
    project.save("mysite/settings.py", project.SETTINGS.replace("INSTALLED_APPS = []", 'INSTALLED_APPS = ["mysite"]'))
    running = start("runserver", "--mine").ready()
    assert "http://127.0.0.3:" in running.out
    # Broken, the core command serves instead, which knows neither the option nor the address.
    project.save("mysite/settings.py", "1 / 0\n")
    running.until(lambda: running.get(host="127.0.0.3").status == 500)


def test_the_log_is_plain_where_it_is_no_terminal(start: Start) -> None:
    running = start("runserver", "0", "--noreload").ready()
    running.get("/nowhere/at/all/")
    running.until(lambda: "/nowhere/at/all/" in running.err)
    assert "\x1b[" not in running.err


@pytest.mark.parametrize(("switch", "coloured"), [("--force-color", True), ("--no-color", False)])
def test_contract_50_switches_for_colour_reach_the_log(start: Start, switch: str, coloured: bool) -> None:
    running = start("runserver", "0", "--noreload", switch, FORCE_COLOR="" if coloured else "1").ready()
    running.get("/nowhere/at/all/")
    running.until(lambda: "GET /nowhere/at/all/ 404" in running.err)
    line = next(line for line in running.err.splitlines() if "GET /nowhere/at/all/ 404" in line)
    assert ("\x1b[" in line) is coloured


@NEEDS_PROC
def test_the_holder_of_a_port_is_found(taken_port: int) -> None:
    holder = holder_of(taken_port)
    assert holder is not None
    assert holder.pid == os.getpid()
    assert "python" in holder.command


@NEEDS_PROC
def test_the_holders_name_cannot_talk_to_the_terminal() -> None:
    code = "import socket; s = socket.create_server(('127.0.0.1', 0)); print(s.getsockname()[1], flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", code, "\x1b[31m", b"\xff", "long" * 100],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        holder = holder_of(int(process.stdout.readline()))
        process.communicate(b"\n")
    assert holder is not None
    assert holder.command.isprintable()
    assert holder.command.endswith("...")
    assert len(holder.command) < 210


def test_the_next_free_port_is_not_the_taken_one(taken_port: int) -> None:
    found = free_port("127.0.0.1", taken_port - 1)
    assert found is not None
    assert found > taken_port


def test_starting_the_supervisor_loads_nothing_heavy(project: Project) -> None:
    code = (
        "import os, sys\n"
        "os.posix_spawn = lambda *args, **options: (print(*sorted(sys.modules)), os._exit(0))\n"
        "import miniframe.management\n"
        'sys.orig_argv = ["python", "manage.py", "runserver"]\n'
        'miniframe.management.execute_from_command_line(["manage.py", "runserver"])\n'
    )
    loaded = subprocess.run(
        [sys.executable, "-c", code + "sys.stdout.flush()"],
        cwd=project.root,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout.split()
    assert "miniframe.autoreload.process" in loaded
    heavy = {"asyncio", "click", "jinja2", "http.server", "email", "argparse", "watchdog", "multipart", "itsdangerous"}
    assert heavy.isdisjoint(loaded), heavy & set(loaded)
    assert not [name for name in loaded if name.startswith(("mysite", "miniframe.http", "miniframe.urls"))]


@BOTH
def test_with_log_format_json_standard_error_is_one_object_a_line(
    start: Start, project: Project, switches: tuple[str, ...]
) -> None:
    running = start("runserver", "0", "--log-format", "json", *switches).ready()
    running.get("/nowhere/at/all/")
    running.get("/?a=b")
    running.until(lambda: '"path": "/?a=b"' in running.err)
    if not switches:
        project.save("mysite/views.py", "1 / 0\n")
        running.until(lambda: running.get().status == 500)
        running.until(lambda: "mysite/views.py changed: the error page" in running.err)
        project.say("two")
        running.until_it_says("two")
    lines = [json.loads(line) for line in running.err.splitlines()]
    home = next(line for line in lines if line.get("path") == "/?a=b")
    assert (home["status"], home["size"], home["view"]) == (200, 3, "mysite.views.home")
    if not switches:
        broken = next(line for line in lines if line["message"] == "The project does not start")
        assert broken["exception"]["type"] == "ZeroDivisionError"
