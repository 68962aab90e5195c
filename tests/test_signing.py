"""Signing: Django's bytes, tampering, age, old keys."""

from __future__ import annotations

import datetime
import subprocess
import sys
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from miniframe import signing
from miniframe.test.utils import override_settings
from miniframe.utils.crypto import InvalidAlgorithm


@pytest.fixture(scope="session")
def theirs() -> Any:
    """Django's module, with the same key."""
    from django.core import signing as module

    return module


@pytest.fixture
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stop the clock."""
    monkeypatch.setattr(time, "time", lambda: 1_700_000_000.25)


@pytest.mark.parametrize("value", ["", "hello", "a:b:c", "é€", "x" * 1000, 5, None, ["a"]])
@pytest.mark.parametrize(
    "options", [{}, {"salt": "s"}, {"key": "k"}, {"key": b"\xff"}, {"sep": "/"}, {"algorithm": "sha512"}]
)
def test_the_bytes_are_djangos(theirs: Any, still: None, value: Any, options: dict[str, Any]) -> None:
    for name in ("Signer", "TimestampSigner"):
        ours, other = getattr(signing, name)(**options), getattr(theirs, name)(**options)
        signed = ours.sign(value)
        assert signed == other.sign(value)
        assert ours.unsign(other.sign(value)) == other.unsign(signed) == str(value)


@pytest.mark.parametrize("value", [{"a": [1, None, "é"]}, "x", list(range(100))])
@pytest.mark.parametrize("compress", [True, False])
def test_objects_are_dumped_as_by_django(theirs: Any, still: None, value: Any, compress: bool) -> None:
    text = signing.dumps(value, compress=compress)
    assert text == theirs.dumps(value, compress=compress)
    assert signing.loads(theirs.dumps(value, compress=compress)) == theirs.loads(text) == value


def test_cookies_are_signed_as_by_django(theirs: Any, still: None) -> None:
    signed = signing.sign_cookie("value", "name", "salt")
    assert theirs._unsign_cookie(signed, cookie_name="name", salt="salt") == "value"
    signer = theirs.get_cookie_signer(salt=theirs._cookie_signer_salt("name", "salt"))
    assert signing.unsign_cookie(signer.sign("value"), "name", "salt") == "value"
    assert signing.get_cookie_signer().sign("x") == theirs.get_cookie_signer().sign("x")


@hypothesis_settings(deadline=None, max_examples=100)
@given(value=st.text(st.characters(blacklist_categories=["Cs"]), max_size=20), place=st.integers(0, 80))
def test_no_changed_character_goes_unnoticed(value: str, place: int) -> None:
    signer = signing.Signer()
    signed = signer.sign(value)
    assert signer.unsign(signed) == value
    place %= len(signed)
    changed = signed[:place] + ("A" if signed[place] != "A" else "B") + signed[place + 1 :]
    with pytest.raises(signing.BadSignature):
        signer.unsign(changed)


@pytest.mark.parametrize("signed", ["", "value", "value:", ":", ":::", "é:é", "value:\ud800", "\ud800:x", "value:=="])
def test_what_nobody_signed_is_a_bad_signature(signed: str) -> None:
    for signer in (signing.Signer(), signing.TimestampSigner()):
        with pytest.raises(signing.BadSignature):
            signer.unsign(signed)
    with pytest.raises(signing.BadSignature):
        signing.loads(signed)


def test_a_signature_without_a_time_is_bad_for_a_timestamp_signer() -> None:
    for value in ("no time", "no:time!", "x:"):
        signed = signing.Signer(salt="s").sign(value)
        with pytest.raises(signing.BadSignature, match="timestamp"):
            signing.TimestampSigner(salt="s").unsign(signed)


def test_padding_does_not_make_another_good_signature() -> None:
    signed = signing.Signer().sign("value")
    with pytest.raises(signing.BadSignature):
        signing.Signer().unsign(signed + "=")


@pytest.mark.parametrize("max_age", [10, 10.5, datetime.timedelta(seconds=10)])
def test_a_signature_expires(monkeypatch: pytest.MonkeyPatch, max_age: Any) -> None:
    now = 1_700_000_000.0
    monkeypatch.setattr(time, "time", lambda: now)
    signed = signing.TimestampSigner().sign("value")
    text = signing.dumps([1])
    now += 10
    assert signing.TimestampSigner().unsign(signed, max_age=max_age) == "value"
    assert signing.loads(text, max_age=max_age) == [1]
    now += 1
    with pytest.raises(signing.SignatureExpired, match="Signature age"):
        signing.TimestampSigner().unsign(signed, max_age=max_age)
    with pytest.raises(signing.SignatureExpired):
        signing.loads(text, max_age=max_age)
    assert signing.loads(text) == [1]


def test_old_keys_still_verify() -> None:
    signed, cookie = signing.dumps("x", key="old"), ""
    with override_settings(SECRET_KEY="old"):
        cookie = signing.sign_cookie("x", "name")
    with override_settings(SECRET_KEY="new", SECRET_KEY_FALLBACKS=["older", "old"]):
        assert signing.loads(signed) == "x"
        assert signing.unsign_cookie(cookie, "name") == "x"
        assert signing.loads(signed, fallback_keys=["old"]) == "x"
        with pytest.raises(signing.BadSignature):
            signing.loads(signed, fallback_keys=[])
        assert signing.dumps("x") != signed


@pytest.mark.parametrize("sep", ["", "-", "abc", "_=", "0"])
def test_a_separator_that_may_be_part_of_the_value_is_refused(sep: str) -> None:
    with pytest.raises(ValueError, match="Unsafe Signer separator"):
        signing.Signer(sep=sep)


def test_an_unknown_algorithm_is_named() -> None:
    with pytest.raises(InvalidAlgorithm, match="'rot13' is not an algorithm"):
        signing.Signer(algorithm="rot13").sign("x")


def test_a_subclass_has_its_own_salt() -> None:
    class Mine(signing.Signer):
        pass

    assert Mine().salt.endswith(".Mine")
    with pytest.raises(signing.BadSignature):
        Mine().unsign(signing.Signer().sign("x"))


@pytest.mark.parametrize("number", [0, 1, -1, 61, 62, -62, 1_700_000_000, 10**30])
def test_base_62(theirs: Any, number: int) -> None:
    assert signing.b62_encode(number) == theirs.b62_encode(number)
    assert signing.b62_decode(signing.b62_encode(number)) == number


@pytest.mark.parametrize("text", ["", "-", "!", "a-b", "é"])
def test_what_is_no_base_62_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"base 62|not found"):
        signing.b62_decode(text)


def test_base_64_has_no_padding() -> None:
    for data in (b"", b"a", b"ab", b"abc", b"\xff\xfe"):
        assert b"=" not in signing.b64_encode(data)
        assert signing.b64_decode(signing.b64_encode(data)) == data


def test_importing_it_imports_no_cryptography_yet() -> None:
    code = "import sys, miniframe.signing; sys.exit('itsdangerous' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
