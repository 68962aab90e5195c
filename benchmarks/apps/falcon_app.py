"""The scenarios with Falcon, much of whose wheel is compiled."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import falcon
import jinja2
import spec


class Text:
    def on_get(self, req: Any, resp: Any) -> None:
        resp.content_type = falcon.MEDIA_TEXT
        resp.text = "Hello"


class Item:
    def on_get(self, req: Any, resp: Any, pk: int) -> None:
        resp.media = {"id": pk, "q": req.get_param("q"), "page": req.get_param_as_int("page")}


class Form:
    def on_post(self, req: Any, resp: Any) -> None:
        fields = req.get_media()
        resp.text = "|".join([fields[name] for name in spec.FORM_FIELDS])


class Cookies:
    def on_get(self, req: Any, resp: Any) -> None:
        visits = req.get_cookie_values("visits")[0]
        resp.text = visits
        resp.set_cookie("visits", str(int(visits) + 1), path="/", secure=False, http_only=True, same_site="Lax")


class Table:
    def __init__(self) -> None:
        loader = jinja2.FileSystemLoader(spec.TEMPLATES)
        self.environment = jinja2.Environment(loader=loader, autoescape=True)

    def on_get(self, req: Any, resp: Any) -> None:
        resp.content_type = falcon.MEDIA_HTML
        resp.text = self.environment.get_template("table.html").render(title="Table", rows=spec.ROWS)


class Upload:
    def on_post(self, req: Any, resp: Any) -> None:
        title, size = "", 0
        for part in req.get_media():
            if part.name == "title":
                title = part.text
            else:
                size = len(part.stream.read())
        resp.text = f"{title}:{size}"


class Idle:
    def process_request(self, req: Any, resp: Any) -> None:
        """Do nothing."""

    def process_response(self, req: Any, resp: Any, resource: Any, succeeded: bool) -> None:
        """Do nothing."""


def make(scenario: str) -> Callable[..., Iterable[bytes]] | None:
    if scenario in ("stack", "session", "messages", "cache"):
        return None
    app = falcon.App(middleware=[Idle() for _ in range(5)] if scenario == "middleware" else [])
    app.add_route("/text", Text())
    app.add_route("/items/{pk:int}", Item())
    app.add_route("/form", Form())
    app.add_route("/cookies", Cookies())
    app.add_route("/table", Table())
    app.add_route("/upload", Upload())
    made: Callable[..., Iterable[bytes]] = app
    return made


class Page:
    def on_get(self, req: Any, resp: Any, arg: Any = None) -> None:
        resp.text = "ok" if arg is None else f"ok {arg}"


def make_routes(count: int) -> Callable[..., Iterable[bytes]]:
    app, page = falcon.App(), Page()
    app.req_options.strip_url_path_trailing_slash = False
    for route in spec.routes(count):
        end = {"plain": "", "int": "{arg:int}/", "str": "{arg}/"}[route.kind]
        app.add_route(f"/{route.head}{end}", page)
    made: Callable[..., Iterable[bytes]] = app
    return made
