"""Who asks, by what name, and how: what the application is told is true, whatever the client says."""

from __future__ import annotations

import pytest

from .client import Address, Connection, ask
from .rows import Row

FORGED = [
    ("X-Forwarded-For", "203.0.113.7"),
    ("X-Forwarded-Proto", "gopher"),
    ("X-Forwarded-Host", "evil.example"),
    ("X-Forwarded-Port", "99"),
    ("X-Forwarded-Prefix", "/evil"),
    ("X-Forwarded-Ssl", "on"),
    ("X-Real-IP", "203.0.113.8"),
    ("X-Scheme", "gopher"),
    ("Forwarded", "for=203.0.113.9;host=evil.example;proto=gopher"),
    ("Proxy", "http://evil.example/"),
    ("Script-Name", "/evil"),
    ("X-Script-Name", "/evil"),
    ("Remote-Addr", "203.0.113.10"),
]


@pytest.mark.case("scheme, name, address")
def test_the_application_knows_how_it_was_asked(site: Address) -> None:
    seen = ask(site, path="/echo/?a=1&a=2").json()
    assert seen["host"] == site.netloc
    assert seen["client"] == "127.0.0.1"
    assert seen["secure"] is site.is_secure
    assert seen["scheme"] == site.origin.partition(":")[0]
    assert (seen["path"], seen["path_info"], seen["script_name"]) == ("/echo/", "/echo/", "")
    assert seen["query"] == {"a": ["1", "2"]}


@pytest.mark.case("forged headers")
def test_a_client_cannot_pass_for_another(site: Address) -> None:
    seen = ask(site, path="/echo/", fields=FORGED).json()
    assert seen["host"] == site.netloc
    assert seen["client"] == "127.0.0.1"
    assert seen["scheme"] == site.origin.partition(":")[0]
    assert (seen["path"], seen["script_name"], seen["reversed"]) == ("/echo/", "", "/echo/")


@pytest.mark.case("forged headers: underscores")
def test_a_name_with_an_underscore_does_not_pass_for_another(site: Address) -> None:
    fields = [("X_Forwarded_Proto", "gopher"), ("X_Real_Ip", "203.0.113.8"), ("X_Forwarded_For", "203.0.113.8")]
    seen = ask(site, path="/echo/", fields=fields).json()
    assert seen["client"] == "127.0.0.1"
    assert seen["secure"] is site.is_secure


@pytest.mark.case("the proxy drops forged headers")
def test_a_proxy_drops_what_the_client_forged(site: Address) -> None:
    headers = ask(site, path="/echo/", fields=[*FORGED, ("X_Real_Ip", "203.0.113.8")]).json()["headers"]
    assert "Proxy" not in headers  # httpoxy, CVE-2016-5385
    told = " ".join(value for name, value in headers.items() if name.startswith(("X-Forwarded", "X-Real", "Forwarded")))
    for forged in ("203.0.113", "evil", "gopher", "on"):
        assert forged not in told.split()


@pytest.mark.case("another name")
@pytest.mark.parametrize(
    "name", ["evil.example", "depot.example.evil.example", "127.0.0.1", "[::1]", "evil.example:80"]
)
def test_another_name_is_refused(site: Address, name: str) -> None:
    with Connection(site) as connection:
        try:
            answer = connection.ask("GET", "/echo/", host=name)
        except ConnectionError:
            return  # nginx may hang up without a word (444)
    assert answer.status in (400, 404, 421)
    assert b"evil" not in answer.body


@pytest.mark.case("HTTP leads to HTTPS")
def test_http_leads_to_https(server: Row) -> None:
    assert server.plain_address is not None, "no TLS here"
    answer = ask(server.plain_address, path="/go/?a=1", host=server.address.netloc)
    assert answer.status in (301, 308)
    assert answer["location"] == f"{server.address.origin}/go/?a=1"
    assert answer["set-cookie"] == ""


@pytest.mark.case("HTTP leads to HTTPS")
@pytest.mark.parametrize("path", ["/go/", "/healthz", "/.well-known/x"])
def test_nobody_is_led_to_a_name_that_is_not_ours(server: Row, path: str) -> None:
    assert server.plain_address is not None, "no TLS here"
    try:
        answer = ask(server.plain_address, path=path, host="evil.example")
    except ConnectionError:
        return
    assert answer["location"] == ""


@pytest.mark.case("HTTP leads to HTTPS")
def test_https_promises_to_stay(server: Row) -> None:
    assert server.address.is_secure, "no TLS here"
    answer = ask(server.address)
    assert "max-age=" in answer["strict-transport-security"]
    cookie = ask(server.address, path="/visits/")["set-cookie"]
    assert "; Secure" in cookie
    assert "; HttpOnly" in cookie


@pytest.mark.case("a health address")
def test_the_health_address_answers_whoever_asks(server: Row) -> None:
    # As a balancer asks each machine: by its address, and without the fields that it sets for visitors.
    answer = ask(server.address._replace(via=()), path="/healthz", host="10.0.0.1")
    assert (answer.status, answer["set-cookie"], answer["location"]) == (200, "", "")
