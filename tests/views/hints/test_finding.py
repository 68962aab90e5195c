"""The advice on the error page: each row of the table, by an error that Python and the framework really raise.

The whole texts stand in golden.md beside this file, to be read as a catalogue.  After a change of words,
`MINIFRAME_GOLDEN=1 pytest tests/views/hints` writes it anew: read the difference.
"""

from __future__ import annotations

import asyncio
import datetime
import json
import os
import re
import socket
import sqlite3
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import jinja2
import psycopg
import pytest
from sqlalchemy import MetaData, Table
from sqlalchemy.exc import PendingRollbackError
from sqlalchemy.orm.exc import DetachedInstanceError

from miniframe import messages
from miniframe.apps import apps
from miniframe.conf import settings
from miniframe.exceptions import AppRegistryNotReady, ImproperlyConfigured, Resolver404
from miniframe.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from miniframe.middleware import csrf
from miniframe.shortcuts import render as render_view
from miniframe.staticfiles.storage import ManifestStaticFilesStorage
from miniframe.template.loader import render_to_string
from miniframe.template.response import SimpleTemplateResponse
from miniframe.test import Client, RequestFactory
from miniframe.test.utils import override_settings
from miniframe.urls import include, path, resolve, reverse
from miniframe.views.generic import View
from miniframe.views.hints import HINTS, find_hints
from miniframe.views.hints.csrf import advise_on_csrf
from miniframe.views.report.crash import crash_report
from miniframe.views.report.not_found import describe_not_found

GOLDEN = Path(__file__).with_name("golden.md")
make = RequestFactory()


def hints_of(call: Callable[[], object], request: Any = None) -> tuple[str, ...]:
    try:
        call()
    except Exception as error:
        return find_hints(error, request)
    raise AssertionError("it should have failed")


def raising(error: Exception) -> Callable[[], object]:
    def call() -> object:
        raise error

    return call


def run(code: str, **names: Any) -> Callable[[], object]:
    return lambda: exec(code, {"__name__": "code", **names})


def template(source: str, **context: Any) -> Callable[[], object]:
    return lambda: jinja2.Environment(undefined=jinja2.StrictUndefined).from_string(source).render(context)


def from_shop() -> None:
    shop = ModuleType("shop_of_hints")
    shop.views = 1  # type: ignore[attr-defined]
    sys.modules["shop_of_hints"] = shop
    exec("from shop_of_hints import veiws")


# ---- a site whose views and middleware are wrong in one way each


def returns_none(request: HttpRequest) -> None: ...


def returns_text(request: HttpRequest) -> str:
    return "text"


async def greet() -> HttpResponse:
    return HttpResponse("hello")


def returns_coroutine(request: HttpRequest) -> Any:
    return greet()


def item(request: HttpRequest, number: int) -> None: ...


def forgetful(get_response: Any) -> Any:
    return lambda request: None


def forgets_request() -> None: ...


async def takes_key_only(pk: int) -> None: ...


class Page(View): ...


class Method(View):
    def get(self) -> None: ...


urls = ModuleType("urls_of_hints")
urls.urlpatterns = [  # type: ignore[attr-defined]
    path("none/", returns_none),
    path("text/", returns_text),
    path("coroutine/", returns_coroutine),
    path("items/<int:pk>/", item),
    path("forgetful/", forgets_request),
    path("forgetful/<int:pk>/", takes_key_only),
    path("class/", Page),
    path("method/", Method.as_view()),
    path("cart/", item, name="cart"),
    path("order/<int:pk>/", item, name="order"),
    path("shop/", include(([path("basket/", item, name="basket")], "shop"))),
]


def visit(address: str, method: str = "get", **changed: Any) -> Callable[[], object]:
    def call() -> object:
        with override_settings(ROOT_URLCONF=urls, MIDDLEWARE=[], **changed):
            return getattr(Client(), method)(address)

    return call


def early(views: str, urlpatterns: str = "urlpatterns = []") -> Callable[[], object]:
    """Load a URLconf that imports views with this text, and has these routes."""

    def call() -> object:
        with override_settings(ROOT_URLCONF="early_urls"):
            file = Path(os.environ["HINTS_FOLDER"])
            (file / "early_urls.py").write_text(f"import early_views\n{urlpatterns}\n")
            (file / "early_views.py").write_text(views)
            for name in ("early_urls", "early_views"):
                sys.modules.pop(name, None)
            return reverse("home")

    return call


