"""What a command can do, and what becomes of its errors."""

from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from miniframe import checks
from miniframe.management import BaseCommand, CommandError, call_command
from miniframe.management.base import AppCommand, LabelCommand, OutputWrapper, SystemCheckError
from miniframe.management.parser import CommandParser

from .conftest import Run, add_command, install_apps


class Dance(BaseCommand):
    """A command with one of each kind of argument."""

    requires_system_checks: list[str] = []
    stealth_options = ("secret",)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("integer", nargs="?", type=int, default=0)
        parser.add_argument("-s", "--style", default="Rock'n'Roll")
        parser.add_argument("-x", "--example-flag", action="store_true", dest="flag")

    def handle(self, *args: Any, **options: Any) -> str:
        if options["style"] == "none":
            raise CommandError("cannot dance to that", returncode=4)
        return f"{options['style']} {options['integer']} {options['flag']} {options.get('secret')}"


def test_contract_04_call_command_returns_and_prints_what_handle_returns() -> None:
    out = io.StringIO()
    assert call_command(Dance(), stdout=out) == "Rock'n'Roll 0 False None"
    assert out.getvalue() == "Rock'n'Roll 0 False None\n"


@pytest.mark.parametrize(
    ("args", "options", "said"),
    [
        pytest.param(("--style", "Jive"), {}, "Jive 0 False None", id="words"),
        pytest.param(("--style=Jive", "3"), {}, "Jive 3 False None", id="words-with-positional"),
        pytest.param((["-s", "Jive"], 3), {}, "Jive 3 False None", id="lists-and-numbers"),
        pytest.param((), {"style": "Jive"}, "Jive 0 False None", id="keyword"),
        pytest.param((), {"flag": True}, "Rock'n'Roll 0 True None", id="by-destination"),
        pytest.param((), {"example_flag": True}, "Rock'n'Roll 0 True None", id="by-long-name"),
        pytest.param((), {"secret": 5}, "Rock'n'Roll 0 False 5", id="stealth"),
    ],
)
def test_contract_04_call_command_takes_words_and_keywords(
    args: tuple[Any, ...], options: dict[str, Any], said: str
) -> None:
    assert call_command(Dance(stdout=io.StringIO()), *args, **options) == said


def test_contract_04_an_option_nobody_knows_is_a_type_error_that_lists_those_there_are() -> None:
    with pytest.raises(
        TypeError, match=r"Unknown option\(s\) for test_base command: stile\. Valid options are: .*style"
    ):
        call_command(Dance(), stile="Jive")


def test_contract_04_a_usage_error_in_code_is_an_exception_and_no_exit() -> None:
    with pytest.raises(CommandError, match="Error: argument integer: invalid int value: 'three'"):
        call_command(Dance(), "three")


def test_contract_04_an_unknown_command_in_code_is_an_exception() -> None:
    with pytest.raises(CommandError, match="Unknown command: 'xyzzy'"):
        call_command("xyzzy")


def test_contract_04_a_command_error_is_one_line_on_stderr(manage: Run, project: Path) -> None:
    add_command(project / "polls", "fail", "self.stdout.write('begun')\nraise CommandError('no such poll')")
    install_apps(project, "polls")
    done = manage("fail")
    assert done.returncode == 1
    assert done.stdout == "begun\n"
    assert done.stderr == "CommandError: no such poll\n"


def test_contract_04_a_command_error_may_choose_the_exit_status(manage: Run, project: Path) -> None:
    add_command(project / "polls", "fail", "raise CommandError('no', returncode=7)")
    install_apps(project, "polls")
    assert manage("fail").returncode == 7


def test_contract_04_a_command_error_is_red_where_colour_is_forced(manage: Run, project: Path) -> None:
    add_command(project / "polls", "fail", "raise CommandError('no such poll')")
    install_apps(project, "polls")
    assert manage("fail", "--force-color").stderr == "\x1b[31;1mCommandError: no such poll\x1b[0m\n"


def test_contract_04_a_command_error_has_its_traceback_only_when_asked_for(manage: Run, project: Path) -> None:
    add_command(project / "polls", "fail", "raise CommandError('no such poll')")
    install_apps(project, "polls")
    done = manage("fail", "--traceback")
    assert done.returncode == 1
    assert done.stderr.startswith("Traceback (most recent call last):")
    assert done.stderr.endswith("CommandError: no such poll\n")


def test_contract_04_any_other_exception_keeps_its_traceback(manage: Run, project: Path) -> None:
    add_command(project / "polls", "fail", "1 / 0")
    install_apps(project, "polls")
    done = manage("fail")
    assert done.returncode == 1
    assert "ZeroDivisionError" in done.stderr
    assert "Traceback" in done.stderr


def test_contract_04_no_color_and_force_color_exclude_each_other(manage: Run) -> None:
    done = manage("version", "--no-color", "--force-color")
    assert done.returncode == 1
    assert done.stderr == "CommandError: The --no-color and --force-color options can't be used together.\n"
    with pytest.raises(CommandError, match="can't be used together"):
        BaseCommand(no_color=True, force_color=True)


def test_missing_arguments_are_asked_for_in_the_commands_own_words(manage: Run) -> None:
    done = manage("startproject")
    assert done.returncode == 2
    assert done.stderr.endswith("error: You must provide a project name.\n")


