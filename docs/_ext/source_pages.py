"""Pages of source, as viewcode makes them: the list beside them made once, and their way back to the reference right.

The list of pages takes as long as the source itself.  And viewcode takes all that is in one module to be described
under one name, while here a class may stand at the face of its package and its helper under the module.

Source: Sphinx's event "html-page-context"; furo asks `context["toctree"]` for the list.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from typing import Any

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

BACK = re.compile(
    r'(<div class="viewcode-block" id="(?P<name>[\w.]+)">\s*)<a class="viewcode-back" href="[^"]*">(.*?</a>)'
)

_lists: dict[int, str] = {}
_described: dict[tuple[str, str], str] = {}


def share_list(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Give a page of source the list of another one that lies as deep, so that its links are the same."""
    if not page.startswith("_modules/"):
        return
    make: Callable[..., str] = context["toctree"]
    depth = page.count("/")

    def shared(**options: Any) -> str:
        if depth not in _lists:
            _lists[depth] = make(**options)
        return _lists[depth]

    context["toctree"] = shared


def lead_back(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Lead from each name in a page of source to where it is described; what is described nowhere loses its link."""
    if not page.startswith("_modules/") or "body" not in context:
        return
    module = page.removeprefix("_modules/").replace("/", ".")
    names = described(app.env)

    def lead(found: re.Match[str]) -> str:
        name = names.get((module, found["name"]))
        if name is None:
            return found[1]
        entry = app.env.domains.python_domain.objects[name]
        address = app.builder.get_relative_uri(page, entry.docname)
        return f'{found[1]}<a class="viewcode-back" href="{address}#{entry.node_id}">{found[3]}'

    context["body"] = BACK.sub(lead, context["body"])


def described(env: BuildEnvironment) -> dict[tuple[str, str], str]:
    """Return the name under which something is described, by the module that defines it and its name in there."""
    if not _described:
        for name in env.domains.python_domain.objects:
            module = name
            while module not in sys.modules and module:
                module = module.rpartition(".")[0]
            rest = name[len(module) + 1 :]
            thing = getattr(sys.modules.get(module), rest.partition(".")[0], None)
            _described[getattr(thing, "__module__", module), rest] = name
    return _described


def stay_in_python(app: Sphinx, module: str, name: str) -> str | None:
    """Look for no source of what Python itself has defined, such as an alias of `str`."""
    thing = getattr(sys.modules.get(module), name, None)
    return module if getattr(thing, "__module__", "") == "builtins" else None


def setup(app: Sphinx) -> dict[str, bool]:
    """Called by Sphinx."""
    app.connect("html-page-context", share_list, priority=400)  # before furo, which has 500
    app.connect("html-page-context", lead_back)
    app.connect("viewcode-follow-imported", stay_in_python)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
