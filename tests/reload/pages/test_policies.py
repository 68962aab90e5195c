"""One script and its stream are let into a page, and its Content-Security-Policy allows nothing else that is new."""

from __future__ import annotations

import pytest

from miniframe.autoreload.pages.policies import admit

STREAM = "dev.example:8000/events"


def admitted(*policies: str, host: str = "dev.example:8000") -> tuple[str, list[str]] | None:
    """Return what is made of policies, with a nonce that was made for this called NEW."""
    result = admit(policies, host, "/events")
    if result is None or not (nonce := result[0]) or nonce in "".join(policies):
        return result
    assert len(nonce) == 32
    return "NEW", [policy.replace(nonce, "NEW") for policy in result[1]]


@pytest.mark.parametrize(
    ("policy", "nonce"),
    [
        pytest.param("img-src 'self'", "", id="nothing-about-scripts"),
        pytest.param("script-src 'self' 'unsafe-inline'", "", id="inline"),
        pytest.param("script-src 'self' 'UNSAFE-INLINE'; connect-src *", "", id="inline-in-capitals"),
        pytest.param("script-src 'nonce-aB+/_-9='; connect-src 'self'", "aB+/_-9=", id="nonce"),
        pytest.param("script-src 'strict-dynamic' 'nonce-a'", "a", id="nonce-and-strict"),
        pytest.param("sandbox allow-scripts allow-same-origin", "", id="sandbox-with-scripts"),
        pytest.param("script-src 'nonce-a', script-src 'self' 'nonce-a'", "a", id="two-that-agree"),
    ],
)
def test_a_policy_with_room_stays_as_it_is(policy: str, nonce: str) -> None:
    assert admitted(policy) == (nonce, [policy])


@pytest.mark.parametrize(
    ("policy", "wider"),
    [
        pytest.param(
            "default-src 'self'", "default-src 'self'; script-src-elem 'self' 'nonce-NEW'", id="no-inline-by-default"
        ),
        pytest.param(
            "default-src 'none'",
            f"default-src 'none'; script-src-elem 'nonce-NEW'; connect-src {STREAM}",
            id="nothing-at-all",
        ),
        pytest.param(
            "script-src 'NONE'; img-src *", "script-src 'NONE'; img-src *; script-src-elem 'nonce-NEW'", id="no-scripts"
        ),
        pytest.param("script-src-elem 'self'", "script-src-elem 'self' 'nonce-NEW'", id="elements"),
        pytest.param(
            "script-src 'unsafe-inline' 'sha256-x='",
            "script-src 'unsafe-inline' 'sha256-x='; script-src-elem 'unsafe-inline' 'sha256-x=' 'nonce-NEW'",
            id="inline-but-hashes",
        ),
        pytest.param(
            "script-src 'self'; script-src 'none'",
            "script-src 'self'; script-src-elem 'self' 'nonce-NEW'",
            id="the-first-of-two-counts",
        ),
        pytest.param(
            "script-src 'nonce-a', script-src 'nonce-b'",
            "script-src 'nonce-a'; script-src-elem 'nonce-a' 'nonce-NEW', "
            "script-src 'nonce-b'; script-src-elem 'nonce-b' 'nonce-NEW'",
            id="a-nonce-is-not-carried-over",
        ),
    ],
)
def test_a_policy_without_room_gets_it(policy: str, wider: str) -> None:
    assert admitted(policy) == ("NEW", [wider])


@pytest.mark.parametrize(
    ("policy", "wider"),
    [
        pytest.param(
            "connect-src https://api.example", f"connect-src https://api.example {STREAM}", id="besides-others"
        ),
        pytest.param("connect-src 'none'", f"connect-src {STREAM}", id="instead-of-none"),
    ],
)
def test_the_stream_is_let_in_by_its_full_address(policy: str, wider: str) -> None:
    assert admitted(policy) == ("", [wider])


@pytest.mark.parametrize("host", ["[::1]:8000", "", "a;script-src *", "a b"])
def test_a_host_that_is_no_source_becomes_the_site(host: str) -> None:
    assert admitted("connect-src 'none'", host=host) == ("", ["connect-src 'self'"])


def test_each_header_stays_one() -> None:
    assert admitted("img-src *", "connect-src 'none'") == ("", ["img-src *", f"connect-src {STREAM}"])


@pytest.mark.parametrize("policy", ["sandbox", "sandbox allow-scripts", "SANDBOX allow-forms allow-same-origin"])
def test_in_a_sandbox_nothing_runs(policy: str) -> None:
    assert admitted(policy) is None
