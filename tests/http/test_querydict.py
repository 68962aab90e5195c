"""QueryDict: parsing, reading, changing, writing."""

from __future__ import annotations

import copy
import pickle
import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from miniframe.exceptions import TooManyFieldsSent
from miniframe.http import QueryDict
from miniframe.test.utils import override_settings

QUERIES = [
    pytest.param("", {}, id="empty"),
    pytest.param("a=1&b=2", {"a": ["1"], "b": ["2"]}, id="two"),
    pytest.param("a=1&a=2", {"a": ["1", "2"]}, id="repeated"),
    pytest.param("a&b=&=c&=", {"a": [""], "b": [""], "": ["c", ""]}, id="blanks"),
    pytest.param("&&a=1&&", {"a": ["1"]}, id="nothing-between"),
    pytest.param("a=1+2%263%3D", {"a": ["1 2&3="]}, id="plus-and-percent"),
    pytest.param("a=%C3%A9&%C3%A9=a", {"a": ["\xe9"], "\xe9": ["a"]}, id="utf-8"),
    pytest.param("a=%zz&b=%&c=%2&d=%G0", {"a": ["%zz"], "b": ["%"], "c": ["%2"], "d": ["%G0"]}, id="bad-codes"),
    pytest.param("a=%ff&b=%c3", {"a": ["\ufffd"], "b": ["\ufffd"]}, id="not-utf-8"),
    pytest.param("a=%00", {"a": ["\0"]}, id="nul"),
    pytest.param("a=1;b=2", {"a": ["1;b=2"]}, id="semicolon-does-not-separate"),
    pytest.param("a=b=c", {"a": ["b=c"]}, id="equals-sign-in-the-value"),
    pytest.param("a=caf\xe9%20\xe9", {"a": ["caf\xe9 \xe9"]}, id="raw-text"),
]


@pytest.mark.parametrize(("query", "fields"), QUERIES)
def test_a_query_string_is_parsed(query: str, fields: dict[str, list[str]]) -> None:
    assert dict(QueryDict(query).lists()) == fields


@pytest.mark.parametrize(("query", "fields"), QUERIES)
def test_a_query_string_is_parsed_as_django_does(django: Any, query: str, fields: dict[str, list[str]]) -> None:
    assert dict(django.QueryDict(query).lists()) == dict(QueryDict(query).lists())


@hypothesis_settings(deadline=None, max_examples=300)
@given(query=st.text(st.sampled_from("ab=&%+;2Fc3\xe9€"), max_size=30))
def test_any_query_string_is_parsed_and_written_as_django_does(django: Any, query: str) -> None:
    ours, theirs = QueryDict(query), django.QueryDict(query)
    assert dict(ours.lists()) == dict(theirs.lists())
    assert ours.urlencode() == theirs.urlencode()
    assert ours.urlencode(safe="/;") == theirs.urlencode(safe="/;")


@hypothesis_settings(deadline=None, max_examples=200)
@given(fields=st.dictionaries(st.text(max_size=5), st.lists(st.text(max_size=5), min_size=1, max_size=3), max_size=4))
def test_what_is_written_is_read_back(fields: dict[str, list[str]]) -> None:
    query = QueryDict(mutable=True)
    try:
        "".join([*fields, *(value for values in fields.values() for value in values)]).encode()
    except UnicodeEncodeError:
        return
    for key, values in fields.items():
        query.setlist(key, values)
    assert dict(QueryDict(query.urlencode()).lists()) == fields


def test_bytes_are_decoded_or_taken_as_latin_1() -> None:
    assert QueryDict("a=é".encode())["a"] == "é"
    assert QueryDict(b"a=\xe9")["a"] == "é"
    assert QueryDict("a=%E9", encoding="latin-1")["a"] == "é"
    query = QueryDict(mutable=True, encoding="latin-1")
    query["a"] = b"\xe9"
    assert query["a"] == "é"
    assert query.urlencode() == "a=%E9"


CHANGES: list[Any] = [
    pytest.param(lambda q: q.__setitem__("a", "1"), id="setitem"),
    pytest.param(lambda q: q.__delitem__("a"), id="delitem"),
    pytest.param(lambda q: q.setlist("a", ["1"]), id="setlist"),
    pytest.param(lambda q: q.appendlist("a", "1"), id="appendlist"),
    pytest.param(lambda q: q.setlistdefault("b", ["1"]), id="setlistdefault"),
    pytest.param(lambda q: q.update({"a": "1"}), id="update"),
    pytest.param(lambda q: q.pop("a"), id="pop"),
    pytest.param(lambda q: q.popitem(), id="popitem"),
    pytest.param(lambda q: q.clear(), id="clear"),
    pytest.param(lambda q: q.setdefault("b", "1"), id="setdefault"),
]


@pytest.mark.parametrize("change", CHANGES)
def test_a_query_dict_is_read_only_until_it_is_copied(change: Callable[[QueryDict], Any]) -> None:
    query = QueryDict("a=0")
    with pytest.raises(AttributeError, match="This QueryDict instance is immutable"):
        change(query)
    assert query.urlencode() == "a=0"
    for other in (query.copy(), copy.copy(query), copy.deepcopy(query)):
        change(other)
    assert query.urlencode() == "a=0"


def test_a_copy_shares_no_list() -> None:
    query = QueryDict("a=1&a=2", mutable=True)
    other = query.copy()
    other.appendlist("a", "3")
    assert query.getlist("a") == ["1", "2"]


def test_fromkeys_repeats_the_value() -> None:
    assert QueryDict.fromkeys(["a", "a", "b"], value="v").urlencode() == "a=v&a=v&b=v"
    with pytest.raises(AttributeError):
        QueryDict.fromkeys("a")["a"] = "1"
    QueryDict.fromkeys("a", mutable=True)["a"] = "1"


def test_urlencode_keeps_safe_characters() -> None:
    query = QueryDict(mutable=True)
    query["next"] = "/a&b c/"
    assert query.urlencode() == "next=%2Fa%26b+c%2F"
    assert query.urlencode(safe="/") == "next=/a%26b%20c/"


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_query_dict_survives_pickling(protocol: int) -> None:
    query = QueryDict("a=1&a=2&b")
    again = pickle.loads(pickle.dumps(query, protocol))
    assert again == query
    assert again.getlist("a") == ["1", "2"]


@pytest.mark.parametrize(
    ("fields", "limit", "allowed"),
    [(3, 3, True), (4, 3, False), (4, None, True), (0, 0, True), (1, 0, False)],
)
def test_the_number_of_fields_is_limited(fields: int, limit: int | None, allowed: bool) -> None:
    query = "&".join(["a=1"] * fields)
    with override_settings(DATA_UPLOAD_MAX_NUMBER_FIELDS=limit):
        if allowed:
            assert len(QueryDict(query).getlist("a")) == fields
        else:
            with pytest.raises(TooManyFieldsSent, match=r"DATA_UPLOAD_MAX_NUMBER_FIELDS\."):
                QueryDict(query)


@pytest.mark.parametrize("query", ["%" * 200_000, "a=" + "%2" * 100_000, "+" * 200_000, "=" * 200_000])
def test_a_hostile_query_takes_linear_time(query: str) -> None:
    started = time.process_time()
    QueryDict(query)
    assert time.process_time() - started < 1
