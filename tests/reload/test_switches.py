"""What people switch off is off for every process of a program, however they say it."""

from __future__ import annotations

import os

import pytest

from miniframe.autoreload.switches import heed, pages_follow, starts_warm


@pytest.fixture(autouse=True)
def nothing_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin without switches, and leave none behind."""
    monkeypatch.setattr(os, "environ", {})
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr(os, "pidfd_open", print, raising=False)


@pytest.mark.parametrize(
    ("arguments", "warm", "follow"),
    [
        pytest.param([], True, True, id="nothing"),
        pytest.param(["8080", "--nowarm"], False, True, id="nowarm"),
        pytest.param(["--norefresh"], True, False, id="norefresh"),
        pytest.param(["--now", "--noref", "8080"], False, False, id="abbreviated"),
        pytest.param(["--no", "--noreload", "--nostatic"], True, True, id="others"),
    ],
)
def test_options_switch_off_what_they_name(arguments: list[str], warm: bool, follow: bool) -> None:
    heed(arguments)
    assert (starts_warm(), pages_follow()) == (warm, follow)


@pytest.mark.parametrize(("value", "on"), [("0", False), ("1", True), ("", True)])
def test_so_do_variables_of_the_environment(value: str, on: bool) -> None:
    os.environ.update(MINIFRAME_WARM=value, MINIFRAME_REFRESH=value)
    assert (starts_warm(), pages_follow()) == (on, on)


def test_copies_are_made_on_linux_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "darwin")
    assert not starts_warm()
