"""An engine of the project's own, as Django's documentation tells how to write one."""

from __future__ import annotations

import string
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from miniframe.apps import AppConfig, apps
from miniframe.exceptions import ImproperlyConfigured
from miniframe.template import TemplateDoesNotExist
from miniframe.template.backends.base import BaseEngine
from miniframe.template.backends.jinja2 import Jinja2
from miniframe.template.backends.utils import csrf_input_lazy, csrf_token_lazy
from miniframe.template.loader import render_to_string
from miniframe.test import RequestFactory
from miniframe.test.utils import override_settings


class Template:
    def __init__(self, text: str) -> None:
        self.text = text

    def render(self, context: dict[str, Any] | None = None, request: Any = None) -> str:
        known = dict(context or {})
        if request is not None:
            known |= {"csrf_input": csrf_input_lazy(request), "csrf_token": csrf_token_lazy(request)}
        return string.Template(self.text).substitute(known)


class DollarEngine(BaseEngine):
    app_dirname = "dollar"

    def __init__(self, params: dict[str, Any]) -> None:
        params = params.copy()
        self.options = params.pop("OPTIONS").copy()
        super().__init__(params)

    def from_string(self, template_code: str) -> Template:
        return Template(template_code)

    def get_template(self, template_name: str) -> Template:
        for file in map(Path, self.iter_template_filenames(template_name)):
            if file.is_file():
                return Template(file.read_text())
        raise TemplateDoesNotExist(template_name, backend=self)


def entry(**keys: Any) -> dict[str, Any]:
    return {"NAME": "dollar", "DIRS": [], "APP_DIRS": False, "OPTIONS": {}, **keys}


@pytest.fixture
def folders(tmp_path: Path) -> Iterator[Path]:
    """A folder of templates, and an app with another one."""
    for folder in ("site", "app/dollar", "app/jinja2"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "site" / "a.txt").write_text("$word from the site: $csrf_input")
    (tmp_path / "app" / "dollar" / "b.txt").write_text("$word from the app")
    before, apps.app_configs = apps.app_configs, {**apps.app_configs, "shop": Shop("shop", None, str(tmp_path / "app"))}
    yield tmp_path
    apps.app_configs = before


class Shop(AppConfig):
    def __init__(self, name: str, module: Any, path: str) -> None:
        self.name, self.label, self.module, self.path = name, name, module, path


def test_an_engine_of_ones_own_serves_render(folders: Path) -> None:
    row = {"BACKEND": f"{__name__}.DollarEngine", "DIRS": [folders / "site"], "APP_DIRS": True}
    request = RequestFactory().get("/")
    with override_settings(TEMPLATES=[row]):
        text = render_to_string("a.txt", {"word": "Hello"}, request)
        assert render_to_string("b.txt", {"word": "Hello"}) == "Hello from the app"
        with pytest.raises(TemplateDoesNotExist):
            render_to_string("../app/dollar/b.txt")
    token = request.META["CSRF_COOKIE"]
    assert text.startswith('Hello from the site: <input type="hidden" name="csrfmiddlewaretoken" value="')
    assert token


def test_an_engine_looks_only_where_it_should(folders: Path) -> None:
    engine = DollarEngine(entry(DIRS=[folders / "site"]))
    assert list(engine.iter_template_filenames("a.txt")) == [str(folders / "site" / "a.txt")]
    assert list(engine.iter_template_filenames("../a.txt")) == []


def test_the_folder_of_jinja2_in_apps_can_be_renamed(folders: Path) -> None:
    class Renamed(Jinja2):
        app_dirname = "dollar"

    assert Renamed(entry(APP_DIRS=True)).template_dirs == [str(folders / "app" / "dollar")]
    assert Jinja2(entry(APP_DIRS=True)).template_dirs == [str(folders / "app" / "jinja2")]


def test_an_engine_tells_what_it_cannot_do() -> None:
    params = {key: value for key, value in entry().items() if key != "OPTIONS"}
    with pytest.raises(ImproperlyConfigured, match="BaseEngine doesn't support loading templates from installed"):
        BaseEngine({**params, "APP_DIRS": True}).template_dirs  # noqa: B018  # computed when it is read
    with pytest.raises(ImproperlyConfigured, match="Unknown parameters: OPTION, DIR"):
        BaseEngine({**params, "OPTION": {}, "DIR": []})
    engine = BaseEngine(params)
    assert engine.check() == []
    for method in (engine.from_string, engine.get_template):
        with pytest.raises(NotImplementedError, match=method.__name__):
            method("x")
