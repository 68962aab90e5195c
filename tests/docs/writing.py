"""Write a block into a file of the reader's project, at the place that its caption names.

mysite/views.py                         the whole file
mysite/views.py, at the end             added to it
mysite/views.py, among the imports      below the last import
mysite/views.py, instead of the imports all of them
mysite/urls.py, in urlpatterns          at the end of that list, dict, tuple or set; or of the class or function
mysite/views.py, instead of home        that function, class, assignment, or method (`Shelf.get`)
mysite/views.py, after home             below it; `before home` likewise
base.html, after `<main>`               below the one line that has this text; `before`, `instead of` likewise
"""

from __future__ import annotations

import ast
import re
import textwrap
from pathlib import Path

__all__ = ["PLACES", "change", "split_caption"]

PLACES = (
    "at the end",
    "among the imports",
    "instead of the imports",
    "in NAME",
    "instead of NAME",
    "after NAME",
    "before NAME",
    "after `TEXT`",
    "before `TEXT`",
    "instead of `TEXT`",
)


def split_caption(caption: str) -> tuple[str, str]:
    """Return the path and the place in it, which is "" for the whole file."""
    path, _, place = caption.partition(", ")
    return path.strip().strip("`"), place.strip()


def change(path: Path, place: str, text: str) -> None:
    """Put `text` where `place` says.

    Raises:
        ValueError: the place is not one that we know, or the file does not have it just once.
    """
    text = text.rstrip("\n")
    if not place:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n", encoding="utf-8")
        return
    if not path.is_file():
        raise ValueError(f"there is no file {path.name} to change: the caption without {place!r} makes it")
    source = path.read_text(encoding="utf-8")
    lines = source.splitlines()
    if place == "at the end":
        gap = ["", ""] if path.suffix == ".py" and re.match(r"(@|def |class |async )", text) else []
        changed = [*lines, *gap, *text.splitlines()]
    else:
        changed = _changed(lines, place, text)
    path.write_text("\n".join(changed) + "\n", encoding="utf-8")


def _changed(lines: list[str], place: str, text: str) -> list[str]:
    if place in ("among the imports", "instead of the imports"):
        first, last = _imports(lines)
        return lines[: last if place.startswith("among") else first] + text.splitlines() + lines[last:]
    how, _, what = place.partition(" of " if place.startswith("instead of ") else " ")
    if what[:1] == "`" and how in ("after", "before", "instead"):
        first, last = _line_with(lines, what.strip("`"))
    elif how == "in":
        return _inside(lines, what, text)
    elif how in ("after", "before", "instead"):
        first, last = _definition(lines, what.removesuffix("()"))
        indent = lines[first][: len(lines[first]) - len(lines[first].lstrip())]
        text = textwrap.indent(textwrap.dedent(text), indent)
        gap = [""] if indent else ["", ""]
        if how != "instead":
            new = [*gap, *text.splitlines()] if how == "after" else [*text.splitlines(), *gap]
            where = last if how == "after" else first
            return lines[:where] + new + lines[where:]
    else:
        raise ValueError(f"the caption's place {place!r} is none of: {'; '.join(PLACES)}")
    if how == "after":
        first = last
    elif how == "before":
        last = first
    return lines[:first] + text.splitlines() + lines[last:]


def _line_with(lines: list[str], text: str) -> tuple[int, int]:
    found = [number for number, line in enumerate(lines) if text in line]
    if len(found) != 1:
        raise ValueError(f"{len(found)} lines of the file have the text {text!r}; the caption has to name one")
    return found[0], found[0] + 1


def _imports(lines: list[str]) -> tuple[int, int]:
    nodes = [node for node in ast.parse("\n".join(lines)).body if isinstance(node, (ast.Import, ast.ImportFrom))]
    if not nodes:
        raise ValueError("the file has no imports")
    return nodes[0].lineno - 1, nodes[-1].end_lineno or 0


def _definition(lines: list[str], name: str) -> tuple[int, int]:
    """Return where what has that name begins, decorators included, and the line behind it."""
    body = ast.parse("\n".join(lines)).body
    *outer, last = name.split(".")
    for part in outer:
        body = next((node.body for node in body if isinstance(node, ast.ClassDef) and node.name == part), [])
    for node in body:
        if last in _names(node):
            decorators = getattr(node, "decorator_list", [])
            return min([node.lineno, *(each.lineno for each in decorators)]) - 1, node.end_lineno or 0
    raise ValueError(f"the file defines no {name!r} at its top level")


def _names(node: ast.stmt) -> list[str]:
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return [target.id for target in targets if isinstance(target, ast.Name)]


def _inside(lines: list[str], name: str, text: str) -> list[str]:
    first, last = _definition(lines, name)
    closing = lines[last - 1].strip()
    if not re.fullmatch(r"[\])}]+,?", closing):
        if lines[first].rstrip().endswith(("[]", "{}", "()")):  # an empty one: open it
            line = lines[first].rstrip()
            new = [line[:-1], *textwrap.indent(textwrap.dedent(text), "    ").splitlines(), line[-1]]
            return lines[:first] + new + lines[last:]
        new = ["", *textwrap.indent(textwrap.dedent(text), "    ").splitlines()]  # a class or a function: at its end
        return lines[:last] + new + lines[last:]
    return lines[: last - 1] + textwrap.indent(textwrap.dedent(text), "    ").splitlines() + lines[last - 1 :]
