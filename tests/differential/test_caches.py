"""Caches give what Django's give, for any sequence of calls; time is held still but for `wait`."""

from __future__ import annotations

import warnings
from typing import Any

import django.core.cache.backends.dummy
import django.core.cache.backends.filebased
import django.core.cache.backends.locmem
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import miniframe.cache.backends.dummy
import miniframe.cache.backends.filebased
import miniframe.cache.backends.locmem

KEYS = st.sampled_from(["a", "b", "é", "", "with blank", "x" * 300, 5])
VALUES = st.sampled_from([0, 1, -3, 2.5, "text", b"\xff", None, [1, {"x": (2,)}], {"a": {1, 2}}, True, 10**30, ""])
TIMEOUTS = st.sampled_from(["default", None, 0, -1, 10, 0.5, 10**12])
VERSIONS = st.sampled_from([None, None, None, 1, 2])

CALLS: dict[str, Any] = {
    "set": lambda c, k, v, t, n: c.set(k, v, *t, version=n),
    "add": lambda c, k, v, t, n: c.add(k, v, *t, version=n),
    "get": lambda c, k, v, t, n: c.get(k, "nothing", version=n),
    "get-none": lambda c, k, v, t, n: c.get(k),
    "get-or-set": lambda c, k, v, t, n: c.get_or_set(k, v, *t, version=n),
    "get-or-call": lambda c, k, v, t, n: c.get_or_set(k, lambda: v, *t, version=n),
    # A key whose time is over can be deleted in Django (docs/differences.md), and an error in files where
    # it is touched, so it is asked for first.
    "delete": lambda c, k, v, t, n: c.has_key(k, version=n) and c.delete(k, version=n),
    "touch": lambda c, k, v, t, n: c.has_key(k, version=n) and c.touch(k, *t, version=n),
    "has": lambda c, k, v, t, n: [c.has_key(k, version=n), k in c],
    "incr": lambda c, k, v, t, n: c.incr(k, version=n),
    "incr-by": lambda c, k, v, t, n: c.incr(k, v if isinstance(v, int) else 2, version=n),
    "decr": lambda c, k, v, t, n: c.decr(k, version=n),
    "incr-version": lambda c, k, v, t, n: c.incr_version(k, version=n),
    "decr-version": lambda c, k, v, t, n: c.decr_version(k, version=n),
    "set-many": lambda c, k, v, t, n: c.set_many({k: v, "b": 1}, *t, version=n),
    "get-many": lambda c, k, v, t, n: sorted(map(repr, c.get_many([k, "b", "none"], version=n).items())),
    "delete-many": lambda c, k, v, t, n: c.delete_many([k, "b"], version=n),
    "clear": lambda c, k, v, t, n: c.clear(),
    "key": lambda c, k, v, t, n: [c.make_key(k, version=n), c.make_and_validate_key(k, version=n)],
    "validate": lambda c, k, v, t, n: c.validate_key(str(k)),
    "close": lambda c, k, v, t, n: c.close(),
    "change": lambda c, k, v, t, n: c.get("list-" + str(k)) or c.set("list-" + str(k), [v]),
}
STEPS = st.lists(st.tuples(st.sampled_from(sorted(CALLS)), KEYS, VALUES, TIMEOUTS, VERSIONS), min_size=1, max_size=12)
PARAMETERS = st.fixed_dictionaries(
    {},
    optional={
        "TIMEOUT": st.sampled_from([None, 0, 5, "10", -1]),
        "KEY_PREFIX": st.sampled_from(["", "p", "é:"]),
        "VERSION": st.sampled_from([1, 3]),
        "OPTIONS": st.sampled_from([{}, {"MAX_ENTRIES": 300}, {"MAX_ENTRIES": "400", "CULL_FREQUENCY": 2}]),
    },
)


def outcome(cache: Any, step: Any) -> Any:
    """Return what a call gives: a value, or the name of its error; and the warnings about keys."""
    name, key, value, timeout, version = step
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            result = CALLS[name](cache, key, value, () if timeout == "default" else (timeout,), version)
        except Exception as error:
            result = f"<{type(error).__name__}>"
    return name, repr(result), sorted({each.category.__name__ for each in caught})


BACKENDS = [
    pytest.param(
        django.core.cache.backends.locmem.LocMemCache, miniframe.cache.backends.locmem.LocMemCache, id="locmem"
    ),
    pytest.param(django.core.cache.backends.dummy.DummyCache, miniframe.cache.backends.dummy.DummyCache, id="dummy"),
    pytest.param(
        django.core.cache.backends.filebased.FileBasedCache,
        miniframe.cache.backends.filebased.FileBasedCache,
        id="filebased",
    ),
]


@pytest.mark.parametrize(("theirs", "ours"), BACKENDS)
def test_any_sequence_of_calls_gives_what_it_gives_in_django(theirs: Any, ours: Any, tmp_path: Any) -> None:
    @settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(STEPS, PARAMETERS)
    def compare(steps: list[Any], parameters: dict[str, Any]) -> None:
        results = []
        for name, backend in (("django", theirs), ("miniframe", ours)):
            try:
                cache = backend(str(tmp_path / name), dict(parameters))
            except Exception as error:
                results.append([f"<{type(error).__name__}>"])
                continue
            cache.clear()
            results.append([outcome(cache, step) for step in steps])
        assert results[1] == results[0]

    compare()
