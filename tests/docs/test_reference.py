"""The reference has every module that a user may import from, and names none that does not exist."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
import re
from collections import Counter
from pathlib import Path
from types import ModuleType

import pytest
from django.core.exceptions import ImproperlyConfigured

import miniframe
from miniframe import http

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"
NAMED = Counter(
    module
    for page in REFERENCE.glob("*.md")
    for module in re.findall(r"^\.\. automodule:: (\S+)$", page.read_text(), flags=re.MULTILINE)
)

# Told elsewhere: commands and settings have pages of their own; apps are named in INSTALLED_APPS, and not imported.
ELSEWHERE = re.compile(r".*\.(?:apps|management\.commands\b.*)|miniframe\.conf\.global_settings|.*\.utils\._os")


def django_has(module: str) -> bool:
    """Return whether Django's users import this module, by the import rule."""
    rest = module.removeprefix("miniframe.")
    for place in ("django.core", "django.contrib", "django"):
        try:
            if importlib.util.find_spec(f"{place}.{rest}") is not None:
                return True
        except (ImportError, AttributeError):
            continue
        except ImproperlyConfigured:  # it is there, and wants settings when its package is imported
            return True
    return False


def own_names(module: ModuleType) -> list[str]:
    """Return the public names that a module defines itself, or hands on."""
    handed: list[str] = getattr(module, "__all__", [])
    public = {name: value for name, value in vars(module).items() if name[0] != "_"}
    return handed or [name for name, value in public.items() if getattr(value, "__module__", "") == module.__name__]


PUBLIC = [
    found.name
    for found in pkgutil.walk_packages(miniframe.__path__, "miniframe.")
    if "_template" not in found.name and not ELSEWHERE.fullmatch(found.name) and django_has(found.name)
]


@pytest.mark.parametrize("name", PUBLIC)
def test_a_module_that_users_import_is_in_the_reference(name: str) -> None:
    if own_names(importlib.import_module(name)):
        assert name in NAMED, f"put it onto the page of docs/reference where a user would look for {name}"


@pytest.mark.parametrize("name", sorted(NAMED))
def test_a_module_of_the_reference_exists_and_stands_on_one_page(name: str) -> None:
    importlib.import_module(name)
    assert NAMED[name] == 1


def test_a_page_that_lists_names_by_hand_has_them_all() -> None:
    text = (REFERENCE / "requests-and-responses.md").read_text()
    listed = re.findall(r"^\.\. auto(?:class|exception|function):: (\w+)$", text, flags=re.MULTILINE)
    at_home = [name for name in http.__all__ if getattr(http, name).__module__.startswith("miniframe.http")]
    assert sorted(listed) == sorted(at_home)


def test_there_are_as_many_as_one_would_think() -> None:
    assert len(PUBLIC) > 100


def test_every_fixture_of_the_plug_in_is_told() -> None:
    code = "\n".join(path.read_text() for path in Path(miniframe.__file__).parent.glob("pytest_*.py"))
    fixtures = re.findall(r"^@pytest\.fixture(?:\(.*\))?\ndef ([a-z]\w+)", code, flags=re.MULTILINE)
    told = re.findall(r"^\| `(\w+)` \|", (REFERENCE / "testing.md").read_text(), flags=re.MULTILINE)
    assert sorted(told) == sorted(fixtures)
