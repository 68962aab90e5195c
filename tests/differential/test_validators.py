"""Validators beside Django's: the same values pass, and what does not has the same message, code and parameters."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import django.core.validators
import pytest

import miniframe.validators
from miniframe.exceptions import ValidationError

LONG = "a" * 64

CASES: dict[str, tuple[Callable[[Any], Callable[[Any], None]], list[Any]]] = {
    "email": (
        lambda v: v.validate_email,
        [
            *"a@b.co a.b@c.test a@localhost a@[127.0.0.1] a@[::1] a@[x] a@b a@b.c a@b..co a@-b.co a@b-.co".split(),
            *'a@münchen.de a@xn--bcher-kva.test "a\\"b"@c.co "a b"@c.co .a@b.co a..b@c.co a@b.co. @b.co a@ x'.split(),
            *("", None, "a\n@b.co", "a@b.co\n", f"{LONG}@b.co", f"a@{LONG}.co", "a@b.123", f"{'a' * 320}@b.co"),
        ],
    ),
    "email-of-some-hosts": (lambda v: v.EmailValidator(allowlist=["intranet"]), ["a@intranet", "a@localhost"]),
    "url": (
        lambda v: v.URLValidator(),
        [
            *"http://a.test https://a.test/ ftp://a.test HTTP://A.TEST http://localhost:8000/x http://a".split(),
            *"http://1.2.3.4 http://1.2.3 http://1.2.3.400 http://01.2.3.4 http://[::1]/ http://[::1 http://[g]/".split(),
            *"http://a.test:80/x?y#z http://a.test:123456 http://u:p@a.test http://u@v@a.test http://a..test".split(),
            *"http://-a.test http://a-.test http://a.test. http://a.test- //a.test a.test javascript:alert(1)".split(),
            *"http://münchen.de http://xn--bcher-kva.test http://a_b.test file:///x http:// http:///x".split(),
            *("http://a b.test", "http://a.test\n", "http://a.test/\tx", "", None, 7, f"http://a.test/{'x' * 2048}"),
            *(f"http://{LONG}.test", f"http://{'a.' * 130}test", "http://a\u2100b.test"),
        ],
    ),
    "url-of-some-schemes": (lambda v: v.URLValidator(["git+ssh"]), ["git+ssh://a.test/x", "http://a.test"]),
    "domain": (
        lambda v: v.validate_domain_name,
        [*"a.test a.b.test localhost a.123 -a.test xn--bcher-kva.test münchen.de a..b a.test.".split(), "", 7],
    ),
    "ascii-domain": (lambda v: v.DomainNameValidator(accept_idna=False), ["a.test", "münchen.de"]),
    "slug": (lambda v: v.validate_slug, ["a-b_1", "é", "", "a b", "a\n"]),
    "unicode-slug": (lambda v: v.validate_unicode_slug, ["a-b_1", "é", "", "a b", "a\n"]),
    "integer": (lambda v: v.validate_integer, [1, "-5", "1.5", "", None, "5\n", "a"]),
    "ipv4": (lambda v: v.validate_ipv4_address, ["1.2.3.4", "1.2.3", "01.2.3.4", "::1", "1.2.3.4\n", ""]),
    "ipv6": (lambda v: v.validate_ipv6_address, ["::1", "fe80::1", "::ffff:1.2.3.4", "1:2", "1.2.3.4", "", ":::1"]),
    "ipv46": (lambda v: v.validate_ipv46_address, ["::1", "1.2.3.4", "x", ""]),
    "integers": (lambda v: v.validate_comma_separated_integer_list, ["1", "1,2", "1,", ",1", "1, 2", "", "-1", "1,a"]),
    "integers-otherwise": (lambda v: v.int_list_validator(sep=".", allow_negative=True), ["1.-2", "1,2", "--1", "1."]),
    "most": (lambda v: v.MaxValueValidator(10), [10, 11, -1, 10.5]),
    "least": (lambda v: v.MinValueValidator(lambda: 10), [10, 9, 11]),
    "step": (lambda v: v.StepValueValidator(0.1), [0.3, 0.35, 1, 0, -0.2]),
    "step-with-offset": (lambda v: v.StepValueValidator(20, offset=5), [5, 25, 45, 20, 0]),
    "shortest": (lambda v: v.MinLengthValidator(2), ["ab", "a", "", [1, 2]]),
    "longest": (lambda v: v.MaxLengthValidator(2), ["ab", "abc", "", [1, 2, 3]]),
    "one-at-least": (lambda v: v.MinLengthValidator(1), ["a", ""]),
    "one-at-most": (lambda v: v.MaxLengthValidator(1), ["a", "ab"]),
    "in-words-of-ones-own": (lambda v: v.MaxLengthValidator(1, "%(limit_value)d, not %(show_value)d"), ["ab"]),
    "limit": (lambda v: v.BaseValidator(True), [True, False]),
    "decimal": (
        lambda v: v.DecimalValidator(4, 2),
        [
            Decimal(text)
            for text in "12.34 123.4 1.234 12345 0 0.00 0.001 1E+1 1E+3 1E-2 1E-9 NaN -Infinity 0E+9".split()
        ],
    ),
    "digits": (lambda v: v.DecimalValidator(3, None), [Decimal("1.23"), Decimal("12.34"), Decimal("1E+2")]),
    "one-digit": (lambda v: v.DecimalValidator(1, 0), [Decimal("1"), Decimal("12"), Decimal("1E+1"), Decimal("0.1")]),
    "one-digit-before": (lambda v: v.DecimalValidator(3, 2), [Decimal("12")]),
    "places": (lambda v: v.DecimalValidator(None, 1), [Decimal("1.2"), Decimal("1.23")]),
    "extension": (
        lambda v: v.FileExtensionValidator(["txt", "PDF"]),
        [SimpleNamespace(name=name) for name in ("a.txt", "a.TXT", "a.pdf", "a.exe", "a", ".txt", "a.txt.exe")],
    ),
    "any-extension": (lambda v: v.FileExtensionValidator(), [SimpleNamespace(name="a.exe")]),
    "null": (lambda v: v.ProhibitNullCharactersValidator(code="nul"), ["a", "a\x00", 1]),
    "expression": (lambda v: v.RegexValidator("^a", code="c"), ["ab", "ba", 1]),
    "no-expression": (lambda v: v.RegexValidator("A", inverse_match=True, flags=re.IGNORECASE), ["ab", "b"]),
}


def outcome(module: Any, make: Callable[[Any], Callable[[Any], None]], value: Any) -> tuple[Any, dict[str, Any]]:
    try:
        make(module)(value)
    except Exception as error:
        words = getattr(error, "messages", None)
        return (type(error).__name__, getattr(error, "code", None), words), getattr(error, "params", None) or {}
    return "passes", {}


@pytest.mark.parametrize("name", CASES)
def test_the_same_values_pass(name: str) -> None:
    make, values = CASES[name]
    for value in values:
        ours, theirs = (outcome(module, make, value) for module in (miniframe.validators, django.core.validators))
        # The value is always among our parameters.
        shown = {name: parameter for name, parameter in ours[1].items() if name in theirs[1]}
        assert (value, ours[0], shown) == (value, *theirs)


@contextmanager
def catch(kind: type[ValidationError]) -> Iterator[list[ValidationError]]:
    caught: list[ValidationError] = []
    try:
        yield caught
    except kind as error:
        caught.append(error)


@pytest.mark.parametrize("name", CASES)
def test_validators_of_the_same_rule_are_equal_and_say_what_is_wrong(name: str) -> None:
    make, values = CASES[name]
    if name != "least":  # its limit is another function each time
        assert make(miniframe.validators) == make(miniframe.validators)
    assert make(miniframe.validators) != miniframe.validators.RegexValidator("another")
    for value in values:
        with catch(ValidationError) as caught:
            make(miniframe.validators)(value)
        assert all(message and "%" not in message for error in caught for message in error.messages)


def test_a_message_that_is_the_usual_one_makes_no_other_rule() -> None:
    ours = miniframe.validators
    assert ours.MaxValueValidator(1) == ours.MaxValueValidator(1, ours.MaxValueValidator.message)
    assert ours.RegexValidator("a") == ours.RegexValidator("a", ours.RegexValidator.message)


def test_flags_are_for_text_only() -> None:
    with pytest.raises(TypeError, match="regular expression string"):
        miniframe.validators.RegexValidator(re.compile("a"), flags=re.IGNORECASE)


@pytest.mark.parametrize("unit", ["a", "a.", "-", "@", "1.", "[", "é", '"\\'], ids=ascii)
def test_long_values_are_judged_at_once(unit: str) -> None:
    for validate in (miniframe.validators.validate_email, miniframe.validators.URLValidator()):
        with pytest.raises(ValidationError):
            validate("http://" + unit * 1_000_000)
        with pytest.raises(ValidationError):
            validate(unit * 1_000_000 + "@b.co")
