"""A script comes into a page by a way that its Content-Security-Policy leaves open, or not at all."""

from __future__ import annotations

import pytest

from miniframe.autoreload.policies import Way, way_into

INSIDE = Way()
BY_ADDRESS = Way(inside=False)


@pytest.mark.parametrize(
    ("policies", "way"),
    [
        pytest.param([], INSIDE, id="no-policy"),
        pytest.param(["img-src 'self'"], INSIDE, id="nothing-about-scripts"),
        pytest.param(["frame-ancestors 'none'; ;"], INSIDE, id="about-others"),
        pytest.param(["default-src 'self'"], BY_ADDRESS, id="self"),
        pytest.param(["DEFAULT-SRC 'SELF'"], BY_ADDRESS, id="upper-case"),
        pytest.param(["default-src *"], BY_ADDRESS, id="any"),
        pytest.param(["script-src 'self' 'unsafe-inline'"], INSIDE, id="inline"),
        pytest.param(["script-src 'self' 'unsafe-inline' 'sha256-x='"], BY_ADDRESS, id="inline-but-hashes"),
        pytest.param(["script-src 'nonce-aB+/_-9='; connect-src 'self'"], Way(nonce="aB+/_-9="), id="nonce"),
        pytest.param(["script-src 'strict-dynamic' 'nonce-a'"], Way(nonce="a"), id="nonce-and-strict"),
        pytest.param(["script-src 'strict-dynamic' 'self'"], None, id="strict-without-a-nonce"),
        pytest.param(["script-src 'none'"], None, id="no-scripts"),
        pytest.param(["script-src-elem 'none'; script-src 'self'"], None, id="no-elements"),
        pytest.param(["script-src 'self'; script-src 'none'"], BY_ADDRESS, id="the-first-of-two-counts"),
        pytest.param(["script-src https://cdn.example"], None, id="others-only"),
        pytest.param(["default-src 'none'; script-src 'nonce-a'"], None, id="no-streams"),
        pytest.param(["default-src 'none'; script-src 'nonce-a'; connect-src 'self'"], Way(nonce="a"), id="streams"),
        pytest.param(["sandbox allow-forms"], None, id="sandbox"),
        pytest.param(["sandbox allow-scripts allow-same-origin"], INSIDE, id="sandbox-with-scripts"),
        pytest.param(["script-src 'nonce-a'", "script-src 'self' 'nonce-a'"], Way(nonce="a"), id="two-that-agree"),
        pytest.param(["script-src 'nonce-a', script-src 'nonce-b'"], None, id="two-that-do-not"),
        pytest.param(["script-src 'self'", "default-src 'none'"], None, id="the-stricter-of-two"),
        pytest.param(["script-src 'nonce-\"><b>'"], None, id="no-nonce-at-all"),
    ],
)
def test_the_way(policies: list[str], way: Way | None) -> None:
    assert way_into(policies) == way
