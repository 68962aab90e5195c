"""Whatever a browser sends as a session or as messages is an empty one, and whatever JSON holds comes back."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from miniframe.http import HttpRequest
from miniframe.messages.storage.cookie import CookieStorage
from miniframe.sessions.backends.base import SessionBase

few = hypothesis_settings(
    max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(st.characters(codec="utf-8")),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner, max_size=3)
    ),
    max_leaves=8,
)
names = st.text(st.characters(codec="utf-8")).filter(lambda name: name != "_session_expiry")


@few
@given(cookie=st.text() | st.text("abc:.-_=", max_size=60))
def test_no_cookie_of_a_strangers_making_is_a_session(store: type[SessionBase], cookie: str) -> None:
    session = store(cookie)
    assert dict(session.items()) == {}
    assert session.session_key is None


@few
@given(data=st.dictionaries(names, json_values, max_size=4))
def test_what_json_holds_comes_back(store: type[SessionBase], data: dict[str, Any]) -> None:
    session = store()
    session.update(data)
    session.save()
    assert dict(store(session.session_key).items()) == data
    session.delete()


@few
@given(cookie=st.text() | st.text("abc:.-_=", max_size=60))
def test_no_cookie_of_a_strangers_making_is_a_message(cookie: str) -> None:
    request = HttpRequest()
    request.COOKIES = {"messages": cookie}
    assert list(CookieStorage(request)) == []


@pytest.mark.parametrize(
    "junk", [[["__json_message", 0, "x", "y"]], [["__json_message"] * 9], [{"a": 1}], 7, "x", None]
)
def test_signed_junk_is_no_error_either(junk: Any) -> None:
    request = HttpRequest()
    storage = CookieStorage(request)
    request.COOKIES = {"messages": storage.signer.sign_object(junk)}
    for message in storage:
        str(message)
