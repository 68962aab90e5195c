"""`{% cache %}`: keep a piece of a page that is slow to make.

    TEMPLATES = [{..., "OPTIONS": {"extensions": ["miniframe.template.fragments.CacheExtension"]}}]

    {% cache 300, "sidebar", request.user_id %} ... {% endcache %}
    {% cache 300, "sidebar", using="slow" %} ... {% endcache %}

First come the seconds (None is for ever), then the fragment's name, then all that it differs by; `using` is an alias of
settings.CACHES.  `miniframe.cache.utils.make_template_fragment_key` returns its key, for who wants to remove it.  While
the cache's server is gone, each fragment is made anew.

Source: Django's topic "Django's cache framework", section "Template fragment caching"; Jinja2's documentation,
"Extensions".
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from jinja2 import nodes
from jinja2.ext import Extension
from jinja2.parser import Parser
from markupsafe import Markup

from miniframe.cache import caches
from miniframe.cache.utils import make_template_fragment_key
from miniframe.exceptions import ServiceUnavailable

__all__ = ["CacheExtension"]


class CacheExtension(Extension):
    """The tags `{% cache seconds, name, *differs by, using=alias %}` and `{% endcache %}`."""

    tags: set[str] = {"cache"}

    def parse(self, parser: Parser) -> nodes.Node:
        """Turn the tag into a call of `_fragment` with the arguments; Jinja2 calls this."""
        line = next(parser.stream).lineno
        arguments: list[nodes.Expr] = []
        keywords: list[nodes.Keyword] = []
        while parser.stream.current.type != "block_end":
            if arguments or keywords:
                parser.stream.expect("comma")
            if parser.stream.current.test("name:using") and parser.stream.look().type == "assign":
                parser.stream.skip(2)
                keywords.append(nodes.Keyword("using", parser.parse_expression(), lineno=line))
            else:
                arguments.append(parser.parse_expression())
        if len(arguments) < 2:
            parser.fail("'cache' needs the seconds and a name: {% cache 300, \"sidebar\" %}.", line)
        body = parser.parse_statements(("name:endcache",), drop_needle=True)
        call = self.call_method("_fragment", arguments, keywords, lineno=line)
        return nodes.CallBlock(call, [], [], body).set_lineno(line)

    def _fragment(
        self, timeout: float | None, name: str, *vary_on: Any, caller: Callable[[], str], using: str | None = None
    ) -> str:
        """Return the fragment, from the cache or made now.

        Without `using` it is the cache "template_fragments" if there is one, else "default".
        """
        if using is not None:
            cache = caches[using]
        else:
            cache = caches["template_fragments" if "template_fragments" in caches else "default"]
        key = make_template_fragment_key(name, vary_on)
        kept: str | None = None
        with suppress(ServiceUnavailable):
            kept = cache.get(key)
        if kept is None:
            kept = str(caller())
            with suppress(ServiceUnavailable):
                cache.set(key, kept, timeout)
        # The caller has escaped it.
        return Markup(kept)
