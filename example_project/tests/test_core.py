"""The layout, the middlewares, and what happens when something goes wrong."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from miniframe.db import session
from miniframe.test import Client
from miniframe.test.utils import override_settings

from board import store, views
from core.db import database_created, open_database
from core.forms import tidy
from live import log

PAGES = ("/", "/about/", "/notices/", "/notices/new/", "/gallery/", "/gallery/new/", "/tides/2026-11-20/", "/live/")


@pytest.mark.parametrize("address", PAGES)
def test_every_page_is_there_with_menu_and_title(client: Client, address: str) -> None:
    response = client.get(address)
    assert response.status_code == 200
    assert "<title>" in response.text
    assert 'aria-label="Site"' in response.text


@pytest.mark.parametrize("address", PAGES)
def test_no_page_loads_anything_from_elsewhere(client: Client, address: str) -> None:
    text = client.get(address).text
    assert not re.findall(r'(?:src|href|action)="(?:https?:)?//', text)
    assert not re.findall(r"\sstyle=|<style|\son[a-z]+=", text), "the content policy would block it"


def test_a_new_database_brings_sample_data(client: Client) -> None:
    with override_settings(SAMPLE_DATA=True):
        database_created.send(sender=None)
    text = client.get("/").text
    assert text.count('class="note"') == 3
    assert text.count('class="frame"') == 4


def test_an_empty_site_says_how_to_fill_it(client: Client) -> None:
    for address in ("/", "/notices/", "/gallery/"):
        assert "python manage.py seed" in client.get(address).text


def test_the_response_tells_how_long_it_took(client: Client) -> None:
    assert re.fullmatch(r"app;dur=\d+\.\d\d", client.get("/about/").headers["Server-Timing"])


def test_security_headers_are_on_every_page(client: Client) -> None:
    headers = client.get("/about/").headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "default-src 'self'" in headers["Content-Security-Policy"]


def test_a_script_runs_only_with_the_nonce_of_its_request(client: Client) -> None:
    policies = []
    for _ in range(2):
        response = client.get("/live/")
        found = re.search(r'<script [^>]*nonce="([^"]+)"', response.text)
        assert found is not None
        policies.append(response.headers["Content-Security-Policy"])
        assert f"script-src 'nonce-{found[1]}'" in policies[-1]
    assert policies[0] != policies[1]


def test_a_page_without_scripts_runs_none(client: Client) -> None:
    assert "script-src 'none'" in client.get("/about/").headers["Content-Security-Policy"]


def test_who_only_looks_gets_no_cookie(client: Client) -> None:
    for address in PAGES:
        if not address.endswith("/new/"):  # a form has a token against forgery
            assert not client.get(address).cookies, address


def test_an_icon_is_there_for_what_cannot_name_one(client: Client) -> None:
    response = client.get("/favicon.ico")
    assert response.status_code == 302
    assert response.headers["Location"] == "/static/img/lighthouse.svg"


@pytest.mark.parametrize(
    ("address", "status", "words"),
    [
        pytest.param("/nowhere/", 404, "This berth is empty", id="unknown"),
        pytest.param("/notices/99/", 404, "This berth is empty", id="no-such-notice"),
        pytest.param("/notices/99999999999999999999/", 404, "This berth is empty", id="beyond-the-database"),
        pytest.param("/notices/?page=2", 404, "This berth is empty", id="past-the-last-page"),
        pytest.param("/notices/?page=one", 404, "This berth is empty", id="page-is-no-number"),
    ],
)
def test_a_mistake_gets_our_own_page(client: Client, address: str, status: int, words: str) -> None:
    response = client.get(address)
    assert response.status_code == status
    assert words in response.text


def test_a_broken_view_gets_our_own_page(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(**kwargs: object) -> None:
        raise RuntimeError("the database is on fire")

    monkeypatch.setattr(store, "find", broken)
    client.raise_request_exception = False
    response = client.get("/notices/")
    assert response.status_code == 500
    assert "We ran aground" in response.text
    assert "fire" not in response.text


def test_an_unknown_host_is_refused(client: Client) -> None:
    response = client.get("/", headers={"host": "evil.example"})
    assert response.status_code == 400
    assert "A garbled message" in response.text


def test_a_view_that_fails_leaves_nothing_in_the_database(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: object, **kwargs: object) -> None:
        raise RuntimeError("out of pins")

    monkeypatch.setattr(views, "remember_author", broken)
    client.raise_request_exception = False
    notice = {"title": "Half", "category": "sale", "body": "Done by half.", "author": "Rosa"}
    assert client.post("/notices/new/", notice).status_code == 500
    assert len(store.find()) == 0
    assert len(log.after(0)) == 1


def test_moments_come_back_in_utc() -> None:
    tokyo = datetime(2026, 11, 20, 8, 30, tzinfo=timezone(timedelta(hours=9)))
    notice = store.add("Early", "bird", "sale", "me", posted_at=tokyo)
    session().expire_all()
    assert notice.posted_at == tokyo
    assert notice.posted_at.tzinfo is UTC


def test_a_database_that_is_there_is_left_alone() -> None:
    open_database()
    assert len(log.after(0)) == 1, "it would have been filled anew"


@pytest.mark.parametrize(
    ("typed", "lines", "kept"),
    [
        pytest.param("  a  b ", False, "a b", id="spaces"),
        pytest.param("a\nb", False, "a b", id="one-line"),
        pytest.param("a\r\nb\r\n", True, "a\nb", id="browser-line-ends"),
        pytest.param("a\tb", True, "a\tb", id="tab"),
        pytest.param("a\x00b\x1b\x9b", True, "ab", id="controls"),
    ],
)
def test_what_nobody_means_to_type_is_dropped(typed: str, lines: bool, kept: str) -> None:
    assert tidy(typed, lines=lines) == kept
