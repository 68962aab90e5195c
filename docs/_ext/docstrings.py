"""Read the docstrings of the house as it writes them: plain words, names in single backticks, errors under "Raises:".

`HttpResponse` and `reverse()` in backticks become links where the reference has something of that name; any other word
in them is code.  Types in signatures become links likewise, whichever module they were imported from: the reference has
each name where its users import it, at the face of its package.
"""

from __future__ import annotations

import ast
import functools
import inspect
import re
import sys
import textwrap
from collections import defaultdict
from typing import Any

from docutils import nodes  # type: ignore[import-untyped, unused-ignore]
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxRole
from sphinx.util.nodes import make_refnode

from miniframe.http.attributes import lazy

# What can only be meant as the name of a thing: `HttpResponse`, `reverse()`, `miniframe.urls`; not `path` or `name`.
LINKED = re.compile(r"(?:[a-z_]\w*\.)*(?:[A-Z]\w*[a-z]\w*|\w+\(\))|miniframe(?:\.\w+)+")


class NameRole(SphinxRole):
    """`name` in a docstring: code, with a link if it names a class, a function with its parentheses, or a module."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        literal = nodes.literal(self.rawtext, self.text, classes=["xref", "py"])
        if not LINKED.fullmatch(self.text):
            return [literal], []
        target = addnodes.pending_xref(
            "", literal, refdomain="py", reftype="obj", reftarget=self.text.removesuffix("()")
        )
        target["refdoc"], target["perhaps"] = self.env.current_document.docname, True
        return [target], []


def find_anywhere(app: Sphinx, env: BuildEnvironment, node: Any, content: Any) -> nodes.Node | None:
    """Link a name that is documented under another module; leave it as it is where it is documented nowhere.

    None, with which Sphinx warns, is only for what a page links by hand.
    """
    if node.get("refdomain") != "py":
        return None
    target, found = node["reftarget"], names_by_last_part(env).get(node["reftarget"].rpartition(".")[2], [])
    module = target.rpartition(".")[0] or node.get("py:module") or ""
    for name in sorted(found, key=lambda name: (_distance(module, name), name)):
        if "." not in target or _is_same(target, name):
            entry = env.domains.python_domain.objects[name]
            return make_refnode(app.builder, node["refdoc"], entry.docname, entry.node_id, content, name)
    by_hand = not node.get("perhaps") and not _in_docstring(node) and target.startswith("miniframe")
    return None if by_hand else content


def _in_docstring(node: nodes.Node | None) -> bool:
    while node is not None and not isinstance(node, addnodes.desc):
        node = node.parent
    return node is not None


def _distance(module: str, name: str) -> int:
    """Return how far `name` is from `module`: fewer dotted parts in common are farther."""
    ours, theirs = module.split("."), name.split(".")
    return -next((at for at, (a, b) in enumerate(zip(ours, theirs, strict=False)) if a != b), len(ours))


def _is_same(one: str, other: str) -> bool:
    mine, theirs = _object(one), _object(other)
    return mine is not None and mine is theirs


@functools.cache
def _object(name: str) -> Any:
    module, _, rest = name.rpartition(".")
    found = sys.modules.get(name)
    if found is None and module:
        found = getattr(_object(module), rest, None)
    return found


_names: dict[str, list[str]] = {}


def names_by_last_part(env: BuildEnvironment) -> dict[str, list[str]]:
    """Return the full names of what is documented, by their last parts; attributes are not found this way."""
    if not _names:
        found = defaultdict(list)
        for name, entry in env.domains.python_domain.objects.items():
            if entry.objtype in ("class", "exception", "function", "data", "module"):
                found[name.rpartition(".")[2]].append(name)
        _names.update(found)
    return _names


def to_rst(app: Sphinx, kind: str, name: str, owner: Any, options: Any, lines: list[str]) -> None:
    """Rewrite a docstring in place: indented lines stay as they are drawn, and only the backtick is special."""
    if kind == "module":
        lines += _handed_on(app, name, owner)
    text: list[str] = []
    drawn: list[str] = []
    section = doctest = item = False
    for line in [*lines, ""]:
        indented = line.startswith("  ")
        if drawn and (indented or not line):
            drawn.append(line)
            continue
        if drawn:
            text += _drawing(drawn)
            drawn = []
        if line and not indented:
            section, item = SECTION.fullmatch(line) is not None, line.startswith("- ")
        doctest = line.lstrip().startswith(">>>") or (doctest and bool(line))
        if indented and not (section or item or doctest):
            drawn = [line]
        else:
            text.append(line if doctest else _escaped(line))
    lines[:] = text + (_drawing(drawn) if drawn else [])


SECTION = re.compile(r"(?:Raises|Returns|Yields|Args):")
SPECIAL = re.compile(r"(`[^`]*`)|([*|\\]|_(?=\W|$))")


def _escaped(line: str) -> str:
    return SPECIAL.sub(lambda found: found[1] or f"\\{found[2]}", line)


def _drawing(lines: list[str]) -> list[str]:
    """Return lines as a block of code, or of text where they are no Python."""
    try:
        ast.parse(textwrap.dedent("\n".join(lines)))
        language = "python"
    except SyntaxError:
        language = "text"
    return ["", f".. code-block:: {language}", "", *lines, ""]


def _handed_on(app: Sphinx, name: str, module: Any) -> list[str]:
    """Return a paragraph that names what a module hands on of others, for that is described where it is at home."""
    names = [
        member
        for member in getattr(module, "__all__", ())
        if leave_to_its_home(app, "module", member, getattr(module, member), False, None, module=name)
    ]
    return ["", f"It hands on {', '.join(map(_as_link, names))}.", ""] if names else []


def _as_link(name: str) -> str:
    return f"`{name}`" if LINKED.fullmatch(name) else f"`{name}()`"


def leave_to_its_home(
    app: Sphinx, kind: str, name: str, member: Any, skip: bool, options: Any, module: str | None = None
) -> bool | None:
    """Skip in a module what its package hands on, for people look for it there, and what is another package's.

    A name is described once: `miniframe.http.response.HttpResponse` at `miniframe.http`, `miniframe.http.Http404` at
    `miniframe.exceptions`.
    """
    module = module or app.env.current_document.autodoc_module
    if kind != "module" or not module:
        return None
    package = module
    while "." in package:
        package = package.rpartition(".")[0]
        face = sys.modules[package]
        if name in getattr(face, "__all__", ()) and getattr(face, name, None) is member:
            return True
    origin = getattr(member, "__module__", None)
    is_named = isinstance(member, type) or inspect.isroutine(member)
    if is_named and isinstance(origin, str) and origin.startswith("miniframe."):
        return _room(origin) != _room(module) or None
    return None


def _room(module: str) -> str:
    return ".".join(module.split(".")[1:2])


def list_no_members(app: Sphinx, domain: str, kind: str, content: addnodes.desc_content) -> None:
    """Keep methods and attributes out of the list of what is on a page: classes and functions are list enough."""
    if kind in ("method", "attribute", "property"):
        for signature in content.parent.findall(addnodes.desc_signature):
            signature["_toc_name"] = ""


def part_errors_by_colons(app: Sphinx, doctree: nodes.document) -> None:
    """Write "KeyError: there is none" as docstrings do, where Sphinx puts two hyphens."""
    for text in list(doctree.findall(nodes.Text)):
        if text == " -- ":
            text.parent.replace(text, nodes.Text(": "))


def show_lazy_as_properties() -> None:
    """Let autodoc see the lazy attributes of requests and responses as the properties that they are to a reader."""
    import miniframe.http
    import miniframe.http.body

    for owner in (miniframe.http.HttpRequest, miniframe.http.body.RequestBody, miniframe.http.MediaType):
        for name, value in list(vars(owner).items()):
            if isinstance(value, lazy):
                attribute = functools.cached_property(value.compute)
                attribute.__set_name__(owner, name)
                setattr(owner, name, attribute)


def setup(app: Sphinx) -> dict[str, bool]:
    """Called by Sphinx."""
    app.add_role("name", NameRole())
    app.connect("missing-reference", find_anywhere)
    app.connect("autodoc-process-docstring", to_rst, priority=400)  # before napoleon, which has 500
    app.connect("autodoc-skip-member", leave_to_its_home)
    app.connect("doctree-read", part_errors_by_colons)
    app.connect("object-description-transform", list_no_members)
    app.connect("builder-inited", lambda app: show_lazy_as_properties())
    return {"parallel_read_safe": True, "parallel_write_safe": True}
