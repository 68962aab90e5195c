"""What goes over the wire: no cookie without need, `Vary` where the session was looked at, nothing saved on errors."""

from __future__ import annotations

from typing import Any

import pytest

from miniframe.http import HttpResponse, HttpResponseServerError, StreamingHttpResponse
from miniframe.sessions.backends.base import SessionBase
from miniframe.test import Client
from miniframe.test.utils import override_settings

from .conftest import BACKENDS, MakeSite, plain


def read(request: Any) -> HttpResponse:
    return HttpResponse(str(request.session.get("n", "nothing")))


def count(request: Any) -> HttpResponse:
    request.session["n"] = request.session.get("n", 0) + 1
    return HttpResponse(str(request.session["n"]))


def flush(request: Any) -> HttpResponse:
    request.session.flush()
    return HttpResponse("bye")


def fail(request: Any) -> HttpResponse:
    request.session["n"] = 99
    return HttpResponseServerError("sorry")


def crash(request: Any) -> HttpResponse:
    request.session["n"] = 99
    raise RuntimeError("no")


def dispatch(request: Any) -> HttpResponse:
    views: dict[str, Any] = {"count": count, "read": read, "flush": flush, "fail": fail, "crash": crash, "plain": plain}
    return views[request.GET["do"]](request)  # type: ignore[no-any-return]


def cookie_of(client: Client, do: str) -> Any:
    return client.get("/", {"do": do}).cookies.get("sessionid")


@pytest.mark.parametrize("engine", ["signed_cookies", "file", "cache"])
def test_a_session_lives_from_request_to_request(engine: str, make_site: MakeSite) -> None:
    client = make_site(dispatch, SESSION_ENGINE=f"{BACKENDS}.{engine}")
    assert [client.get("/?do=count").content for _ in range(3)] == [b"1", b"2", b"3"]
    assert client.get("/?do=read").content == b"3"
    client.get("/?do=flush")
    assert client.get("/?do=read").content == b"nothing"


@pytest.mark.parametrize(
    ("do", "vary", "sets_cookie"),
    [("plain", None, False), ("read", "Cookie", False), ("count", "Cookie", True), ("flush", "Cookie", False)],
)
@pytest.mark.parametrize("has_cookie", [False, True])
def test_what_a_response_says_of_the_session(
    do: str, vary: str | None, sets_cookie: bool, has_cookie: bool, make_site: MakeSite
) -> None:
    client = make_site(dispatch)
    if has_cookie:
        client.get("/?do=count")
    response = client.get("/", {"do": do})
    assert response.get("Vary") == vary
    # Flushing takes a cookie back only from those who have one.
    assert ("sessionid" in response.cookies) is (sets_cookie or (do == "flush" and has_cookie))


def test_a_session_that_nobody_touches_is_not_looked_at(make_site: MakeSite, monkeypatch: pytest.MonkeyPatch) -> None:
    client = make_site(plain)

    def never(self: SessionBase) -> dict[str, Any]:
        raise AssertionError("loaded")

    monkeypatch.setattr(f"{BACKENDS}.signed_cookies.SessionStore.load", never)
    client.cookies["sessionid"] = "anything at all"
    assert client.get("/").content == b"plain"


@pytest.mark.parametrize("do", ["fail", "crash"])
def test_a_server_error_saves_nothing(do: str, make_site: MakeSite) -> None:
    client = make_site(dispatch)
    client.get("/?do=count")
    response = client.get("/", {"do": do})
    assert response.status_code == 500
    assert "sessionid" not in response.cookies
    assert client.get("/?do=read").content == b"1"


def test_a_client_error_does_save(make_site: MakeSite) -> None:
    def missing(request: Any) -> HttpResponse:
        request.session["n"] = 5
        return HttpResponse(status=404)

    assert "sessionid" in make_site(missing).get("/").cookies


def test_the_cookie_is_taken_back_as_it_was_set(make_site: MakeSite) -> None:
    client = make_site(dispatch, SESSION_COOKIE_PATH="/shop/", SESSION_COOKIE_DOMAIN="example.com")
    client.cookies["sessionid"] = "x" * 20
    taken = cookie_of(client, "flush")
    assert taken.value == ""
    assert (taken["max-age"], taken["path"], taken["domain"], taken["samesite"]) == (0, "/shop/", "example.com", "Lax")


@pytest.mark.parametrize(
    "value", ["tampered", "x" * 20_000, "\x80\xff", "a:b:c", '"quoted\\"', "../../etc/passwd"], ids=lambda v: v[:8]
)
@pytest.mark.parametrize("engine", ["signed_cookies", "file", "cache"])
def test_a_cookie_that_is_not_ours_is_an_empty_session_and_taken_back(
    value: str, engine: str, make_site: MakeSite
) -> None:
    client = make_site(dispatch, SESSION_ENGINE=f"{BACKENDS}.{engine}")
    response = client.get("/?do=read", headers={"cookie": f"sessionid={value}"})
    assert (response.status_code, response.content) == (200, b"nothing")
    assert response.cookies["sessionid"]["max-age"] == 0
    response = client.get("/?do=count", headers={"cookie": f"sessionid={value}"})
    assert response.content == b"1"
    assert response.cookies["sessionid"].value != value


