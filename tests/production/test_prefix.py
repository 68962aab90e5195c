"""The site below /app: addresses that it makes, redirects, cookies and static files."""

from __future__ import annotations

import pytest

from .client import Connection, ask
from .rows import Row


@pytest.mark.case("below /app")
def test_the_application_knows_where_it_is(below: Row) -> None:
    seen = ask(below.address, path="/echo/").json()
    assert (seen["path"], seen["path_info"], seen["reversed"]) == ("/app/echo/", "/echo/", "/app/echo/")


@pytest.mark.case("below /app")
def test_redirects_stay_below(below: Row) -> None:
    assert ask(below.address, path="/go/")["location"] == "/app/"
    without_slash = ask(below.address, path="/echo")
    assert (without_slash.status, without_slash["location"]) == (301, "/app/echo/")


@pytest.mark.case("below /app")
def test_the_address_without_a_slash_leads_to_the_site(below: Row) -> None:
    answer = ask(below.address._replace(prefix=""), path="/app?a=1")
    assert answer.body == b"hello\n" or answer["location"].removeprefix(below.address.origin) == "/app/?a=1"


@pytest.mark.case("below /app")
def test_nobody_is_led_to_a_name_that_is_not_ours(below: Row) -> None:
    try:
        answer = ask(below.address._replace(prefix=""), path="/app", host="evil.example")
    except ConnectionError:
        return
    assert "evil" not in answer["location"]


@pytest.mark.case("below /app")
def test_a_visitor_is_known_again(below: Row) -> None:
    cookie = ask(below.address, path="/visits/")["set-cookie"]
    assert "path=/app" in cookie.lower().replace("path=/app/", "path=/app")
    again = ask(below.address, path="/visits/", fields=[("Cookie", cookie.partition(";")[0])])
    assert again.body == b"visit 2\n"


@pytest.mark.case("below /app")
def test_what_is_beside_is_not_the_site(below: Row) -> None:
    for path in ("/echo/", "/application/", "/apple", "/"):
        try:
            assert ask(below.address._replace(prefix=""), path=path).status == 404
        except ConnectionError:
            pass  # nginx may hang up without a word


@pytest.mark.case("below /app: static")
def test_static_files_are_below(below: Row) -> None:
    address = ask(below.address, path="/assets/large.css").body.decode()
    assert address.startswith("/app/static/large.")
    with Connection(below.address._replace(prefix="")) as connection:
        assert connection.ask("GET", address).status == 200


@pytest.mark.case("below /app: X-Accel-Redirect")
def test_a_private_file_is_sent(below: Row) -> None:
    way = "accelerated" if below.proxied else "download"
    assert ask(below.address, path=f"/{way}/large.bin").body.startswith(b"000000000000000\n")