def unfinished(use: Callable[[Any], object]) -> Callable[[], object]:
    """Use a coroutine that nobody has awaited."""

    def call() -> object:
        coroutine = greet()
        try:
            return use(coroutine)
        finally:
            coroutine.close()

    return call


def awaiting(what: Any) -> Callable[[], object]:
    async def wait() -> None:
        await what

    return lambda: asyncio.run(wait())


async def nested() -> None:
    coroutine = greet()
    try:
        asyncio.run(coroutine)
    finally:
        coroutine.close()


def query(database: str, timeout: float = 1, sql: str = "select * from cart") -> object:
    with closing(sqlite3.connect(database, timeout=timeout)) as connection:
        return connection.execute(sql).fetchall()


class with_database:  # noqa: N801  # reads as a word in the table
    """The same in a project whose databases miniframe.db opens; advice asks the settings for that."""

    def __init__(self, call: Callable[[], object]) -> None:
        self.call = call

    def __call__(self) -> object:
        return self.call()


models = MetaData()
Table("visits", models)


def locked() -> None:
    file = os.path.join(os.environ["HINTS_FOLDER"], "data.sqlite3")
    with closing(sqlite3.connect(file)) as other:
        other.execute("begin exclusive")
        query(file, timeout=0)


def big_form() -> object:
    with override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=10):
        return make.post("/", {"text": "x" * 100}).body


def body_twice() -> object:
    request = make.post("/", {"a": "1"})
    request.POST  # noqa: B018  # read for its effect
    return request.body


def not_collected() -> object:
    with override_settings(DEBUG=False, STATIC_ROOT=os.environ["HINTS_FOLDER"], STATIC_URL="/static/"):
        return ManifestStaticFilesStorage().url("site.css")


def labels() -> None:
    with override_settings(INSTALLED_APPS=["miniframe.sessions", "miniframe.sessions"]):
        apps.get_app_configs()


PLAIN = make.get("/?page=1&size=big")
FORM = make.post("/", {"name": "ann"})
JSON = make.post("/", {"name": "ann"}, content_type="application/json", headers={"host": "localhost:8000"})
EMPTY = make.post("/", data=b"", content_type="application/json")

