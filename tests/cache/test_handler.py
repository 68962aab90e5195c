"""From settings.CACHES to cache objects."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from miniframe.cache import (
    BaseCache,
    CacheHandler,
    InvalidCacheBackendError,
    InvalidCacheKey,
    cache,
    caches,
    close_caches,
)
from miniframe.cache.backends.locmem import LocMemCache
from miniframe.cache.utils import make_template_fragment_key
from miniframe.conf import PathNotFound
from miniframe.signals import request_finished
from miniframe.test.utils import override_settings

LOCMEM = "miniframe.cache.backends.locmem.LocMemCache"
DUMMY = "miniframe.cache.backends.dummy.DummyCache"


class Closing(LocMemCache):
    """A cache with something to close."""

    closed = 0

    def close(self, **kwargs: Any) -> None:
        self.closed += 1


class Picky(LocMemCache):
    """A cache with rules of its own for keys."""

    def validate_key(self, key: str) -> None:
        if "!" in key:
            raise InvalidCacheKey(f"{key!r} is too loud")


def shouted(key: Any, key_prefix: str, version: Any) -> str:
    return f"{key_prefix}/{version}/{key}".upper()


def test_without_settings_there_is_a_cache_in_memory() -> None:
    assert type(caches["default"]) is LocMemCache
    assert cache == caches["default"]
    assert list(caches) == ["default"]


@pytest.mark.parametrize(
    ("alias", "message"),
    [
        pytest.param("fast", r"The connection 'fast' doesn't exist\. Did you mean 'fats'\?", id="misspelt"),
        pytest.param("other", r"exist\. settings.CACHES has: fats, none, gone, away, class, T, M, K", id="unknown"),
        pytest.param("none", r"CACHES\['none'\] has no BACKEND", id="no-backend"),
        pytest.param(
            "gone", r"Could not find backend 'no.such.Cache': No module named 'no'\.", id="no-module"
        ),
        pytest.param("away", r"LocMemCash.*[Dd]id you mean .*'LocMemCache'", id="no-class"),
        pytest.param("class", r"should be a dotted path: a string", id="not-a-string"),
        pytest.param("T", r"TIMEOUT in settings.CACHES is 'soon' and should be a number", id="timeout"),
        pytest.param("K", r"CACHES has the entry 'no.such.function': No module named 'no'", id="key-function"),
        pytest.param("M", r"MAX_ENTRIES in settings.CACHES is None and should be a whole number", id="entries"),
    ],
)  # fmt: skip
def test_a_cache_that_cannot_be_made_is_told_by_its_setting(alias: str, message: str) -> None:
    described: dict[str, dict[str, Any]] = {
        "fats": {"BACKEND": LOCMEM},
        "none": {},
        "gone": {"BACKEND": "no.such.Cache"},
        "away": {"BACKEND": "miniframe.cache.backends.locmem.LocMemCash"},
        "class": {"BACKEND": LocMemCache},
        "T": {"BACKEND": LOCMEM, "TIMEOUT": "soon"},
        "M": {"BACKEND": LOCMEM, "OPTIONS": {"MAX_ENTRIES": None}},
        "K": {"BACKEND": LOCMEM, "KEY_FUNCTION": "no.such.function"},
    }
    with override_settings(CACHES=described), pytest.raises((InvalidCacheBackendError, PathNotFound), match=message):
        caches[alias]


def test_a_thread_has_its_own_object_and_keeps_it() -> None:
    seen: list[BaseCache] = []
    thread = threading.Thread(target=lambda: seen.extend([caches["default"], caches["default"]]))
    thread.start()
    thread.join()
    assert seen[0] is seen[1]
    assert seen[0] is not caches["default"]


def test_all_makes_those_that_are_missing() -> None:
    handler = CacheHandler({"a": {"BACKEND": DUMMY}, "b": {"BACKEND": DUMMY}})
    assert handler.all(initialized_only=True) == []
    first = handler["a"]
    assert handler.all(initialized_only=True) == [first]
    assert [each.alias for each in handler.all()] == ["a", "b"]
    handler["a"] = handler["b"]
    assert handler["a"].alias == "b"
    del handler["a"]
    assert handler["a"].alias == "a"


def test_changed_settings_are_other_caches() -> None:
    before = caches["default"]
    with override_settings(CACHES={"default": {"BACKEND": DUMMY}}):
        cache.set("key", 1)
        assert "key" not in cache
    assert type(caches["default"]) is type(before)


def test_the_end_of_a_request_closes_what_has_something_to_close() -> None:
    name = f"{__name__}.Closing"
    with override_settings(CACHES={"default": {"BACKEND": name}, "unused": {"BACKEND": name}}):
        made = caches["default"]
        assert isinstance(made, Closing)
        request_finished.send(sender=None)
        assert made.closed == 1
        assert caches.all(initialized_only=True) == [made]
    request_finished.disconnect(close_caches)


def test_a_cache_with_nothing_to_close_does_not_listen() -> None:
    before = list(request_finished.receivers)
    CacheHandler({"a": {"BACKEND": LOCMEM}})["a"].close()
    assert request_finished.receivers == before


def test_the_default_cache_stands_for_whichever_it_is() -> None:
    handler_cache = caches["default"]
    cache.marker = 5  # type: ignore[attr-defined]  # anything goes through
    assert handler_cache.marker == 5  # type: ignore[attr-defined]
    del cache.marker  # type: ignore[attr-defined]
    assert not hasattr(handler_cache, "marker")
    assert hash(cache) == hash(handler_cache)
    assert "LocMemCache" in repr(cache)
    assert not hasattr(cache, "__wrapped__")


@pytest.mark.parametrize("function", [shouted, f"{__name__}.shouted"], ids=["function", "path"])
def test_keys_are_made_by_the_projects_function(function: Any) -> None:
    made = LocMemCache("keys", {"KEY_PREFIX": "site", "VERSION": 3, "KEY_FUNCTION": function})
    assert made.make_key("key") == "SITE/3/KEY"
    assert made.make_key("key", version=4) == "SITE/4/KEY"
    made.set("key", 1)
    assert made.get("key") == 1


def test_a_backend_may_refuse_keys() -> None:
    made = Picky("picky", {})
    made.set("a b", 1)
    with pytest.raises(InvalidCacheKey, match="too loud"):
        made.get("a!")


def test_the_time_out_is_five_minutes_unless_set() -> None:
    assert BaseCache({}).default_timeout == 300
    assert BaseCache({"TIMEOUT": "60"}).default_timeout == 60
    assert BaseCache({"TIMEOUT": None}).get_backend_timeout() is None


@pytest.mark.parametrize("name", ["add", "get", "set", "touch", "delete", "clear"])
def test_a_backend_has_to_write_six_methods(name: str) -> None:
    arguments = {"clear": 0, "add": 2, "set": 2}.get(name, 1)
    with pytest.raises(NotImplementedError, match=f"must provide an? {name}"):
        getattr(BaseCache({}), name)(*("key", "value")[:arguments])


def test_async_views_have_the_same_methods() -> None:
    async def view() -> list[Any]:
        await cache.aset("async", 1)
        found = [
            await cache.aget("async"),
            await cache.aincr("async", 2),
            await cache.adecr("async"),
            await cache.ahas_key("async"),
            await cache.aget_many(["async"]),
            await cache.aadd("async", 5),
            await cache.atouch("async", 5),
            await cache.aget_or_set("async", 7),
            await cache.aincr_version("async"),
            await cache.adecr_version("async", version=2),
            await cache.aset_many({"async": 9}),
            await cache.adelete("async"),
        ]
        await cache.adelete_many(["async"])
        await cache.aclear()
        await cache.aclose()
        return found

    assert asyncio.run(view()) == [1, 3, 2, True, {"async": 2}, False, True, 2, 2, 1, [], True]


@pytest.mark.parametrize("vary", [None, [], ["abc"], ["abc:def%", 5, "ä"], (1, 2)], ids=repr)
def test_fragments_have_the_keys_that_they_have_in_django(vary: Any) -> None:
    from django.core.cache.utils import make_template_fragment_key as theirs

    assert make_template_fragment_key("side", vary) == theirs("side", vary)
