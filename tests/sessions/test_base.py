"""A session is a dict with a key and an expiry, whatever store it has."""

from __future__ import annotations

import asyncio
import datetime
import logging
from typing import Any

import pytest

from miniframe import signing
from miniframe.conf import settings
from miniframe.exceptions import ImproperlyConfigured
from miniframe.sessions.backends.base import SessionBase
from miniframe.sessions.engine import session_store
from miniframe.test.utils import override_settings
from miniframe.utils import timezone

Store = type[SessionBase]
NOW = datetime.datetime(2030, 5, 6, 7, 8, 9, tzinfo=datetime.UTC)


def reloaded(session: SessionBase) -> SessionBase:
    return type(session)(session.session_key)


def test_what_is_saved_comes_back(store: Store) -> None:
    session = store()
    session["cart"] = {"tea": 2, "größe": [1, None, True]}
    session.save()
    assert dict(reloaded(session).items()) == {"cart": {"tea": 2, "größe": [1, None, True]}}


def test_nothing_is_loaded_before_it_is_asked_for(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    session = store()
    session["a"] = 1
    session.save()
    again = reloaded(session)
    assert (again.accessed, again.modified, "_session_cache" in vars(again)) == (False, False, False)
    assert again["a"] == 1
    assert (again.accessed, again.modified) == (True, False)


@pytest.mark.parametrize(
    ("use", "modified"),
    [
        pytest.param(lambda s: s.get("a"), False, id="get"),
        pytest.param(lambda s: s["a"], False, id="subscript"),
        pytest.param(lambda s: "a" in s, False, id="in"),
        pytest.param(lambda s: s.has_key("a"), False, id="has_key"),
        pytest.param(lambda s: [s.keys(), s.values(), s.items()], False, id="views"),
        pytest.param(lambda s: s.setdefault("a", 2), False, id="setdefault-of-what-is-there"),
        pytest.param(lambda s: s.pop("b", None), False, id="pop-of-what-is-not-there"),
        pytest.param(lambda s: s.setdefault("b", 2), True, id="setdefault"),
        pytest.param(lambda s: s.pop("a"), True, id="pop"),
        pytest.param(lambda s: s.update({"b": 2}), True, id="update"),
        pytest.param(lambda s: s.__setitem__("b", 2), True, id="set"),
        pytest.param(lambda s: s.__delitem__("a"), True, id="del"),
        pytest.param(lambda s: s.clear(), True, id="clear"),
        pytest.param(lambda s: s.set_expiry(60), True, id="set_expiry"),
        pytest.param(lambda s: s.set_expiry(None), False, id="set_expiry-none"),
    ],
)
def test_a_session_knows_whether_it_was_read_or_changed(store: Store, use: Any, modified: bool) -> None:
    session = store()
    session["a"] = 1
    session.save()
    again = reloaded(session)
    use(again)
    assert (again.accessed, again.modified) == (True, modified)


def test_what_is_not_there_is_a_key_error(store: Store) -> None:
    session = store()
    for use in (lambda: session["x"], lambda: session.pop("x"), lambda: session.__delitem__("x")):
        with pytest.raises(KeyError):
            use()
    assert session.modified is False


def test_a_value_without_json_is_named_by_its_key(store: Store) -> None:
    session = store()
    session["fine"], session["when"] = 1, datetime.date(2030, 1, 1)
    with pytest.raises(TypeError, match="date is not JSON serializable") as caught:
        session.save()
    assert "request.session['when']" in caught.value.__notes__[0]


def test_another_serializer_may_be_set(store: Store) -> None:
    with override_settings(SESSION_SERIALIZER=f"{__name__}.Shouting"):
        import sys

        sys.modules[__name__].Shouting = Shouting  # type: ignore[attr-defined]  # importlib mode hides test modules
        session = store()
        session["a"] = "x"
        session.save()
        assert reloaded(session)["a"] == "X"


class Shouting(signing.JSONSerializer):
    def loads(self, data: bytes) -> Any:
        return {key: value.upper() for key, value in super().loads(data).items()}


def test_a_pickle_serializer_is_not_to_be_had() -> None:
    with override_settings(SESSION_SERIALIZER="miniframe.sessions.serializers.PickleSerializer"):
        session = session_store()()
        session["a"] = 1
        with pytest.raises(ImproperlyConfigured, match=r"SESSION_SERIALIZER.*PickleSerializer"):
            session.save()


# Keys.


@pytest.mark.parametrize("key", ["", "1234567", None], ids=["empty", "short", "none"])
def test_what_cannot_be_a_key_is_none(store: Store, key: str | None) -> None:
    assert store(key).session_key is None


@pytest.mark.parametrize(
    "key",
    ["../../../etc/passwd", "a" * 5000, "with blank", "nul\0nul\0", "ünïcödé-key", "A/B\\CDEFGH", "a" * 32],
    ids=["traversal", "long", "blank", "nul", "unicode", "slashes", "unknown"],
)
def test_a_key_that_we_do_not_know_gives_an_empty_session_and_another_key(store: Store, key: str) -> None:
    session = store(key)
    assert dict(session.items()) == {}
    assert session.session_key is None
    session["a"] = 1
    session.save()
    assert session.session_key not in (None, key)


def test_the_key_cannot_be_assigned(store: Store) -> None:
    with pytest.raises(AttributeError):
        store().session_key = "a" * 32  # type: ignore[misc]


def test_cycle_key_keeps_the_data_under_another_key(keeping_store: Store) -> None:
    session = keeping_store()
    session["a"] = 1
    session.save()
    old = session.session_key
    assert old is not None
    again = reloaded(session)
    again.cycle_key()
    assert again.session_key not in (None, old)
    assert not again.exists(old)
    assert dict(reloaded(again).items()) == {"a": 1}


def test_flush_leaves_neither_data_nor_key(store: Store) -> None:
    session = store()
    session["a"] = 1
    session.save()
    old = session.session_key or ""
    session.flush()
    assert session.session_key is None
    assert session.is_empty()
    assert not session.exists(old)
    assert (session.accessed, session.modified) == (True, True)


def test_a_session_that_was_emptied_keeps_its_key(store: Store) -> None:
    session = store()
    session["a"] = 1
    session.save()
    session.clear()
    assert not session.is_empty()
    session.save()
    assert dict(reloaded(session).items()) == {}


@pytest.mark.parametrize("text", ["", "rubbish", "bad:encoded:value", "eyJhIjoxfQ:1abc:nosignature"])
def test_data_that_was_changed_is_no_data_and_is_logged(
    store: Store, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "miniframe.security.SuspiciousSession"):
        assert store().decode(text) == {}
    assert caplog.messages == ["Session data corrupted"]


def test_data_that_is_ours_but_no_session_is_no_data(store: Store) -> None:
    session = store()
    assert session.decode(signing.dumps([1, 2], salt=session.key_salt)) == {}
    assert session.decode(signing.TimestampSigner(salt=session.key_salt).sign("%%%")) == {}


# Expiry.


@pytest.mark.parametrize(
    ("value", "age"),
    [
        pytest.param(None, 1_209_600, id="none-is-the-setting"),
        pytest.param(0, 1_209_600, id="0-is-the-setting-here-and-the-browser's-end-there"),
        pytest.param(300, 300, id="seconds"),
        pytest.param(-5, -5, id="the-past"),
        pytest.param(datetime.timedelta(minutes=2), 120, id="timedelta"),
        pytest.param(NOW + datetime.timedelta(days=2, seconds=3), 2 * 86400 + 3, id="datetime"),
        pytest.param(NOW - datetime.timedelta(seconds=3), -3, id="datetime-in-the-past"),
    ],
)
def test_expiry_in_all_its_forms(value: Any, age: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    session = SessionBase()
    session.set_expiry(value)
    assert session.get_expiry_age() == age
    assert session.get_expiry_date() == NOW + datetime.timedelta(seconds=age)
    assert session.get_expiry_age(modification=NOW - datetime.timedelta(hours=1)) == (
        age + 3600 if isinstance(value, (datetime.datetime, datetime.timedelta)) else age
    )


def test_an_expiry_may_be_given_in_place_of_the_sessions_own() -> None:
    session = SessionBase()
    session.set_expiry(300)
    assert session.get_expiry_age(expiry=None) == settings.SESSION_COOKIE_AGE
    assert session.get_expiry_age(expiry=7) == 7
    assert session.get_expiry_date(modification=NOW, expiry=NOW.isoformat()) == NOW


@pytest.mark.parametrize("use_tz", [True, False])
@pytest.mark.parametrize("aware", [True, False])
def test_moments_with_and_without_a_time_zone_may_meet(use_tz: bool, aware: bool) -> None:
    moment = datetime.datetime.now(datetime.UTC if aware else None) + datetime.timedelta(seconds=60)
    session = SessionBase()
    session.set_expiry(moment)
    with override_settings(USE_TZ=use_tz):
        assert 55 <= session.get_expiry_age() <= 60


@pytest.mark.parametrize(
    ("value", "setting", "closes"),
    [(None, False, False), (None, True, True), (0, False, True), (10, True, False)],
)
def test_when_the_cookie_ends_with_the_browser(value: int | None, setting: bool, closes: bool) -> None:
    session = SessionBase()
    session.set_expiry(value)
    with override_settings(SESSION_EXPIRE_AT_BROWSER_CLOSE=setting):
        assert session.get_expire_at_browser_close() is closes


@pytest.mark.parametrize("expiry", [-10, datetime.timedelta(seconds=-10), NOW.replace(year=2000)])
def test_a_session_that_has_expired_is_empty(store: Store, expiry: Any) -> None:
    session = store()
    session["a"] = 1
    session.set_expiry(expiry)
    session.save()
    again = reloaded(session)
    assert again.get("a") is None
    assert again.session_key is None


def test_the_test_cookie(store: Store) -> None:
    session = store()
    session.set_test_cookie()
    session.save()
    again = reloaded(session)
    assert again.test_cookie_worked()
    again.delete_test_cookie()
    assert not again.test_cookie_worked()


# Stores of one's own, and async twins.


def test_what_a_store_has_to_provide_is_said() -> None:
    session = SessionBase()
    for method in (session.create, session.save, session.delete, session.load, lambda: session.exists("x")):
        with pytest.raises(NotImplementedError, match=r"must provide an? [a-z]+\(\) method"):
            method()
    with pytest.raises(NotImplementedError):
        SessionBase.clear_expired()


def test_every_method_has_an_async_twin(store: Store) -> None:
    async def use() -> dict[str, Any]:
        session = store()
        await session.aset("a", 1)
        await session.aupdate({"b": 2})
        await session.asetdefault("c", 3)
        await session.apop("c")
        await session.aset_expiry(60)
        await session.asave()
        again = store(session.session_key)
        assert await again.ahas_key("a")
        assert await again.aget("z", 9) == 9
        assert await again.aget_expiry_age() == 60
        assert not await again.aget_expire_at_browser_close()
        await again.acycle_key()
        found = dict(await again.aitems())
        assert list(await again.akeys()) == list(found)
        assert list(await again.avalues()) == list(found.values())
        await again.aflush()
        await store.aclear_expired()
        return found

    assert asyncio.run(use()) == {"a": 1, "b": 2, "_session_expiry": 60}


def test_an_async_twin_calls_what_a_subclass_has_in_its_place() -> None:
    class Counting(SessionBase):
        def load(self) -> dict[str, Any]:
            return {"n": 1}

    async def use() -> Any:
        return await Counting("a" * 8).aget("n")

    assert asyncio.run(use()) == 1


@pytest.mark.parametrize(
    ("engine", "message"),
    [
        ("miniframe.sessions.backends.fil", "Did you mean 'miniframe.sessions.backends.file'"),
        ("miniframe.sessions.backends.db", "not kept in a database"),
        ("miniframe.sessions", "no module of that name with a SessionStore"),
    ],
)
def test_an_engine_that_leads_nowhere_is_told(engine: str, message: str) -> None:
    with override_settings(SESSION_ENGINE=engine), pytest.raises(ImproperlyConfigured, match=message) as caught:
        session_store()
    assert "SESSION_ENGINE" in str(caught.value)
    assert isinstance(caught.value, ImportError)
