"""Whatever stands in any field, together with anything in any other, the answer is no server error."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

LATIN = st.text(st.characters(codec="latin-1"), max_size=12)


def pieces(*choices: str) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(choices) | LATIN, max_size=6).map("".join)


FIELDS = {
    "CONTENT_TYPE": pieces("multipart/form-data", "application/json", "application/x-www-form-urlencoded", "; ")
    | pieces("multipart/form-data; boundary=XX", "; charset=", "utf-7", "utf-16", "rot13", '"'),
    "CONTENT_LENGTH": st.sampled_from(["", "0", "5", "99999999999999999999", "-1", "x", "\xb2"]),
    "QUERY_STRING": pieces("a=1", "&", "%", "%00", "%ff", "=", "+", "to=", "//", "header=", "http://[", "?"),
    "HTTP_COOKIE": pieces("sessionid=", "messages=", "signed=", "csrftoken=", ";", '"', "\\", "=", ":", "a" * 32),
    "HTTP_HOST": st.sampled_from(["localhost", "localhost:80"]) | pieces("localhost", ":", "[", "]", ".", "80"),
    "HTTP_ACCEPT": pieces("text/html", "*/*", ",", ";q=", "0.5", ";", "=", '"'),
    "HTTP_ACCEPT_ENCODING": pieces("gzip", ";q=", "0", ",", "*"),
    "HTTP_RANGE": pieces("bytes=", "0", "-", ",", "99999999999999999999"),
    "HTTP_IF_RANGE": pieces('"', "W/", "Sun, 06 Nov 1994 08:49:37 GMT"),
    "HTTP_IF_NONE_MATCH": pieces('"', "W/", "*", ",", "a"),
    "HTTP_IF_MATCH": pieces('"', "W/", "*", ",", "a"),
    "HTTP_IF_MODIFIED_SINCE": pieces("Sun, 06 Nov 1994 08:49:37 GMT", "9999", "0"),
    "HTTP_ORIGIN": pieces("http://", "localhost", "null", "[", "]", ":", "/"),
    "HTTP_REFERER": pieces("https://", "localhost", "[", "]", ":", "/"),
    "HTTP_X_CSRFTOKEN": pieces("a" * 32, "é"),
    "HTTP_USER_AGENT": LATIN,
    "SCRIPT_NAME": st.sampled_from(["", "/app", "/\xff", "app", "//x"]),
    "PATH_INFO": st.sampled_from(["/read/", "/json/", "/body/", "/form/", "/file/", "/remember/", "/go/", "/"])
    | pieces("/", "read", "\xff", "\x00", "é", "//", ".."),
    "REMOTE_ADDR": LATIN,
    "wsgi.url_scheme": st.sampled_from(["http", "https"]),
}
BODIES = st.binary(max_size=30) | pieces(
    "--XX\r\n", 'Content-Disposition: form-data; name="a"', '; filename="f"', "\r\n\r\n", "\r\n--XX--", "a=1&", "{", "["
).map(lambda text: text.encode("latin-1"))


@settings(max_examples=100, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    st.sampled_from(["GET", "POST", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "get", "X-\xff", ""]),
    BODIES,
    st.fixed_dictionaries({}, optional=FIELDS),
)
def test_it_is_answered(site: Any, method: str, body: bytes, fields: dict[str, str]) -> None:
    # What views echo without a look is theirs; the others may not fail.
    site.ask(method, "/read/", body, **fields)
