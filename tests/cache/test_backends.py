"""Every cache does the same, wherever it keeps its values."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from miniframe.cache import BaseCache, CacheKeyWarning, caches


class Clock:
    """A clock that is put forward; Redis has its own, and is waited for."""

    def __init__(self, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self.redis = kind == "redis"
        self.now = time.time()
        if not self.redis:
            monkeypatch.setattr("time.time", lambda: self.now)

    def wait(self, seconds: float, until: Callable[[], object]) -> None:
        self.now += seconds
        deadline = time.monotonic() + seconds + 5
        while self.redis and not until() and time.monotonic() < deadline:
            time.sleep(0.005)


@pytest.fixture
def clock(kind: str, monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(kind, monkeypatch)


@pytest.mark.parametrize(
    "value",
    [None, True, False, 0, -7, 2**70, 1.5, "", "text ä", b"\x00\xff", b"12", [1, {"a": (2,)}], {"a"}, ValueError],
    ids=repr,
)
def test_what_is_set_is_got(cache: BaseCache, value: Any) -> None:
    cache.set("key", value)
    assert cache.get("key", "missing") == value
    assert type(cache.get("key")) is type(value)
    assert "key" in cache
    assert cache.get_many(["key"]) == {"key": value}


def test_what_is_got_is_a_copy(cache: BaseCache) -> None:
    value = [1]
    cache.set("key", value)
    value.append(2)
    cache.get("key").append(3)
    assert cache.get("key") == [1]


def test_only_what_is_there_is_replaced(cache: BaseCache, clock: Clock) -> None:
    assert cache.replace("key", 1) is False
    assert "key" not in cache
    cache.set("key", 1)
    assert cache.replace("key", [2], timeout=0.1) is True
    assert cache.get("key") == [2]
    clock.wait(0.2, lambda: "key" not in cache)
    assert cache.replace("key", 3) is False
    cache.set("key", 1)
    assert cache.replace("key", 2, timeout=0) is True
    assert "key" not in cache


def test_a_deletion_lasts_whoever_replaces_meanwhile(cache: BaseCache) -> None:
    for _ in range(20):
        cache.set("key", 0)
        others = [threading.Thread(target=lambda: caches["default"].replace("key", 1)) for _ in range(4)]
        for other in others:
            other.start()
        cache.delete("key")
        for other in others:
            other.join()
        assert "key" not in cache


def test_what_is_not_there_is_the_default(cache: BaseCache) -> None:
    assert cache.get("key") is None
    assert cache.get("key", "default") == "default"
    assert cache.has_key("key") is False
    assert cache.delete("key") is False
    assert cache.touch("key") is False
    assert cache.get_many(["key", "other"]) == {}


@pytest.mark.parametrize("method", ["incr", "decr", "incr_version", "decr_version"])
def test_counting_what_is_not_there_is_a_value_error(cache: BaseCache, method: str) -> None:
    with pytest.raises(ValueError, match="Key 'key' not found"):
        getattr(cache, method)("key")


def test_numbers_are_counted_up_and_down(cache: BaseCache) -> None:
    cache.set("key", 41)
    assert [cache.incr("key"), cache.incr("key", 10), cache.decr("key"), cache.decr("key", -9)] == [42, 52, 51, 60]
    assert cache.get("key") == 60


def test_the_first_to_add_wins(cache: BaseCache) -> None:
    assert cache.add("key", 1) is True
    assert cache.add("key", 2) is False
    assert cache.get("key") == 1


def test_get_or_set_makes_the_value_once(cache: BaseCache) -> None:
    made: list[int] = []

    def make() -> None:
        made.append(1)

    assert cache.get_or_set("key", make) is None
    assert cache.get_or_set("key", make) is None
    assert made == [1]
    assert cache.get_or_set("other", 5) == 5


def test_several_at_once(cache: BaseCache) -> None:
    assert cache.set_many({"a": 1, "b": None, "c": 3}) == []
    assert cache.get_many(iter(["a", "b", "x"])) == {"a": 1, "b": None}
    cache.delete_many(iter(["a", "x"]))
    assert cache.get_many("abc") == {"b": None, "c": 3}
    cache.delete_many([])
    assert cache.set_many({}) == []
    assert cache.get_many([]) == {}


def test_clear_removes_everything(cache: BaseCache) -> None:
    cache.set("a", 1)
    caches["prefixed"].set("a", 1)
    cache.clear()
    assert "a" not in cache
    assert "a" not in caches["prefixed"]


def test_versions_and_prefixes_are_apart(cache: BaseCache) -> None:
    cache.set("key", 1)
    caches["v2"].set("key", 2)
    caches["prefixed"].set("key", 3)
    assert [caches[alias].get("key") for alias in ("default", "v2", "prefixed")] == [1, 2, 3]
    assert cache.get("key", version=2) == 2
    assert cache.incr_version("key", 2) == 3
    assert cache.get("key") is None
    assert cache.decr_version("key", version=3) == 2
    assert caches["v2"].get("key") == 1


def test_a_value_ends(cache: BaseCache, clock: Clock) -> None:
    cache.set("a", 1, 0.1)
    cache.add("b", 1, timeout=0.1)
    cache.set_many({"c": 1}, 0.1)
    cache.set("forever", 1, None)
    assert sorted(cache.get_many("abc")) == ["a", "b", "c"]
    clock.wait(0.2, until=lambda: not cache.get_many("abc"))
    assert cache.get_many("abc") == {}
    assert not cache.has_key("a")
    assert cache.delete("a") is False
    assert cache.add("b", 2) is True
    assert cache.get("forever") == 1


@pytest.mark.parametrize("timeout", [0, -1, -1e9])
def test_no_time_is_no_value(cache: BaseCache, timeout: float) -> None:
    cache.set("a", 1)
    cache.set("a", 1, timeout)
    assert cache.add("b", 1, timeout) is True
    cache.set_many({"c": 1}, timeout)
    cache.set("d", 1)
    assert cache.touch("d", timeout) is True
    assert cache.get_many("abcd") == {}


def test_touch_gives_new_time(cache: BaseCache, clock: Clock) -> None:
    cache.set_many({"a": [1], "b": 2, "end": 3}, 0.2)
    assert cache.touch("a", 60) is True
    assert cache.touch("b", None) is True
    assert cache.touch("b", None) is True
    clock.wait(0.3, until=lambda: "end" not in cache)
    assert cache.get_many(["a", "b", "end"]) == {"a": [1], "b": 2}


def test_counting_keeps_the_time(cache: BaseCache, clock: Clock) -> None:
    cache.set("key", 1, 0.2)
    assert cache.incr("key") == 2
    clock.wait(0.3, until=lambda: "key" not in cache)
    assert "key" not in cache


def test_threads_that_count_do_not_lose_a_step(cache: BaseCache) -> None:
    cache.set("count", 0)
    first: list[bool] = []

    def count() -> None:
        # Each thread has a cache object of its own.
        first.append(caches["default"].add("lock", 1))
        for _ in range(25):
            caches["default"].incr("count")

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert cache.get("count") == 100
    assert first.count(True) == 1


@pytest.mark.parametrize(
    ("key", "message"),
    [
        pytest.param("a b", "contains characters that will cause errors if used with memcached: ':1:a b'", id="blank"),
        pytest.param("a\x7f", "contains characters", id="delete"),
        pytest.param("a\n", "contains characters", id="line-break"),
        pytest.param("a" * 250, r"longer than 250", id="long"),
    ],
)
def test_a_key_that_other_caches_refuse_is_warned_of(cache: BaseCache, key: str, message: str) -> None:
    for method, *arguments in [
        ("set", key, 1),
        ("get", key),
        ("add", key, 1),
        ("touch", key),
        ("incr", key),
        ("get_many", [key]),
        ("set_many", {key: 1}),
        ("delete_many", [key]),
    ]:
        with pytest.warns(CacheKeyWarning, match=message):
            getattr(cache, str(method))(*arguments)


@pytest.mark.parametrize("key", ["ä", "a/../b", "%00", "x" * 240, "\u3000", 5])
def test_odd_keys_are_keys(cache: BaseCache, key: Any) -> None:
    cache.set(key, 1)
    assert cache.get(key) == 1


def test_a_value_that_cannot_be_pickled_is_told_at_once(cache: BaseCache) -> None:
    with pytest.raises((AttributeError, TypeError)):
        cache.set("key", lambda: 1)
    assert "key" not in cache
