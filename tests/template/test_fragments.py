"""`{% cache %}` keeps a piece of a page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jinja2
import pytest

from miniframe.cache import InvalidCacheBackendError, caches
from miniframe.cache.backends.locmem import LocMemCache
from miniframe.cache.utils import make_template_fragment_key
from miniframe.exceptions import ServiceUnavailable
from miniframe.template.fragments import CacheExtension
from miniframe.test.utils import override_settings

LOCMEM = "miniframe.cache.backends.locmem.LocMemCache"


@pytest.fixture(autouse=True)
def empty_caches() -> Iterator[None]:
    described = {
        name: {"BACKEND": LOCMEM, "LOCATION": f"fragments-{name}"} for name in ("default", "template_fragments", "slow")
    }
    with override_settings(CACHES=described):
        for each in caches.all():
            each.clear()
        yield


class Gone(LocMemCache):
    """A cache whose server does not answer."""

    def get(self, *args: Any, **kwargs: Any) -> Any:
        raise ServiceUnavailable("the server of the cache is gone")

    set = add = get


def render(source: str, **context: Any) -> str:
    return jinja2.Environment(autoescape=True, extensions=[CacheExtension]).from_string(source).render(**context)


def test_a_fragment_is_made_once() -> None:
    source = "{% cache 300, 'side' %}<b>{{ name }}</b>{% endcache %}!"
    assert render(source, name="<Ann>") == "<b>&lt;Ann&gt;</b>!"
    assert render(source, name="Bob") == "<b>&lt;Ann&gt;</b>!"


def test_a_fragment_differs_by_what_follows_its_name() -> None:
    source = "{% cache 300, 'side', name, 2 %}{{ name }}{% endcache %}"
    assert [render(source, name=name) for name in ("Ann", "Bob", "Ann")] == ["Ann", "Bob", "Ann"]
    assert caches["template_fragments"].get(make_template_fragment_key("side", ["Ann", 2])) == "Ann"


def test_a_removed_fragment_is_made_again() -> None:
    source = "{% cache none, 'side' %}{{ name }}{% endcache %}"
    assert render(source, name="Ann") == "Ann"
    caches["template_fragments"].delete(make_template_fragment_key("side"))
    assert render(source, name="Bob") == "Bob"


def test_without_the_cache_s_server_it_is_made_each_time() -> None:
    source = "{% cache 300, 'side' %}{{ name }}{% endcache %}"
    with override_settings(CACHES={"default": {"BACKEND": f"{__name__}.Gone"}}):
        assert [render(source, name=name) for name in ("Ann", "Bob")] == ["Ann", "Bob"]


def test_another_cache_may_be_named() -> None:
    source = "{% cache 300, 'side', using='slow' %}{{ name }}{% endcache %}"
    assert render(source, name="Ann") == "Ann"
    assert caches["slow"].get(make_template_fragment_key("side")) == "Ann"
    with pytest.raises(InvalidCacheBackendError, match=r"'slwo' doesn't exist\. Did you mean 'slow'\?"):
        render("{% cache 300, 'side', using='slwo' %}{% endcache %}")


def test_without_a_cache_for_fragments_it_is_the_default() -> None:
    with override_settings(CACHES={"default": {"BACKEND": LOCMEM, "LOCATION": "fragments-default"}}):
        render("{% cache 300, 'side' %}Ann{% endcache %}")
        assert caches["default"].get(make_template_fragment_key("side")) == "Ann"


@pytest.mark.parametrize("tag", ["{% cache %}", "{% cache 300 %}", "{% cache 300 'side' %}"])
def test_a_tag_without_what_it_needs_is_a_syntax_error(tag: str) -> None:
    with pytest.raises(jinja2.TemplateSyntaxError):
        render(f"{tag}{{% endcache %}}")
