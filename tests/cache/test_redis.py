"""The Redis cache where Redis is special: gone, started anew, full of what others wrote."""

from __future__ import annotations

import logging
import pickle
import shutil
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest

from miniframe.cache import BaseCache, InvalidCacheBackendError, caches
from miniframe.cache.backends.redis import RedisCache, RedisSerializer
from miniframe.exceptions import ServiceUnavailable
from miniframe.test.utils import override_settings

from .conftest import start_redis, stop_redis

redis = pytest.importorskip("redis", reason="the package redis is not installed")

T = TypeVar("T")


def described(location: Any, **options: Any) -> dict[str, Any]:
    return {
        "default": {
            "BACKEND": "miniframe.cache.backends.redis.RedisCache",
            "LOCATION": location,
            "OPTIONS": options,
        }
    }


@pytest.fixture
def kind() -> str:
    return "redis"


def raw(cache: BaseCache) -> Any:
    """Return a client of redis-py for the same database."""
    assert isinstance(cache, RedisCache)
    return cache._cache.get_client(write=True)


class Touched:
    """Tells when it is unpickled."""

    seen: list[int] = []

    def __reduce__(self) -> tuple[Any, ...]:
        return (Touched.seen.append, (1,))


@pytest.fixture
def free_address() -> str:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{listener.getsockname()[1]}"


@pytest.mark.parametrize("location", ["redis://:secret@{}/3", "redis://user:secret@{}/3"])
def test_a_server_that_is_gone_is_told_with_alias_and_address(free_address: str, location: str) -> None:
    with override_settings(CACHES=described(location.format(free_address))):
        began = time.monotonic()
        with pytest.raises(redis.ConnectionError) as caught:
            caches["default"].get("key")
        assert time.monotonic() - began < 2
    message = str(caught.value)
    assert message.startswith(f"The cache 'default' cannot use Redis at {free_address}, database 3: ")
    assert "secret" not in message


def test_a_server_that_does_not_answer_is_waited_for_so_long_and_no_longer() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        with override_settings(CACHES=described(f"redis://{address}", socket_timeout=0.05)):
            began = time.monotonic()
            with pytest.raises(redis.TimeoutError, match=f"The cache 'default' cannot use Redis at {address}"):
                caches["default"].set("key", 1)
            assert time.monotonic() - began < 2


def test_waiting_is_short_unless_options_say_otherwise(free_address: str) -> None:
    with override_settings(CACHES=described(f"redis://{free_address}", socket_timeout=3, db=4)):
        kwargs = raw(caches["default"]).connection_pool.connection_kwargs
    assert (kwargs["socket_connect_timeout"], kwargs["socket_timeout"], kwargs["db"]) == (1, 3, 4)


