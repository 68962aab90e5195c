"""System checks on views: can each be called with what its routes pass, and with values of the right types.

Source: our own; W100 to W102.  Only what is certain is reported: functions without foreign decorators, class-based
views with the `dispatch` of `View`, routes whose arguments all have names, annotations that are plain classes.
"""

from __future__ import annotations

import typing
from collections.abc import Iterator
from types import FunctionType, SimpleNamespace, UnionType
from typing import Any, NamedTuple

from miniframe.checks import CheckMessage, Tags, Warning, register
from miniframe.checks.urls.patterns import patterns_of, root_resolver
from miniframe.urls.converters import IntConverter, StringConverter, UUIDConverter
from miniframe.urls.listing import Leaf, iter_leaves, source_of
from miniframe.urls.places import place_of_leaf

__all__ = ["check_view_arguments"]

_VAR_KEYWORDS = 0x08  # inspect.CO_VARKEYWORDS; inspect itself costs 10 ms to import
_GENERIC_VIEWS = "miniframe.views.generic.base"
_KINDS = {"int": "int", "str": "str", "UUID": "uuid"}


@register(Tags.urls)
def check_view_arguments(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Warn of views that cannot be called with what their routes pass (W100, W101), or want another type (W102)."""
    root = root_resolver()
    return [message for leaf in iter_leaves(root) for message in _check_leaf(root, leaf)] if root else []


class _Called(NamedTuple):
    """A function that a route leads to, and how many arguments (`self`, the request) it is given by position."""

    name: str
    function: FunctionType
    positional: int


class _Takes(NamedTuple):
    """What a view takes beside the request."""

    required: frozenset[str]
    known: frozenset[str]
    anything: bool


def _check_leaf(root: Any, leaf: Leaf) -> Iterator[CheckMessage]:
    given = _given(leaf)
    if given is None:
        return
    for called in _called(leaf):
        for id, problem, hint in [*_misfits(leaf, called, given), *_wrong_types(leaf, called, given)]:
            about = "The view '{}' ({}:{})".format(called.name, *source_of(called.function))
            place = place_of_leaf(root, leaf)
            yield Warning(f"{about} {problem}", hint=hint, obj=leaf.pattern, id=id, place=place)


def _misfits(leaf: Leaf, called: _Called, given: dict[str, type | None]) -> Iterator[tuple[str, str, str]]:
    takes = _takes(called)
    for name in sorted(given.keys() - takes.known) if not takes.anything else ():
        problem = f"takes no argument '{name}', but its route '{leaf.route}' passes one."
        yield "urls.W100", problem, f"Add '{name}' to the view's parameters, or take it out of the route."
    for name in sorted(takes.required - given.keys()):
        problem = f"needs an argument '{name}', but its route '{leaf.route}' passes none."
        yield "urls.W101", problem, f"Add <{name}> to the route, or give the parameter a default."


def _wrong_types(leaf: Leaf, called: _Called, given: dict[str, type | None]) -> Iterator[tuple[str, str, str]]:
    for name, passed in given.items():
        annotation = _annotation(called.function, name)
        if passed is None or _accepts(annotation, passed):
            continue
        wanted = getattr(annotation, "__name__", str(annotation))
        problem = f"takes '{name}' as {wanted}, but its route '{leaf.route}' passes {passed.__name__}."
        kind = _KINDS.get(wanted)
        yield (
            "urls.W102",
            problem,
            f"{f'Write <{kind}:{name}> in the route, or correct' if kind else 'Correct'} the annotation.",
        )


# What the route passes.


def _given(leaf: Leaf) -> dict[str, type | None] | None:
    """Return the arguments that a route passes, with the type of each if that is known; None if some have no name."""
    given: dict[str, type | None] = {}
    for pattern in patterns_of(leaf):
        if pattern.converters:
            given.update({name: _made_by(converter) for name, converter in pattern.converters.items()})
        elif "(" in str(pattern):
            regex = pattern.regex
            if regex.groups > len(regex.groupindex):
                return None
            given.update(dict.fromkeys(regex.groupindex, str))
    for extra in (*(level.default_kwargs for level in leaf.levels), leaf.pattern.default_args):
        given.update(dict.fromkeys(extra))
    return given


def _made_by(converter: Any) -> type | None:
    """Return the type of a converter's values: of one of ours, or as its `to_python` is annotated."""
    make = type(converter).to_python
    if make is UUIDConverter.to_python:
        import uuid  # lazy, as in `urls.converters`

        return uuid.UUID
    known = {IntConverter.to_python: int, StringConverter.to_python: str}
    made = known.get(make) or _annotation(make, "return")
    return made if type(made) is type else None


# What the view takes.


def _called(leaf: Leaf) -> Iterator[_Called]:
    view = _plain_function(leaf.pattern.callback)
    if view is None:
        return
    cls: Any = getattr(leaf.pattern.callback, "view_class", None)
    if cls is None:
        yield _Called(leaf.pattern.lookup_str, view, 1)
        return
    # A dispatch() of the project may pass on something else, and so may a decorator around ours.
    if _home(view) != _GENERIC_VIEWS or hasattr(cls.dispatch, "__wrapped__") or _home(cls.dispatch) != _GENERIC_VIEWS:
        return
    seen = set()
    for method in cls.http_method_names:
        function = next((vars(base)[method] for base in cls.__mro__ if method in vars(base)), None)
        plain = _plain_function(function)
        if plain is not None and plain not in seen:  # `put = post` is one method
            seen.add(plain)
            yield _Called(f"{leaf.pattern.lookup_str}.{method}", plain, 2)


def _plain_function(view: Any) -> FunctionType | None:
    # A decorator of ours passes arguments on as they are; another one might not.
    while hasattr(view, "__wrapped__") and getattr(view, "__code__", None) and _home(view).startswith("miniframe."):
        view = view.__wrapped__
    if hasattr(view, "__wrapped__") or not isinstance(view, FunctionType):
        return None
    return view


def _home(view: Any) -> str:
    # functools.wraps copies __module__, so ask where the wrapper's globals come from.
    return str(getattr(view, "__globals__", {}).get("__name__", ""))


def _takes(called: _Called) -> _Takes:
    function: Any = called.function
    code = called.function.__code__
    by_name = code.co_varnames[max(code.co_posonlyargcount, called.positional) : code.co_argcount]
    keyword_only = code.co_varnames[code.co_argcount : code.co_argcount + code.co_kwonlyargcount]
    with_default = max(0, len(by_name) - len(function.__defaults__ or ()))
    optional = {*by_name[with_default:], *(function.__kwdefaults__ or ())}
    known = frozenset((*by_name, *keyword_only))
    return _Takes(known - optional, known, bool(code.co_flags & _VAR_KEYWORDS))


def _annotation(function: Any, name: str) -> Any:
    """Return what a parameter (or "return") is annotated with; None where it is not, or cannot be found out."""
    try:
        annotation = function.__annotations__.get(name)
        if isinstance(annotation, str):
            # One at a time: a name that exists for type checkers only must not hide the others.
            alone: Any = SimpleNamespace(__annotations__={name: annotation})
            annotation = typing.get_type_hints(alone, function.__globals__)[name]
    except Exception:  # whatever an annotation does when it is evaluated
        return None
    return annotation


def _accepts(annotation: Any, passed: type) -> bool:
    """Return whether a parameter takes values of a type; True unless that is certainly wrong."""
    if isinstance(annotation, UnionType) or typing.get_origin(annotation) is typing.Union:
        return any(_accepts(each, passed) for each in typing.get_args(annotation))
    # Any is a class since Python 3.11.
    if annotation is Any or not isinstance(annotation, type) or typing.get_origin(annotation) is not None:
        return True
    if passed is int and annotation in (float, complex):  # PEP 484, "The numeric tower"
        return True
    try:
        return issubclass(passed, annotation)
    except TypeError:  # a Protocol, say
        return True