# The row, what is special about the case, how the error comes about, and while which request.
CASES: list[tuple[str, str, Callable[[], object], Any]] = [
    ("view-returned-none", "", visit("/none/"), None),
    ("view-returned-other", "", visit("/text/"), None),
    ("view-not-awaited", "", visit("/coroutine/"), None),
    ("middleware-returned-none", "", lambda: visit_with(forgetful), None),
    ("view-arguments", "", visit("/items/3/"), None),
    ("view-arguments", "no request", visit("/forgetful/"), None),
    ("view-arguments", "no request but a key", visit("/forgetful/3/"), None),
    ("view-arguments", "no request in a method", visit("/method/"), None),
    ("render-without-request", "alone", run("render('page.html')", render=render_view), None),
    ("render-without-request", "context", lambda: without_request(), None),
    ("view-called", "", run("def html(request): ...\nhtml()"), None),
    ("view-class", "", visit("/class/"), None),
    ("exit-in-view", "", run("import sys\nsys.exit(3)"), make.get("/")),
    ("not-json", "", lambda: json.dumps({1, 2}), None),
    ("json-not-dict", "", lambda: JsonResponse([1]), None),
    ("not-rendered", "", lambda: SimpleTemplateResponse("page.html").content, None),
    ("redirect-protocol", "", lambda: HttpResponseRedirect("app:cart"), None),
    ("disallowed-host", "", lambda: make.get("/", headers={"host": "a.example:80"}).get_host(), None),
    ("request-attribute", "session", lambda: PLAIN.session, PLAIN),
    ("request-attribute", "user", lambda: PLAIN.user, PLAIN),
    ("request-attribute", "args", lambda: PLAIN.args, PLAIN),
    ("request-attribute", "data", lambda: PLAIN.data, PLAIN),
    ("request-attribute", "is_ajax", lambda: PLAIN.is_ajax(), PLAIN),
    ("messages-without-middleware", "", lambda: messages.info(PLAIN, "saved"), PLAIN),
    ("missing-parameter", "alike", lambda: PLAIN.GET["pgae"], PLAIN),
    ("missing-parameter", "nothing", lambda: make.get("/").GET["page"], make.get("/")),
    ("missing-parameter", "json", lambda: JSON.POST["name"], JSON),
    ("no-json", "form", lambda: json.loads("name=ann"), FORM),
    ("no-json", "empty", lambda: json.loads(EMPTY.body), EMPTY),
    ("no-json", "broken", lambda: json.loads("{'a': 1}"), JSON),
    ("number-of-text", "int", lambda: int(PLAIN.GET["size"]), PLAIN),
    ("number-of-text", "float", lambda: float(PLAIN.GET["size"]), PLAIN),
    ("too-much-data", "", big_form, None),
    ("body-after-form", "", body_twice, None),
    ("post-without-slash", "", lambda: post_without_slash(), make.post("/cart")),
    ("no-reverse-match", "", lambda: reverse("crat"), None),
    ("no-reverse-match", "namespace", lambda: reverse("basket"), None),
    ("no-reverse-match", "path", lambda: reverse("/cart/"), None),
    ("reverse-arguments", "", lambda: reverse("order"), None),
    ("not-a-namespace", "", lambda: reverse("shp:basket"), None),
    ("routes-too-early", "reverse", early("from miniframe.urls import reverse\nHOME = reverse('home')\n"), None),
    ("routes-too-early", "no-urlpatterns", early("", urlpatterns="routes = []"), None),
    ("view-as-text", "", lambda: path("", "shop.views.home"), None),
    ("template-tag", "csrf", template("{% csrf_token %}"), None),
    ("template-tag", "elseif", template("{% if a %}{% elseif b %}{% endif %}"), None),
    ("template-filter", "", template("{{ x|uper }}"), None),
    ("template-filter-argument", "", template("{{ x|default:'-' }}"), None),
    ("template-include-with", "", template("{% include 'a.html' with size=3 only %}"), None),
    ("template-condition", "else-if", template("{% if a %}{% else if b %}{% endif %}"), None),
    ("template-condition", "equals", template("{% if a = 1 %}{% endif %}"), None),
    ("template-condition", "and", template("{% if a && b %}{% endif %}"), None),
    ("template-condition", "or", template("{% if a || b %}{% endif %}"), None),
    ("template-condition", "not", template("{% if !a %}{% endif %}"), None),
    ("template-unclosed", "end", template("{% block a %}{% endblock %}\n{% block b %}\n\n"), None),
    ("template-unclosed", "other tag", template("{% for a in b %}\n{% if a %}\n{% endfor %}\n"), None),
    ("template-endblock", "", template("{% block a %}{% endblock b %}"), None),
    ("template-print", "", template("{{ first last }}"), None),
    ("template-block-twice", "", template("{% block a %}{% endblock %}{% block a %}{% endblock %}"), None),
    ("template-brace", "", template("{{ a }"), None),
    ("template-comprehension", "", template("{{ [x for x in y] }}"), None),
    ("template-call", "", template("{% for a, b in prices.items %}{% endfor %}", prices={}), None),
    ("template-undefined", "alike", template("{{ totl }}", total=1), None),
    ("template-undefined", "nothing", template("{{ basket }}"), None),
    ("template-undefined", "forloop", template("{{ forloop.counter }}"), None),
    ("template-undefined", "super", template("{{ super() }}"), None),
    ("template-key", "", lambda: render("{{ order.totl.amount }}", {"order": {"total": 3}}), None),
    ("template-context", "", lambda: render("page", [1]), None),
    ("static-not-collected", "", not_collected, None),
    ("missing-module", "django", raising(ModuleNotFoundError("No module named 'django.contrib.sessions'")), None),
    ("missing-module", "models", run("from miniframe.db import models"), None),
    ("missing-module", "core", run("from miniframe.core import signing"), None),
    ("missing-module", "translation", run("from miniframe.utils.translation import gettext"), None),
    ("missing-module", "unknown", run("import no_such_package_x"), None),
    (
        "circular-import",
        "",
        raising(ImportError("cannot import name 'a' from partially initialized module 'b' (most likely due to ...)")),
        None,
    ),
    ("unknown-import", "alike", from_shop, None),
    ("unknown-import", "elsewhere", run("from miniframe.urls import Http404"), None),
    ("unknown-import", "models", run("from miniframe.http import get_object_or_404"), None),
    ("unknown-import", "url", run("from miniframe.urls import url"), None),
    ("relative-import", "", run("from . import views", __package__=""), None),
    ("unknown-setting", "alike", lambda: settings.ALOWED_HOSTS, None),
    ("unknown-setting", "own", lambda: settings.WAREHOUSE_OF_PLUMS, None),
    ("django-itself", "", lambda: django_itself(), None),
    ("django-itself", "import", run("f()", f=lambda: django_itself(), __name__="django.shortcuts"), None),
    (
        "settings-unset",
        "",
        raising(ImproperlyConfigured("Requested setting X, but settings are not configured.")),
        None,
    ),
    ("apps-not-ready", "", raising(AppRegistryNotReady("Apps aren't loaded yet.")), None),
    ("apps-alike", "", labels, None),
    ("unknown-variable", "", lambda: os.environ["WAREHOUSE_OF_PLUMS"], None),
    ("no-file", "relative", lambda: Path("data/prices.csv").read_text(), None),
    ("no-file", "no-folder", lambda: Path("/no-such-folder/prices.csv").read_text(), None),
    ("no-file", "alike", lambda: Path(os.environ["HINTS_FOLDER"], "prices.cvs").read_text(), None),
    ("no-table", "", lambda: query(":memory:"), None),
    ("no-table", "ours", with_database(lambda: query(":memory:")), None),
    ("no-table", "known", with_database(lambda: query(":memory:", sql="select * from visits")), None),
    ("no-relation", "", with_database(raising(psycopg.errors.UndefinedTable('relation "cart" does not exist'))), None),
    ("no-column", "", lambda: query(":memory:", sql="select price from (select 1 as title)"), None),
    ("no-column-there", "", raising(psycopg.errors.UndefinedColumn("column cart.price does not exist")), None),
    ("no-database", "", lambda: query("/no-such-folder/data.sqlite3"), None),
    ("database-locked", "", locked, None),
    ("database-locked", "ours", with_database(locked), None),
    ("server-refuses", "", lambda: psycopg.connect("host=127.0.0.1 port=1 user=a dbname=b"), None),
    ("wrong-password", "", raising(psycopg.OperationalError('password authentication failed for user "a"')), None),
    ("unknown-database", "", raising(psycopg.OperationalError('FATAL:  database "shop" does not exist')), None),
    ("detached", "", raising(DetachedInstanceError("Instance <Cart at 0x1> is not bound to a Session; ...")), None),
    ("rolled-back", "", raising(PendingRollbackError("This Session's transaction has been rolled back ...")), None),
    ("nobody-listens", "", lambda: nobody_listens(), None),
    ("unknown-name", "", run("prices = 1\nprint(price)"), None),
    ("unknown-name", "shortcut", run("prices = 1\nredirect('/')"), None),
    ("unknown-name", "urls", run("include('blog.urls')"), None),
    ("unknown-name", "decorator", run("require_POST"), None),
    ("unknown-name", "module of Python", run("datetime.now()"), None),
    ("unknown-name", "builtin", run("pritn(1)"), None),
    ("unbound-local", "", run("def f():\n    print(x)\n    x = 1\nf()"), None),
    ("not-awaited", "attribute", unfinished(lambda coroutine: coroutine.status_code), None),
    ("not-awaited", "iterated", unfinished(lambda coroutine: list(coroutine)), None),
    ("await-of-no-coroutine", "", awaiting(HttpResponse("x")), None),
    ("await-outside", "", lambda: compile("def f():\n    await x", "f", "exec"), None),
    ("loop-in-a-loop", "", lambda: asyncio.run(nested()), None),
    ("attribute-of-none", "", run("None.title"), None),
    ("unknown-attribute", "", run("'x'.uper()"), None),
    ("none", "subscript", run("prices = None\nprices['a']"), None),
    ("none", "sum", run("None + 1"), None),
    ("method-in-brackets", "", run("{}.get['a']"), None),
    ("text-and-number", "sum", run("1 + 'a'"), None),
    ("text-and-number", "order", run("'a' < 1"), None),
    ("text-and-number", "joined", run("'a' + 1"), None),
    ("text-and-bytes", "", run("b'a' + 'b'"), None),
    (
        "time-without-zone",
        "",
        lambda: datetime.datetime(2020, 1, 1) < datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC),
        None,
    ),
    ("mixed-tabs", "", lambda: compile("if 1:\n\tx\n        y\n", "f", "exec"), None),
    ("endless-recursion", "", run("def f(): f()\nf()"), None),
    ("not-utf8", "", lambda: b"\xff".decode(), None),
]