@pytest.mark.parametrize("engine", ["file", "cache"])
def test_a_session_that_ends_while_a_request_is_on_its_way_is_a_400(engine: str, make_site: MakeSite) -> None:
    def overtaken(request: Any) -> HttpResponse:
        request.session["n"] = 1
        type(request.session)(request.session.session_key).delete()
        return HttpResponse("never seen")

    def both(request: Any) -> HttpResponse:
        return overtaken(request) if "end" in request.GET else count(request)

    client = make_site(both, SESSION_ENGINE=f"{BACKENDS}.{engine}")
    client.get("/")
    response = client.get("/?end")
    assert response.status_code == 400
    assert "sessionid" not in response.cookies


@pytest.mark.parametrize(
    ("expiry", "settings", "max_age"),
    [
        pytest.param(None, {}, 1_209_600, id="default"),
        pytest.param(None, {"SESSION_COOKIE_AGE": 60}, 60, id="setting"),
        pytest.param(300, {}, 300, id="own"),
        pytest.param(0, {}, "", id="until-the-browser-closes"),
        pytest.param(None, {"SESSION_EXPIRE_AT_BROWSER_CLOSE": True}, "", id="the-same-by-setting"),
    ],
)
def test_how_long_the_browser_keeps_the_cookie(
    expiry: int | None, settings: dict[str, Any], max_age: Any, make_site: MakeSite
) -> None:
    def view(request: Any) -> HttpResponse:
        request.session["n"] = 1
        request.session.set_expiry(expiry)
        return HttpResponse()

    cookie = make_site(view, **settings).get("/").cookies["sessionid"]
    assert cookie["max-age"] == max_age
    assert bool(cookie["expires"]) is bool(max_age)


@pytest.mark.parametrize(
    ("settings", "attributes"),
    [
        ({}, {"httponly": True, "secure": "", "samesite": "Lax", "path": "/", "domain": ""}),
        ({"SESSION_COOKIE_SECURE": True, "SESSION_COOKIE_HTTPONLY": False}, {"httponly": "", "secure": True}),
        (
            {"SESSION_COOKIE_SAMESITE": "Strict", "SESSION_COOKIE_DOMAIN": "a.b"},
            {"samesite": "Strict", "domain": "a.b"},
        ),
    ],
)
def test_the_cookies_attributes_are_those_of_the_settings(
    settings: dict[str, Any], attributes: dict[str, Any], make_site: MakeSite
) -> None:
    cookie = make_site(count, **settings).get("/").cookies["sessionid"]
    assert {name: cookie[name] for name in attributes} == attributes


def test_save_every_request_renews_the_cookie_of_those_who_have_one(make_site: MakeSite) -> None:
    client = make_site(dispatch, SESSION_SAVE_EVERY_REQUEST=True)
    assert cookie_of(client, "plain") is None
    client.get("/?do=count")
    response = client.get("/?do=plain")
    assert response.cookies["sessionid"].value
    assert response["Vary"] == "Cookie"


def test_a_streamed_page_may_read_the_session_while_it_is_sent(make_site: MakeSite) -> None:
    def stream(request: Any) -> Any:
        if "set" in request.GET:
            return count(request)
        return StreamingHttpResponse(str(request.session.get("n")) for _ in range(2))

    client = make_site(stream)
    client.get("/?set")
    assert b"".join(client.get("/").streaming_content) == b"11"


def test_a_session_that_somebody_took_away_is_no_error(make_site: MakeSite) -> None:
    def view(request: Any) -> HttpResponse:
        del request.session
        return HttpResponse("ok")

    assert make_site(view).get("/").content == b"ok"


def test_an_inner_session_object_of_ones_own_is_no_error(make_site: MakeSite) -> None:
    def view(request: Any) -> HttpResponse:
        request.session = {"a": 1}
        return HttpResponse("ok")

    assert make_site(view).get("/").content == b"ok"


def test_a_vary_that_is_there_is_kept(make_site: MakeSite) -> None:
    def view(request: Any) -> HttpResponse:
        return HttpResponse(str("a" in request.session), headers={"Vary": "Accept"})

    assert make_site(view).get("/")["Vary"] == "Accept, Cookie"


def test_csrf_may_keep_its_secret_in_the_session(make_site: MakeSite) -> None:
    from miniframe.middleware.csrf import get_token

    def view(request: Any) -> HttpResponse:
        return HttpResponse(get_token(request))

    client = make_site(
        view,
        CSRF_USE_SESSIONS=True,
        MIDDLEWARE=[
            "miniframe.sessions.middleware.SessionMiddleware",
            "miniframe.middleware.csrf.CsrfViewMiddleware",
        ],
    )
    client.handler.enforce_csrf_checks = True
    token = client.get("/").content.decode()
    assert client.post("/").status_code == 403
    assert client.post("/", headers={"x-csrftoken": token}).status_code == 200


# The test client's own session.


@pytest.mark.parametrize("engine", ["signed_cookies", "file", "cache"])
def test_a_test_may_put_something_into_the_clients_session(engine: str, make_site: MakeSite) -> None:
    client = make_site(dispatch, SESSION_ENGINE=f"{BACKENDS}.{engine}")
    session = client.session
    session["n"] = 41
    session.save()
    assert client.get("/?do=count").content == b"42"
    assert client.session["n"] == 42
    client.session.flush()
    assert client.get("/?do=read").content == b"nothing"


def test_the_clients_session_keeps_its_data_under_a_new_key(make_site: MakeSite) -> None:
    with override_settings(SESSION_ENGINE=f"{BACKENDS}.cache"):
        client = make_site(dispatch)
        client.get("/?do=count")
        session = client.session
        session.cycle_key()
        assert client.cookies["sessionid"].value == session.session_key
        assert client.get("/?do=read").content == b"1"
