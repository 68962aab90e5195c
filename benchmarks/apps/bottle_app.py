"""The scenarios with Bottle."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import bottle
import spec
from bottle import jinja2_template, request, response

PLAIN = "text/plain; charset=utf-8"

#: Bottle writes arguments into addresses as they are.
CANNOT_REVERSE = ("quoted",)


def text() -> str:
    response.content_type = PLAIN
    return "Hello"


def item(pk: int) -> dict[str, Any]:
    return {"id": pk, "q": request.query["q"], "page": int(request.query["page"])}


def form() -> str:
    response.content_type = PLAIN
    return "|".join([getattr(request.forms, name) for name in spec.FORM_FIELDS])


def cookies() -> str:
    visits: str = request.cookies["visits"]
    response.content_type = PLAIN
    response.set_cookie("visits", str(int(visits) + 1), path="/", httponly=True, samesite="lax")
    return visits


def table() -> str:
    page: str = jinja2_template("table.html", title="Table", rows=spec.ROWS, template_settings={"autoescape": True})
    return page


def upload() -> str:
    response.content_type = PLAIN
    return f"{request.forms['title']}:{len(request.files['file'].file.read())}"


def idle(callback: Callable[..., Any]) -> Callable[..., Any]:
    def plugin(*args: Any, **kwargs: Any) -> Any:
        return callback(*args, **kwargs)

    return plugin


def make(scenario: str) -> Callable[..., Iterable[bytes]] | None:
    if scenario in ("stack", "session", "messages", "cache"):
        return None
    bottle.TEMPLATE_PATH[:] = [str(spec.TEMPLATES)]
    app = bottle.Bottle()
    app.route("/text", callback=text)
    app.route("/items/<pk:int>", callback=item)
    app.route("/form", method="POST", callback=form)
    app.route("/cookies", callback=cookies)
    app.route("/table", callback=table)
    app.route("/upload", method="POST", callback=upload)
    if scenario == "middleware":
        # A plug-in is installed once, so these are five.
        for _ in range(5):
            app.install(lambda callback: idle(callback))
    made: Callable[..., Iterable[bytes]] = app
    return made


def make_routes(count: int) -> Callable[..., Iterable[bytes]]:
    made: Callable[..., Iterable[bytes]] = _routed(count)
    return made


def make_reverse(count: int) -> Callable[[str, dict[str, Any]], str]:
    app = _routed(count)
    return lambda name, arguments: str(app.get_url(name, **arguments))


def _routed(count: int) -> Any:
    app = bottle.Bottle()
    for route in spec.routes(count):
        if route.kind == "plain":
            app.route(f"/{route.head}", name=route.name, callback=lambda: "ok")
        else:
            rule = "<arg:int>" if route.kind == "int" else "<arg>"
            app.route(f"/{route.head}{rule}/", name=route.name, callback=lambda arg: f"ok {arg}")
    return app
