"""The JSON encoder: what JSON itself cannot write."""

from __future__ import annotations

import datetime
import decimal
import json
import uuid
from typing import Any

import pytest

from miniframe.http import JsonResponse
from miniframe.serializers.json import DjangoJSONEncoder, duration_iso_string, encode_json
from miniframe.utils.functional import lazystr

EAST = datetime.timezone(datetime.timedelta(hours=5, minutes=30))
DAY = datetime.datetime(2026, 11, 20, 10, 51, 34)

VALUES = [
    pytest.param(DAY, "2026-11-20T10:51:34", id="datetime"),
    pytest.param(DAY.replace(microsecond=1234), "2026-11-20T10:51:34.001", id="milliseconds"),
    pytest.param(DAY.replace(tzinfo=datetime.UTC), "2026-11-20T10:51:34Z", id="utc"),
    pytest.param(DAY.replace(microsecond=999999, tzinfo=datetime.UTC), "2026-11-20T10:51:34.999Z", id="utc-ms"),
    pytest.param(DAY.replace(microsecond=5000, tzinfo=EAST), "2026-11-20T10:51:34.005+05:30", id="time-zone"),
    pytest.param(DAY.date(), "2026-11-20", id="date"),
    pytest.param(DAY.time(), "10:51:34", id="time"),
    pytest.param(DAY.time().replace(microsecond=123456), "10:51:34.123", id="time-ms"),
    pytest.param(datetime.timedelta(days=1, hours=2, seconds=3, microseconds=4), "P1DT02H00M03.000004S", id="duration"),
    pytest.param(datetime.timedelta(hours=-1), "-P0DT01H00M00S", id="negative-duration"),
    pytest.param(decimal.Decimal("1.10"), "1.10", id="decimal"),
    pytest.param(uuid.UUID(int=5), "00000000-0000-0000-0000-000000000005", id="uuid"),
    pytest.param(lazystr("later"), "later", id="lazy-text"),
]


@pytest.mark.parametrize(("value", "text"), VALUES)
def test_a_value_is_written_as_text(value: Any, text: str) -> None:
    assert json.loads(json.dumps([value], cls=DjangoJSONEncoder)) == [text]
    assert json.loads(JsonResponse({"value": value}).content) == {"value": text}


@pytest.mark.parametrize(("value", "text"), VALUES[:-1])
def test_a_value_is_written_as_django_does(value: Any, text: str) -> None:
    from django.core.serializers.json import DjangoJSONEncoder as Theirs

    assert json.dumps(value, cls=Theirs) == json.dumps(text)


def test_a_time_with_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="timezone-aware times"):
        json.dumps(DAY.time().replace(tzinfo=EAST), cls=DjangoJSONEncoder)


def test_anything_else_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="not JSON serializable"):
        json.dumps(object(), cls=DjangoJSONEncoder)


def test_a_duration_is_written_in_iso_8601() -> None:
    assert duration_iso_string(datetime.timedelta()) == "P0DT00H00M00S"


LOOP: dict[str, Any] = {}
LOOP["again"] = [LOOP]


@pytest.mark.parametrize(
    "data",
    [
        {},
        [],
        'é"\\/\n',
        5,
        1.5,
        -0.0,
        1e300,
        float("nan"),
        float("-inf"),
        None,
        True,
        {"a": [1, {"b": ()}]},
        {1: 2, None: 3},
    ],
)
def test_the_quick_way_writes_what_the_slow_one_does(data: Any) -> None:
    assert encode_json(data) == json.dumps(data, cls=DjangoJSONEncoder)


def test_the_quick_way_fails_as_the_slow_one_does_and_works_afterwards() -> None:
    with pytest.raises(ValueError, match="Circular reference"):
        encode_json(LOOP)
    with pytest.raises(TypeError, match="not JSON serializable"):
        encode_json({"a": object()})
    with pytest.raises(TypeError, match="keys must be"):
        encode_json({(): 1})
    assert encode_json({"a": 1}) == '{"a": 1}'
