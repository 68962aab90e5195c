"""What is advised for templates that are written as Django's language would have them."""

from __future__ import annotations

from typing import Any

import jinja2
import pytest

from miniframe.template.backends.jinja2 import Jinja2
from miniframe.template.exceptions import TemplateSyntaxError
from miniframe.views.hints import find_hints
from miniframe.views.hints.templates import FILTERS, TAGS, VARIABLES


def hints(source: str, context: dict[str, Any] | None = None) -> tuple[str, ...]:
    engine = Jinja2({"NAME": "jinja2", "DIRS": [], "APP_DIRS": False, "OPTIONS": {}})
    with pytest.raises((TemplateSyntaxError, jinja2.UndefinedError)) as caught:
        engine.from_string(source).render(context)
    return find_hints(caught.value, None)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{% url 'hello' %}", "`{{ url('hello') }}`"),
        ("<a href=\"{%- url 'shop:item' 3 query='a b' -%}\">", "`{{ url('shop:item', 3, query='a b') }}`"),
        ("{% url 'item' pk=item.id as address %}", "`{% set address = url('item', pk=item.id) %}`"),
        ("{% url 'item' name|slugify %}", "`{{ url('name', pk=1) }}`"),
        ("one\n{% static 'a b.css' %}", "`{{ static('a b.css') }}`"),
        ("{% static\n'a.css' %}", "`{{ static('site.css') }}`"),
    ],
    ids=["url", "arguments", "as", "filter", "static", "lines"],
)
def test_tags_that_are_functions_here_are_written_out(source: str, expected: str) -> None:
    assert hints(source) == (f"Write {expected}: in Jinja2 it is a function.",)


@pytest.mark.parametrize("tag", sorted(TAGS))
def test_each_tag_of_the_table_is_unknown_to_jinja2_and_advised_on(tag: str) -> None:
    assert hints(f"{{% {tag} %}}") == (TAGS[tag],)


@pytest.mark.parametrize("name", sorted(FILTERS))
def test_each_filter_of_the_table_is_unknown_to_jinja2_and_advised_on(name: str) -> None:
    assert name not in jinja2.filters.FILTERS
    assert hints(f"{{{{ value|{name} }}}}") == hints(f"{{{{ value|{name}:'x' }}}}") == (FILTERS[name],)


@pytest.mark.parametrize("name", sorted(VARIABLES))
def test_variables_that_django_makes_are_advised_on(name: str) -> None:
    assert hints(f"{{% for each in (1,) %}}{{{{ {name}.counter }}}}{{% endfor %}}") == (VARIABLES[name],)


_OPEN_IF = "`{% if a %}` in line 2 is not closed: it needs an `{% endif %}`."


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{% exteds 'base.html' %}", ("Did you mean `{% extends %}`?",)),
        ("{% if a %}{% endfi %}", ("Did you mean `{% endif %}`?",)),
        ("{% something_of_mine %}", ()),
        ("{{ value|something_of_mine }}", ()),
        ("{{ value : 3 }}", ()),
        ("{# {% if %} #}{% set a = 1 %}\n{% if a %}\n\n", (_OPEN_IF,)),
    ],
    ids=["opening", "closing", "own-tag", "own-filter", "colon", "unclosed"],
)
def test_a_misspelling_of_jinja2_s_own_words_is_mended(source: str, expected: tuple[str, ...]) -> None:
    assert hints(source) == expected
