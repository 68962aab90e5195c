"""What `deploy` does to files that the operator has, whatever is in them: nothing of theirs is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from miniframe.management.deploying.writing import ignore_in_git, known_variables, write
from miniframe.management.errors import CommandError

LINES = ["deploy/production.env", "staticfiles/"]


def loop(file: Path) -> None:
    """Make what nobody can read, root neither: a link that leads to itself."""
    file.symlink_to(file.name)


@pytest.fixture
def env(tmp_path: Path) -> Path:
    """Return the path of production.env, which is not there, in a folder that is."""
    (tmp_path / "deploy").mkdir()
    return tmp_path / "deploy" / "production.env"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(None, b"deploy/production.env\nstaticfiles/\n", id="none"),
        pytest.param(b"", b"deploy/production.env\nstaticfiles/\n", id="empty"),
        pytest.param(b"*.log", b"*.log\ndeploy/production.env\nstaticfiles/\n", id="without-an-end"),
        pytest.param(b"caf\xe9/\n", b"caf\xe9/\ndeploy/production.env\nstaticfiles/\n", id="latin-1"),
        pytest.param(b"a\r\nb\r\n", b"a\r\nb\r\ndeploy/production.env\r\nstaticfiles/\r\n", id="crlf"),
        pytest.param(b"a\r\nb", b"a\r\nb\r\ndeploy/production.env\r\nstaticfiles/\r\n", id="crlf-without-an-end"),
        pytest.param(b"staticfiles/\r\na\r\n", b"staticfiles/\r\na\r\ndeploy/production.env\r\n", id="crlf-has-one"),
    ],
)
def test_lines_go_behind_what_is_in_a_gitignore(before: bytes | None, after: bytes, tmp_path: Path) -> None:
    file = tmp_path / ".gitignore"
    if before is not None:
        file.write_bytes(before)
    assert ignore_in_git(tmp_path, LINES) is True
    assert file.read_bytes() == after
    assert ignore_in_git(tmp_path, LINES) is False
    assert file.read_bytes() == after


def test_a_gitignore_of_wide_letters_is_left_alone(tmp_path: Path) -> None:
    """PowerShell's `echo *.log > .gitignore` makes one; git reads nothing of it."""
    file = tmp_path / ".gitignore"
    file.write_bytes("*.log\r\n".encode("utf-16"))
    with pytest.raises(CommandError, match=r"\.gitignore .*UTF-16.*\n    deploy/production\.env\n    staticfiles/\n"):
        ignore_in_git(tmp_path, LINES)
    assert file.read_bytes() == "*.log\r\n".encode("utf-16")


def test_a_gitignore_that_cannot_be_read_is_left_alone(tmp_path: Path) -> None:
    loop(tmp_path / ".gitignore")
    with pytest.raises(CommandError, match=r"\.gitignore .*symbolic links.*\n    deploy/production\.env\n"):
        ignore_in_git(tmp_path, LINES)
    assert (tmp_path / ".gitignore").is_symlink()


def test_without_a_production_env_no_variable_is_known(env: Path, tmp_path: Path) -> None:
    assert known_variables(tmp_path) == {}
    env.parent.rmdir()
    assert known_variables(tmp_path) == {}
    env.parent.write_text("")  # which is told where it is to be a folder
    assert known_variables(tmp_path) == {}


def test_a_production_env_that_is_no_utf_8_is_told_with_its_line(env: Path, tmp_path: Path) -> None:
    env.write_bytes(b"SECRET_KEY=mine\n\nPASSWORD=caf\xe9\n")
    with pytest.raises(CommandError) as caught:
        known_variables(tmp_path)
    said = str(caught.value)
    assert caught.value.__context__ is None or caught.value.__suppress_context__
    assert f"{env} cannot be read: line 3 is not UTF-8" in said
    assert "Nothing has been written" in said
    assert "caf" not in said


def test_a_production_env_that_cannot_be_read_is_told(env: Path, tmp_path: Path) -> None:
    loop(env)
    with pytest.raises(
        CommandError, match=r"production\.env cannot be read: .*symbolic links.*Nothing has been written"
    ):
        known_variables(tmp_path)


def test_a_production_env_that_leads_nowhere_is_not_taken_for_none(env: Path, tmp_path: Path) -> None:
    env.symlink_to("/nowhere/secrets.env")
    with pytest.raises(CommandError, match="No such file or directory"):
        known_variables(tmp_path)
    assert env.is_symlink()


def test_a_link_to_itself_stands_in_the_way_like_any_file(tmp_path: Path) -> None:
    loop(tmp_path / "production.py")
    with pytest.raises(CommandError, match=r"there already.*\n    production\.py\n"):
        write(tmp_path, {"production.py": "x"}, force=False)
    with pytest.raises(CommandError, match=r"production\.py cannot be written: .*Nothing has been written"):
        write(tmp_path, {"production.py": "x"}, force=True)
