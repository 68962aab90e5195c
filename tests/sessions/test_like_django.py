"""The same views with both session middlewares: the same answers, cookies and `Vary`, where no difference is meant."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.sessions.backends.file import SessionStore as DjangoFileStore
from django.contrib.sessions.middleware import SessionMiddleware as DjangoMiddleware
from django.http import HttpResponse as DjangoResponse
from django.test import RequestFactory as DjangoFactory
from django.test.utils import override_settings as django_override

from miniframe.http import HttpResponse
from miniframe.sessions.backends.file import SessionStore
from miniframe.sessions.middleware import SessionMiddleware
from miniframe.test import RequestFactory
from miniframe.test.utils import override_settings

View = Callable[[Any], object]


def write(request: Any) -> object:
    request.session["n"] = request.session.get("n", 0) + 1
    return request.session["n"]


def write_and_forget(request: Any) -> object:
    write(request)
    return request.session.flush()


def expire(seconds: int | None) -> View:
    def view(request: Any) -> object:
        request.session["n"] = 1
        return request.session.set_expiry(seconds)

    return view


def many(request: Any) -> object:
    session = request.session
    session.update({"a": [1], "b": {"c": None}})
    return sorted(session.keys()), session.pop("a"), session.setdefault("d", 4), session.pop("x", 5), "b" in session


VIEWS: dict[str, View] = {
    "untouched": lambda request: "plain",
    "read": lambda request: request.session.get("n"),
    "look-for-a-key": lambda request: "n" in request.session,
    "empty": lambda request: request.session.is_empty(),
    "write": write,
    "mutate-unseen": lambda request: request.session.setdefault("list", []).append(1),
    "flush": lambda request: request.session.flush(),
    "write-and-flush": write_and_forget,
    "clear": lambda request: request.session.clear(),
    "cycle": lambda request: request.session.cycle_key(),
    "modified": lambda request: setattr(request.session, "modified", True),
    "expire-in-5": expire(5),
    "expire-with-the-browser": expire(0),
    "expire-in-the-past": expire(-5),
    "expire-as-set": expire(None),
    "test-cookie": lambda request: request.session.set_test_cookie(),
    "many": many,
}

SETTINGS: dict[str, dict[str, Any]] = {
    "default": {},
    "strict": {"SESSION_COOKIE_SECURE": True, "SESSION_COOKIE_SAMESITE": "Strict", "SESSION_COOKIE_NAME": "sid"},
    "browser": {"SESSION_EXPIRE_AT_BROWSER_CLOSE": True, "SESSION_COOKIE_HTTPONLY": False},
    "elsewhere": {"SESSION_COOKIE_PATH": "/a/", "SESSION_COOKIE_DOMAIN": "a.example", "SESSION_COOKIE_AGE": 60},
}


def answers(
    middleware: Any, factory: Any, response: Any, name: str, views: list[View], status: int
) -> list[tuple[Any, ...]]:
    """Return what a browser sees that sends one request for each view, and keeps its cookie."""
    seen: list[tuple[Any, ...]] = []
    cookie = None
    for view in views:

        def page(request: Any, view: View = view) -> Any:
            return response(repr(view(request)), status=status)

        request = factory.get("/")
        if cookie:
            request.COOKIES[name] = cookie
        got = middleware(page)(request)
        morsel = got.cookies.get(name)
        attributes = None
        if morsel is not None:
            attributes = {key: value for key, value in morsel.items() if key != "expires"} | {
                "expires": bool(morsel["expires"]),
                "value": bool(morsel.value),
            }
            attributes.pop("partitioned", None)
            cookie = morsel.value
        seen.append((got.status_code, got.content, got.get("Vary"), attributes))
    return seen


@pytest.mark.parametrize(
    ("settings", "status"), [*((name, 200) for name in SETTINGS), ("default", 404), ("default", 500)]
)
@pytest.mark.parametrize("engine", ["signed_cookies", "file"])
def test_a_browser_sees_what_it_would_see_of_django(
    engine: str, settings: str, status: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    common = SETTINGS[settings] | {"SESSION_FILE_PATH": str(tmp_path)}
    name = common.get("SESSION_COOKIE_NAME", "sessionid")
    orders = [[view] for view in VIEWS.values()] + [[write, view, VIEWS["read"]] for view in VIEWS.values()]
    with override_settings(SESSION_ENGINE=f"miniframe.sessions.backends.{engine}", **common):
        ours = [answers(SessionMiddleware, RequestFactory(), HttpResponse, name, each, status) for each in orders]
    with django_override(SESSION_ENGINE=f"django.contrib.sessions.backends.{engine}", **common):
        # Looked up once, for the whole process.
        monkeypatch.setattr(DjangoFileStore, "_storage_path", str(tmp_path), raising=False)
        theirs = [answers(DjangoMiddleware, DjangoFactory(), DjangoResponse, name, each, status) for each in orders]
    names = [*VIEWS, *(f"write-{name}-read" for name in VIEWS)]
    differing = {label: (one, two) for label, one, two in zip(names, ours, theirs, strict=True) if one != two}
    # Meant: the cookie of a session that has expired is taken back, where Django stores a new session for it, or, with
    # signed cookies, goes on reading the old one.
    differing.pop("write-expire-in-the-past-read", None)
    assert differing == {}


def test_each_reads_the_text_that_the_other_keeps_in_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(DjangoFileStore, "_storage_path", str(tmp_path), raising=False)
    data = {"cart": ["tea"] * 40, "name": "Ægir"}  # long enough to be compressed
    with override_settings(SESSION_FILE_PATH=str(tmp_path)):
        ours, theirs = SessionStore(), DjangoFileStore()
        assert theirs.decode(ours.encode(data)) == ours.decode(theirs.encode(data)) == data
