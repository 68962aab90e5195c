"""Change files while clients ask: the next answer is new, and no client is ever turned away."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import sys
import threading
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.runserver.conftest import Project, Running, Start


class Prober(threading.Thread):
    """A client that asks every few milliseconds, each time on a new connection, and notes what goes wrong."""

    def __init__(self, running: Running) -> None:
        super().__init__(daemon=True)
        self.running = running
        self.answers: list[tuple[float, int, str]] = []
        self.failures: list[OSError] = []
        self._over = threading.Event()

    def run(self) -> None:
        while not self._over.wait(0.01):
            asked = time.monotonic()
            try:
                answer = self.running.get()
            except OSError as error:
                self.failures.append(error)
            else:
                self.answers.append((asked, answer.status, answer.body))

    def __enter__(self) -> Prober:
        self.start()
        return self

    def __exit__(self, *args: object) -> None:
        self._over.set()
        self.join()


def test_contract_16_17_changed_code_is_served(start: Start, project: Project) -> None:
    running = start("runserver", "0").ready()
    assert running.get().body == "one"
    project.say("two")
    running.until_it_says("two")
    running.until(lambda: "changed: reloaded in" in running.err)
    assert "mysite/views.py changed" in running.err
    # The banner is for the start.
    assert running.out.count("Starting development server") == 1


def test_contract_17_without_reload_old_code_stays(start: Start, project: Project) -> None:
    running = start("runserver", "0", "--noreload").ready()
    project.say("two")
    assert running.get().body == "one"


def test_no_client_is_refused_or_reset_over_many_edits(start: Start, project: Project) -> None:
    running = start("runserver", "0").ready()
    with Prober(running) as prober:
        for round_ in range(5):
            project.say(f"edit {round_}")
            running.until_it_says(f"edit {round_}")
            project.save("mysite/views.py", "def home(request:\n")
            running.until_it_says("SyntaxError", status=500)
        project.say("the end")
        running.until_it_says("the end")
    assert prober.failures == []
    assert {200, 500} == {status for _, status, _ in prober.answers}


def test_no_client_is_refused_or_reset_when_saves_overtake_the_starting_worker(start: Start, project: Project) -> None:
    running = start("runserver", "0").ready()
    with Prober(running) as prober:
        for round_ in range(30):
            project.say(f"edit {round_}")
            # Sooner, about when, and later than a worker has started.
            time.sleep(0.03 * (round_ % 10))
        project.say("the end")
        running.until_it_says("the end")
    assert prober.failures == []


def test_old_code_never_answers_after_new_code(start: Start, project: Project) -> None:
    running = start("runserver", "0").ready()
    with Prober(running) as prober:
        for word in "abcde":
            project.say(word)
            running.until_it_says(word)
    heard = [body for _, _, body in prober.answers]
    assert prober.failures == []
    assert heard == sorted(heard, key=["one", *"abcde"].index)


@pytest.mark.parametrize(
    ("name", "text", "shown"),
    [
        pytest.param("mysite/views.py", "def home(:\n", "SyntaxError", id="syntax"),
        pytest.param("mysite/views.py", "import nothing_of_the_kind\n", "nothing_of_the_kind", id="import"),
        pytest.param("mysite/urls.py", "urlpatterns = [1 / 0]\n", "ZeroDivisionError", id="urls"),
        pytest.param("mysite/settings.py", "raise OSError('no secrets here')\n", "no secrets here", id="settings"),
        pytest.param("mysite/settings.py", "DEBUG = False\n", "ALLOWED_HOSTS", id="settings-that-refuse"),
        pytest.param("mysite/settings.py", "import sys\nsys.exit('no key')\n", "SystemExit: no key", id="exit"),
        pytest.param(
            "mysite/views.py", "raise type('Boom', (BaseException,), {})('no plums')\n", "no plums", id="base-exception"
        ),
        pytest.param("mysite/settings.py", "import os\nos._exit(7)\n", "ended with status 7", id="crash-at-boot"),
        pytest.param("manage.py", "def main(:\n", "SyntaxError", id="manage-py"),
    ],
)
def test_broken_code_is_shown_at_once_and_recovers(
    start: Start, project: Project, name: str, text: str, shown: str
) -> None:
    running = start("runserver", "0").ready()
    whole = (project.root / name).read_text()
    project.save(name, text)
    running.until_it_says(shown, status=500)
    project.save(name, whole)
    running.until_it_says("one")


@pytest.mark.parametrize(
    ("name", "text", "shown"),
    [
        pytest.param("mysite/views.py", "def home(:\n", "SyntaxError", id="syntax"),
        pytest.param("mysite/settings.py", "raise OSError('no secrets here')\n", "no secrets here", id="settings"),
        pytest.param("mysite/settings.py", "INSTALLED_APPS = ['nothing']\n", "nothing", id="apps"),
        pytest.param("mysite/urls.py", "urlpatterns = ['no route']\n", "urls.E004", id="system-check"),
    ],
)
def test_code_that_is_broken_at_the_start_is_shown_and_recovers(
    start: Start, project: Project, name: str, text: str, shown: str
) -> None:
    whole = (project.root / name).read_text()
    project.save(name, text)
    running = start("runserver", "0").ready()
    assert "The project does not start" in running.out
    running.until_it_says(shown, status=500)
    project.save(name, whole)
    running.until_it_says("one")


def test_a_save_of_the_same_size_in_the_same_second_is_served(start: Start, project: Project) -> None:
    running = start("runserver", "0").ready()
    for word in ("two", "six", "ten", "red", "tea"):
        project.say(word)
        running.until_it_says(word)


def test_new_renamed_and_deleted_files_are_seen(start: Start, project: Project) -> None:
    # Listed when the module is loaded, so that only a reload shows a difference.
    found = 'FOUND = str(sorted(part.name for part in Path("parts").glob("*.py")))'
    project.save("mysite/views.py", project.VIEWS.replace('"one"', "FOUND") + found + "\n")
    running = start("runserver", "0").ready()
    assert running.get().body == "[]"
    project.save("parts/a.py", "")
    running.until_it_says("['a.py']")
    (project.root / "parts/a.py").rename(project.root / "parts/b.py")
    running.until_it_says("['b.py']")
    (project.root / "parts/b.py").unlink()
    running.until_it_says("[]")
    story = re.findall(r"^(parts.*): reloaded in", running.err, re.MULTILINE)
    assert story == ["parts/a.py changed", "parts/b.py changed, parts/a.py deleted", "parts/b.py deleted"]


@pytest.mark.parametrize("first", ["everything", "what-is-in-it"])
def test_it_ends_when_the_folder_it_was_started_in_is_gone(start: Start, project: Project, first: str) -> None:
    running = start("runserver", "0").ready()
    # A file that goes before it is watched was never there.
    project.say("two")
    running.until_it_says("two")
    with running.keep_reading() as told:
        if first == "what-is-in-it":
            # No process can start from here on, and that the folder itself goes is no change of a file any more.
            shutil.rmtree(project.root / "mysite")
            (project.root / "manage.py").unlink()
            running.until(lambda: "its page is served" in told())
        shutil.rmtree(project.root)
        assert running.process.wait(30) == 1
        assert told().splitlines()[-1] == "The folder in which this server was started is gone, and so it ends."
        assert "Traceback" not in told()


def test_two_hundred_files_at_once_are_one_reload(start: Start, project: Project) -> None:
    running = start("runserver", "0").ready()
    # Written elsewhere and moved in, so that no slow disk spreads them over seconds.
    staged = project.root.parent / "staged"
    staged.mkdir()
    for number in range(200):
        (staged / f"part{number}.py").write_text(f"x = {number}\n")
    for path in staged.iterdir():
        path.rename(project.root / "mysite" / path.name)
    running.until(lambda: "reloaded in" in running.err)
    assert "and 199 more changed: reloaded in" in running.err
    assert running.err.count("reloaded in") == 1


def test_an_open_stream_does_not_hold_a_reload_up(start: Start, project: Project) -> None:
    running = start("runserver", "0").ready()
    with socket.create_connection(("127.0.0.1", running.port)) as client:
        client.sendall(b"GET /stream/ HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert client.recv(10)
        project.say("two")
        running.until_it_says("two")
        # It may go on for a while, and is still heard.
        assert client.recv(10)


def test_a_request_that_has_begun_is_finished_by_the_code_it_began_with(start: Start, project: Project) -> None:
    running = start("runserver", "0").ready()
    answers = []
    slow = threading.Thread(target=lambda: answers.append(running.get("/slow/")))
    slow.start()
    running.until((project.root / "slow.begun").exists)
    project.say("two")
    running.until_it_says("two")
    assert answers == []
    slow.join()
    assert answers == [(200, "slow but whole")]


def test_an_old_worker_is_gone_when_its_time_is_over(start: Start, project: Project) -> None:
    running = start("runserver", "0").ready()
    old = int(running.get("/pid/").body)
    with socket.create_connection(("127.0.0.1", running.port)) as client:
        client.sendall(b"GET /stream/ HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert client.recv(10)
        project.say("two")
        running.until_it_says("two")
        running.until(lambda: old not in running.members())
    # The supervisor, the new worker, and the process that the next ones are copied from.
    assert len(running.members()) <= 3


def test_a_worker_that_dies_is_replaced(start: Start) -> None:
    running = start("runserver", "0").ready()
    old = running.get("/pid/").body
    time.sleep(1.1)  # one that dies in its first second is taken for one that cannot live
    os.kill(int(old), signal.SIGKILL)
    running.until(lambda: "was ended by SIGKILL; starting it again." in running.err)
    assert running.get("/pid/").body != old


def test_a_worker_that_is_killed_while_it_loads_is_replaced_once(start: Start, project: Project) -> None:
    running = start("runserver", "0").ready()
    dies = "import signal\nos.kill(os.getpid(), signal.SIGKILL)\n"
    project.save("mysite/views.py", project.VIEWS + dies)
    running.until(lambda: "was ended by SIGKILL; starting it again." in running.err)
    running.until(lambda: "was ended by SIGKILL; its page is served until a file changes." in running.err)


def test_a_worker_that_is_killed_while_it_loads_the_first_time_serves_after_all(start: Start, project: Project) -> None:
    running = start("runserver", "0").ready()
    once = (
        "import signal\ntry:\n    open('once', 'x')\n    os.kill(os.getpid(), signal.SIGKILL)\nexcept OSError: pass\n"
    )
    project.save("mysite/views.py", project.VIEWS.replace('"one"', '"two"') + once)
    running.until_it_says("two")
    running.until(lambda: "mysite/views.py changed: reloaded in" in running.err)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere this machine has one address by which it asks itself")
def test_tabs_give_way_to_a_worker_where_descriptors_are_scarce(start: Start, project: Project) -> None:
    few = "import os, resource, sys\nresource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))\n"
    command = "[sys.executable, 'manage.py', 'runserver', '0']"
    running = start(program=("-c", f"{few}os.execv(sys.executable, {command})")).ready()
    with ExitStack() as tabs:
        for number in range(1, 80):
            tab = tabs.enter_context(socket.socket())
            tab.bind((f"127.0.1.{number}", 0))
            tab.settimeout(10)
            tab.connect(("127.0.0.1", running.port))
            tab.sendall(b"GET /__miniframe__/events?since= HTTP/1.1\r\nHost: localhost\r\n\r\n")
            tab.recv(1)
        project.say("two")
        running.until_it_says("two")


def test_the_name_of_a_file_steers_no_terminal(start: Start, project: Project) -> None:
    running = start("runserver", "0").ready()
    assert running.get().status == 200
    project.save("mysite/\x1b[2J\nx.py", "")
    running.until(lambda: r"mysite/\x1b[2J\nx.py changed: reloaded in" in running.err)


def test_the_project_is_loaded_once_and_never_by_the_supervisor(start: Start, project: Project) -> None:
    project.save("mysite/settings.py", project.SETTINGS + "open('loaded.txt', 'a').write('x')\n")
    running = start("runserver", "0").ready()
    assert running.get().status == 200
    assert (project.root / "loaded.txt").read_text() == "x"


def test_a_project_can_ask_whether_it_runs_under_the_reloader(start: Start, project: Project) -> None:
    project.save("mysite/views.py", project.VIEWS.replace('"one"', 'os.environ.get("MINIFRAME_RUN_MAIN", "no")'))
    assert start("runserver", "0").ready().get().body == "true"
    assert start("runserver", "0", "--noreload").ready().get().body == "no"


def test_a_folder_that_is_linked_into_the_project_is_watched(start: Start, project: Project) -> None:
    project.save("elsewhere/words.py", 'word = "one"\n')
    (project.root / "node_modules").mkdir()
    (project.root / "elsewhere").rename(project.root / "node_modules/elsewhere")
    (project.root / "shared").symlink_to(project.root / "node_modules/elsewhere")
    project.save("mysite/views.py", "from shared.words import word\n" + project.VIEWS.replace('"one"', "word"))
    running = start("runserver", "0").ready()
    assert running.get().body == "one"
    project.save("node_modules/elsewhere/words.py", 'word = "two"\n')
    running.until_it_says("two")


def test_without_file_events_it_reloads_all_the_same(start: Start, project: Project) -> None:
    running = start("runserver", "0", MINIFRAME_RELOAD_POLL="1").ready()
    project.say("two")
    running.until_it_says("two")
