"""The live page: streams that grow, and a log that other apps fill."""

from __future__ import annotations

import json
from typing import Any

import pytest
from miniframe.files import ContentFile
from miniframe.test import Client, RequestFactory
from miniframe.test.utils import override_settings

from core.db import LAST_ID
from gallery import store as pictures
from gallery.kinds import PNG
from gallery.signals import picture_hung
from live import log, views
from live.stream import happenings
from live.views import EARLIER_ENTRIES

GOOD = {"title": "Lost: one oar", "category": "lost", "body": "Left hand, ash.", "author": "Old Tam"}


def events(client: Client, **headers: str) -> list[dict[str, str]]:
    """Return the events of one call of the stream, each as its fields."""
    text = client.get("/live/events/", headers=headers).getvalue().decode()
    blocks = [block for block in text.split("\n\n") if block]
    return [dict(line.split(": ", 1) for line in block.split("\n")) for block in blocks]


def test_the_stream_tells_the_log_and_the_water(client: Client) -> None:
    first, entry, reading = events(client)
    assert first == {"retry": "1000"}
    assert json.loads(entry["data"])["text"] == "The harbour office opened a new log"
    assert 0 < json.loads(reading["data"])["metres"] < 6


def test_the_stream_is_not_kept_by_anyone(client: Client) -> None:
    response = client.get("/live/events/")
    assert response.streaming
    assert response.headers["Content-Type"] == "text/event-stream"
    assert "no-store" in response.headers["Cache-Control"]


def test_a_pinned_notice_is_in_the_log(client: Client) -> None:
    address = client.post("/notices/new/", GOOD).headers["Location"]
    data: dict[str, Any] = json.loads(events(client)[2]["data"])
    assert data["text"] == "Old Tam pinned “Lost: one oar”"
    assert data["link"] == address


def test_a_new_picture_is_in_the_log() -> None:
    picture = pictures.add(ContentFile(b"x"), PNG, "The quay", "Ines")
    picture_hung.send(sender=None, picture=picture)
    assert log.after(log.before_the_last(1))[0].text == "Ines hung “The quay” in the gallery"


def test_a_browser_that_comes_back_misses_nothing_and_sees_nothing_twice(client: Client) -> None:
    for number in range(3):
        log.write("office", f"Line {number}")
    seen = str(log.before_the_last(2))
    found = [event for event in events(client, **{"Last-Event-ID": seen}) if "id" in event]
    assert [json.loads(event["data"])["text"] for event in found] == ["Line 1", "Line 2"]


def test_no_browser_has_seen_more_than_a_row_can_be(rf: RequestFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    # PostgreSQL compares a row's number with no larger one.
    asked: list[int] = []

    def after(number: int) -> list[log.Entry]:
        asked.append(number)
        return []

    monkeypatch.setattr(log, "after", after)
    list(views.events(rf.get("/", headers={"Last-Event-ID": "9" * 18})))
    assert asked == [LAST_ID]


def test_a_newcomer_sees_the_last_lines_only(client: Client) -> None:
    for number in range(20):
        log.write("office", f"Line {number}")
    assert len([event for event in events(client, **{"Last-Event-ID": "x"}) if "id" in event]) == EARLIER_ENTRIES


def test_the_stream_grows_while_it_is_read() -> None:
    with override_settings(LIVE_SECONDS=60.0):
        stream = happenings(after=log.before_the_last(0))
        next(stream)
        log.write("office", "Something happened")
        assert getattr(next(stream), "text", "") == "Something happened"
        stream.close()


def test_plain_text_says_the_same(client: Client) -> None:
    lines = client.get("/live/plain/").getvalue().decode().splitlines()
    assert lines[0].endswith("* The harbour office opened a new log")
    assert lines[1].split()[2] == "m"