def visit_with(middleware: Callable[..., Any]) -> object:
    with override_settings(ROOT_URLCONF=urls, MIDDLEWARE=[f"{__name__}.{middleware.__name__}"]):
        return Client().get("/cart/")


def post_without_slash() -> object:
    with override_settings(
        ROOT_URLCONF=urls, DEBUG=True, MIDDLEWARE=["miniframe.middleware.common.CommonMiddleware"], APPEND_SLASH=True
    ):
        return Client().post("/cart")


def django_itself() -> object:
    message = "Requested setting X, but settings are not configured. You must define DJANGO_SETTINGS_MODULE"
    raise ImproperlyConfigured(message)


def render(source: str, context: Any) -> object:
    return render_in(lambda: render_to_string("page.html", context), source)


def without_request() -> object:
    return render_in(run("render('page.html', {'a': 1})", render=render_view))


def render_in(call: Callable[[], object], source: str = "") -> object:
    """Make the call where there is a template page.html."""
    folder = Path(os.environ["HINTS_FOLDER"])
    (folder / "page.html").write_text(source)
    with override_settings(TEMPLATES=[{"BACKEND": "miniframe.template.backends.jinja2.Jinja2", "DIRS": [folder]}]):
        return call()


def nobody_listens() -> object:
    with socket.socket() as bound:  # and nobody listens at its port
        bound.bind(("127.0.0.1", 0))
        return socket.create_connection(bound.getsockname(), timeout=5)


