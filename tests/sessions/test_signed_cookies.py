"""Sessions in signed cookies: nobody can change them, Django can read them, and too large ones are told of."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from django.contrib.sessions.backends.signed_cookies import SessionStore as DjangoStore
from django.test.utils import override_settings as django_override

from miniframe.sessions.backends.signed_cookies import SessionStore
from miniframe.sessions.exceptions import SessionTooLarge
from miniframe.test.utils import override_settings


def cookie(**data: Any) -> str:
    session = SessionStore()
    session.update(data)
    session.save()
    assert session.session_key is not None
    return session.session_key


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda c: c[:-1], id="cut-off"),
        pytest.param(lambda c: "X" + c[1:], id="first-character"),
        pytest.param(lambda c: c.partition(":")[0], id="without-signature"),
        pytest.param(lambda c: c.replace(":", "."), id="other-separator"),
        pytest.param(lambda c: "." + c, id="said-to-be-compressed"),
        pytest.param(lambda c: c + "x" * 100_000, id="oversized"),
        pytest.param(lambda c: "\ud800" + c, id="half-a-surrogate"),
        pytest.param(lambda c: ":" * 5000, id="separators-only"),
    ],
)
def test_a_cookie_that_was_changed_is_an_empty_session(change: Any) -> None:
    session = SessionStore(change(cookie(a=1)))
    assert dict(session.items()) == {}
    assert session.session_key is None
    assert session.is_empty()


def test_a_cookie_of_an_older_key_is_read_and_of_another_is_not() -> None:
    with override_settings(SECRET_KEY="old" * 20):
        old = cookie(a=1)
    assert SessionStore(old).get("a") is None
    with override_settings(SECRET_KEY_FALLBACKS=["old" * 20]):
        assert SessionStore(old).get("a") == 1


@pytest.mark.parametrize(("expiry", "age", "there"), [(300, 200, True), (300, 301, False), (0, 200, True)])
def test_its_own_expiry_counts_and_not_only_the_settings(
    expiry: int, age: int, there: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    import time

    saved_at = time.time() - age
    with monkeypatch.context() as patch:
        patch.setattr("miniframe.signing.time.time", lambda: saved_at)
        text = cookie(a=1, _session_expiry=expiry)
    assert SessionStore(text).get("a") == (1 if there else None)


def test_one_may_live_longer_than_the_settings_age() -> None:
    with override_settings(SESSION_COOKIE_AGE=-1):
        assert SessionStore(cookie(a=1)).get("a") is None
        assert SessionStore(cookie(a=1, _session_expiry=3600)).get("a") == 1


def test_django_reads_ours_and_we_read_djangos() -> None:
    data = {"cart": ["tea"] * 40, "name": "Ægir"}  # long enough to be compressed
    with django_override(SESSION_SERIALIZER="django.contrib.sessions.serializers.JSONSerializer"):
        assert dict(DjangoStore(cookie(**data)).items()) == data
        theirs = DjangoStore()
        theirs.update(data)
        theirs.save()
    assert dict(SessionStore(theirs.session_key).items()) == data


def test_one_that_no_browser_would_keep_is_an_error_under_debug() -> None:
    import random

    noise = "".join(chr(random.Random(i).randrange(33, 126)) for i in range(6000))
    with override_settings(DEBUG=True), pytest.raises(SessionTooLarge) as caught:
        cookie(small=1, cart=noise)
    assert "'cart' (" in str(caught.value)
    assert "SESSION_ENGINE" in str(caught.value)
    assert noise[:20] not in str(caught.value)


def test_and_is_logged_without_debug(caplog: pytest.LogCaptureFixture) -> None:
    import random

    noise = "".join(chr(random.Random(i).randrange(33, 126)) for i in range(6000))
    with caplog.at_level(logging.ERROR, "miniframe.sessions"):
        cookie(cart=noise)
    assert "browsers drop a cookie of more than 4,096" in caplog.text


def test_cycle_key_signs_anew_and_nothing_is_stored() -> None:
    session = SessionStore(cookie(a=1))
    session.cycle_key()
    assert session.modified
    assert SessionStore(session.session_key).get("a") == 1
    assert session.exists("anything") is False
    SessionStore.clear_expired()
