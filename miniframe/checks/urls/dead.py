"""System checks on what can never be reached: routes behind others, names that lead elsewhere or nowhere.

Source: our own; W103 to W105.  Django's topic "URL dispatcher" has the rules: the first route that matches a path
wins, and of several with one name the last that takes the arguments.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import Any

from miniframe.checks import CheckMessage, Tags, Warning, register
from miniframe.checks.urls.patterns import patterns_of, root_resolver
from miniframe.exceptions import NoReverseMatch
from miniframe.urls import URLPattern, URLResolver
from miniframe.urls.listing import Leaf, iter_leaves
from miniframe.urls.patterns import RoutePattern
from miniframe.urls.places import place_of_leaf
from miniframe.utils.functional import Promise

__all__ = ["check_dead_names", "check_dead_routes"]


@register(Tags.urls)
def check_dead_routes(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """W103: an earlier route takes every path that this one could match."""
    root = root_resolver()
    if root is None:
        return []
    first: dict[Hashable, Leaf] = {}
    messages: list[CheckMessage] = []
    for leaf in _plain_leaves(root):
        shape = _shape(leaf)
        winner = _route(first[shape]) if shape in first else _winner(root, leaf)
        first.setdefault(shape, leaf)
        if winner is not None:
            text = f"The route '{leaf.route}' is never reached: the earlier route '/{winner}' matches all its paths."
            place = place_of_leaf(root, leaf)
            hint = "Move it before that one, or take it out."
            messages.append(Warning(text, hint=hint, obj=leaf.pattern, id="urls.W103", place=place))
    return messages


def _plain_leaves(root: URLResolver) -> Iterator[Leaf]:
    """Yield the patterns that are routes all the way; what a subclass or an expression matches is hard to tell."""
    for leaf in iter_leaves(root):
        if type(leaf.pattern) is URLPattern and all(type(pattern) is RoutePattern for pattern in patterns_of(leaf)):
            yield leaf


def _route(leaf: Leaf) -> str:
    return "".join(map(str, patterns_of(leaf)))


def _shape(leaf: Leaf) -> Hashable:
    """Return the route with the names of its parameters left out: two of a shape match the same paths."""
    shape: list[Any] = [""]
    for pattern in patterns_of(leaf):
        shape[-1] += pattern.literals[0]
        for parameter, literal in zip(pattern.parameters, pattern.literals[1:], strict=True):
            shape += [parameter.converter, literal]
    return tuple(shape)


def _winner(root: URLResolver, leaf: Leaf) -> str | None:
    """Return the route that takes the path of one without parameters; None if that is the route itself."""
    route = _route(leaf)
    if "<" in route:
        return None
    try:
        match = root.resolve(f"/{route}")
    except Exception:
        return None  # an odd URLconf; or a converter of the project's failed, as it may for a made-up path
    return None if match.route == route else str(match.route)


@register(Tags.urls)
def check_dead_names(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """W104: `reverse` never takes the route with this name.  W105: a redirect goes to a name that leads nowhere."""
    root = root_resolver()
    return [*_overtaken(root), *_nowhere(root)] if root else []


def _overtaken(root: URLResolver) -> Iterator[CheckMessage]:
    last: dict[Hashable, Leaf] = {}
    found = []
    for leaf in reversed(list(_plain_leaves(root))):
        if leaf.pattern.name is None or leaf.pattern.default_args or any(level.default_kwargs for level in leaf.levels):
            continue
        spaces = [level for level in leaf.levels if level.namespace]
        arguments = frozenset((each.name, each.converter) for part in patterns_of(leaf) for each in part.parameters)
        key = tuple(map(id, spaces)), leaf.pattern.name, arguments
        winner = last.setdefault(key, leaf)
        # Two addresses of one view may share a name: the first is an old one, say.
        if winner.pattern.callback is not leaf.pattern.callback:
            found.append((leaf, winner))
    for leaf, winner in reversed(found):
        yield Warning(
            f"The name '{leaf.pattern.name}' never leads to the route '{leaf.route}': the later route "
            f"'{winner.route}' has the same name and arguments.",
            hint="Give one of them another name.",
            obj=leaf.pattern,
            id="urls.W104",
            place=place_of_leaf(root, leaf),
        )


def _nowhere(root: URLResolver) -> Iterator[CheckMessage]:
    for leaf in iter_leaves(root):
        view: Any = leaf.pattern.callback
        cls = getattr(view, "view_class", None)
        if cls is None:
            continue
        given: dict[str, Any] = getattr(view, "view_initkwargs", {})
        problem = _dead_target(root, given.get("pattern_name", getattr(cls, "pattern_name", None)), given.values())
        if problem is not None:
            text = f"The view '{leaf.pattern.lookup_str}' of the route '{leaf.route}' leads nowhere: {problem}"
            yield Warning(text, obj=leaf.pattern, id="urls.W105", place=place_of_leaf(root, leaf))


def _dead_target(root: URLResolver, name: Any, values: Any) -> str | None:
    """Return what is wrong with the `pattern_name` of a view, or with a `reverse_lazy` that it was given."""
    try:
        if isinstance(name, str) and not root.reverse_table.candidates(name):
            root.reverse(name)  # it fails, and knows what may have been meant
        for value in values:
            if isinstance(value, Promise):
                str(value)
    except NoReverseMatch as error:
        return str(error)
    except Exception:
        return None  # it is lazy in its own way
    return None
