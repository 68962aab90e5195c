"""Sessions and messages, over several requests of one browser, are what they are in Django."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

SESSION_STEPS = [
    *(
        "set",
        "get",
        "item",
        "delete",
        "pop",
        "pop-strictly",
        "setdefault",
        "update",
        "contains",
        "items",
        "clear",
        "flush",
    ),
    *(
        "cycle",
        "is-empty",
        "has-key",
        "flags",
        "modify",
        "inside",
        "expiry",
        "expiry-delta",
        "expiry-moment",
        "age",
        "date",
    ),
    *("at-close", "test-cookie", "test-worked", "test-delete", "unwritable", "save"),
]
VALUES = st.sampled_from([1, 0, 300, "text", "é\u2028<>", None, [1, {"x": 2}], "status", ""])
SESSION = st.tuples(st.sampled_from(SESSION_STEPS), st.sampled_from(["a", "b", "é"]), VALUES).map(list)
TEXTS = st.sampled_from(["hello", "<b>é</b>", "x" * 700, "y" * 1900, "z" * 5000, ""])
LEVELS = st.sampled_from([10, 20, 25, 30, 40, 5, 99])
MESSAGES = st.tuples(
    st.sampled_from(["add", "add", "success", "error", "level", "read", "count", "contains", "keep"]),
    LEVELS,
    TEXTS,
).map(list)
REQUESTS = [st.lists(st.lists(each, max_size=5), min_size=2, max_size=4) for each in (SESSION, MESSAGES)]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
small = settings(max_examples=30, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


def conversation(both: Any, name: str, a_request: Any, kind: str, count: int) -> list[Any]:
    """Return what each request gave, with the values of cookies masked; the browser keeps them."""
    jar: dict[str, str] = {}
    seen = []
    for number in range(count):
        cookies = "; ".join(f"{key}={value}" for key, value in jar.items()) or None
        answer = both.ask_one(name, a_request(target=f"/{kind}/{number}/", HTTP_COOKIE=cookies))
        headers = []
        for field, value in answer.headers:
            if field == "Set-Cookie":
                key, _, rest = value.partition("=")
                content, _, attributes = rest.partition(";")
                if "Max-Age=0" in attributes:
                    jar.pop(key, None)
                else:
                    jar[key] = content
                # A moment may pass between the two answers.
                attributes = re.sub(r"Max-Age=\d{4,}", "Max-Age=...", attributes)
                value = f"{key}={'...' if content.strip(chr(34)) else ''};{attributes}"
            # Ours vary by the cookie wherever messages were looked at: docs/differences.md.
            if (kind, field) != ("message", "Vary"):
                headers.append((field, value))
        seen.append((answer.status, sorted(headers), answer.body))
    return seen


@pytest.mark.parametrize("engine", ["signed_cookies", "cache", "file"])
def test_sessions_are_djangos(twins: Any, a_request: Any, engine: str, tmp_path: Any) -> None:
    @small
    @given(st.data())
    def compare(data: Any) -> None:
        operations = data.draw(REQUESTS[0])
        with twins(
            "remembering",
            MIDDLEWARE=MIDDLEWARE[:1],
            OPERATIONS=operations,
            SESSION_ENGINE=f"django.contrib.sessions.backends.{engine}",
            SESSION_FILE_PATH=str(tmp_path),
        ) as both:
            theirs, ours = (
                conversation(both, name, a_request, "session", len(operations)) for name in ("django", "miniframe")
            )
            assert ours == theirs

    compare()


@pytest.mark.parametrize("storage", ["cookie.CookieStorage", "session.SessionStorage", "fallback.FallbackStorage"])
def test_messages_are_djangos(twins: Any, a_request: Any, storage: str) -> None:
    @small
    @given(st.data())
    def compare(data: Any) -> None:
        operations = data.draw(REQUESTS[1])
        with twins(
            "remembering",
            MIDDLEWARE=MIDDLEWARE,
            OPERATIONS=operations,
            SESSION_ENGINE="django.contrib.sessions.backends.signed_cookies",
            MESSAGE_STORAGE=f"django.contrib.messages.storage.{storage}",
        ) as both:
            theirs, ours = (
                conversation(both, name, a_request, "message", len(operations)) for name in ("django", "miniframe")
            )
            assert ours == theirs

    compare()
