"""On a real terminal: colour, questions, progress; and what the TAB key offers."""

from __future__ import annotations

import io
import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from miniframe.management import BaseCommand, CommandError
from miniframe.management.group import completion_variable
from miniframe.management.utility import ManagementUtility

from .conftest import Run, add_command, environment, install_apps

RED = "\x1b[31;1m"

# Only a session that owns its terminal gets a signal from Ctrl-C, and a process started in the background ignores it.
TAKE_THE_TERMINAL = (
    "import fcntl, os, signal, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); "
    "signal.signal(signal.SIGINT, signal.SIG_DFL); "
    "os.execv(sys.executable, [sys.executable, *sys.argv[1:]])"
)


def on_a_terminal(project: Path, *args: str, answer: str = "", **env: str) -> str:
    """Run manage.py with a pseudo-terminal for all three streams, and return all that it shows.

    `answer` is typed once a question, which ends in "]: ", has appeared.
    """
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", TAKE_THE_TERMINAL, "manage.py", *args],
        cwd=project,
        env=environment(**{"TERM": "xterm", **env}),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    shown = b""
    deadline = time.monotonic() + 30
    try:
        while time.monotonic() < deadline:
            readable, _, _ = select.select([ours], [], [], 1)
            try:
                new = os.read(ours, 65536) if readable else b""
            except OSError:  # how Linux says that the other side is closed
                break
            shown += new
            # Python may show a prompt a moment before it listens to Ctrl-C, so that one is repeated.
            if shown.endswith(b"]: ") or (not new and shown.endswith(b"]: ^C")):
                os.write(ours, answer.encode())
    finally:
        os.close(ours)
        process.wait(30)
    return shown.decode().replace("\r\n", "\n")


@pytest.fixture
def failing(project: Path) -> Path:
    """Return a project with the command `fail`, which raises a CommandError."""
    add_command(project / "polls", "fail", "self.stdout.write(self.style.SUCCESS('begun'))\nraise CommandError('no')")
    install_apps(project, "polls")
    return project


@pytest.mark.parametrize(
    ("args", "env", "coloured"),
    [
        pytest.param((), {}, True, id="terminal"),
        pytest.param(("--no-color",), {}, False, id="--no-color"),
        pytest.param((), {"NO_COLOR": "1"}, False, id="NO_COLOR"),
        pytest.param((), {"NO_COLOR": "1", "FORCE_COLOR": "1"}, False, id="NO_COLOR-wins"),
        pytest.param(("--force-color",), {"NO_COLOR": "1"}, True, id="--force-color-wins"),
        pytest.param((), {"TERM": "dumb"}, False, id="dumb"),
    ],
)
def test_contract_04_a_command_error_is_one_red_line_on_a_terminal(
    failing: Path, args: tuple[str, ...], env: dict[str, str], coloured: bool
) -> None:
    shown = on_a_terminal(failing, "fail", *args, **env)
    if coloured:
        assert shown == f"\x1b[32;1mbegun\x1b[0m\n{RED}CommandError: no\x1b[0m\n"
    else:
        assert shown == "begun\nCommandError: no\n"


@pytest.mark.parametrize(
    ("args", "env", "coloured"),
    [
        pytest.param((), {}, False, id="pipe"),
        pytest.param((), {"FORCE_COLOR": "1"}, True, id="FORCE_COLOR"),
        pytest.param(("--force-color",), {}, True, id="--force-color"),
        pytest.param(("--no-color",), {"FORCE_COLOR": "1"}, False, id="--no-color-wins"),
    ],
)
def test_a_pipe_is_coloured_only_when_forced(
    failing: Path, manage: Run, args: tuple[str, ...], env: dict[str, str], coloured: bool
) -> None:
    done = manage("fail", *args, env=env)
    assert (RED in done.stderr) is coloured
    assert ("\x1b[32;1m" in done.stdout) is coloured


def test_an_error_is_red_although_the_output_goes_to_a_file(failing: Path) -> None:
    (failing / "manage.py").rename(failing / "real.py")
    (failing / "manage.py").write_text(
        "import os, sys\nos.dup2(os.open('out.txt', os.O_WRONLY | os.O_CREAT), 1)\n" + (failing / "real.py").read_text()
    )
    assert on_a_terminal(failing, "fail") == f"{RED}CommandError: no\x1b[0m\n"
    assert (failing / "out.txt").read_text() == "begun\n"


def test_the_list_of_commands_is_coloured_on_a_terminal_only(project: Path, manage: Run) -> None:
    assert "\x1b[" in on_a_terminal(project, "help")
    assert "\x1b[" not in on_a_terminal(project, "help", NO_COLOR="1")
    assert "\x1b[" not in manage("help").stdout
    assert "\x1b[" in manage("help", env={"FORCE_COLOR": "1"}).stdout


