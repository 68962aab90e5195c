"""Who may see source code and paths when the project does not start, and who is told nothing."""

from __future__ import annotations

import pytest

from miniframe.autoreload.audience import REFUSED, UNTOLD, Audience


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LOCALHOST:8000",
        "shop.localhost:8000",
        "127.0.0.1:8000",
        "127.8.9.1",
        "[::1]:8000",
        "localhost.",
        "",
    ],
)
def test_this_machine_sees_the_page_whatever_the_settings(host: str) -> None:
    assert Audience().refusal(host) is None


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8000",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "127.evil",
        "192.0.2.1",
        "[2001:db8::1]:8000",
        "127.0.0.1@evil.example",
        "localhost, evil.example",
        "local host",
        "[::1",
        "\xfc.example",
        "/",
    ],
)
def test_others_are_refused(host: str) -> None:
    assert Audience().refusal(host) == REFUSED
    assert Audience(debug=False).refusal(host) == REFUSED


@pytest.mark.parametrize(
    ("hosts", "host", "allowed"),
    [
        pytest.param(("dev.example",), "DEV.example:80", True, id="name"),
        pytest.param(("dev.example",), "a.dev.example", False, id="below-a-name"),
        pytest.param((".dev.example",), "a.dev.example", True, id="below-a-dot"),
        pytest.param((".dev.example",), "dev.example", True, id="the-domain-of-a-dot"),
        pytest.param((".dev.example",), "otherdev.example", False, id="only-ends-alike"),
        pytest.param(("*",), "anything.example", True, id="all"),
        pytest.param(("192.0.2.1",), "192.0.2.1:8000", True, id="address"),
        pytest.param(("[2001:db8::1]",), "[2001:DB8::1]:8000", True, id="ipv6"),
    ],
)
def test_allowed_hosts_of_the_last_sound_settings_count(hosts: tuple[str, ...], host: str, allowed: bool) -> None:
    assert Audience(hosts=hosts).refusal(host) == (None if allowed else REFUSED)


def test_without_debug_nobody_is_told_anything() -> None:
    assert Audience(debug=False, hosts=("dev.example",)).refusal("dev.example") == UNTOLD
    assert Audience(debug=False).refusal("localhost") == UNTOLD


@pytest.mark.parametrize("audience", [Audience(), Audience(False, ("a.example", "*", "\udcff\0"))])
def test_it_survives_the_environment(audience: Audience) -> None:
    assert "\0" not in str(audience)
    assert Audience.parse(str(audience)) == audience


@pytest.mark.parametrize("text", ["", "x", "[]", "{}", '{"debug": true}', '{"debug": true, "hosts": 1}'])
def test_anything_else_in_the_environment_is_passed_over(text: str) -> None:
    assert Audience.parse(text) == Audience()
