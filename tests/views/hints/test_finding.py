"""The advice on the error page: each row of the table, by an error that it is for."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import jinja2
import pytest

from miniframe.exceptions import AppRegistryNotReady, DisallowedHost, ImproperlyConfigured, NoReverseMatch
from miniframe.http import JsonResponse
from miniframe.template.loader import render_to_string
from miniframe.test import RequestFactory
from miniframe.test.utils import override_settings
from miniframe.urls import include, path, reverse
from miniframe.views.hints import HINTS, find_hints


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
    return lambda: exec(code, names)


def missing_get() -> object:
    return RequestFactory().get("/?page=1").GET["pgae"]


def template(source: str) -> Callable[[], object]:
    return lambda: jinja2.Environment().from_string(source)


def from_shop() -> None:
    shop = ModuleType("shop_of_hints")
    shop.views = 1  # type: ignore[attr-defined]
    sys.modules["shop_of_hints"] = shop
    exec("from shop_of_hints import veiws")


VIEW = "The view shop.views.cart didn't return an HttpResponse object. It returned "

CASES: list[Any] = [
    pytest.param("view-returned-none", raising(ValueError(VIEW + "None instead.")), "without a `return`", id="none"),
    pytest.param(
        "view-returned-other", raising(ValueError(VIEW + "a str.")), "Wrap what `shop.views.cart` returns", id="other"
    ),
    pytest.param(
        "view-not-awaited", raising(ValueError(VIEW + "an unawaited coroutine instead.")), "without `await`", id="await"
    ),
    pytest.param(
        "middleware-returned-none",
        raising(ValueError(VIEW.replace("view", "middleware", 1) + "None instead.")),
        "what `get_response(request)` gave it",
        id="middleware",
    ),
    pytest.param(
        "disallowed-host",
        raising(DisallowedHost("Invalid HTTP_HOST header: 'a.example:80'. You may")),
        "ALLOWED_HOSTS = ['localhost', '127.0.0.1', '[::1]', 'testserver', 'a.example']",
        id="host",
    ),
    pytest.param(
        "no-reverse-match",
        raising(NoReverseMatch("Reverse for 'cart' not found. 'cart' is not a valid view")),
        "python manage.py routes",
        id="reverse",
    ),
    pytest.param(
        "reverse-arguments",
        raising(NoReverseMatch("Reverse for 'cart' with no arguments not found.")),
        "python manage.py routes cart",
        id="reverse-arguments",
    ),
    pytest.param(
        "not-a-namespace",
        raising(NoReverseMatch("'shop' is not a registered namespace")),
        "app_name = 'shop'",
        id="namespace",
    ),
    pytest.param(
        "template-undefined",
        lambda: jinja2.Environment(undefined=jinja2.StrictUndefined).from_string("{{ totl }}").render(total=1),
        "Did you mean `total`?",
        id="undefined",
    ),
    pytest.param("missing-parameter", missing_get, "came without it", id="parameter"),
    pytest.param(
        "missing-module", run("import django.contrib.sessions_x"), "write `miniframe.sessions_x`", id="django"
    ),
    pytest.param(
        "missing-module", run("import no_such_package_x"), "python -m pip install no_such_package_x", id="package"
    ),
    pytest.param("template-tag", template("{% csrf_token %}"), "Write `{{ csrf_input }}`", id="template-tag"),
    pytest.param("template-filter", template("{{ x|uper }}"), "Did you mean `|upper`?", id="template-filter"),
    pytest.param(
        "template-filter-argument", template("{{ x|default:'-' }}"), "`|default('-')`", id="template-filter-argument"
    ),
    pytest.param(
        "template-include-with",
        template("{% include 'a.html' with size=3 only %}"),
        "`{% with size=3 %}{% include 'a.html' %}{% endwith %}`",
        id="template-include-with",
    ),
    pytest.param(
        "template-call",
        lambda: jinja2.Template("{% for a, b in prices.items %}{% endfor %}").render(prices={}),
        "`prices.items()`",
        id="template-call",
    ),
    pytest.param(
        "view-called",
        run("def html(request): ...\nhtml()"),
        "write `html` without parentheses",
        id="view-called",
    ),
    pytest.param("unknown-import", from_shop, "Did you mean `views`?", id="import"),
    pytest.param(
        "circular-import",
        raising(
            ImportError(
                "cannot import name 'a' from partially initialized module 'b' (most likely due to a circular import)"
            )
        ),
        "`b` had not come to `a` yet",
        id="circular",
    ),
    pytest.param("unknown-name", run("prices = 1\nprint(price)"), "Did you mean `prices`?", id="name"),
    pytest.param(
        "unbound-local", run("def f():\n    print(x)\n    x = 1\nf()"), "`x` is assigned further down", id="unbound"
    ),
    pytest.param("unknown-attribute", run("'x'.uper()"), "Did you mean `upper`?", id="attribute"),
    pytest.param("attribute-of-none", run("None.title"), "What is left of `.title` is None", id="none-attribute"),
    pytest.param("not-json", lambda: json.dumps({1, 2}), "JSON has no `set`", id="json"),
    pytest.param("json-not-dict", lambda: JsonResponse([1]), "safe=False", id="json-list"),
    pytest.param("mixed-tabs", lambda: compile("if 1:\n\tx\n        y\n", "f", "exec"), "tabs into spaces", id="tabs"),
    pytest.param(
        "apps-not-ready", raising(AppRegistryNotReady("Apps aren't loaded yet.")), "miniframe.setup()", id="apps"
    ),
    pytest.param(
        "settings-unset",
        raising(ImproperlyConfigured("Requested setting X, but settings are not configured.")),
        "export MINIFRAME_SETTINGS_MODULE",
        id="settings",
    ),
    pytest.param(
        "endless-recursion",
        run(
            "def f(): f()\nf()",
        ),
        "call each other without end",
        id="recursion",
    ),
    pytest.param("not-utf8", lambda: b"\xff".decode(), "`encoding=`", id="utf8"),
]


@pytest.mark.parametrize(("name", "call", "part"), CASES)
def test_the_advice_for(name: str, call: Callable[[], object], part: str) -> None:
    with override_settings(ALLOWED_HOSTS=["localhost", "127.0.0.1", "[::1]", "testserver"]):
        hints = hints_of(call)
    assert any(part in hint for hint in hints), hints


def test_every_row_has_a_case() -> None:
    tested = {case.values[0] for case in CASES} | {"template-missing", "view-arguments"}
    assert {hint.name for hint in HINTS} == tested


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


def test_wrong_arguments_of_a_route_are_not_advised_on_as_a_wrong_name() -> None:
    hints = hints_of(raising(NoReverseMatch("Reverse for 'cart' with arguments '(1,)' not found. 1 pattern(s) tried")))
    assert len(hints) == 1
    assert hints[0].startswith("The name is right and the arguments are not.")


def test_a_view_that_was_called_with_too_little_while_a_request_is_answered_is_not_one_of_urls_py() -> None:
    def helper(request: Any) -> None: ...

    call: Any = helper
    assert hints_of(lambda: call()) == ()


def test_an_error_about_a_setting_that_names_a_module_has_said_all_itself() -> None:
    class NotFound(ImproperlyConfigured, ModuleNotFoundError):
        """As raised for an entry of INSTALLED_APPS."""

    message = "No module named 'blogg'. INSTALLED_APPS has the entry 'blogg'. Did you mean 'blog'?"
    assert hints_of(raising(NotFound(message))) == ()


def test_a_name_that_has_a_namespace_is_given_with_it() -> None:
    urls = ModuleType("urls_of_hints")
    urls.urlpatterns = [path("shop/", include(([path("cart/", raising, name="cart")], "shop")))]  # type: ignore[attr-defined]
    with override_settings(ROOT_URLCONF=urls):
        assert hints_of(lambda: reverse("cart")) == ("It is in a namespace: write `shop:cart`.",)
