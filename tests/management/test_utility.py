"""What happens between typing a line and the command's own code."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from miniframe.management.reloading import wants_reload
from miniframe.management.utility import ManagementUtility

from .conftest import Run, add_command, environment, install_apps


@pytest.mark.parametrize("words", [(), ("help",), ("--help",), ("-h",)], ids=["nothing", "help", "--help", "-h"])
def test_contract_01_without_a_command_the_commands_are_listed(manage: Run, words: tuple[str, ...]) -> None:
    done = manage(*words)
    assert done.returncode == 0
    assert done.stderr == ""
    assert "Type 'manage.py help <subcommand>' for help on a specific subcommand." in done.stdout
    assert "[miniframe]\n    check " in done.stdout


def test_contract_01_an_unknown_command_is_answered_with_the_nearest_one(manage: Run) -> None:
    done = manage("chek")
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr == "Unknown command: 'chek'. Did you mean check?\nType 'manage.py help' for usage.\n"


def test_contract_01_an_unknown_command_unlike_any_other_is_not_guessed_at(manage: Run) -> None:
    done = manage("xyzzy")
    assert done.returncode == 1
    assert done.stderr == "Unknown command: 'xyzzy'\nType 'manage.py help' for usage.\n"


def test_contract_01_an_unknown_command_without_settings_says_that_there_are_none(miniframe: Run) -> None:
    done = miniframe("mine")
    assert done.returncode == 1
    assert done.stderr.startswith("Unknown command: 'mine'")
    assert done.stderr.endswith("\nType 'python -m miniframe help' for usage.\nNo miniframe settings specified.\n")


def test_contract_01_usage_errors_of_one_command_exit_with_2(manage: Run) -> None:
    done = manage("check", "--nonsense")
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("usage: manage.py check [-h]")
    assert "manage.py check: error: unrecognized arguments: --nonsense" in done.stderr


def test_contract_01_the_console_script_runs_the_same_commands(tmp_path: Path) -> None:
    script = Path(sys.executable).with_name("miniframe")
    done = subprocess.run([script, "version"], cwd=tmp_path, env=environment(), capture_output=True, text=True)
    assert (done.returncode, done.stdout.count(".")) == (0, 2)


def test_contract_02_a_preset_settings_variable_wins(manage: Run, project: Path) -> None:
    (project / "other.py").write_text("from settings import *\nMARK = 'other'\n")
    done = manage("shell", "-c", "print(settings.MARK)", env={"MINIFRAME_SETTINGS_MODULE": "other"})
    assert (done.returncode, done.stdout) == (0, "other\n")


@pytest.mark.parametrize("option", [("--settings", "other"), ("--settings=other",)], ids=["space", "equals"])
def test_contract_02_the_option_settings_wins_over_the_variable(
    manage: Run, project: Path, option: tuple[str, ...]
) -> None:
    (project / "other.py").write_text("from settings import *\nMARK = 'other'\n")
    done = manage("shell", "-c", "print(settings.MARK)", *option, env={"MINIFRAME_SETTINGS_MODULE": "nonsense"})
    assert (done.returncode, done.stdout) == (0, "other\n")


def test_contract_02_pythonpath_is_where_settings_are_looked_for_first(manage: Run, project: Path) -> None:
    (project / "elsewhere").mkdir()
    (project / "elsewhere" / "settings.py").write_text("MARK = 'elsewhere'\nROOT_URLCONF = 'urls'\n")
    done = manage("shell", "-c", "print(settings.MARK)", "--pythonpath", str(project / "elsewhere"))
    assert (done.returncode, done.stdout) == (0, "elsewhere\n")


@pytest.mark.parametrize("word", ["version", "--version"])
def test_the_version_is_told(manage: Run, word: str) -> None:
    done = manage(word)
    assert done.returncode == 0
    assert done.stdout.strip().count(".") == 2


def test_help_of_a_command_is_the_same_both_ways(manage: Run) -> None:
    assert manage("help", "check").stdout == manage("check", "--help").stdout != ""


def test_help_of_an_unknown_command_offers_the_nearest(manage: Run) -> None:
    done = manage("help", "chek")
    assert done.returncode == 1
    assert "Did you mean check?" in done.stderr


def test_a_command_of_djangos_that_is_not_here_says_why(manage: Run) -> None:
    assert "There is no database layer in miniframe" in manage("migrate").stderr


def test_help_lists_bare_names_for_scripts(manage: Run) -> None:
    names = manage("help", "--commands").stdout.splitlines()
    assert names == sorted(names)
    assert {"check", "startproject", "version"} <= set(names)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("SECRET_KEY =\n", "invalid syntax", id="does-not-parse"),
        pytest.param("import no_such_module\n", "No module named 'no_such_module'", id="import-fails"),
        pytest.param("INSTALLED_APPS = ['no_such_app']\n", "no_such_app", id="app-missing"),
        pytest.param("INSTALLED_APPS = 'polls'\n", "INSTALLED_APPS setting must be a list", id="wrong-type"),
        pytest.param("import sys\nsys.exit('Set DB_URL first')\n", "Set DB_URL first", id="end-the-process"),
    ],
)
def test_broken_settings_do_not_take_help_away(manage: Run, project: Path, text: str, said: str) -> None:
    (project / "settings.py").write_text(text)
    done = manage("help")
    assert done.returncode == 0
    assert "\n    check " in done.stdout
    assert "settings are not properly configured" in done.stdout
    assert said in done.stdout


def test_a_commands_help_needs_no_settings(manage: Run) -> None:
    done = manage("runserver", "--help", "--settings", "nope")
    assert (done.returncode, done.stderr) == (0, "")
    assert "--noreload" in done.stdout


def test_a_command_that_broken_settings_hide_is_not_called_unknown(manage: Run, project: Path) -> None:
    (project / "settings.py").write_text("INSTALLED_APPS = ['no_such_app']\n")
    done = manage("sell", "--help")
    assert done.returncode == 1
    assert done.stderr.startswith("ModuleNotFoundError: No module named 'no_such_app'.")


def test_an_app_without_any_settings_is_told_that_there_are_none(miniframe: Run) -> None:
    done = miniframe("check", "blog")
    assert done.returncode == 1
    assert "settings are not configured" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_settings_module_that_does_not_exist_is_one_line_without_a_traceback(manage: Run) -> None:
    done = manage("check", "--settings", "nope")
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("SettingsModuleNotFound: Could not import settings 'nope'")
    assert "Traceback" not in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_settings_module_that_does_not_exist_has_a_traceback_if_asked_for(manage: Run) -> None:
    assert "Traceback" in manage("check", "--settings", "nope", "--traceback").stderr


def test_a_mistake_inside_the_settings_is_shown_where_it_is(manage: Run, project: Path) -> None:
    (project / "settings.py").write_text("DEBUG = True\nDEBUG.nonsense\n")
    done = manage("check")
    assert done.returncode == 1
    assert 'settings.py", line 2' in done.stderr


def test_a_command_that_needs_settings_says_how_to_give_them(miniframe: Run) -> None:
    done = miniframe("check")
    assert done.returncode == 1
    assert "\nImproperlyConfigured: " in done.stderr
    assert "MINIFRAME_SETTINGS_MODULE" in done.stderr
    assert "Traceback" not in done.stderr


def test_whoever_forgot_manage_py_is_reminded_of_it(miniframe: Run, project: Path) -> None:
    done = miniframe("check")
    assert done.returncode == 1
    assert done.stderr.startswith(
        "There is a manage.py in this folder, which knows the settings: python manage.py ...\n"
    )


@pytest.mark.parametrize(
    ("files", "folder", "said"),
    [
        pytest.param([], ".", "Or make a new project: miniframe startproject mysite\n", id="nothing"),
        pytest.param(["mysite/manage.py"], ".", "with manage.py (cd mysite) and type: python manage.py", id="below"),
        pytest.param(["manage.py", "blog/views.py"], "blog", "with manage.py (cd {}) and type:", id="above"),
    ],
)
@pytest.mark.parametrize("command", ["check", "runserver"])
def test_a_command_outside_a_project_says_where_to_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, files: list[str], folder: str, said: str
) -> None:
    for name in files:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    done = subprocess.run(
        [sys.executable, "-m", "miniframe", command],
        cwd=tmp_path / folder,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert "but settings are not configured" in done.stderr
    assert done.stderr.startswith("There is no project in this folder.")
    assert said.format(tmp_path) in done.stderr


def test_the_output_may_go_to_a_reader_that_stops_early(project: Path) -> None:
    add_command(project / "chatty", "chat", "for n in range(100000):\n    self.stdout.write('x' * 60)")
    install_apps(project, "chatty")
    talker = subprocess.Popen(
        [sys.executable, "manage.py", "chat"],
        cwd=project,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert talker.stdout is not None
    talker.stdout.readline()
    talker.stdout.close()
    assert talker.stderr is not None
    assert talker.stderr.read() == ""
    talker.stderr.close()
    assert talker.wait(30) == 1


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("manage.py", "manage.py"),
        ("/usr/bin/miniframe", "miniframe"),
        ("/lib/python/miniframe/__main__.py", "python -m miniframe"),
    ],
)
def test_the_program_is_called_by_the_name_that_was_typed(path: str, shown: str) -> None:
    assert ManagementUtility([path, "help"]).prog_name == shown


def test_the_usage_line_has_the_name_that_was_typed(miniframe: Run) -> None:
    assert miniframe("check", "--help").stdout.startswith("usage: python -m miniframe check")


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        pytest.param((), True, id="nothing"),
        pytest.param(("8080", "--nothreading", "--no-color", "-6"), True, id="other-options"),
        pytest.param(("--noreload",), False, id="--noreload"),
        pytest.param(("8080", "--norel"), False, id="abbreviated"),
        pytest.param(("--no",), True, id="ambiguous"),
        pytest.param(("--help",), False, id="--help"),
        pytest.param(("-h",), False, id="-h"),
        pytest.param(("--version",), False, id="--version"),
    ],
)
def test_runserver_is_watched_over_unless_it_is_told_not_to(words: tuple[str, ...], wanted: bool) -> None:
    assert wants_reload(words) is wanted


@pytest.mark.parametrize("text", ["1 / 0\n", "INSTALLED_APPS = ['nope']\n"], ids=["settings", "apps"])
def test_a_broken_project_does_not_hinder_making_another(manage: Run, project: Path, text: str) -> None:
    (project / "settings.py").write_text(text)
    assert manage("startproject", "shop").returncode == 0
    assert manage("version").returncode == 0


def test_settings_may_be_given_by_hand_in_a_single_file(tmp_path: Path) -> None:
    (tmp_path / "one.py").write_text(
        "import sys\n"
        "from miniframe.conf import settings\n"
        "from miniframe.management import execute_from_command_line\n"
        "settings.configure(DEBUG=True, ROOT_URLCONF='__main__', SECRET_KEY='x' * 50)\n"
        "urlpatterns = []\n"
        "execute_from_command_line(sys.argv)\n"
    )
    done = subprocess.run(
        [sys.executable, "one.py", "check"], cwd=tmp_path, env=environment(), capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "System check identified no issues (0 silenced).\n"


@pytest.mark.parametrize("name", ["check", "help", "version", "startproject"])
def test_listing_and_running_leave_the_watcher_and_the_templates_alone(manage: Run, name: str) -> None:
    done = manage(name, env={"PYTHONPROFILEIMPORTTIME": "1"})
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if line.startswith("import time")}
    assert not imported & {"watchdog", "miniframe.autoreload"}
    assert name == "startproject" or "jinja2" not in imported
    assert name in {"help"} or "click" not in imported
