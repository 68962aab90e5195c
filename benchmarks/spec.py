"""What every framework is asked, and what it must answer before its time counts.

Nothing here imports a framework.
"""

from __future__ import annotations

import io
import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TEMPLATES = Path(__file__).parent / "templates"

Headers = list[tuple[str, str]]

#: What Firefox sends to a page of the same site.
BROWSER = {
    "HTTP_HOST": "localhost:8000",
    "HTTP_USER_AGENT": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "HTTP_ACCEPT": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "HTTP_ACCEPT_LANGUAGE": "en-GB,en;q=0.5",
    "HTTP_ACCEPT_ENCODING": "gzip, deflate, br, zstd",
    "HTTP_CONNECTION": "keep-alive",
    "HTTP_REFERER": "http://localhost:8000/",
    "HTTP_SEC_FETCH_SITE": "same-origin",
}

FORM = b"title=Hello+World&email=ada%40example.org&year=1843&place=London&text=It+works%2C+doesn%27t+it%3F"
FORM_FIELDS = ("title", "email", "year", "place", "text")
FORM_TEXT = b"Hello World|ada@example.org|1843|London|It works, doesn't it?"
COOKIES = "sessionid=8f14e45fceea167a5a36dedd4bea2543; csrftoken=c9f0f895fb98ab9159f51fd0297e236d; theme=dark; visits=5"
ROWS = [{"name": f"Row <{n}>", "price": f"{n}.50", "even": n % 2 == 0} for n in range(20)]
CACHED = {"title": "Cached", "tags": ["a", "b", "c"], "count": 3}

# As Firefox makes them.
_BOUNDARY = "----geckoformboundary8d0d7f3b1f4cbe4e2a8d1c7e5f0a9b36"
_FILE = random.Random(1843).randbytes(1024 * 1024)
_UPLOAD = (
    f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="title"\r\n\r\nPhoto\r\n'
    f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="photo.raw"\r\n'
    "Content-Type: application/octet-stream\r\n\r\n"
).encode() + b"".join([_FILE, f"\r\n--{_BOUNDARY}--\r\n".encode()])


@dataclass(frozen=True)
class Answer:
    """What an application answered."""

    status: int
    headers: Headers
    body: bytes

    def header(self, name: str) -> str:
        """Return all fields of a name, joined."""
        return ", ".join(value for key, value in self.headers if key.lower() == name.lower())


@dataclass(frozen=True)
class Scenario:
    """One request; `first` is the path of one that goes before it and whose cookies it brings back."""

    title: str
    path: str
    check: Callable[[Answer], bool]
    method: str = "GET"
    query: str = ""
    content_type: str = ""
    body: bytes = b""
    cookies: str = ""
    first: str = ""


def _text(wanted: bytes, status: int = 200) -> Callable[[Answer], bool]:
    return lambda answer: answer.status == status and answer.body == wanted


def _json(answer: Answer) -> bool:
    return bool(json.loads(answer.body) == {"id": 42, "q": "abc", "page": 3}) and "json" in answer.header(
        "content-type"
    )


def _cookie(answer: Answer) -> bool:
    words = {word.strip().lower() for word in answer.header("set-cookie").split(";")}
    return answer.body == b"5" and {"visits=6", "httponly", "samesite=lax"} <= words


def _stack(answer: Answer) -> bool:
    names = ("x-frame-options", "x-content-type-options", "referrer-policy", "content-length")
    return answer.body == b"Hello" and all(answer.header(name) for name in names)


def _table(answer: Answer) -> bool:
    return answer.body.count(b"<tr") == len(ROWS) and b"Row &lt;3&gt;" in answer.body


SCENARIOS = {
    "text": Scenario("a text", "/text", _text(b"Hello")),
    "json": Scenario("a number in the path, two parameters, JSON", "/items/42", _json, query="q=abc&page=3"),
    "form": Scenario(
        "a form with five fields", "/form", _text(FORM_TEXT), "POST", "", "application/x-www-form-urlencoded", FORM
    ),
    "cookies": Scenario("one cookie read, one set", "/cookies", _cookie, cookies=COOKIES),
    "middleware": Scenario("a text through five middlewares that do nothing", "/text", _text(b"Hello")),
    "stack": Scenario("a text through Security, Common, Csrf and XFrameOptions", "/text", _stack),
    "template": Scenario("a Jinja2 page with 20 rows", "/table", _table),
    "missing": Scenario("a page that does not exist", "/no/such/page", lambda answer: answer.status == 404),
    "upload": Scenario(
        "a file of 1 MiB",
        "/upload",
        _text(b"Photo:1048576"),
        "POST",
        "",
        f"multipart/form-data; boundary={_BOUNDARY}",
        _UPLOAD,
    ),
    "session": Scenario("a value of a session in a signed cookie", "/session", _text(b"Ada"), first="/session/set"),
    "messages": Scenario(
        "one message shown, out of a signed cookie", "/messages", _text(b"Saved."), first="/messages/add"
    ),
    "cache": Scenario("a dict out of the cache in memory", "/cache", _text(b"Cached"), first="/cache/set"),
}


def environ(scenario: Scenario, cookies: str = "") -> dict[str, Any]:
    """Return the environ of a request; `wsgi.input` is to be made anew for each."""
    result: dict[str, Any] = {
        "REQUEST_METHOD": scenario.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": scenario.path,
        "QUERY_STRING": scenario.query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_TYPE": scenario.content_type,
        "CONTENT_LENGTH": str(len(scenario.body)) if scenario.body else "",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(scenario.body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        **BROWSER,
    }
    if cookies or scenario.cookies:
        result["HTTP_COOKIE"] = cookies or scenario.cookies
    return result


# Routes: seven in ten without parameters, two with a number, one with a text; fifty to a section.


@dataclass(frozen=True)
class RouteSpec:
    """One of many routes: `head` is its path up to the parameter, if it has one."""

    name: str
    head: str
    kind: str


def routes(count: int) -> Iterator[RouteSpec]:
    """Yield `count` routes."""
    kinds = ("plain",) * 7 + ("int",) * 2 + ("str",)
    for n in range(count):
        kind = kinds[n % 10]
        yield RouteSpec(f"r{n}", f"section{n // 50}/page{n}/" + ("all/" if kind == "plain" else ""), kind)


def probes(count: int) -> dict[str, Scenario]:
    """Return requests for the first route, the last one, and none."""
    return {
        "first": Scenario("", "/section0/page0/all/", _text(b"ok")),
        "last": Scenario("", f"/section{(count - 1) // 50}/page{count - 1}/some-words/", _text(b"ok some-words")),
        "none": Scenario("", "/section0/page1/nothing/", lambda answer: answer.status == 404),
    }


#: Name, arguments and address of three routes among 1,000.
REVERSED: dict[str, tuple[str, dict[str, Any], str]] = {
    "plain": ("r500", {}, "/section10/page500/all/"),
    "int": ("r507", {"arg": 42}, "/section10/page507/42/"),
    "quoted": ("r509", {"arg": "two words"}, "/section10/page509/two%20words/"),
}
