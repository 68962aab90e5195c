"""The cache in memory: what makes room for what."""

from __future__ import annotations

import time

import pytest

from miniframe.cache.backends.locmem import LocMemCache


@pytest.fixture
def cache(request: pytest.FixtureRequest) -> LocMemCache:
    return LocMemCache(request.node.name, {"OPTIONS": {"MAX_ENTRIES": 9}})


@pytest.mark.parametrize(
    "use",
    [
        pytest.param(lambda cache, key: cache.get(key), id="got"),
        pytest.param(lambda cache, key: cache.set(key, 1), id="set"),
        pytest.param(lambda cache, key: cache.incr(key), id="counted"),
    ],
)
def test_those_used_longest_ago_make_room(cache: LocMemCache, use: object) -> None:
    for key in range(9):
        cache.set(key, key)
    for key in range(6):
        use(cache, key)  # type: ignore[operator]  # one of the lambdas above
    cache.set("new", 1)
    assert set(cache.get_many([*range(9), "new"])) == {*range(6), "new"}


def test_those_whose_time_is_over_make_room_first(cache: LocMemCache, monkeypatch: pytest.MonkeyPatch) -> None:
    for key in range(6):
        cache.set(key, key, None)
    for key in range(6, 9):
        cache.set(key, key, 10)
    now = time.time()
    monkeypatch.setattr("time.time", lambda: now + 20)
    cache.set("new", 1)
    assert set(cache.get_many([*range(9), "new"])) == {*range(6), "new"}


@pytest.mark.parametrize(("frequency", "left"), [(3, 29), (0, 19), (1, 19), (100, 30)])
def test_a_full_cache_is_culled(frequency: int, left: int) -> None:
    cache = LocMemCache(f"cull-{frequency}", {"OPTIONS": {"MAX_ENTRIES": 30, "CULL_FREQUENCY": frequency}})
    for number in range(1, 50):
        cache.set(number, number)
    assert len(cache.get_many(range(50))) == left


def test_locations_are_apart() -> None:
    one, same, other = (LocMemCache(name, {}) for name in ("one", "one", "other"))
    one.set("key", 1)
    assert same.get("key") == 1
    assert other.get("key") is None