@pytest.mark.parametrize(("env", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False)], ids=["terminal", "NO_COLOR"])
def test_clicks_own_colours_obey_the_same_rule(project: Path, env: dict[str, str], coloured: bool) -> None:
    add_command(project / "polls", "shout", "click.secho('loud', fg='red')")
    module = project / "polls" / "management" / "commands" / "shout.py"
    module.write_text("import click\n" + module.read_text())
    install_apps(project, "polls")
    shown = on_a_terminal(project, "shout", **env)
    assert shown == ("\x1b[31mloud\x1b[0m\n" if coloured else "loud\n")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        pytest.param("y\n", "answer: True\n", id="yes"),
        pytest.param("n\n", "answer: False\n", id="no"),
        pytest.param("\n", "answer: False\n", id="enter-is-the-default"),
        pytest.param("\x04", "CommandError: No answer to 'Sure?'; nothing more was done.", id="end-of-input"),
        pytest.param("\x03", "CommandError: No answer to 'Sure?'; nothing more was done.", id="ctrl-c"),
    ],
)
def test_a_command_can_ask(project: Path, typed: str, said: str) -> None:
    add_command(project / "polls", "ask", "return f\"answer: {self.confirm('Sure?')}\"")
    install_apps(project, "polls")
    shown = on_a_terminal(project, "ask", answer=typed)
    assert "Sure? [y/N]: " in shown
    assert said in shown
    assert "Traceback" not in shown


def test_a_command_can_show_progress_on_a_terminal(project: Path, manage: Run) -> None:
    add_command(project / "polls", "work", "return str(sum(self.progress(range(5), label='Working')))")
    install_apps(project, "polls")
    shown = on_a_terminal(project, "work")
    assert "Working" in shown
    assert "100%" in shown
    assert len([line for line in shown.split("\n") if "Working" in line]) == 1
    assert shown.endswith("10\n")
    assert manage("work").stdout == "10\n"


def test_progress_takes_items_without_a_length() -> None:
    def items() -> Iterator[int]:
        yield from (1, 2, 3)

    command = BaseCommand(stdout=io.StringIO())
    assert list(command.progress(items(), length=3)) == [1, 2, 3]


def test_progress_needs_no_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    assert list(BaseCommand().progress([1, 2])) == [1, 2]


def test_a_question_without_an_answer_is_a_command_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    with pytest.raises(CommandError, match="No answer to"):
        BaseCommand(stdout=io.StringIO()).confirm("Sure?")


class TestCompletion:
    """The shell asks through an environment variable what may come next."""

    def complete(self, manage: Run, line: str) -> set[str]:
        """Return what is offered behind `line`."""
        words = line.split(" ")
        env = {
            "_MANAGE_PY_COMPLETE": "bash_complete",
            "COMP_WORDS": line,
            "COMP_CWORD": str(len(words) - 1),
        }
        done = manage(env=env)
        assert (done.returncode, done.stderr) == (0, "")
        return set(done.stdout.split())

    @pytest.mark.parametrize(
        ("line", "offered"),
        [
            pytest.param("manage.py ch", {"plain,check"}, id="command"),
            pytest.param("manage.py help ver", {"plain,version"}, id="command-after-help"),
            pytest.param("manage.py he", {"plain,help"}, id="help"),
            pytest.param("manage.py check --de", {"plain,--deploy"}, id="option"),
            pytest.param("manage.py check --deploy --fail", {"plain,--fail-level"}, id="second-option"),
            pytest.param("manage.py check --fail-level W", {"plain,WARNING"}, id="value"),
            pytest.param("manage.py check --fail-level = W", {"plain,WARNING"}, id="value-after-equals"),
            pytest.param("manage.py check --nonsense", set(), id="no-such-option"),
        ],
    )
    def test_what_is_offered(self, manage: Run, line: str, offered: set[str]) -> None:
        assert self.complete(manage, line) == offered

    def test_commands_of_apps_and_their_options_are_offered(self, manage: Run, project: Path) -> None:
        add_command(project / "polls", "closepoll", "pass")
        install_apps(project, "polls")
        assert self.complete(manage, "manage.py clo") == {"plain,closepoll"}
        assert "plain,--skip-checks" in self.complete(manage, "manage.py closepoll --")

    def test_file_names_are_offered_where_no_values_are_known(self, manage: Run) -> None:
        assert self.complete(manage, "manage.py startapp x") == {"file,x"}

    def test_a_broken_project_does_not_disturb(self, manage: Run, project: Path) -> None:
        (project / "settings.py").write_text("1 / 0\n")
        assert self.complete(manage, "manage.py ch") == {"plain,check"}

    @pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
    def test_each_shell_gets_its_script(self, manage: Run, shell: str) -> None:
        done = manage(env={"_MANAGE_PY_COMPLETE": f"{shell}_source"})
        assert done.returncode == 0
        assert "_MANAGE_PY_COMPLETE=" in done.stdout

    def test_an_unknown_shell_is_refused(self, manage: Run) -> None:
        assert manage(env={"_MANAGE_PY_COMPLETE": "dos_source"}).returncode == 1

    def test_help_tells_how_to_switch_it_on(self, manage: Run) -> None:
        done = manage("help")
        assert 'eval "$(_MANAGE_PY_COMPLETE=bash_source ./manage.py)"' in done.stdout
        assert ", for ./manage.py ... without python before it:" in done.stdout

    @pytest.mark.parametrize("path", ["manage.py", "miniframe", "my-tool", "/x/__main__.py"])
    def test_the_variable_is_named_after_the_program(self, path: str) -> None:
        utility = ManagementUtility([path])
        assert utility._completion_variable() == completion_variable(utility.prog_name)
