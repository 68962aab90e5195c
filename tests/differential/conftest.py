"""One source, two frameworks: what is written for Django runs on miniframe too, and the answers are compared.

A site in `sites/` is a module as a Django project would have it: views, URLconf, middleware.  It is loaded twice, as
it stands and with its imports turned by the one import rule, and each of the two gets the same environ.
"""

from __future__ import annotations

import gzip
import json
import logging
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from io import BytesIO
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple
from urllib.parse import unquote_to_bytes

import django.core.handlers.wsgi
import django.test.utils
import django.urls
import pytest

import miniframe.handlers.wsgi
import miniframe.test.utils
import miniframe.urls

# The apps have tests of their own, which run on both frameworks.
collect_ignore = ["apps"]

SITES = Path(__file__).parent / "sites"


def moved(source: str) -> str:
    """Return `source` with its imports turned from Django to miniframe: the rule of docs/differences.md, no more."""
    source = re.sub(r"\bdjango\.(?:core|contrib)\b", "miniframe", source)
    return re.sub(r"\bdjango\b", "miniframe", source).replace("DJANGO_", "MINIFRAME_")


def moved_value(value: Any) -> Any:
    """Return a setting's value with the dotted paths in it turned in the same way."""
    if isinstance(value, str):
        return moved(value)
    if isinstance(value, dict):
        return {key: moved_value(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(moved_value(each) for each in value)
    return value


class Answer(NamedTuple):
    """What a client gets, without what is random, depends on the clock or means nothing."""

    status: str
    headers: list[tuple[str, str]]
    body: bytes


def ask(application: Any, environ: dict[str, Any]) -> Answer:
    """Send one request straight to a WSGI application; an error that it lets out is an answer too."""
    head: list[Any] = []
    try:
        result = application(environ, lambda status, headers, exc_info=None: head.extend([status, headers]))
    except Exception as error:
        return Answer(f"raises {type(error).__name__}", [], b"")
    try:
        body = b"".join(result)
    finally:
        if hasattr(result, "close"):
            result.close()
    status, headers = head[0], sorted(_plain(name, value) for name, value in head[1])
    if environ["REQUEST_METHOD"] == "HEAD":
        body = b""  # docs/differences.md: never sent, whichever server it is
    if ("Content-Encoding", "gzip") in headers:
        # Random bytes in the head of the file hide the length.
        body = gzip.decompress(body) if body else b""
        headers = [field for field in headers if field[0] != "Content-Length"]
    if status[:3] in ("204", "304"):
        # docs/differences.md: never (RFC 9110, section 8.6).
        headers = [field for field in headers if field != ("Content-Length", "0")]
    return Answer(status, headers, re.sub(rb"_on_(django|miniframe)", b"", body))


def _plain(name: str, value: str) -> tuple[str, str]:
    # Django's Set-Cookie begins with a blank, which means nothing on the wire (RFC 9110, section 5.5).
    value = value.strip()
    if name == "Set-Cookie":
        value = re.sub(r"(?<=expires=)(?!Thu, 01 Jan 1970)[^;]+", "...", value)
        value = re.sub(r"^csrftoken=\w{32}(?=;)", "csrftoken=...", value)
    # Made of the clock, and a second may pass between the two answers.
    return name, "..." if name in ("Expires", "Age") else value


def environ(method: str = "GET", target: str = "/", body: bytes = b"", **more: Any) -> dict[str, Any]:
    """Return an environ as a server makes it; `more` are further keys, None removes one."""
    path, _, query = target.partition("?")
    made: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query.encode().decode("latin-1"),
        "SERVER_NAME": "testserver",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "testserver",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    if body or method in ("POST", "PUT", "PATCH"):
        made["CONTENT_LENGTH"] = str(len(body))
    made |= more
    return {key: value for key, value in made.items() if value is not None}


class Request(NamedTuple):
    """One request of a table."""

    method: str
    target: str
    body: bytes
    more: dict[str, Any]


def request(method: str = "GET", target: str = "/", body: bytes = b"", **more: Any) -> Request:
    """Return a request; `more` goes into the environ."""
    return Request(method, target, body, more)


class Twins:
    """One site on both frameworks, with the same settings."""

    def __init__(self, **applications: Any) -> None:
        self.applications = applications

    def ask(self, sent: Request) -> dict[str, Answer]:
        """Return the answers of both to one request."""
        return {name: self.ask_one(name, sent) for name in self.applications}

    def ask_one(self, name: str, sent: Request) -> Answer:
        """Return the answer of "django" or "miniframe" alone."""
        return ask(self.applications[name], environ(sent.method, sent.target, sent.body, **sent.more))

    def agree(self, requests: Iterable[Request]) -> None:
        """Fail with every request that the two answer differently, and with what differs."""
        complaints = []
        for number, sent in enumerate(requests):
            answers = self.ask(sent)
            if answers["django"] != answers["miniframe"]:
                complaints.append(f"{number}: {sent}\n" + _difference(**answers))
        assert not complaints, "\n".join(complaints[:20])


def _difference(django: Answer, miniframe: Answer) -> str:
    if django._replace(body=b"") == miniframe._replace(body=b"") and django.body[:1] == miniframe.body[:1] == b"{":
        theirs, ours = json.loads(django.body), json.loads(miniframe.body)
        return "\n".join(
            f"    {name}: django {theirs.get(name)!r}, miniframe {ours.get(name)!r}"
            for name in theirs | ours
            if theirs.get(name) != ours.get(name)
        )
    return f"    django    {django}\n    miniframe {miniframe}"


def load(name: str, source: str) -> ModuleType:
    """Return `source` as a module that can be imported by `name`."""
    module = ModuleType(name)
    sys.modules[name] = module
    exec(compile(source, f"<{name}>", "exec"), module.__dict__)
    return module


@contextmanager
def running(site: str, **settings: Any) -> Iterator[Twins]:
    """Run a module of `sites/` on both; "SITE" in a setting stands for the module's name."""
    source = (SITES / f"{site}.py").read_text()
    names = {framework: f"{site}_on_{framework}" for framework in ("django", "miniframe")}
    if names["miniframe"] not in sys.modules:
        load(names["django"], source.replace("SITE", names["django"]))
        load(names["miniframe"], moved(source).replace("SITE", names["miniframe"]))

    def placed(framework: str) -> dict[str, Any]:
        text_of: Callable[[Any], Any] = lambda value: _renamed(value, names[framework])  # noqa: E731
        given = {
            "ROOT_URLCONF": "SITE",
            "ALLOWED_HOSTS": ["testserver"],
            "DEBUG": False,
            "CSRF_FAILURE_VIEW": "SITE.csrf_failure",
        } | settings
        return {name: text_of(value if framework == "django" else moved_value(value)) for name, value in given.items()}

    with ExitStack() as stack:
        # The last request's mount point would stay with the thread.
        stack.callback(django.urls.clear_script_prefix)
        stack.callback(miniframe.urls.clear_script_prefix)
        stack.enter_context(django.test.utils.override_settings(**placed("django")))
        stack.enter_context(miniframe.test.utils.override_settings(**placed("miniframe")))
        yield Twins(django=django.core.handlers.wsgi.WSGIHandler(), miniframe=miniframe.handlers.wsgi.WSGIHandler())


def _renamed(value: Any, name: str) -> Any:
    if isinstance(value, str):
        return value.replace("SITE", name)
    if isinstance(value, (list, tuple)):
        return type(value)(_renamed(each, name) for each in value)
    return value


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Thousands of refused requests need not be logged twice each."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture(scope="session")
def twins() -> Callable[..., Any]:
    """`with twins("probe", MIDDLEWARE=[...]) as both: both.agree([a_request("GET", "/"), ...])`."""
    return running


@pytest.fixture(scope="session")
def a_request() -> Callable[..., Request]:
    """Make a request for a table."""
    return request


@pytest.fixture(scope="session")
def turned() -> Callable[[str], str]:
    """The import rule, applied to source text."""
    return moved


@pytest.fixture(scope="session")
def differences() -> str:
    """The page that lists what differs on purpose."""
    return (Path(__file__).parents[2] / "docs" / "differences.md").read_text()
