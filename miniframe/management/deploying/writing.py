"""Write the files of a deployment into the project: all of them, or none where one of the user's stands in the way."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from miniframe.management.deploying.rendering import ENVIRONMENT_FILE
from miniframe.management.errors import CommandError

__all__ = ["close_to_others", "ignore_in_git", "keep_variables", "known_variables", "write"]


# Variables that follow from the command's options; the others are the operator's, once they are there.
_DECIDED = frozenset({"MINIFRAME_SETTINGS_MODULE", "ALLOWED_HOSTS"})


def known_variables(root: Path) -> dict[str, str]:
    """Return the variables of production.env as an earlier run and the operator have left them; {} where it is not.

    Raises:
        CommandError: it is there and cannot be read, so what it holds would be lost.
    """
    file = root / ENVIRONMENT_FILE
    try:
        text = file.read_bytes().decode() if os.path.lexists(file) else ""
    except OSError as error:
        raise _unreadable(file, error.strerror or repr(error)) from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        # No cause: it holds the whole file, secrets and all.
        raise _unreadable(file, f"line {line} is not UTF-8, which systemd asks for") from None
    pairs = [line.partition("=") for line in text.splitlines() if not line.startswith("#")]
    return {name.strip(): value for name, equals, value in pairs if equals}


def _unreadable(file: Path, why: str) -> CommandError:
    return CommandError(
        f"{file} cannot be read: {why}. Its SECRET_KEY and the variables that you have put there are to be kept, so "
        f"make it readable for this user (save it as UTF-8; chown), or move it away to begin with a new one. "
        f"Nothing has been written."
    )


def keep_variables(text: str, known: dict[str, str]) -> str:
    """Return the text of a new production.env with the values that are known, and with the variables that it lacks.

    A new SECRET_KEY would log everybody out, and a password that the operator has put there is nowhere else.
    """
    left = {name: value for name, value in known.items() if name not in _DECIDED}
    lines: list[str] = []
    for line in text.splitlines():
        name = line.removeprefix("#").partition("=")[0]
        lines.append(f"{name}={left.pop(name)}" if name in left else line)
    return "".join(f"{line}\n" for line in [*lines, *(f"{name}={value}" for name, value in left.items())])


def close_to_others(root: Path) -> bool:
    """Let nobody but its owner read production.env; return whether others could.

    Raises:
        CommandError: it is not this user's.
    """
    file = root / ENVIRONMENT_FILE
    if file.is_symlink() or not file.is_file() or not file.stat().st_mode & 0o077:
        return False
    try:
        file.chmod(0o600)
    except OSError as error:
        raise CommandError(
            f"{file} holds the SECRET_KEY, and others can read it, which cannot be changed: "
            f"{error.strerror}. As its owner: chmod 600 {ENVIRONMENT_FILE}. Nothing has been written."
        ) from error
    return True


def write(root: Path, texts: dict[str, str], force: bool) -> list[str]:
    """Write the files that are not there yet as they should be, and return their paths.

    Raises:
        CommandError: others are there, and not `force`; or the folder takes no files.  Nothing has been written then.
    """
    _refuse_links_out(root, texts)
    changed = {path: text for path, text in texts.items() if _content(root / path) != text}
    taken = [path for path in changed if os.path.lexists(root / path)]
    if taken and not force:
        raise CommandError(
            f"{'These files are' if len(taken) > 1 else 'This file is'} there already, and would become another:\n"
            + "".join(f"    {path}\n" for path in taken)
            + "Nothing has been written. Move what you want to keep, or let --force replace them: lines of your own go "
            "with them (git diff shows which), variables of production.env stay."
        )
    _refuse_unwritable(root, changed)
    for path, text in changed.items():
        _write(root / path, text, secret=path == ENVIRONMENT_FILE)
    return list(changed)


def ignore_in_git(root: Path, lines: list[str]) -> bool:
    """Add to .gitignore those lines that it lacks, behind what is there; return whether there were any.

    Raises:
        CommandError: it cannot be read or written, and is as it was; the message has the lines.
    """
    file = root / ".gitignore"
    if not _real(file).is_relative_to(_real(root)):
        raise _unwritten(file, f"it is a link out of the project, to {_real(file)}", lines)
    try:
        known = file.read_bytes() if os.path.lexists(file) else b""
        if b"\0" in known:
            raise _unwritten(file, "it seems to be UTF-16, of which git reads nothing; save it as UTF-8", lines)
        missing = [line for line in lines if line.encode() not in known.splitlines()]
        if missing:
            end = "\r\n" if b"\r\n" in known else "\n"
            start = end if known and not known.endswith(b"\n") else ""
            with file.open("ab") as out:
                out.write((start + "".join(line + end for line in missing)).encode())
    except OSError as error:
        raise _unwritten(file, error.strerror or repr(error), lines) from error
    return bool(missing)


def _unwritten(file: Path, why: str, lines: list[str]) -> CommandError:
    return CommandError(
        f"{file} cannot be added to: {why}. Without these lines git takes what is secret, or made anew each time:\n"
        + "".join(f"    {line}\n" for line in lines)
    )


def _content(file: Path) -> str | None:
    try:
        return file.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, UnicodeDecodeError):
        return ""  # something is there that is no text of ours


def _refuse_links_out(root: Path, paths: Iterable[str]) -> None:
    for path in paths:
        place = _real(root / path)
        if not place.is_relative_to(_real(root)):
            raise CommandError(
                f"{path} would be written to {place}, by a link that leads out of the project. Put a folder or file of "
                f"the project in the link's place. Nothing has been written."
            )


def _real(file: Path) -> Path:
    """Return where a file really is; a link that leads to itself stays one, and is no RuntimeError as in `resolve`."""
    return Path(os.path.realpath(file))


def _refuse_unwritable(root: Path, texts: dict[str, str]) -> None:
    for path in texts:
        place = root / path
        if place.is_dir():
            raise CommandError(
                f"{place} is a folder, and a file of that name is to be written. Nothing has been written."
            )
        while not os.path.lexists(place):
            place = place.parent
        if not os.access(place, os.W_OK) or (place.is_file() and place != root / path):
            raise CommandError(
                f"{root / path} cannot be written: {place} is {'no folder' if place.is_file() else 'not writable'} "
                f"for this user. Nothing has been written."
            )


def _write(file: Path, text: str, secret: bool) -> None:
    """Write a file in one step; a secret one was never readable by others, not for a moment."""
    file.parent.mkdir(parents=True, exist_ok=True)
    scratch = file.with_name(f".{file.name}.{os.getpid()}.new")
    descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600 if secret else 0o666)
    try:
        with open(descriptor, "w", encoding="utf-8", newline="\n") as out:
            out.write(text)
        os.replace(scratch, file)
    except BaseException:
        scratch.unlink(missing_ok=True)
        raise
