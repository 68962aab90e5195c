"""An unexpected error is shown from the project's own code on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from miniframe.management.tracebacks import _show, own_part
from miniframe.utils.module_loading import import_string

from .conftest import Run, add_command, environment, install_apps

NOTE = "(--traceback shows the frames of miniframe as well.)\n"


def frames(stderr: str) -> list[str]:
    """Return the file names in a traceback, outermost first."""
    lines = [line.strip() for line in stderr.splitlines() if line.startswith("  File ")]
    return [os.path.basename(line.split('"')[1]) for line in lines]


def test_a_mistake_in_the_urlconf_is_shown_without_what_led_there(manage: Run, project: Path) -> None:
    (project / "urls.py").write_text("urlpatterns = [path('')]\n")
    done = manage("check")
    assert done.returncode == 1
    assert frames(done.stderr) == ["urls.py"]
    hint = "Hint: path is in miniframe.urls: from miniframe.urls import path.\n"
    assert done.stderr.endswith(f"NameError: name 'path' is not defined\n{hint}{NOTE}")


def test_what_a_moved_project_still_imports_is_told_with_what_to_do(manage: Run, project: Path) -> None:
    (project / "urls.py").write_text("from miniframe import admin\n")
    assert "\nHint: miniframe has no admin" in manage("check").stderr


def test_an_error_is_shown_though_there_is_no_advice_to_be_had(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("miniframe.views.hints.finding.find_hints", None)
    error = NameError("name 'path' is not defined")
    _show(type(error), error, None)
    assert capsys.readouterr().err == "NameError: name 'path' is not defined\n"


def test_a_mistake_in_a_command_is_shown_from_the_command_on(manage: Run, project: Path) -> None:
    add_command(project / "polls", "fail", "import json\njson.loads('{')")
    install_apps(project, "polls")
    assert frames(manage("fail").stderr) == ["fail.py", "__init__.py", "decoder.py", "decoder.py"]


def test_settings_that_do_not_parse_are_shown_by_their_line_alone(manage: Run, project: Path) -> None:
    (project / "settings.py").write_text("SECRET_KEY =\n")
    done = manage("check")
    assert frames(done.stderr) == ["settings.py"]
    assert 'settings.py", line 1' in done.stderr
    assert "SyntaxError: invalid syntax" in done.stderr


def test_causes_are_shortened_too(manage: Run, project: Path) -> None:
    body = "try:\n    __import__('broken')\nexcept NameError as error:\n    raise ValueError('no') from error"
    add_command(project / "polls", "fail", body)
    (project / "broken.py").write_text("nonsense\n")
    install_apps(project, "polls")
    assert frames(manage("fail").stderr) == ["fail.py", "broken.py", "fail.py"]


def test_an_error_that_is_all_ours_keeps_its_frames(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ImportError) as caught:
        import_string("no_such_module.name")
    assert own_part(caught.tb) is None
    _show(caught.type, caught.value, caught.tb)
    stderr = capsys.readouterr().err
    assert NOTE not in stderr
    assert "module_loading.py" in frames(stderr)


def test_traceback_shows_everything(manage: Run, project: Path) -> None:
    (project / "urls.py").write_text("nonsense\n")
    done = manage("check", "--traceback")
    assert frames(done.stderr)[0] == "manage.py"
    assert len(frames(done.stderr)) > 5
    assert NOTE not in done.stderr


def test_a_hook_that_somebody_else_has_set_stays(manage: Run, project: Path) -> None:
    hook = "import sys\nsys.excepthook = lambda kind, error, tb: print('reported', kind.__name__)\n"
    (project / "manage.py").write_text(hook + (project / "manage.py").read_text())
    (project / "urls.py").write_text("nonsense\n")
    done = manage("check")
    assert (done.returncode, done.stdout, done.stderr) == (1, "reported NameError\n", "")


def test_ctrl_c_ends_a_command_without_a_traceback(project: Path) -> None:
    add_command(project / "polls", "wait", "import sys, time\nprint('waiting', flush=True)\ntime.sleep(60)")
    install_apps(project, "polls")
    process = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); "
            "os.execv(sys.executable, [sys.executable, 'manage.py', 'wait'])",
        ],
        cwd=project,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "waiting\n"
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=30)
    assert (process.returncode, stderr) == (-signal.SIGINT, "")
