"""Each slip in the settings of sessions is found by `check`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from miniframe.sessions.checks import (
    check_session_engine,
    check_session_serializer,
    check_session_store,
    check_session_store_is_shared,
)
from miniframe.test.utils import override_settings

from .conftest import BACKENDS


def found(**settings: Any) -> list[tuple[str, str]]:
    with override_settings(**settings):
        checks = (check_session_engine, check_session_serializer, check_session_store)
        return [(str(message.id), str(message.msg)) for check in checks for message in check()]


@pytest.mark.parametrize("engine", ["signed_cookies", "file", "cache"])
def test_good_settings_pass(engine: str, tmp_path: Path) -> None:
    assert found(SESSION_ENGINE=f"{BACKENDS}.{engine}", SESSION_FILE_PATH=tmp_path) == []


@pytest.mark.parametrize(
    ("settings", "id", "says"),
    [
        ({"SESSION_ENGINE": f"{BACKENDS}.signed_cookie"}, "E100", "Did you mean"),
        ({"SESSION_ENGINE": "miniframe.sessions"}, "E100", "no module of that name with a SessionStore"),
        ({"SESSION_ENGINE": f"{BACKENDS}.cached_db"}, "E100", "not kept in a database"),
        ({"SESSION_SERIALIZER": "miniframe.sessions.serializers.PickleSerializer"}, "E101", "PickleSerializer"),
        ({"SESSION_ENGINE": f"{BACKENDS}.file", "SESSION_FILE_PATH": "/no/such"}, "E102", "/no/such"),
        ({"SESSION_ENGINE": f"{BACKENDS}.cache", "SESSION_CACHE_ALIAS": "x"}, "E103", "'x'"),
    ],
)
def test_a_slip_is_told(settings: dict[str, Any], id: str, says: str) -> None:
    [(number, message)] = found(**settings)
    assert number == f"sessions.{id}"
    assert says in message


LOCMEM, REDIS = "locmem.LocMemCache", "redis.RedisCache"


@pytest.mark.parametrize(
    ("engine", "backend", "ids"),
    [
        pytest.param("cache", LOCMEM, ["sessions.W100"], id="one-process"),
        pytest.param("cache", REDIS, [], id="redis"),
        pytest.param("signed_cookies", LOCMEM, [], id="not-in-a-cache"),
    ],
)
def test_sessions_of_one_process_are_told_before_they_are_deployed(engine: str, backend: str, ids: list[str]) -> None:
    tables = {"default": {"BACKEND": f"miniframe.cache.backends.{backend}", "LOCATION": "redis://127.0.0.1"}}
    with override_settings(SESSION_ENGINE=f"{BACKENDS}.{engine}", CACHES=tables):
        assert [message.id for message in check_session_store_is_shared()] == ids


@pytest.mark.parametrize("caches", [{"default": None}, None])
def test_caches_that_are_none_are_left_to_their_own_check(caches: Any) -> None:
    with override_settings(SESSION_ENGINE=f"{BACKENDS}.cache", CACHES=caches):
        assert check_session_store_is_shared() == []
        assert [message.id for message in check_session_store()] == ["sessions.E103"]