def request_of(error: BaseException) -> Any:
    """Return the request that was being answered when the error was raised."""
    traceback = error.__traceback__
    found = None
    while traceback is not None:
        found = traceback.tb_frame.f_locals.get("request") or found
        traceback = traceback.tb_next
    return found


def advice(call: Callable[[], object], request: Any) -> tuple[str, ...]:
    try:
        call()
    except (Exception, SystemExit) as error:
        folder = os.environ["HINTS_FOLDER"]
        ours = (
            {"default": {"URL": "sqlite:///site.sqlite3", "METADATA": f"{__name__}.models"}}
            if isinstance(call, with_database)
            else {}
        )
        with override_settings(DATABASES=ours):
            hints = find_hints(error, request or request_of(error))
        names = {folder: "FOLDER", os.getcwd(): "HERE", __name__: "shop.views"}
        return tuple(re.sub("|".join(map(re.escape, names)), lambda name: names[name[0]], hint) for hint in hints)
    raise AssertionError("it should have failed")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A folder with the files of the cases, and the settings that they are for."""
    (tmp_path / "prices.csv").write_text("plum;120")
    (tmp_path / "staticfiles.json").write_text('{"version": "1.1", "paths": {"other.css": "other.1.css"}, "hash": ""}')
    monkeypatch.setenv("HINTS_FOLDER", str(tmp_path))
    monkeypatch.syspath_prepend(tmp_path)
    hosts = ["localhost", "127.0.0.1", "testserver"]
    with override_settings(ALLOWED_HOSTS=hosts, ROOT_URLCONF=urls, MIDDLEWARE=[], TEMPLATES=[]):
        yield


def read_golden() -> dict[str, tuple[str, ...]]:
    parts = re.split(r"^## (.+)\n\n", GOLDEN.read_text(), flags=re.MULTILINE)
    bodies = (tuple(re.findall(r"^- (.+)$", body, re.MULTILINE)) for body in parts[2::2])
    return dict(zip(parts[1::2], bodies, strict=True))


def title_of(name: str, special: str) -> str:
    return f"{name}, {special}" if special else name


def not_found(address: str) -> Callable[[], Iterable[str]]:
    """What the page of a 404 advises."""

    def call() -> Iterable[str]:
        with pytest.raises(Resolver404) as caught:
            resolve(address)
        return describe_not_found(make.get(address), caught.value).hints

    return call


def refused(reason: str, request: Any) -> Callable[[], Iterable[str]]:
    return lambda: advise_on_csrf(request, reason)


def died(what: str) -> Callable[[], Iterable[str]]:
    return lambda: crash_report(what, "").hints


def without_hosts() -> Iterable[str]:
    with override_settings(ALLOWED_HOSTS=[], DEBUG=True):
        return hints_of(lambda: make.get("/", headers={"host": "192.0.2.2:8000"}).get_host())


ABROAD = make.post("/", headers={"origin": "https://shop.example", "referer": "https://shop.example/form"})
NOBODYS = make.post("/", headers={"origin": "null"})

# What no exception brings about, or none that is left: the advice of the pages for these.
ELSEWHERE: dict[str, Callable[[], Iterable[str]]] = {
    "disallowed-host, none named yet": without_hosts,
    "csrf, form": refused(csrf.REASON_CSRF_TOKEN_MISSING, FORM),
    "csrf, script": refused(csrf.REASON_CSRF_TOKEN_MISSING, JSON),
    "csrf, no cookie, form": refused(csrf.REASON_NO_CSRF_COOKIE, FORM),
    "csrf, no cookie, script": refused(csrf.REASON_NO_CSRF_COOKIE, JSON),
    "csrf, origin": refused(csrf.REASON_BAD_ORIGIN % "https://shop.example", ABROAD),
    "csrf, nobody's origin": refused(csrf.REASON_BAD_ORIGIN % "null", NOBODYS),
    "csrf, referer": refused(csrf.REASON_BAD_REFERER % "https://shop.example/form", ABROAD),
    "csrf, no referer": refused(csrf.REASON_NO_REFERER, FORM),
    "csrf, old token": refused("CSRF token from POST incorrect.", FORM),
    "not found, misspelt": not_found("/crat/"),
    "not found, without its slash": not_found("/cart"),
    "not found, parameter": not_found("/order/x/"),
    "died, in C": died("was ended by SIGSEGV"),
    "died, memory": died("was ended by SIGKILL"),
    "died, exit": died("ended with status 3"),
}


if os.environ.get("MINIFRAME_GOLDEN"):

    def test_the_catalogue_is_written_anew(folder: None) -> None:
        told = {title_of(name, special): advice(call, request) for name, special, call, request in CASES}
        told |= {title: tuple(call()) for title, call in ELSEWHERE.items()}
        sections = [f"## {title}\n\n" + "\n".join(f"- {hint}" for hint in hints) for title, hints in told.items()]
        GOLDEN.write_text("# What error pages advise\n\n" + "\n\n".join(sections) + "\n")


@pytest.mark.parametrize(
    ("name", "special", "call", "request_"), [pytest.param(*case, id=title_of(*case[:2])) for case in CASES]
)
def test_the_advice_for(name: str, special: str, call: Callable[[], object], request_: Any, folder: None) -> None:
    told = advice(call, request_)
    assert len(told) == 1, "one thing went wrong"
    assert told == read_golden()[title_of(name, special)]


@pytest.mark.parametrize("title", ELSEWHERE)
def test_the_advice_elsewhere_for(title: str, folder: None) -> None:
    assert tuple(ELSEWHERE[title]()) == read_golden()[title]


def test_every_row_has_a_case_and_every_case_a_row() -> None:
    tested = {name for name, *_ in CASES} | {"template-missing"}
    assert {hint.name for hint in HINTS} == tested
    assert len(read_golden()) == len(CASES) + len(ELSEWHERE)


def test_a_missing_template_tells_the_folders_and_the_nearest_name(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "cart.html").write_text("")
    backend = {"BACKEND": "miniframe.template.backends.jinja2.Jinja2", "DIRS": [tmp_path, tmp_path / "gone"]}
    with override_settings(TEMPLATES=[backend]):
        (hint,) = hints_of(lambda: render_to_string("shop/crat.html"))
    assert hint == f"Did you mean `shop/cart.html`? There is no folder `{tmp_path}/gone`."


def test_a_missing_template_without_a_near_name_is_to_be_made(tmp_path: Path) -> None:
    backend = {"BACKEND": "miniframe.template.backends.jinja2.Jinja2", "DIRS": [tmp_path]}
    with override_settings(TEMPLATES=[backend]):
        assert hints_of(lambda: render_to_string("a.html")) == (f"Correct the name, or make `{tmp_path}/a.html`.",)


@pytest.mark.parametrize(
    ("asked", "near"),
    [
        pytest.param("things/index.html", None, id="another-name"),
        pytest.param("shop/index.html", None, id="another-folder"),
        pytest.param("thing/list.html", "things/list.html", id="folder"),
        pytest.param("things/lits.html", "things/list.html", id="name"),
        pytest.param("list.html", "things/list.html", id="folder-left-out"),
        pytest.param("detail.html", None, id="folder-left-out-of-two"),
        pytest.param("things/bsae.html", None, id="in-no-folder"),
        pytest.param("bsae.html", "base.html", id="without-folder"),
    ],
)
def test_only_a_template_that_is_near_in_folder_and_name_is_offered(
    tmp_path: Path, asked: str, near: str | None
) -> None:
    for name in ("base.html", "things/list.html", "things/detail.html", "rooms/detail.html"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
    backend = {"BACKEND": "miniframe.template.backends.jinja2.Jinja2", "DIRS": [tmp_path]}
    with override_settings(TEMPLATES=[backend]):
        (hint,) = hints_of(lambda: render_to_string(asked))
    assert hint == (f"Did you mean `{near}`?" if near else f"Correct the name, or make `{tmp_path}/{asked}`.")


def test_an_engine_without_folders_is_told(tmp_path: Path) -> None:
    with override_settings(TEMPLATES=[{"BACKEND": "miniframe.template.backends.jinja2.Jinja2"}]):
        (hint,) = hints_of(lambda: render_to_string("a.html"))
    assert "set `DIRS` in `settings.TEMPLATES`" in hint


def test_a_missing_parameter_tells_those_that_came() -> None:
    request = RequestFactory().get("/?page=1")
    assert "Did you mean `page`?" in hints_of(lambda: request.GET["pgae"], request)[0]


def test_a_view_whose_parameters_differ_from_its_routes_is_told_both() -> None:
    def item(request: Any, number: int) -> None: ...

    request = RequestFactory().get("/")
    request.resolver_match = SimpleNamespace(func=item, args=(), kwargs={"pk": 1}, route="items/<int:pk>/")
    call: Any = item
    (hint,) = hints_of(lambda: call(request, pk=1), request)
    assert "The route `items/<int:pk>/` calls this view with `(request, pk=…)`" in hint


def test_the_cause_is_advised_on_as_well() -> None:
    def call() -> None:
        try:
            exec("prices = 1\nprint(price)", {})
        except NameError as error:
            raise LookupError("could not price it") from error

    assert "Did you mean `prices`?" in hints_of(call)


def test_advice_that_fails_leaves_the_report_alone() -> None:
    class Hostile:
        def __dir__(self) -> Any:
            raise RuntimeError("no")

    assert hints_of(lambda: Hostile().nothing) == ()  # type: ignore[attr-defined]  # that is the point


def test_a_view_that_was_called_with_too_little_while_a_request_is_answered_is_not_one_of_urls_py() -> None:
    def helper(request: Any) -> None: ...

    call: Any = helper
    assert hints_of(lambda: call()) == ()


def test_an_error_about_a_setting_that_names_a_module_has_said_all_itself() -> None:
    class NotFound(ImproperlyConfigured, ModuleNotFoundError):
        """As raised for an entry of INSTALLED_APPS."""

    message = "No module named 'blogg'. INSTALLED_APPS has the entry 'blogg'. Did you mean 'blog'?"
    assert hints_of(raising(NotFound(message))) == ()
