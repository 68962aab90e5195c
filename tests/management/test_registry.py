"""Where commands come from, and which one wins."""

from __future__ import annotations

from pathlib import Path

import pytest

from miniframe.management import find_commands, get_commands, load_command_class
from miniframe.management.base import BaseCommand
from miniframe.management.registry import builtin_commands

from .conftest import Run, add_command, install_apps


def test_contract_03_a_command_of_an_installed_app_is_found_and_listed_under_the_app(
    manage: Run, project: Path
) -> None:
    add_command(project / "polls", "closepoll", "return 'closed'", help="Close a poll.")
    install_apps(project, "polls")
    assert manage("closepoll").stdout == "closed\n"
    listed = manage("help").stdout
    assert "\n[polls]\n    closepoll     Close a poll.\n" in listed
    assert listed.index("[miniframe]") < listed.index("[polls]")


def test_contract_03_a_command_of_an_app_that_is_not_installed_is_unknown(manage: Run, project: Path) -> None:
    add_command(project / "polls", "closepoll", "return 'closed'")
    assert manage("closepoll").returncode == 1


def test_contract_03_an_app_replaces_a_built_in_command(manage: Run, project: Path) -> None:
    add_command(project / "polls", "runserver", "return 'my own server'")
    install_apps(project, "polls")
    assert manage("runserver").stdout == "my own server\n"
    listed = manage("help").stdout
    assert listed.count("    runserver") == 1
    assert listed.index("[polls]") < listed.index("    runserver")


def test_contract_03_of_two_apps_the_one_listed_first_wins(manage: Run, project: Path) -> None:
    add_command(project / "early", "which", "return 'early'")
    add_command(project / "late", "which", "return 'late'")
    install_apps(project, "early", "late")
    assert manage("which").stdout == "early\n"


def test_a_broken_command_warns_and_does_not_end_the_list(manage: Run, project: Path) -> None:
    add_command(project / "polls", "fine", "pass", help="Works.")
    (project / "polls" / "management" / "commands" / "broken.py").write_text("class Command(\n")
    install_apps(project, "polls")
    done = manage("help")
    assert done.returncode == 0
    assert "    fine          Works." in done.stdout
    assert "    broken        (broken, see the warning)" in done.stdout
    assert "broken.py" in done.stderr


def test_the_list_runs_nobodys_module(manage: Run, project: Path) -> None:
    add_command(project / "polls", "loud", "pass", help="Tells.")
    module = project / "polls" / "management" / "commands" / "loud.py"
    module.write_text("raise SystemExit('was run')\n" + module.read_text())
    install_apps(project, "polls")
    done = manage("help")
    assert done.returncode == 0
    assert "    loud          Tells." in done.stdout


def plug_in(folder: Path, name: str, target: str) -> None:
    """Install a distribution "extras" into `folder` that has one command."""
    information = folder / "extras-1.0.dist-info"
    information.mkdir(exist_ok=True)
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: extras\nVersion: 1.0\n")
    with (information / "entry_points.txt").open("a") as file:
        if not file.tell():
            file.write("[miniframe.commands]\n")
        file.write(f"{name} = {target}\n")


@pytest.mark.parametrize("target", ["extras_commands:Command", "extras_commands"], ids=["class", "module"])
def test_a_plug_in_brings_commands_by_its_entry_points(manage: Run, project: Path, target: str) -> None:
    (project / "extras_commands.py").write_text(
        "from miniframe.management import BaseCommand\n"
        "class Command(BaseCommand):\n    help = 'Greet.'\n    def handle(self, **options):\n        return 'hello'\n"
    )
    plug_in(project, "greet", target)
    assert manage("greet").stdout == "hello\n"
    assert "\n[extras]\n    greet         Greet.\n" in manage("help").stdout
    assert "greet" in manage("help", "--commands").stdout.splitlines()


def test_a_broken_plug_in_warns_and_never_ends_the_list(manage: Run, project: Path) -> None:
    plug_in(project, "greet", "no_such_module:Command")
    done = manage("help")
    assert done.returncode == 0
    assert "\n    check " in done.stdout
    assert "    greet " in done.stdout
    assert "Warning: The command 'greet' of the plug-in extras (no_such_module:Command) cannot be loaded" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_broken_plug_in_that_is_run_says_whose_it_is(manage: Run, project: Path) -> None:
    plug_in(project, "greet", "no_such_module:Command")
    for words in [("greet",), ("help", "greet")]:
        done = manage(*words)
        assert done.returncode == 1
        assert done.stderr.startswith("CommandError: The command 'greet' of the plug-in extras")
        assert done.stderr.count("\n") == 1


def test_a_plug_in_that_is_no_command_is_refused(manage: Run, project: Path) -> None:
    plug_in(project, "greet", "collections:OrderedDict")
    assert "does not derive from BaseCommand" in manage("greet").stderr


def test_a_plug_in_does_not_replace_a_built_in_command(manage: Run, project: Path) -> None:
    plug_in(project, "version", "no_such_module:Command")
    done = manage("version")
    assert (done.returncode, done.stderr) == (0, "")


def test_commands_are_the_modules_of_a_folder_that_are_not_private(tmp_path: Path) -> None:
    (tmp_path / "commands" / "package").mkdir(parents=True)
    for name in ("__init__.py", "_private.py", "shown.py", "notes.txt"):
        (tmp_path / "commands" / name).touch()
    assert find_commands(str(tmp_path)) == ["shown"]


def test_a_folder_without_commands_has_none(tmp_path: Path) -> None:
    assert find_commands(str(tmp_path)) == []


def test_every_command_is_known_with_its_app() -> None:
    assert get_commands()["check"] == "miniframe"


def test_a_command_is_loaded_by_app_and_name() -> None:
    assert isinstance(load_command_class("miniframe", "version"), BaseCommand)


@pytest.mark.parametrize("name", sorted(builtin_commands()))
def test_every_command_of_ours_loads_and_says_what_it_is_for(name: str) -> None:
    command = load_command_class("miniframe", name)
    assert command.help.endswith(".")
    assert command.create_parser("manage.py", name).format_help().startswith(f"usage: manage.py {name}")
