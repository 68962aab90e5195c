"""The tide tables: the numbers, the pages, the file."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from miniframe.test import Client
from miniframe.test.utils import override_settings
from miniframe.urls import NoReverseMatch, reverse

from tides import tables, views
from tides.drawing import Drawing, draw
from tides.harmonics import height

MIDNIGHT = datetime(2026, 11, 20, tzinfo=UTC)


def test_high_and_low_water_take_turns() -> None:
    turns = tables.next_turns(MIDNIGHT, 60)
    assert all(one.high != other.high for one, other in pairwise(turns))
    gaps = [other.at - one.at for one, other in pairwise(turns)]
    assert timedelta(hours=4) < min(gaps)
    assert max(gaps) < timedelta(hours=8)


def test_a_turn_is_where_the_water_stands_still() -> None:
    for turn in tables.next_turns(MIDNIGHT, 8):
        beside = [height(turn.at + timedelta(minutes=minutes)) for minutes in (-20, 20)]
        assert all(turn.metres > metres for metres in beside) == turn.high


def test_springs_are_larger_than_neaps() -> None:
    ranges = [
        max(turn.metres for turn in day.turns) - min(turn.metres for turn in day.turns)
        for day in tables.days(date(2026, 11, 1), 30)
    ]
    assert max(ranges) > 1.5 * min(ranges)


def test_the_gauge_tells_which_way_the_water_goes() -> None:
    high = next(turn for turn in tables.turns(MIDNIGHT) if turn.high)
    assert tables.gauge(high.at - timedelta(hours=1)).words == "rising"
    assert tables.gauge(high.at + timedelta(hours=1)).words == "falling"


def test_today_is_a_redirect_to_its_own_address(client: Client) -> None:
    response = client.get("/tides/")
    assert response.status_code == 302
    assert response.headers["Location"] == f"/tides/{datetime.now(UTC).date()}/"


@pytest.mark.parametrize(
    ("typed", "leads_to"),
    [
        pytest.param("2027-02-28", "/tides/2027-02-28/", id="a-day"),
        pytest.param("yesterday", f"/tides/{datetime.now(UTC).date()}/", id="no-day"),
        pytest.param("0001-01-01", f"/tides/{datetime.now(UTC).date()}/", id="too-long-ago"),
    ],
)
def test_the_form_leads_to_another_day(client: Client, typed: str, leads_to: str) -> None:
    assert client.get("/tides/", {"day": typed}).headers["Location"] == leads_to


@pytest.mark.parametrize("day", ["2026-02-30", "2026-13-01", "1899-12-31", "20261120", "tomorrow"])
def test_a_day_that_is_in_no_calendar_is_not_found(client: Client, day: str) -> None:
    assert client.get(f"/tides/{day}/").status_code == 404


def test_the_page_shows_the_day_and_its_neighbours(client: Client) -> None:
    text = client.get("/tides/2026-03-01/").text
    assert "Sunday 1 March 2026" in text
    assert 'href="/tides/2026-02-28/"' in text
    assert 'href="/tides/2026-03-02/"' in text
    assert "<svg" in text


@pytest.mark.parametrize(("day", "missing"), [("1900-01-01", "prev"), ("2199-12-31", "next")])
def test_the_calendar_has_ends(client: Client, day: str, missing: str) -> None:
    response = client.get(f"/tides/{day}/")
    assert response.status_code == 200
    assert f'rel="{missing}"' not in response.text


def test_a_day_is_drawn_once_a_minute_for_everybody(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[date] = []

    def draw_and_count(which: date, now: datetime) -> Drawing:
        drawn.append(which)
        return draw(which, now)

    monkeypatch.setattr(views, "draw", draw_and_count)
    with override_settings(CACHES={"default": {"BACKEND": "miniframe.cache.backends.locmem.LocMemCache"}}):
        pages = [Client().get("/tides/2026-03-01/") for _ in range(3)]
    assert drawn == [date(2026, 3, 1)]
    assert len({page.content for page in pages}) == 1
    assert pages[2].headers["Cache-Control"] == "max-age=60"


def test_the_page_for_everybody_leaves_messages_for_the_next(client: Client) -> None:
    notice = {"title": "Lost: one oar", "category": "lost", "body": "Left hand, ash.", "author": "Old Tam"}
    address = client.post("/notices/new/", notice).headers["Location"]
    assert "is pinned" not in client.get("/tides/2026-03-01/").text
    assert "is pinned" in client.get(address).text


def test_an_address_is_made_from_a_date() -> None:
    assert reverse("tides:day", kwargs={"which": date(2026, 11, 20)}) == "/tides/2026-11-20/"
    with pytest.raises(NoReverseMatch):
        reverse("tides:day", kwargs={"which": "soon"})


def test_the_table_is_streamed_as_csv(client: Client) -> None:
    response = client.get("/tides/table.csv")
    assert response.streaming
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "attachment" in response.headers["Content-Disposition"]
    lines = response.getvalue().decode().splitlines()
    assert lines[0] == "date,time (UTC),turn,metres above chart datum"
    assert len(lines) > 31 * 3
