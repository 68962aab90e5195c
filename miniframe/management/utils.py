"""What commands share: secret keys, and names that can become Python modules.

Source: Django's `startproject`, whose rules for names these are, with keywords refused too.
"""

from __future__ import annotations

import keyword
import secrets
import string
from importlib.util import find_spec
from pathlib import Path

from miniframe.management.errors import CommandError

__all__ = ["SECRET_KEY_INSECURE_PREFIX", "get_random_secret_key", "refuse_taken", "validate_name"]

# A key with this prefix was written into a file by startproject; `check --deploy` warns about it.
SECRET_KEY_INSECURE_PREFIX = "miniframe-insecure-"

_KEY_CHARACTERS = string.ascii_lowercase + string.digits + "!@#$%^&*(-_=+)"


def get_random_secret_key() -> str:
    """Return 50 random characters (over 280 bits) that a Python string in double quotes takes as they are."""
    return "".join(secrets.choice(_KEY_CHARACTERS) for _ in range(50))


def validate_name(name: str, what: str, part: str = "name") -> None:
    """Refuse a name that could not be imported.  `what` is "project" or "app"; `part` of it is its name or "directory".

    Raises:
        CommandError: the name is no identifier, or is a keyword.
    """
    if not name.isidentifier():
        raise CommandError(
            f"'{name}' is not a valid {what} {part}. Please make sure the {part} is a valid "
            f"identifier.{_suggestion(name)}"
        )
    if keyword.iskeyword(name):
        raise CommandError(
            f"'{name}' is not a valid {what} {part}. It is a keyword of Python, and no module can be imported by it."
        )


def refuse_taken(name: str, what: str, part: str = "name", own_folder: Path | None = None) -> None:
    """Refuse a name that would hide a module that exists.

    `own_folder` is the folder about to be filled: the namespace package that Python sees in that
    very folder is no other module.

    Raises:
        CommandError: the name belongs to another module; the message tells where that is.
    """
    taken, place = _find(name, own_folder)
    if taken:
        article = "an" if what[0] in "aeiou" else "a"
        raise CommandError(
            f"'{name}' conflicts with the name of an existing Python module and cannot be used as {article} {what} "
            f"{part}. Please try another {part}.{f' (The module is {place}.)' if place else ''}"
        )


def _suggestion(name: str) -> str:
    """Return the nearest name that would do, as a sentence, if one is near."""
    near = "".join(char if char.isalnum() else "_" for char in name).strip("_").lstrip(string.digits + "_")
    return f" Perhaps {near!r}?" if near.isidentifier() and not keyword.iskeyword(near) else ""


def _find(name: str, own_folder: Path | None) -> tuple[bool, str]:
    """Return whether a module of that name can be found, without importing it, and its file if it has one."""
    try:
        spec = find_spec(name)
    except (ImportError, ValueError):  # ValueError: a module without a spec, such as __main__
        return True, ""
    if spec is None:
        return False, ""
    places = list(spec.submodule_search_locations or ())
    if spec.origin is None and places and own_folder is not None:
        places = [place for place in places if Path(place) != own_folder]
        return bool(places), places[0] if places else ""
    return True, spec.origin if spec.has_location and spec.origin else ""