def test_it_recovers_by_itself_and_the_log_has_both_once(
    free_address: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    if shutil.which("redis-server") is None:
        pytest.skip("the program redis-server is not installed")
    port = int(free_address.partition(":")[2])
    with override_settings(CACHES=described(f"redis://{free_address}")):
        cache = caches["default"]
        for _ in range(2):
            server = start_redis(port, tmp_path)
            try:
                began = time.monotonic()
                when_it_answers(lambda: cache.set("key", 1))
                assert time.monotonic() - began < 1
                assert cache.get("key") == 1
            finally:
                stop_redis(server)
            for _ in range(3):
                with pytest.raises(ServiceUnavailable, match="Connection refused"):
                    cache.get("key")
    assert [(record.levelname, record.message.partition(" Redis")[0]) for record in caplog.records] == [
        ("ERROR", "The cache 'default' cannot use"),
        ("WARNING", "The cache 'default' can use"),
        ("ERROR", "The cache 'default' cannot use"),
    ]
    assert not any(record.exc_info for record in caplog.records)


def when_it_answers(command: Callable[[], T]) -> T:
    """Return what `command` returns as soon as Redis is asked again."""
    deadline = time.monotonic() + 5
    while True:
        try:
            return command()
        except ServiceUnavailable:
            assert time.monotonic() < deadline
            time.sleep(0.01)


def test_of_many_that_ask_one_that_hangs_only_the_first_ones_wait() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        address = f"redis://127.0.0.1:{silent.getsockname()[1]}"
        with override_settings(CACHES=described(address, socket_timeout=0.1)):
            cache = caches["default"]
            began = time.monotonic()
            for _ in range(30):
                with pytest.raises(ServiceUnavailable, match="cannot use Redis"):
                    cache.get("key")
            assert time.monotonic() - began < 0.1 + 0.4


def test_a_command_that_is_broken_off_is_no_answer(free_address: str) -> None:
    def interrupted(client: Any) -> None:
        # Somebody else's command, at the same time, was told that nobody is there.
        with pytest.raises(ServiceUnavailable):
            cache.get("key")
        raise KeyboardInterrupt

    with override_settings(CACHES=described(f"redis://{free_address}")):
        cache = caches["default"]
        assert isinstance(cache, RedisCache)
        with pytest.raises(KeyboardInterrupt):
            cache._cache.run(interrupted, "default", write=False)
        [outage] = cache._cache._outages.values()
        assert outage.keeps_out()


def test_a_server_that_is_full_is_told_and_still_read(cache: BaseCache, caplog: pytest.LogCaptureFixture) -> None:
    cache.set("before", "kept")
    raw(cache).config_set("maxmemory", 1)
    try:
        with pytest.raises(ServiceUnavailable, match="refuses: command not allowed when used memory") as caught:
            cache.set("key", "text")
        assert cache.get("before") == "kept"
    finally:
        raw(cache).config_set("maxmemory", 0)
    cache.set("key", "text")
    assert isinstance(caught.value, redis.exceptions.OutOfMemoryError)
    assert [(record.levelname, record.exc_info) for record in caplog.records] == [("ERROR", None)]


def test_a_server_that_lacks_replicas_is_told_and_still_read(cache: BaseCache) -> None:
    cache.set("before", "kept")
    raw(cache).config_set("min-replicas-to-write", 1)
    try:
        with pytest.raises(ServiceUnavailable, match="refuses: NOREPLICAS Not enough good replicas"):
            cache.set("key", "text")
        assert cache.get("before") == "kept"
    finally:
        raw(cache).config_set("min-replicas-to-write", 0)


def test_too_many_connections_are_no_outage(redis_address: str, caplog: pytest.LogCaptureFixture) -> None:
    with override_settings(CACHES=described(redis_address, max_connections=1)):
        cache = caches["default"]
        pool = raw(cache).connection_pool
        only = pool.get_connection()
        with pytest.raises(ServiceUnavailable, match=r"(?i)too many connections"):
            cache.get("key")
        pool.release(only)
        assert cache.get("key") is None
    assert caplog.records == []


def test_a_value_is_good_under_its_key_only(cache: BaseCache, caplog: pytest.LogCaptureFixture) -> None:
    cache.set("hers", "secret")
    cache.set_many({"his": "own", "number": 5})
    raw(cache).copy(":1:hers", ":1:his", replace=True)
    assert cache.get_many(["hers", "his", "number"]) == {"hers": "secret", "number": 5}
    assert "passes over the key ':1:his'" in caplog.text


@pytest.mark.filterwarnings("ignore::miniframe.cache.backends.base.CacheKeyWarning")
def test_a_key_that_ends_like_a_pickle_lends_its_signature_to_none(cache: BaseCache) -> None:
    # What a visitor may have put into a key: "?city=x%00..."; who can write into Redis moves the border.
    code = pickle.dumps(Touched(), protocol=0).decode()
    cache.set(f"weather:x\0{code}", "rain")
    kept = raw(cache).get(f":1:weather:x\0{code}")
    raw(cache).set(":1:weather:x", kept[:32] + code.encode() + b"\0" + kept[32:])
    assert cache.get("weather:x") is None
    assert Touched.seen == []


def test_a_connection_that_broke_while_idle_is_not_noticed(cache: BaseCache, redis_address: str) -> None:
    cache.set("key", 1)
    redis.Redis.from_url(redis_address).client_kill_filter(_type="normal", skipme=True)
    assert cache.get("key") == 1


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(pickle.dumps(Touched()), id="a-bare-pickle"),
        pytest.param(b"\x00" * 32 + pickle.dumps(Touched()), id="a-forged-signature"),
        pytest.param(b"short", id="short"),
        pytest.param(b"", id="nothing"),
    ],
)
def test_what_others_wrote_is_passed_over(cache: BaseCache, content: bytes, caplog: pytest.LogCaptureFixture) -> None:
    raw(cache).set(cache.make_key("key"), content)
    with caplog.at_level(logging.WARNING, "miniframe.cache"):
        assert cache.get("key", "default") == "default"
        assert cache.get_many(["key"]) == {}
    assert Touched.seen == []
    assert "passes over the key ':1:key'" in caplog.text


