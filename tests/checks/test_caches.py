"""System checks on settings.CACHES."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from miniframe.checks import run_checks
from miniframe.checks.caches import (
    E001,
    check_cache_backends,
    check_cache_location_not_exposed,
    check_default_cache_is_configured,
    check_file_based_cache_is_absolute,
)
from miniframe.test.utils import override_settings

LOCMEM = "miniframe.cache.backends.locmem.LocMemCache"
FILES = "miniframe.cache.backends.filebased.FileBasedCache"


def test_there_has_to_be_a_default_cache() -> None:
    assert check_default_cache_is_configured(None) == []
    with override_settings(CACHES={"other": {"BACKEND": LOCMEM}}):
        assert check_default_cache_is_configured(None) == [E001]


@pytest.mark.parametrize(
    ("entry", "id", "said"),
    [
        pytest.param({"BACKEND": LOCMEM, "TIMEOUT": 5, "OPTIONS": {"MAX_ENTRIES": 5}}, None, "", id="right"),
        pytest.param({"BACKEND": "some.body.else.Cache", "SHARDS": 5}, "caches.E100", "leads nowhere", id="nowhere"),
        pytest.param({"BACKEND": f"{LOCMEM}s"}, "caches.E100", f"Did you mean '{LOCMEM}'?", id="misspelt"),
        pytest.param(None, "caches.E100", "'default' in settings.CACHES has to be a dict", id="none"),
        pytest.param("redis://:s3cret@h/", "caches.E100", "is of type str. Such as {", id="an-address"),
        pytest.param({}, "caches.E100", 'One would be "miniframe.cache.backends.locmem', id="no-backend"),
        pytest.param({"BACKEND": LOCMEM, "MAX_ENTRIES": 5}, "caches.W100", "belongs into OPTIONS", id="in-options"),
        pytest.param({"BACKEND": LOCMEM, "TIME_OUT": 5}, "caches.W100", "mean 'TIMEOUT'?", id="misspelt-key"),
        pytest.param({"BACKEND": f"{__name__}.Mine", "SHARDS": 5}, None, "", id="somebody-elses-keys"),
    ],
)
def test_slips_in_an_entry_are_found(entry: Any, id: str | None, said: str) -> None:
    with override_settings(CACHES={"default": entry}):
        found = check_cache_backends(None)
    assert [message.id for message in found] == ([id] if id else [])
    assert said in "".join(f"{message.msg} {message.hint}" for message in found)


@pytest.mark.parametrize("caches", [None, [], "redis://:s3cret@h/"])
def test_what_is_no_dict_at_all_has_no_default_cache(caches: Any) -> None:
    with override_settings(CACHES=caches):
        assert [message.id for message in run_checks()] == ["caches.E001"]


class Mine:
    """A backend of the project's."""


@pytest.mark.parametrize("name", ["MEDIA_ROOT", "STATIC_ROOT", "STATICFILES_DIRS", "prefixed"])
@pytest.mark.parametrize(
    ("location", "served", "relation"),
    [
        ("cache", "cache", "matches"),
        ("static/cache", "static", "is inside"),
        ("data", "data/static", "contains"),
        ("cache", "static", None),
        ("static-cache", "static", None),
    ],
)
def test_a_cache_where_files_are_served_is_warned_of(
    tmp_path: Path, name: str, location: str, served: str, relation: str | None
) -> None:
    folder: Any = tmp_path / served
    if name == "prefixed":
        name, folder = "STATICFILES_DIRS", ("prefix", folder)
    changed = {name: [folder] if name == "STATICFILES_DIRS" else folder}
    with override_settings(CACHES={"default": {"BACKEND": FILES, "LOCATION": tmp_path / location}}, **changed):
        found = check_cache_location_not_exposed(None)
    assert [message.id for message in found] == (["caches.W002"] if relation else [])
    assert not relation or f"its LOCATION {relation} {name}." in found[0].msg


@pytest.mark.parametrize(("location", "ids"), [("cache", ["caches.W003"]), (Path.cwd(), []), ("", [])])
def test_a_folder_that_depends_on_where_one_stands_is_warned_of(location: Any, ids: list[str]) -> None:
    with override_settings(CACHES={"default": {"BACKEND": FILES, "LOCATION": location}}):
        assert [message.id for message in check_file_based_cache_is_absolute(None)] == ids
