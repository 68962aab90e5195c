"""The API: filters, pages, errors, and a notice pinned by a program."""

from __future__ import annotations

from typing import Any

import pytest
from miniframe.test import Client

from board import store

GOOD = {"title": "Free lemons", "category": "sale", "body": "A crate of them.", "author": "Rosa"}


@pytest.fixture
def board() -> None:
    for number in range(5):
        store.add(f"Notice {number}", "Some text", "sale" if number % 2 else "crew", "Rosa")


def post(client: Client, body: Any, content_type: str = "application/json") -> Any:
    """Send a notice."""
    return client.post("/api/notices/", body, content_type=content_type)


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        pytest.param("text/html,application/xhtml+xml,*/*;q=0.8", "text/html; charset=utf-8", id="browser"),
        pytest.param("application/json", "application/json", id="program"),
        pytest.param("text/html;q=0.1, application/json", "application/json", id="prefers-json"),
    ],
)
def test_the_front_page_is_for_people_and_for_programs(client: Client, accept: str, content_type: str) -> None:
    response = client.get("/api/", headers={"accept": accept})
    assert response.headers["Content-Type"] == content_type
    assert "Accept" in response.headers["Vary"]


@pytest.mark.usefixtures("board")
def test_notices_can_be_filtered(client: Client) -> None:
    found = client.get("/api/notices/?category=sale&q=notice").json()
    assert found["total"] == 2
    assert {notice["category"] for notice in found["notices"]} == {"sale"}
    assert "author_key" not in found["notices"][0]


@pytest.mark.usefixtures("board")
def test_pages_lead_to_each_other(client: Client) -> None:
    first = client.get("/api/notices/?per_page=2").json()
    assert first["pages"] == 3
    assert first["previous"] is None
    second = client.get(first["next"]).json()
    assert second["previous"] == "http://testserver/api/notices/?per_page=2&page=1"
    assert not {notice["id"] for notice in first["notices"]} & {notice["id"] for notice in second["notices"]}


@pytest.mark.usefixtures("board")
def test_a_notice_has_an_address_of_its_own(client: Client) -> None:
    pinned = store.find()[:1][0]
    notice = client.get(f"/api{pinned.address}").json()
    assert notice["title"] == "Notice 4"
    assert client.get(notice["url"]).json() == notice
    assert client.get(notice["page"]).status_code == 200


@pytest.mark.parametrize(
    ("address", "field", "words"),
    [
        pytest.param("/api/notices/?page=0", "page", "from 1 to", id="too-small"),
        pytest.param("/api/notices/?per_page=101", "per_page", "from 1 to 100", id="too-large"),
        pytest.param("/api/notices/?page=1_0", "page", "whole number", id="not-only-digits"),
        pytest.param("/api/notices/?category=piracy", "category", "one of office", id="unknown-category"),
        pytest.param("/api/notices/?catgory=sale", "catgory", "did you mean 'category'?", id="misspelt"),
        pytest.param("/api/tides/?days=32", "days", "from 1 to 31", id="too-many-days"),
        pytest.param("/api/tides/?from=soon", "from", "such as 2026-11-20", id="no-day"),
        pytest.param("/api/notices/1/?x=1", "x", "known are none", id="no-filters-here"),
    ],
)
def test_a_wrong_filter_is_named(client: Client, address: str, field: str, words: str) -> None:
    response = client.get(address)
    assert response.status_code == 400
    assert words in response.json()["error"]["fields"][field]


def test_all_mistakes_are_told_at_once(client: Client) -> None:
    fields = client.get("/api/tides/?days=99&form=today").json()["error"]["fields"]
    assert set(fields) == {"days", "form"}
    assert "'from'" in fields["form"]


@pytest.mark.parametrize(
    "address", ["/api/notices/99/", "/api/notices/?page=2", "/api/nothing/here", "/api/notices/99999999999999999999/"]
)
def test_what_is_not_there_is_told_in_json(client: Client, address: str) -> None:
    response = client.get(address)
    assert response.status_code == 404
    assert response.json()["error"]["status"] == 404


def test_a_wrong_method_is_told_in_json(client: Client) -> None:
    response = client.delete("/api/notices/")
    assert response.status_code == 405
    assert response.headers["Allow"] == "GET, POST, HEAD, OPTIONS"
    assert "DELETE" in response.json()["error"]["message"]


def test_a_program_can_pin_a_notice_without_a_token(strict_client: Client) -> None:
    response = post(strict_client, GOOD)
    assert response.status_code == 201
    assert response.headers["Location"] == response.json()["url"]
    assert strict_client.get(response.headers["Location"]).json()["title"] == "Free lemons"


def test_half_a_surrogate_pair_is_no_text(client: Client) -> None:
    response = post(
        client, '{"title": "\\ud800Lemons", "category": "sale", "body": "A crate of them.", "author": "Rosa"}'
    )
    assert response.status_code == 400


def test_nobody_can_change_what_a_program_pinned(client: Client) -> None:
    page = post(client, GOOD).json()["page"]
    assert client.get(f"{page}edit/").status_code == 403


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        pytest.param(GOOD, "application/x-www-form-urlencoded", 415, id="form"),
        pytest.param("{", "application/json", 400, id="broken-json"),
        pytest.param("[" * 100_000, "application/json", 400, id="too-deep"),
        pytest.param("[1]", "application/json", 400, id="no-object"),
        pytest.param({**GOOD, "body": "a" * 300_000}, "application/json", 413, id="too-large"),
        pytest.param(b"\xff\xfe\xfd", "application/json", 400, id="no-text"),
        pytest.param({**GOOD, "title": 7}, "application/json", 422, id="title-is-a-number"),
        pytest.param({"title": "Free lemons"}, "application/json", 422, id="parts-missing"),
    ],
)
def test_a_bad_notice_is_refused(client: Client, body: Any, content_type: str, status: int) -> None:
    if content_type != "application/json":
        body = "title=Free+lemons"
    response = post(client, body, content_type)
    assert response.status_code == status
    assert response.json()["error"]["message"]
    assert len(store.find()) == 0


def test_each_wrong_field_of_a_notice_is_named(client: Client) -> None:
    fields = post(client, {**GOOD, "title": 7, "category": "piracy"}).json()["error"]["fields"]
    assert fields["title"] == "This must be text."
    assert "Please choose one of" in fields["category"]


def test_tides_come_by_the_day(client: Client) -> None:
    found = client.get("/api/tides/?from=2026-12-24&days=2").json()
    assert [day["date"] for day in found["days"]] == ["2026-12-24", "2026-12-25"]
    assert found["days"][0]["turns"][0]["at"].startswith("2026-12-24T")
    assert found["now"]["going"] in {"rising", "falling"}


def test_pictures_say_where_their_files_are(client: Client) -> None:
    assert client.get("/api/gallery/").json()["pictures"] == []