def test_whole_numbers_are_readable_for_others(cache: BaseCache) -> None:
    cache.set("key", 5)
    assert raw(cache).get(":1:key") == b"5"
    cache.set("key", True)
    assert cache.get("key") is True


def test_counting_text_is_an_error(cache: BaseCache) -> None:
    cache.set("key", "text")
    with pytest.raises(redis.ResponseError, match="not an integer"):
        cache.incr("key")


def test_replicas_are_read_and_the_first_is_written_to(redis_address: str) -> None:
    other = redis_address.replace("/0", "/1")
    for location in (f"{redis_address}, {other}", f"{redis_address};{other}", [redis_address, other]):
        with override_settings(CACHES=described(location)):
            cache = caches["default"]
            cache.clear()
            cache.set("key", 1)
            assert cache.get("key") is None  # nobody copies here
            assert raw(cache).get(":1:key") == b"1"
            assert cache.incr("key") == 2


def test_threads_share_the_connections(cache: BaseCache) -> None:
    seen: list[Any] = []
    thread = threading.Thread(target=lambda: seen.append(caches["default"]))
    thread.start()
    thread.join()
    assert seen[0] is not cache
    assert seen[0]._cache is cache._cache  # type: ignore[attr-defined]  # a RedisCache


class Shouting(RedisSerializer):
    """A serializer that shows."""

    def dumps(self, obj: Any) -> bytes:
        return str(obj).upper().encode()

    def loads(self, data: bytes) -> Any:
        return data.decode()


@pytest.mark.parametrize("serializer", [Shouting, Shouting()], ids=["class", "object"])
def test_a_project_may_bring_its_serializer(redis_address: str, serializer: Any) -> None:
    with override_settings(CACHES=described(redis_address, serializer=serializer)):
        caches["default"].set("key", "quiet")
        assert caches["default"].get("key") == "QUIET"


@pytest.mark.parametrize(
    ("location", "message"),
    [
        pytest.param("", "has no LOCATION", id="none"),
        pytest.param([], "has no LOCATION", id="empty-list"),
        pytest.param("127.0.0.1:6379", "no address: Redis URL must specify one of", id="no-scheme"),
        pytest.param("redis://127.0.0.1:port", "no address", id="no-port"),
    ],
)
def test_a_location_that_is_none_is_told_at_once(location: Any, message: str) -> None:
    with override_settings(CACHES=described(location)), pytest.raises(InvalidCacheBackendError, match=message):
        caches["default"]


def test_without_redis_py_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "redis", None)
    with (
        override_settings(CACHES=described("redis://127.0.0.1:1/7")),
        pytest.raises(InvalidCacheBackendError, match=r"pip install 'miniframe\[redis\]'"),
    ):
        caches["default"]
