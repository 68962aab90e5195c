"""The frameworks that are compared: the least program of each, and the process that measures it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

HERE = Path(__file__).resolve().parent


def moved(source: str) -> str:
    """Return source written for miniframe as source for Django.

    The rule is miniframe's own, turned around: `django.core.X` and `django.contrib.X` are `miniframe.X`, any other
    `django.X` is too.
    """
    source = re.sub(r"\bminiframe\.(cache|wsgi)\b", r"django.core.\1", source)
    source = re.sub(r"\bminiframe\.(messages|sessions)\b", r"django.contrib.\1", source)
    return re.sub(r"\bminiframe\b", "django", source)


_MINIFRAME = """
from miniframe.conf import settings
from miniframe.http import HttpResponse
from miniframe.urls import path
urlpatterns = [path("text", lambda request: HttpResponse("Hello"))]
settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], SECRET_KEY="secret")
from miniframe.wsgi import get_wsgi_application
app = get_wsgi_application()
"""
_FLASK = """
from flask import Flask
app = Flask("app", root_path=".")
app.add_url_rule("/text", view_func=lambda: "Hello", endpoint="text")
"""
_BOTTLE = """
from bottle import Bottle
app = Bottle()
app.route("/text", callback=lambda: "Hello")
"""
_FALCON = """
import falcon
class Text:
    def on_get(self, req, resp):
        resp.text = "Hello"
app = falcon.App()
app.add_route("/text", Text())
"""
_BARE = """
def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain; charset=utf-8")])
    return [b"Hello"]
"""

#: In the order of the table's columns.  "bare" is no framework, but a function as PEP 3333 wants it.
PROGRAMS = {
    "miniframe": _MINIFRAME,
    "django": moved(_MINIFRAME),
    "flask": _FLASK,
    "bottle": _BOTTLE,
    "falcon": _FALCON,
    "bare": _BARE,
}


def title(framework: str) -> str | None:
    """Return a framework's name with its version; None if it is not installed."""
    if framework in ("miniframe", "bare"):  # miniframe is the one that lies beside this folder
        return framework
    try:
        return f"{framework} {version(framework)}"
    except PackageNotFoundError:
        return None


def environment() -> dict[str, str]:
    """Return the environment of a measured process: it finds this miniframe, and keeps compiled modules."""
    drop = ("PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED", "PYTHONDEVMODE")
    kept = {name: value for name, value in os.environ.items() if name not in drop}
    return {**kept, "PYTHONPATH": os.pathsep.join([str(HERE), str(HERE.parent)])}


class Peer:
    """A process that measures one framework at one thing; `keys` is what it has found there to measure."""

    def __init__(self, framework: str, kind: str, what: str) -> None:
        self.framework = framework
        command = [sys.executable, str(HERE / "worker.py"), framework, kind, what]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment()
        )
        try:
            self.keys: list[str] = json.loads(self._answer())
        except BaseException:
            self.close()
            raise

    def microseconds(self, key: str, seconds: float) -> float:
        """Return the time of one call, measured for about `seconds`."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{key} {seconds}\n")
        self._process.stdin.flush()
        return float(self._answer())

    def _answer(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"{self.framework} failed; see above")
        return line

    def close(self) -> None:
        """Let the process end."""
        self._process.communicate()
