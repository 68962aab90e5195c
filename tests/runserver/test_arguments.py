"""What can be typed after `runserver`, and what comes of it."""

from __future__ import annotations

import io
import socket
import sys
from typing import Any

import pytest

from miniframe import autoreload
from miniframe.autoreload import worker
from miniframe.management import CommandError, call_command
from miniframe.management.commands import runserver
from miniframe.management.commands.runserver import Command, naiveip_re
from miniframe.management.serving import banner
from miniframe.management.serving.endpoint import command_line
from miniframe.test.utils import override_settings

NEEDS_IPV6 = pytest.mark.skipif(not socket.has_ipv6, reason="this Python has no IPv6")


@pytest.fixture(autouse=True)
def _forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the settings of one test let visitors see is not for the next."""
    monkeypatch.setattr(worker._life, "audience", autoreload.Audience())


class Quiet(Command):
    """runserver, but for the serving."""

    ran: dict[str, Any] | None = None

    def run(self, **options: Any) -> None:
        self.ran = options


def read(addrport: str = "", command: Command | None = None, **options: Any) -> Command:
    command = command or Quiet(stdout=io.StringIO())
    call_command(command, addrport=addrport, **options)
    return command


@pytest.mark.parametrize(
    ("typed", "address", "port"),
    [
        pytest.param("", "127.0.0.1", "8000", id="nothing"),
        pytest.param("8080", "127.0.0.1", "8080", id="port"),
        pytest.param("0:8080", "0", "8080", id="everywhere"),
        pytest.param("1.2.3.4:80", "1.2.3.4", "80", id="ipv4"),
        pytest.param("localhost:80", "localhost", "80", id="name"),
        pytest.param("my-host.example.org:80", "my-host.example.org", "80", id="full-name"),
        pytest.param("beef:7654", "beef", "7654", id="name-that-could-be-hexadecimal"),
        pytest.param("0", "127.0.0.1", "0", id="any-free-port"),
        pytest.param("65535", "127.0.0.1", "65535", id="last-port"),
    ],
)
def test_contract_05_12_address_forms(typed: str, address: str, port: str) -> None:
    command = read(typed)
    assert (command.addr, command.port, command.use_ipv6, command._raw_ipv6) == (address, port, False, False)


@pytest.mark.parametrize(
    "typed", ["abc", ":80", "127.0.0.1", "80x", "::1:80", "[::1]", "a b:80", "80\n", "\uff11\uff12"]
)
def test_contract_12_other_forms_are_refused_in_known_words(typed: str) -> None:
    with pytest.raises(CommandError) as caught:
        read(typed)
    assert str(caught.value) == f'"{typed}" is not a valid port number or address:port pair.'


@pytest.mark.parametrize(
    ("typed", "near"),
    [
        ("abc", "8000"),
        ("80x", "8000"),
        (":8080", "8080"),
        ("80.80", "8000"),
        ("127.0.1", "8000"),
        ("localhost", "localhost:8000"),
        ("127.0.0.1", "127.0.0.1:8000"),
        ("my-host.example.org", "my-host.example.org:8000"),
        ("::1", "[::1]:8000"),
        ("[::1]", "[::1]:8000"),
        ("::1:8099", "[::1]:8099"),
        ("2001:db8::9", "[2001:db8::9]:8000"),
        ("http://localhost:8080/", "localhost:8080"),
    ],
)
def test_one_that_would_do_is_offered_in_place_of_a_wrong_one(typed: str, near: str) -> None:
    with pytest.raises(CommandError) as caught:
        read(typed)
    assert caught.value.__notes__[0].endswith(f" runserver {near}")
    assert naiveip_re.match(near)


@pytest.mark.parametrize(
    ("typed", "groups"),
    [
        ("8000", {"addr": None, "ipv4": None, "ipv6": None, "fqdn": None, "port": "8000"}),
        ("1.2.3.4:80", {"addr": "1.2.3.4", "ipv4": "1.2.3.4", "ipv6": None, "fqdn": None, "port": "80"}),
        ("[::1]:80", {"addr": "[::1]", "ipv4": None, "ipv6": "[::1]", "fqdn": None, "port": "80"}),
        ("localhost:80", {"addr": "localhost", "ipv4": None, "ipv6": None, "fqdn": "localhost", "port": "80"}),
    ],
)
def test_contract_12_groups_of_the_pattern(typed: str, groups: dict[str, str | None]) -> None:
    match = naiveip_re.match(typed)
    assert match is not None
    assert match.groupdict() == groups


@pytest.mark.parametrize("typed", ["65536", "99999", "localhost:123456789"])
def test_contract_13_a_port_that_cannot_be_is_one_line(typed: str) -> None:
    with pytest.raises(CommandError, match=r"is not a valid port number\. Use 1 to 65535, or 0 for any free one\."):
        read(typed)


@NEEDS_IPV6
@pytest.mark.parametrize(
    ("typed", "options", "address", "port", "raw"),
    [
        pytest.param("", {"use_ipv6": True}, "::1", "8000", True, id="switch"),
        pytest.param("7000", {"use_ipv6": True}, "::1", "7000", True, id="switch-and-port"),
        pytest.param("[2001:db8::9]:7000", {}, "2001:db8::9", "7000", True, id="brackets"),
        pytest.param("example.org:7000", {"use_ipv6": True}, "example.org", "7000", False, id="switch-and-name"),
    ],
)
def test_contract_06_14_ipv6_forms(typed: str, options: dict[str, Any], address: str, port: str, raw: bool) -> None:
    command = read(typed, **options)
    assert (command.addr, command.port, command.use_ipv6, command._raw_ipv6) == (address, port, True, raw)


def test_contract_06_07_08_defaults_of_the_switches() -> None:
    command = Quiet(stdout=io.StringIO())
    options = command.create_parser("manage.py", "runserver").parse_args([])
    assert (options.use_ipv6, options.use_threading, options.use_reloader) == (False, True, True)
    options = command.create_parser("manage.py", "runserver").parse_args(["-6", "--nothreading", "--noreload", "80"])
    assert (options.use_ipv6, options.use_threading, options.use_reloader) == (True, False, False)
    assert options.addrport == "80"


@NEEDS_IPV6
def test_contract_15_an_ipv4_address_is_no_ipv6_address() -> None:
    with pytest.raises(CommandError) as caught:
        read("1.2.3.4:80", use_ipv6=True)
    assert str(caught.value) == '"1.2.3.4" is not a valid IPv6 address.'


@pytest.mark.parametrize(("typed", "switch"), [("", True), ("[::1]:80", False)])
def test_contract_10_a_python_without_ipv6(typed: str, switch: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "has_ipv6", False)
    with pytest.raises(CommandError) as caught:
        read(typed, use_ipv6=switch)
    assert str(caught.value) == "Your Python does not support IPv6."


def test_contract_11_defaults_can_be_overridden() -> None:
    class Mine(Quiet):
        default_addr = "0.0.0.0"
        default_addr_ipv6 = "::"
        default_port = "5000"

    command = read(command=Mine())
    assert (command.addr, command.port) == ("0.0.0.0", "5000")
    if socket.has_ipv6:
        command = read(command=Mine(), use_ipv6=True)
        assert (command.addr, command.port) == ("::", "5000")


def test_contract_09_debug_off_needs_allowed_hosts() -> None:
    with override_settings(DEBUG=False, ALLOWED_HOSTS=[]), pytest.raises(CommandError) as caught:
        read()
    assert str(caught.value) == "You must set settings.ALLOWED_HOSTS if DEBUG is False."


def test_contract_16_run_supervises_unless_it_is_a_worker_or_told_not_to(monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[str] = []
    monkeypatch.setattr(Command, "inner_run", lambda self, *args, **options: steps.append("inner_run"))

    def supervise(argv: list[str], obituary: object) -> int:
        steps.append("supervise")
        return 7

    monkeypatch.setattr(autoreload, "supervise", supervise, raising=False)
    Command().run(use_reloader=False)
    with pytest.raises(SystemExit) as caught:
        Command().run(use_reloader=True)
    monkeypatch.setattr(autoreload, "is_worker", lambda: True)
    Command().run(use_reloader=True)
    assert steps == ["inner_run", "supervise", "inner_run"]
    assert caught.value.code == 7


def test_contract_18_inner_run_takes_its_steps_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[Any] = []

    class Mine(Command):
        def check(self, *args: Any, **options: Any) -> None:
            steps.append(("check", options))

        def get_handler(self, *args: Any, **options: Any) -> Any:
            steps.append("get_handler")
            return "the handler"

    def run(*args: Any, **options: Any) -> None:
        steps.append(("run", *args, options["ipv6"], options["threading"], options["server_cls"]))

    monkeypatch.setattr(runserver, "run", run)
    command = Mine(stdout=io.StringIO())
    command.addr, command.port = "1.2.3.4", "80"
    command.inner_run(None, use_threading=True, skip_checks=False)
    assert steps == [
        ("check", {"display_num_errors": True}),
        "get_handler",
        ("run", "1.2.3.4", 80, "the handler", False, True, Command.server_cls),
    ]


def test_checks_can_be_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runserver, "run", lambda *args, **options: None)
    monkeypatch.setattr(Command, "get_handler", lambda self, *args, **options: "the handler")
    monkeypatch.setattr(Command, "check", lambda self, **options: pytest.fail("checked all the same"))
    command = Command(stdout=io.StringIO())
    command.port = "80"
    command.inner_run(None, use_threading=True, skip_checks=True)


@pytest.mark.parametrize(
    ("address", "raw", "expected"),
    [
        pytest.param("127.0.0.1", False, "http://127.0.0.1:14437/", id="ipv4"),
        pytest.param("0", False, "http://0.0.0.0:14437/", id="everywhere"),
        pytest.param("::1", True, "http://[::1]:14437/", id="ipv6-in-brackets"),
        pytest.param("localhost", False, "http://localhost:14437/", id="name"),
    ],
)
def test_contract_14_the_banner_shows_the_address(address: str, raw: bool, expected: str) -> None:
    command = Command(stdout=(out := io.StringIO()))
    command.addr, command._raw_ipv6 = address, raw
    command.on_bind(14437)
    assert f"Starting development server at {expected}\n" in out.getvalue()


@pytest.mark.parametrize(
    ("hosts", "local_needs", "needs"),
    [
        pytest.param((), "", "  (needs '192.168.1.7' in ALLOWED_HOSTS, in shop.settings)", id="refused"),
        pytest.param(
            ("192.168.1.7",), "  (needs 'localhost' in ALLOWED_HOSTS, in shop.settings)", "", id="locks-localhost-out"
        ),
        pytest.param(("192.168.1.7", ".localhost"), "", "", id="allowed"),
        pytest.param(("*",), "", "", id="all-are-allowed"),
    ],
)
def test_an_address_nobody_can_click_is_shown_with_one_that_can(
    hosts: tuple[str, ...], local_needs: str, needs: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(banner, "lan_address", lambda: "192.168.1.7")
    monkeypatch.setattr(autoreload, "audience", lambda: autoreload.Audience(hosts=hosts))
    monkeypatch.setenv("MINIFRAME_SETTINGS_MODULE", "shop.settings")
    command = Command(stdout=(out := io.StringIO()))
    command.addr = "0.0.0.0"
    command.on_bind(8000)
    assert f"on this machine: http://localhost:8000/{local_needs}\n" in out.getvalue()
    assert f"in your network: http://192.168.1.7:8000/{needs}\n" in out.getvalue()


@pytest.mark.parametrize(
    ("address", "raw", "host"),
    [("127.0.0.1", False, "127.0.0.1"), ("::1", True, "[::1]"), ("localhost", False, "localhost")],
)
def test_an_address_that_the_project_refuses_is_shown_with_what_it_needs(
    address: str, raw: bool, host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MINIFRAME_SETTINGS_MODULE", "shop.settings")
    needs = {(): "", ("shop.example",): f"  (needs {host!r} in ALLOWED_HOSTS, in shop.settings)", (host,): ""}
    for hosts, remark in needs.items():
        monkeypatch.setattr(worker._life, "audience", autoreload.Audience(hosts=hosts))
        command = Command(stdout=(out := io.StringIO()))
        command.addr, command._raw_ipv6 = address, raw
        command.on_bind(8000)
        assert f"Starting development server at http://{host}:8000/{remark}\n" in out.getvalue()


def test_the_warning_fits_a_line_of_a_terminal_and_is_whole_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    said = []
    for is_terminal in (True, False):
        out = io.StringIO()
        monkeypatch.setattr(out, "isatty", lambda is_terminal=is_terminal: is_terminal)
        command = Command(stdout=out, no_color=True)
        command.addr = "127.0.0.1"
        command.on_bind(8000)
        said.append(out.getvalue().splitlines()[-1])
    assert said[1] == f"{said[0]} Use a production WSGI or ASGI server instead."
    assert len(said[0]) < 80


def test_the_warning_is_shown_unless_it_is_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    command = Command(stdout=(out := io.StringIO()))
    command.addr = "127.0.0.1"
    command.on_bind(8000)
    assert "WARNING: This is a development server." in out.getvalue()
    monkeypatch.setenv("MINIFRAME_RUNSERVER_HIDE_WARNING", "true")
    command = Command(stdout=(out := io.StringIO()))
    command.on_bind(8000)
    assert "WARNING" not in out.getvalue()


def test_help_leaves_out_what_makes_no_sense_here(capsys: pytest.CaptureFixture[str]) -> None:
    Command().print_help("manage.py", "runserver")
    text = capsys.readouterr().out
    assert "--settings" in text
    assert "--verbosity" not in text
    assert "--traceback" not in text


def test_options_of_an_app_are_passed_over_while_the_project_is_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(autoreload, "failure", lambda: RuntimeError("broken"))
    options = Command().create_parser("manage.py", "runserver").parse_args(["--nostatic", "8080"])
    assert options.addrport == "8080"


def test_the_command_to_type_instead_is_one_that_works(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["my site/manage.py", "runserver", "8000"])
    assert command_line("8001", use_ipv6=False) == "python 'my site/manage.py' runserver 8001"
    monkeypatch.setattr(sys, "argv", ["/usr/lib/miniframe/__main__.py", "runserver"])
    assert command_line("8001", use_ipv6=True) == "python -m miniframe runserver -6 8001"
    assert command_line("[::1]:8001", use_ipv6=True) == "python -m miniframe runserver [::1]:8001"
