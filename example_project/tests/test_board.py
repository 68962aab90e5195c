"""The notice board: reading, searching, pinning, changing, taking down."""

from __future__ import annotations

import re
from typing import Any

import pytest
from miniframe.test import Client
from miniframe.test.utils import override_settings

from board import store

GOOD = {"title": "Lost: one oar", "category": "lost", "body": "Left hand, ash.\r\n\r\nIt floats.", "author": "Old Tam"}


def pin(client: Client, **changes: str) -> Any:
    """Send the form of a new notice."""
    return client.post("/notices/new/", {**GOOD, **changes})


def test_a_pinned_notice_is_shown_after_a_redirect(client: Client) -> None:
    response = pin(client)
    assert response.status_code == 302
    page = client.get(response.headers["Location"])
    assert "Lost: one oar" in page.text
    assert page.text.count('class="lines"') == 2
    assert "Your notice is pinned" in page.text


def test_a_message_is_shown_once(client: Client) -> None:
    address = pin(client).headers["Location"]
    assert "Your notice is pinned" in client.get(address).text
    assert "Your notice is pinned" not in client.get(address).text


def test_a_forged_message_is_not_shown(client: Client) -> None:
    client.cookies["messages"] = "W1siX19qc29uX21lc3NhZ2UiLDAsMjUsIlNlbmQgbW9uZXkiXV0:1forge:d"
    response = client.get("/")
    assert "money" not in response.text
    assert response.cookies["messages"]["max-age"] == 0


def test_the_board_remembers_what_a_visitor_has_read(client: Client) -> None:
    pinned = [store.add(f"Notice {number}", "Some text", "sale", "Rosa") for number in range(5)]
    for number in (0, 1, 2, 3, 1):
        client.get(pinned[number].address)
    store.remove(pinned[3])
    (line,) = re.findall(r"Read lately: (.*)", client.get("/notices/").text)
    assert re.findall(r">(Notice \d)<", line) == ["Notice 1", "Notice 2"]
    assert "Read lately" not in Client().get("/notices/").text


def test_what_was_read_is_not_for_shared_caches(client: Client) -> None:
    assert "Cookie" in client.get("/notices/").headers["Vary"]


def test_a_forged_session_is_ignored(client: Client) -> None:
    store.add("Notice", "Some text", "sale", "Rosa")
    client.cookies["sessionid"] = "eyJyZWFkIjpbMV19:1made0:up"
    assert "Read lately" not in client.get("/notices/").text


def test_a_form_without_its_token_is_refused(strict_client: Client) -> None:
    response = pin(strict_client)
    assert response.status_code == 403
    assert "The form went adrift" in response.text
    assert len(store.find()) == 0


def test_a_form_with_its_token_is_taken(strict_client: Client) -> None:
    found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', strict_client.get("/notices/new/").text)
    assert found is not None
    assert pin(strict_client, csrfmiddlewaretoken=found[1]).status_code == 302


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        pytest.param({"title": " "}, "Please fill this in.", id="empty"),
        pytest.param({"title": "abc"}, "at least 4 characters", id="short"),
        pytest.param({"title": "a" * 81}, "At most 80 characters; this has 81.", id="long"),
        pytest.param({"category": ""}, "Please choose one.", id="no-choice"),
        pytest.param({"category": "piracy"}, "Please choose one of: Harbour office", id="unknown-choice"),
    ],
)
def test_a_mistake_is_told_beside_the_field_and_nothing_typed_is_lost(
    client: Client, changes: dict[str, str], words: str
) -> None:
    response = pin(client, **changes)
    assert response.status_code == 422
    assert words in response.text
    assert "It floats." in response.text
    assert 'value="Old Tam"' in response.text
    assert response.text.count('aria-invalid="true"') == 1
    assert len(store.find()) == 0


def test_text_is_never_taken_for_markup(client: Client) -> None:
    address = pin(client, title="<script>alert(1)</script>", body="<b>bold</b> enough").headers["Location"]
    for page in (address, "/notices/", "/"):
        text = client.get(page).text
        assert "<script>alert" not in text
        assert "<b>bold" not in text


def test_the_author_can_change_a_notice(client: Client) -> None:
    address = pin(client).headers["Location"]
    assert "Left hand, ash." in client.get(f"{address}edit/").text
    response = client.post(f"{address}edit/", {**GOOD, "title": "Found: one oar"})
    assert response.status_code == 302
    page = client.get(address).text
    assert "Found: one oar" in page
    assert "changed" in page


def test_the_author_can_take_a_notice_down_but_not_by_a_link(client: Client) -> None:
    address = pin(client).headers["Location"]
    assert "Take it down?" in client.get(f"{address}delete/").text
    assert client.get(address).status_code == 200
    assert client.post(f"{address}delete/").status_code == 302
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("action", ["edit", "delete"])
def test_nobody_else_can_change_it(client: Client, action: str) -> None:
    address = pin(client).headers["Location"]
    stranger = Client()
    assert f"{address}edit/" not in stranger.get(address).text
    for response in (stranger.get(f"{address}{action}/"), stranger.post(f"{address}{action}/", GOOD)):
        assert response.status_code == 403
        assert "Not your berth" in response.text


def test_a_notice_without_a_key_belongs_to_nobody(client: Client) -> None:
    notice = store.add("From the office", "No author key here.", "office", "Harbour Master")
    assert client.get(f"/notices/{notice.id}/edit/").status_code == 403


@pytest.fixture
def twenty() -> None:
    for number in range(20):
        store.add(f"Notice number {number}", "Some text", "sale" if number % 2 else "crew", "Rosa")


@pytest.mark.usefixtures("twenty")
def test_pages_keep_the_search(client: Client) -> None:
    with override_settings(NOTICES_PER_PAGE=4):
        text = client.get("/notices/?category=sale&q=number").text
    assert "10 notices with" in text
    assert "?category=sale&amp;q=number&amp;page=2" in text
    assert text.count('class="note"') == 4


@pytest.mark.usefixtures("twenty")
@pytest.mark.parametrize(
    ("words", "total"),
    [
        pytest.param("number 19", 1, id="all-words-must-fit"),
        pytest.param("NUMBER", 20, id="any-case"),
        pytest.param("%", 0, id="percent-is-itself"),
        pytest.param("n_mber", 0, id="underscore-is-itself"),
        pytest.param("' OR 1=1 --", 0, id="no-sql"),
    ],
)
def test_search_finds_words(words: str, total: int) -> None:
    assert len(store.find(words=words)) == total


def test_old_addresses_go_on_working(client: Client) -> None:
    response = client.get("/board/")
    assert response.status_code == 301
    assert response.headers["Location"] == "/notices/"