def test_required_options_may_be_given_as_keywords() -> None:
    class Strict(BaseCommand):
        requires_system_checks: list[str] = []

        def add_arguments(self, parser: CommandParser) -> None:
            parser.add_argument("--need-me", required=True)
            parser.add_argument("--list", nargs="+", required=True, type=int)
            either = parser.add_mutually_exclusive_group(required=True)
            either.add_argument("--one", action="store_true")
            either.add_argument("--two")

        def handle(self, **options: Any) -> str:
            return f"{options['need_me']} {options['list']} {options['one']} {options['two']}"

    command = Strict(stdout=io.StringIO())
    assert call_command(command, need_me="foo", list=[1, 2], two="bar") == "foo [1, 2] False bar"
    assert call_command(command, need_me="foo", list=[1], one=True) == "foo [1] True None"
    with pytest.raises(CommandError, match="--need-me"):
        call_command(command, list=[1], one=True)


def test_options_of_subcommands_may_be_given_as_keywords() -> None:
    class Nested(BaseCommand):
        requires_system_checks: list[str] = []

        def add_arguments(self, parser: CommandParser) -> None:
            foo = parser.add_subparsers(dest="what", required=True).add_parser("foo")
            foo.add_argument("--bar")

        def handle(self, **options: Any) -> str:
            return f"{options['what']} {options['bar']}"

    assert call_command(Nested(stdout=io.StringIO()), "foo", bar="x") == "foo x"
    with pytest.raises(CommandError, match="invalid choice"):
        call_command(Nested(), "nonsense")


def test_labels_are_handled_one_by_one() -> None:
    class Shout(LabelCommand):
        label = "word"
        requires_system_checks: list[str] = []

        def handle_label(self, label: str, **options: Any) -> str:
            return label.upper()

    assert call_command(Shout(stdout=io.StringIO()), "a", "b") == "A\nB"
    with pytest.raises(CommandError, match="Enter at least one word"):
        call_command(Shout())


def test_an_app_that_is_not_installed_is_a_command_error() -> None:
    class Each(AppCommand):
        requires_system_checks: list[str] = []

    with pytest.raises(CommandError, match="Are you sure your INSTALLED_APPS setting is correct"):
        call_command(Each(), "no_such_app")


def test_a_command_without_handle_is_told_so() -> None:
    with pytest.raises(NotImplementedError, match=r"must define handle\(\)"):
        call_command(BaseCommand())


def test_the_tags_to_check_must_be_a_list() -> None:
    class Wrong(BaseCommand):
        requires_system_checks = "urls"

    with pytest.raises(TypeError, match="requires_system_checks must be a list or tuple"):
        Wrong()


def test_options_of_all_commands_come_last_in_the_help() -> None:
    text = Dance().create_parser("manage.py", "dance").format_help().partition("options:")[2]
    assert text.index("--style") < text.index("--version") < text.index("--settings") < text.index("--force-color")
    assert "--skip-checks" not in text


def test_a_suppressed_option_works_and_is_not_shown() -> None:
    class Quiet(Dance):
        suppressed_base_arguments = {"--traceback"}

    parser = Quiet().create_parser("manage.py", "quiet")
    assert "--traceback" not in parser.format_help()
    assert parser.parse_args(["--traceback"]).traceback


@pytest.mark.parametrize(
    ("message", "ending", "written"),
    [
        pytest.param("a line", None, "a line\n", id="gets-its-end"),
        pytest.param("a line\n", None, "a line\n", id="has-its-end"),
        pytest.param("a part", "", "a part", id="wants-no-end"),
        pytest.param("", None, "\n", id="empty"),
    ],
)
def test_output_ends_its_lines(message: str, ending: str | None, written: str) -> None:
    out = io.StringIO()
    OutputWrapper(out).write(message, ending=ending)
    assert out.getvalue() == written


def test_output_is_plain_where_no_terminal_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    out = OutputWrapper(io.StringIO())
    out.style_func = str.upper
    assert out.style_func("a") == "a"


class TestSystemChecks:
    """A command runs the checks it asks for before it begins."""

    @pytest.fixture
    def checked(self, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
        """Replace the checks by one warning, and note what was asked for."""
        seen: dict[str, Any] = {"issues": [checks.Warning("beware", id="t.W001")]}

        def run_checks(**keywords: Any) -> Iterable[checks.CheckMessage]:
            seen["asked"] = keywords
            return list(seen["issues"])

        monkeypatch.setattr(checks, "run_checks", run_checks)
        return seen

    def test_warnings_are_printed_on_stderr_and_the_command_runs(self, checked: dict[str, Any]) -> None:
        class Plain(BaseCommand):
            def handle(self, **options: Any) -> str:
                return "ran"

        err = io.StringIO()
        command = Plain(stdout=io.StringIO(), stderr=err)
        assert call_command(command, skip_checks=False) == "ran"
        assert err.getvalue() == "System check identified some issues:\n\nWARNINGS:\n?: (t.W001) beware\n"

    def test_errors_end_it_before_it_begins(self, checked: dict[str, Any]) -> None:
        checked["issues"].append(checks.Error("broken", hint="mend it", id="t.E001"))
        with pytest.raises(SystemCheckError, match=r"(?s)ERRORS:\n\?: \(t.E001\) broken\n.*WARNINGS:"):
            call_command(BaseCommand(), skip_checks=False)

    def test_only_the_tags_it_requires_are_checked(self, checked: dict[str, Any]) -> None:
        class Tagged(BaseCommand):
            requires_system_checks: list[str] = ["urls"]

            def handle(self, **options: Any) -> None:
                pass

        call_command(Tagged(stderr=io.StringIO()), skip_checks=False)
        assert checked["asked"]["tags"] == ["urls"]

    def test_code_that_calls_it_skips_them(self, checked: dict[str, Any]) -> None:
        with pytest.raises(NotImplementedError):
            call_command(BaseCommand())
        assert "asked" not in checked
