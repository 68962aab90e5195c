"""QueryDict, MultiValueDict and the headers of a response, after any sequence of calls, are what they are in Django."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import django.http
import django.utils.datastructures
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import miniframe.http
import miniframe.utils.datastructures

KEYS = st.sampled_from(["a", "b", "é", ""])
VALUES = st.sampled_from(["x", "é", None, 1, b"z", ["l"]])
CALLS: dict[str, Any] = {
    "[]": lambda d, k, v: d[k],
    "[]=": lambda d, k, v: d.__setitem__(k, v),
    "del": lambda d, k, v: d.__delitem__(k),
    "get": lambda d, k, v: [d.get(k), d.get(k, v)],
    "getlist": lambda d, k, v: [d.getlist(k), d.getlist(k, v)],
    "setlist": lambda d, k, v: d.setlist(k, [v, v]),
    "setlist-empty": lambda d, k, v: d.setlist(k, []),
    "appendlist": lambda d, k, v: d.appendlist(k, v),
    "setdefault": lambda d, k, v: [d.setdefault(k, v), d.setdefault(k)],
    "setlistdefault": lambda d, k, v: [d.setlistdefault(k, [v]), d.setlistdefault(k)],
    "pop": lambda d, k, v: d.pop(k, v),
    "pop-strictly": lambda d, k, v: d.pop(k),
    "popitem": lambda d, k, v: d.popitem(),
    "update": lambda d, k, v: d.update({k: v}),
    "update-list": lambda d, k, v: d.update({k: [v]}),
    "update-words": lambda d, k, v: d.update(a=v),
    "update-same": lambda d, k, v: d.update(copy.copy(d)),
    "clear": lambda d, k, v: d.clear(),
    "read": lambda d, k, v: [
        list(d.items()),
        list(d.lists()),
        list(d.values()),
        list(d),
        len(d),
        k in d,
        d.dict(),
        repr(d),
    ],
    "copies": lambda d, k, v: [repr(each) for each in (d.copy(), copy.copy(d), copy.deepcopy(d))],
    "pickle": lambda d, k, v: pickle.loads(pickle.dumps(d)) == d,
    "equal": lambda d, k, v: [d == {k: v}, d == copy.copy(d), bool(d)],
    "urlencode": lambda d, k, v: [d.urlencode(), d.urlencode(safe="/é")],
}


def told(mapping: Any, steps: list[Any]) -> list[Any]:
    results: list[Any] = []
    for name, key, value in steps:
        try:
            results.append((name, repr(CALLS[name](mapping, key, value))))
        except Exception as error:
            results.append((name, type(error).__name__))
    return [*results, list(mapping.lists())]


@pytest.mark.parametrize("kind", ["mutable", "immutable", "plain"])
@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(st.tuples(st.sampled_from(sorted(CALLS)), KEYS, VALUES), min_size=1, max_size=6))
def test_a_mapping_of_lists_is_djangos(kind: str, steps: list[Any]) -> None:
    mappings = []
    for http, structures in (
        (django.http, django.utils.datastructures),
        (miniframe.http, miniframe.utils.datastructures),
    ):
        if kind == "plain":
            mappings.append(structures.MultiValueDict({"a": ["1", "2"], "b": []}))
        else:
            mappings.append(http.QueryDict("a=1&a=2&c", mutable=kind == "mutable"))
    theirs, ours = (told(each, steps) for each in mappings)
    assert ours == theirs


HEADERS: dict[str, Any] = {
    "[]": lambda h, n, v: h[n],
    "[]=": lambda h, n, v: h.__setitem__(n, v),
    "del": lambda h, n, v: h.__delitem__(n),
    "get": lambda h, n, v: [h.get(n), h.get(n, v)],
    "pop": lambda h, n, v: h.pop(n, v) and None,
    "setdefault": lambda h, n, v: h.setdefault(n, v),
    "update": lambda h, n, v: h.update({n: v}),
    "read": lambda h, n, v: [
        sorted(h),
        sorted(h.items()),
        sorted(h.keys()),
        sorted(h.values()),
        len(h),
        n in h,
        bool(h),
    ],
    "copies": lambda h, n, v: [sorted(h.copy().items()), h == h.copy(), h == {n: v}, dict(h) == h],
    "pickle": lambda h, n, v: sorted(pickle.loads(pickle.dumps(h)).items()),
}


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    st.lists(
        st.tuples(
            st.sampled_from(sorted(HEADERS)),
            st.sampled_from(["X-A", "x-a", "Content-Type", "X-B", "é", "a\nb"]),
            st.sampled_from(["1", 2, "é", "日", "a\nb", b"\xff", None]),
        ),
        min_size=1,
        max_size=6,
    )
)
def test_the_headers_of_a_response_are_djangos(steps: list[Any]) -> None:
    results = []
    for http in (django.http, miniframe.http):
        headers = http.HttpResponse(headers={"X-A": "1"}).headers
        gave: list[Any] = []
        for name, field, value in steps:
            try:
                gave.append((name, repr(HEADERS[name](headers, field, value))))
            except Exception as error:
                gave.append((name, type(error).__name__))
        results.append(gave)
    assert results[1] == results[0]
