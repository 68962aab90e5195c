"""The contract: 75 behaviours, each shown by a test whose name carries its number.

`pytest -k contract` runs all of them.  Most stand beside the code they show; here are the list itself, the test
that no row is forgotten, and the rows that only a whole project under real servers can show.
"""

from __future__ import annotations

import ast
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

TESTS = Path(__file__).parent

ROWS = {
    1: "manage.py leads to execute_from_command_line and ManagementUtility",
    2: "the settings variable: a preset one wins, --settings and --pythonpath override",
    3: "commands of apps are found and override built-in ones",
    4: "BaseCommand: arguments, streams, styles, call_command, CommandError",
    5: "addrport is an optional positional argument",
    6: "-6 listens on ::1",
    7: "--nothreading: one thread, not blocked by idle sockets",
    8: "--noreload: one process",
    9: "DEBUG off without ALLOWED_HOSTS refuses to start",
    10: "-6 without IPv6 support is explained",
    11: "default port and address are class attributes",
    12: "what addrport accepts and refuses",
    13: "a port has digits and fits",
    14: "brackets mean IPv6",
    15: "-6 with an IPv4 address is an error",
    16: "run() goes through the reloader or directly, alike",
    17: "changed code is served without a restart by hand",
    18: "inner_run is overridable step by step",
    19: "WSGI_APPLICATION or the default application",
    20: "import_string tells its two errors apart",
    21: "an application that cannot be imported is explained, its cause kept",
    22: "wsgi.py exposes `application` for any server",
    23: "get_wsgi_application is cheap the second time",
    24: "addresses that cannot be bound are explained",
    25: "other errors of the network are one line",
    26: "a failed start leaves no process behind",
    27: "Ctrl-C stops at once",
    28: "the address is printed when it answers",
    29: "ThreadingMixIn comes first",
    30: "threads do not hold up the end",
    31: "server_cls is injectable",
    32: "the mixin is stateless",
    33: "the server binds, activates, and closes on failure",
    34: "serve_forever and shutdown at once",
    35: "every branch of accepting",
    36: "slow views run side by side",
    37: "without threads they run one after the other",
    38: "finish_request makes the handler",
    39: "a handler always finishes",
    40: "keep-alive",
    41: "a request line has a limit",
    42: "a malformed request is answered once",
    43: "CGI variables; names with an underscore are dropped",
    44: "ServerHandler knows its request handler",
    45: "the application raises before or after the headers",
    46: "environ satisfies wsgiref.validate",
    47: "an iterable is closed once, whatever happens",
    48: "start_response follows PEP 3333",
    49: "FileWrapper reads in blocks",
    50: "log lines are coloured by status",
    51: "the request log is a logger",
    52: "request_class is overridable",
    53: "middleware is loaded once, and again after a failure",
    54: "the order of middleware",
    55: "script prefix",
    56: "request_started and request_finished",
    57: "undecodable requests get a 400",
    58: "get_response and _handler_class",
    59: "the status line",
    60: "one Set-Cookie for each cookie",
    61: "files go to wsgi.file_wrapper and are closed",
    62: "request.urlconf",
    63: "ResolverMatch",
    64: "view middleware",
    65: "make_view_atomic",
    66: "process_exception",
    67: "a view that returns None",
    68: "a coroutine that nobody awaited",
    69: "template responses are rendered late",
    70: "exceptions are converted at every layer",
    71: "ALLOWED_HOSTS",
    72: "lazy settings",
    73: "breakpoint() in a view",
    74: "explain prints the way of a request",
    75: "what deploy writes boots, and serves",
}


def rows_shown() -> set[int]:
    """Return the numbers in the names of all tests: `test_contract_12_...`."""
    shown: set[int] = set()
    for path in TESTS.rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef) and (found := re.match(r"test_contract((?:_\d+)+)", node.name)):
                shown |= {int(number) for number in found[1].strip("_").split("_")}
    return shown


def test_no_row_of_the_contract_is_forgotten() -> None:
    missing = sorted(set(ROWS) - rows_shown())
    assert not missing, "\n".join(f"row {number}, {ROWS[number]!r}, has no test" for number in missing)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project as `startproject` makes it."""
    folder = tmp_path_factory.mktemp("contract")
    subprocess.run([sys.executable, "-m", "miniframe", "startproject", "site22"], cwd=folder, check=True)
    return folder / "site22"


@contextmanager
def served(command: list[str], folder: Path, port: int) -> Iterator[str]:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("MINIFRAME_")}
    process = subprocess.Popen(
        command, cwd=folder, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        deadline = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                if process.poll() is not None or time.monotonic() > deadline:
                    process.kill()
                    pytest.fail(f"{command[0]} does not listen:\n{process.communicate()[0]}")
                time.sleep(0.02)  # the condition above is what is waited for
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        try:
            process.communicate(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()


@pytest.mark.parametrize(
    "server",
    [
        pytest.param("gunicorn --bind 127.0.0.1:{port} site22.wsgi", id="gunicorn"),
        pytest.param("waitress-serve --listen=127.0.0.1:{port} site22.wsgi:application", id="waitress"),
        pytest.param(
            "uwsgi --http-socket 127.0.0.1:{port} --module site22.wsgi:application --master --die-on-term"
            " --need-app --home {prefix}",
            id="uwsgi",
        ),
    ],
)
def test_contract_22_the_made_wsgi_py_runs_unchanged_under_other_servers(
    project: Path, free_port: int, server: str
) -> None:
    name, *arguments = server.format(port=free_port, prefix=sys.prefix).split()
    # The made project pins nothing on the path: these servers look in the current folder, uWSGI included.
    command = [str(Path(sys.executable).parent / name), *arguments]
    if name == "uwsgi":
        command += ["--pythonpath", str(project)]
    with served(command, project, free_port) as address:
        answer = requests.get(address, timeout=10)
        assert answer.status_code == 200
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert requests.get(f"{address}/nothing/here", timeout=10).status_code == 404


def test_contract_23_the_application_is_cheap_the_second_time(project: Path) -> None:
    code = (
        "import os; os.environ['MINIFRAME_SETTINGS_MODULE'] = 'site22.settings'\n"
        "from miniframe.apps import apps\n"
        "from miniframe.wsgi import get_wsgi_application\n"
        "first = get_wsgi_application(); configs = dict(apps.app_configs)\n"
        "second = get_wsgi_application()\n"
        "assert first is not second and type(first) is type(second)\n"
        "assert configs == apps.app_configs and all(apps.app_configs[k] is v for k, v in configs.items())\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=project, check=True, timeout=30)
