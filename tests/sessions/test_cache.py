"""Sessions in a cache: signed there too, in the cache that the settings name, and no key of a client's making."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from miniframe.cache import caches
from miniframe.sessions.backends.base import CreateError, UpdateError
from miniframe.sessions.backends.cache import SessionStore
from miniframe.test.utils import override_settings

LOCMEM = "miniframe.cache.backends.locmem.LocMemCache"


@pytest.fixture(autouse=True)
def named_cache() -> Iterator[None]:
    tables = {"default": {"BACKEND": LOCMEM}, "sessions": {"BACKEND": LOCMEM, "LOCATION": "sessions"}}
    with override_settings(CACHES=tables, SESSION_CACHE_ALIAS="sessions"):
        yield
        caches["sessions"].clear()


def saved() -> SessionStore:
    session = SessionStore()
    session["a"] = 1
    session.save()
    return session


def test_it_lives_in_the_cache_that_the_setting_names() -> None:
    key = saved().cache_key
    assert caches["sessions"].get(key) is not None
    assert caches["default"].get(key) is None


def test_who_can_write_into_the_cache_cannot_make_up_a_session() -> None:
    session = saved()
    for forged in ({"a": 2}, "eyJhIjoyfQ:1abc:sig", b"\x80\x04", 7):
        caches["sessions"].set(session.cache_key, forged)
        found = SessionStore(session.session_key)
        assert (dict(found.items()), found.session_key) == ({}, None)


def test_a_session_that_was_deleted_meanwhile_does_not_come_back() -> None:
    session = saved()
    SessionStore(session.session_key).delete()
    session["a"] = 2
    with pytest.raises(UpdateError):
        session.save()


def test_ending_what_was_never_there_leaves_nothing_in_the_cache() -> None:
    SessionStore("a" * 32).delete()
    assert not caches["sessions"]._cache  # type: ignore[attr-defined]  # only LocMemCache has it


def test_a_key_that_is_taken_is_not_created_again() -> None:
    with pytest.raises(CreateError):
        saved().save(must_create=True)


def test_a_cache_that_keeps_nothing_is_told() -> None:
    with (
        override_settings(
            CACHES={"sessions": {"BACKEND": "miniframe.cache.backends.dummy.DummyCache"}},
        ),
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(type(caches["sessions"]), "add", lambda *args, **kwargs: False)
        with pytest.raises(RuntimeError, match="the cache is unavailable"):
            saved()


def test_the_cache_forgets_when_the_session_expires() -> None:
    session = SessionStore()
    session["a"] = 1
    session.set_expiry(-1)
    session.save()
    assert caches["sessions"].get(session.cache_key) is None
    SessionStore.clear_expired()
