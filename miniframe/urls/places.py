"""Where a route stands in its file: found by reading the source, when a check has something to say about it.

A pattern does not remember its line, because every start would pay for that; so the call of `path()` is looked for
whose first argument is the pattern's text, and of several the one that names the same view and name.
Not here: where a view stands (`listing.source_of`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ast

__all__ = ["module_of", "place_of_entry", "place_of_leaf", "place_of_name"]


def module_of(resolver: Any, outer: Any) -> Any:
    """Return the module in which the patterns below an include() stand: `outer`, if they are a list within that."""
    module = getattr(resolver, "urlconf_module", None)
    return module if hasattr(module, "__file__") else outer


def place_of_entry(module: Any, entry: Any) -> str | None:
    """Return "file:line" of one element of a module's `urlpatterns`; the list's own place if it is not found there.

    None if `module` has no source: it may be an object or a list.
    """
    import ast  # 3 ms, for those who have made a mistake

    pattern = getattr(entry, "pattern", None)
    tree = None if pattern is None else _parsed(module)
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)] if tree else []
    found = [(_likeness(call, entry), -call.lineno) for call in calls if str(pattern) in _texts(_route(call))]
    return f"{module.__file__}:{-max(found)[1]}" if found else place_of_name(module, "urlpatterns")


def place_of_leaf(root: Any, leaf: Any) -> str | None:
    """Return "file:line" of a pattern with a view (a `listing.Leaf`) below the root URLconf."""
    module = root.urlconf_module
    for level in leaf.levels:
        module = module_of(level, module)
    return place_of_entry(module, leaf.pattern)


def place_of_name(module: Any, name: str) -> str | None:
    """Return "file:line" where a module first assigns, defines or imports a name; None if it does not."""
    import ast

    tree = _parsed(module)
    for node in tree.body if tree else ():
        if isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = [target.id for target in targets if isinstance(target, ast.Name)]
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names = [alias.asname or alias.name for alias in node.names]
        else:
            names = [getattr(node, "name", "")]
        if name in names:
            return f"{module.__file__}:{node.lineno}"
    return None


def _parsed(module: Any) -> ast.Module | None:
    import ast

    loader: Any = getattr(module, "__loader__", None)
    if not getattr(module, "__file__", None) or not hasattr(loader, "get_source"):
        return None
    try:
        source = loader.get_source(module.__name__)
        return ast.parse(source) if source else None
    except (ImportError, SyntaxError, ValueError):
        return None  # the file has been changed, or is no longer there


def _route(call: ast.Call) -> list[ast.expr]:
    return [*call.args[:1], *(keyword.value for keyword in call.keywords if keyword.arg in {"route", None})]


def _texts(nodes: list[ast.expr]) -> list[Any]:
    return [node.value for node in nodes if hasattr(node, "value")]


def _likeness(call: ast.Call, entry: Any) -> int:
    """Return how many of a pattern's view and name a call mentions."""
    import ast

    view = getattr(entry, "callback", None)
    view = getattr(view, "view_class", view)
    mentioned: set[Any] = set(_texts([keyword.value for keyword in call.keywords]))
    for argument in call.args[1:]:
        for node in ast.walk(argument):
            mentioned.add(getattr(node, "id", None) or getattr(node, "attr", None) or getattr(node, "value", None))
    mentioned.discard(None)
    return (getattr(view, "__name__", "") in mentioned) + (getattr(entry, "name", "") in mentioned)
