"""The example project from outside: its own tests, its checks and commands, and another WSGI server."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.db.server import programs, running

EXAMPLE = Path(__file__).resolve().parents[2] / "example_project"

# Serves one request with the standard library's server, PEP 3333 checked in both directions.
UNDER_WSGIREF = """
import sys, threading, urllib.request
from wsgiref.simple_server import make_server, WSGIRequestHandler
from wsgiref.validate import validator
from harbour.wsgi import application

class Silent(WSGIRequestHandler):
    def log_message(self, *args): pass

with make_server("127.0.0.1", 0, validator(application), handler_class=Silent) as server:
    for path in sys.argv[1:]:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        with urllib.request.urlopen(f"http://127.0.0.1:{server.server_port}{path}") as response:
            print(response.status, response.headers["Content-Type"], len(response.read()) > 0)
        thread.join()
"""


# Prints what a page refers to among the static files, and how each is answered.
FILES_OF_A_PAGE = """
import re
import harbour.wsgi
from miniframe.test import Client

client = Client(headers={"host": "127.0.0.1", "x-forwarded-proto": "https"})
for address in sorted(set(re.findall(r'"(/static/[^"]+)"', client.get("/live/").text))):
    response = client.get(address)
    print(address, response.status_code, response.headers["Cache-Control"])
    response.close()
"""

PUBLIC = {
    "HARBOUR_DEBUG": "0",
    "HARBOUR_HOSTS": "127.0.0.1",
    "HARBOUR_SECRET_KEY": "only-for-this-test-and-long-enough-to-please-the-check",
}


def run(data: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run Python in the example's folder, on a data folder of its own."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=EXAMPLE,
        env=os.environ | {"HARBOUR_DATA": str(data), "NO_COLOR": "1"} | environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_its_own_tests_pass(tmp_path: Path) -> None:
    done = run(tmp_path, "manage.py", "test", "-q", "-p", "no:cacheprovider")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.skipif(programs() is None and "CI" not in os.environ, reason="apt-get install postgresql")
def test_its_own_tests_pass_on_postgresql(tmp_path: Path) -> None:
    folder = programs()
    assert folder is not None
    with running(folder) as url:
        database = url.format("postgres")
        done = run(tmp_path, "manage.py", "test", "-q", "-p", "no:cacheprovider", HARBOUR_DATABASE=database)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_checks_have_nothing_to_say(tmp_path: Path) -> None:
    done = run(tmp_path, "manage.py", "check", "--fail-level", "WARNING")
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


def test_seed_and_export_work_from_the_terminal(tmp_path: Path) -> None:
    assert run(tmp_path, "manage.py", "seed", "--notices", "25", "--pictures", "7").returncode == 0
    done = run(tmp_path, "manage.py", "export")
    assert len(json.loads(done.stdout)) == 25
    assert len(list((tmp_path / "pictures").iterdir())) == 7


def test_a_mistake_on_the_command_line_is_one_line(tmp_path: Path) -> None:
    done = run(tmp_path, "manage.py", "seed", "--notices", "-1")
    assert done.returncode == 1
    assert done.stderr.strip() == "CommandError: --notices must be from 0 to 10000; it is -1."


def test_once_files_are_collected_the_deployment_checks_have_nothing_to_say(tmp_path: Path) -> None:
    assert run(tmp_path, "manage.py", "collectstatic", "--noinput", **PUBLIC).returncode == 0
    done = run(tmp_path, "manage.py", "check", "--deploy", "--fail-level", "WARNING", **PUBLIC)
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


def test_without_debug_static_files_have_hashed_names_and_may_be_kept(tmp_path: Path) -> None:
    assert run(tmp_path, "manage.py", "collectstatic", "--noinput", **PUBLIC).returncode == 0
    done = run(tmp_path, "-c", FILES_OF_A_PAGE, **PUBLIC)
    found = re.sub(r"\.[0-9a-f]{12}\.", ".HASH.", done.stdout)
    assert found.splitlines() == [
        f"/static/{name} 200 public, max-age=31536000, immutable"
        for name in ("css/harbour.HASH.css", "img/lighthouse.HASH.svg", "js/live.HASH.js")
    ], done.stderr


def test_without_debug_a_key_of_its_own_is_wanted(tmp_path: Path) -> None:
    done = run(tmp_path, "manage.py", "check", HARBOUR_DEBUG="0")
    assert done.returncode == 1
    assert "Set HARBOUR_SECRET_KEY" in done.stderr
    assert "Traceback" not in done.stderr


def test_it_runs_under_another_wsgi_server(tmp_path: Path) -> None:
    paths = ("/", "/static/css/harbour.css", "/gallery/1/image", "/tides/table.csv", "/api/notices/")
    done = run(tmp_path, "-c", UNDER_WSGIREF, *paths)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "200 text/html; charset=utf-8 True",
        "200 text/css True",
        "200 image/png True",
        "200 text/csv; charset=utf-8 True",
        "200 application/json True",
    ]
    assert done.stderr == ""
