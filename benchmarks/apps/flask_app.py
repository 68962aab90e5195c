"""The scenarios with Flask; sessions and flashed messages live in its signed cookie."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import flask
import spec
from flask import request

PLAIN = "text/plain; charset=utf-8"


def text() -> Any:
    return flask.Response("Hello", content_type=PLAIN)


def item(pk: int) -> Any:
    return flask.jsonify(id=pk, q=request.args["q"], page=int(request.args["page"]))


def form() -> Any:
    return flask.Response("|".join([request.form[name] for name in spec.FORM_FIELDS]), content_type=PLAIN)


def cookies() -> Any:
    visits = request.cookies["visits"]
    response = flask.Response(visits, content_type=PLAIN)
    response.set_cookie("visits", str(int(visits) + 1), httponly=True, samesite="Lax")
    return response


def table() -> str:
    return str(flask.render_template("table.html", title="Table", rows=spec.ROWS))


def upload() -> str:
    return f"{request.form['title']}:{len(request.files['file'].read())}"


def session() -> str:
    return str(flask.session["name"])


def set_session() -> str:
    flask.session["name"] = "Ada"
    return ""


def messages() -> str:
    return "".join(flask.get_flashed_messages())


def add() -> str:
    flask.flash("Saved.")
    return ""


class Idle:
    """A WSGI middleware that does nothing, which is the kind that Flask has."""

    def __init__(self, app: Callable[..., Iterable[bytes]]) -> None:
        self.app = app

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
        return self.app(environ, start_response)


def make(scenario: str) -> Callable[..., Iterable[bytes]] | None:
    if scenario in ("stack", "cache"):
        return None
    app = flask.Flask("app", root_path=".", template_folder=str(spec.TEMPLATES))
    app.secret_key = "a secret of the benchmarks"
    app.add_url_rule("/text", view_func=text)
    app.add_url_rule("/items/<int:pk>", view_func=item)
    app.add_url_rule("/form", view_func=form, methods=["POST"])
    app.add_url_rule("/cookies", view_func=cookies)
    app.add_url_rule("/table", view_func=table)
    app.add_url_rule("/upload", view_func=upload, methods=["POST"])
    app.add_url_rule("/session", view_func=session)
    app.add_url_rule("/session/set", view_func=set_session)
    app.add_url_rule("/messages", view_func=messages)
    app.add_url_rule("/messages/add", view_func=add)
    if scenario == "middleware":
        for _ in range(5):
            app.wsgi_app = Idle(app.wsgi_app)
    made: Callable[..., Iterable[bytes]] = app
    return made


def make_routes(count: int) -> Callable[..., Iterable[bytes]]:
    made: Callable[..., Iterable[bytes]] = _routed(count)
    return made


def make_reverse(count: int) -> Callable[[str, dict[str, Any]], str]:
    # A request's context, for the address of a page is asked for within a request.
    _routed(count).test_request_context().push()
    return lambda name, arguments: str(flask.url_for(name, **arguments))


def _routed(count: int) -> Any:
    app = flask.Flask("app", root_path=".")
    for route in spec.routes(count):
        if route.kind == "plain":
            app.add_url_rule(f"/{route.head}", endpoint=route.name, view_func=lambda: "ok")
        else:
            rule = "<int:arg>" if route.kind == "int" else "<arg>"
            app.add_url_rule(f"/{route.head}{rule}/", endpoint=route.name, view_func=lambda arg: f"ok {arg}")
    return app
