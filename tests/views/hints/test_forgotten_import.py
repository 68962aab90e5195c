"""A name that is not defined where it is used is looked for in the project's other modules."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

import pytest

from miniframe.views.hints import find_hints

FILES = {
    "__init__": "",
    "models": "class Thing: ...\nclass View: ...\nLIMIT = 3\ndef price(): ...\n",
    "forms": "from .models import Thing\nclass ThingForm: ...\n",
    "pages": "def messages(request): ...\ndef item(request): ...\n",
    "test_thing": "class OnlyTested: ...\n",
}


@pytest.fixture
def use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], tuple[str, ...]]]:
    """Use a name in the module cornershop.views, and return what is advised."""
    for package in ("cornershop", "stall"):
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").write_text("")
    for name, text in FILES.items():
        (tmp_path / "cornershop" / f"{name}.py").write_text(text)
    (tmp_path / "stall" / "core.py").write_text("class Grocery: ...\nclass Thing: ...\n")
    monkeypatch.syspath_prepend(tmp_path)

    def use(name: str) -> tuple[str, ...]:
        views = tmp_path / "cornershop" / "views.py"
        views.write_text(f"from .forms import ThingForm\ndef use():\n    items = 1\n    return {name}\n")
        with pytest.raises(NameError) as caught:
            import_module("cornershop.views").use()
        return find_hints(caught.value, None)

    yield use
    for name in [each for each in sys.modules if each.partition(".")[0] in ("cornershop", "stall")]:
        del sys.modules[name]


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        pytest.param("Thing", "`Thing` is in `cornershop.models`: `from .models import Thing`.", id="class"),
        pytest.param("LIMIT", "`LIMIT` is in `cornershop.models`: `from .models import LIMIT`.", id="constant"),
        pytest.param("price", "`price` is in `cornershop.models`: `from .models import price`.", id="function"),
        pytest.param("View", "`View` is in `cornershop.models`: `from .models import View`.", id="as-in-miniframe"),
        pytest.param("messages", "`messages` is in `miniframe`: `from miniframe import messages`.", id="a-view"),
        pytest.param("item", "Did you mean `items`?", id="misspelt"),
        pytest.param("Grocery", "`Grocery` is in `stall.core`: `from stall.core import Grocery`.", id="elsewhere"),
    ],
)
def test_the_module_that_defines_the_name_is_told(
    use: Callable[[str], tuple[str, ...]], name: str, advice: str
) -> None:
    import_module("stall.core")
    assert use(name) == (advice,)


def test_a_module_that_is_not_beside_is_not_imported_to_find_out(use: Callable[[str], tuple[str, ...]]) -> None:
    assert use("Grocery") == ()
    assert "stall.core" not in sys.modules


def test_tests_are_nothing_to_import_from(use: Callable[[str], tuple[str, ...]]) -> None:
    assert use("OnlyTested") == ()
