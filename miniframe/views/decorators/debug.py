"""Mark what an error report must not show.

Source: Django's how-to "Error reporting", section "Filtering sensitive information".
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from types import CodeType
from typing import Any, Literal, TypeVar, cast

from miniframe.http import HttpRequest
from miniframe.utils.coroutines import is_coroutine_function
from miniframe.views.decorators.around import V, around

F = TypeVar("F", bound=Callable[..., Any])
Names = tuple[str, ...] | Literal["__ALL__"]

#: The marks of async functions.  When an error report is made, a coroutine's frame no longer knows who called it, so
#: the wrapper's mark, which the report finds for plain functions, would not be found.
coroutine_functions_to_sensitive_variables: dict[CodeType, Names] = {}


def sensitive_variables(*variables: str) -> Callable[[F], F]:
    """Hide these local variables of the function, or without names all of them: `@sensitive_variables("password")`.

    The same names are hidden in what the function calls.

    Raises:
        TypeError: it is used without its parentheses.
        ValueError: an async function is not written in Python.
    """
    _require_parentheses("sensitive_variables", variables)
    names: Names = variables or "__ALL__"

    def decorate(func: F) -> F:
        if is_coroutine_function(func):
            coroutine_functions_to_sensitive_variables[_innermost_code(func)] = names
            return func

        # The report looks for a frame of this name and for the mark on the function in it.
        @wraps(func)
        def sensitive_variables_wrapper(*args: Any, **kwargs: Any) -> Any:
            sensitive_variables_wrapper.sensitive_variables = names  # type: ignore[attr-defined]  # see above
            return func(*args, **kwargs)

        return cast("F", sensitive_variables_wrapper)

    return decorate


def sensitive_post_parameters(*parameters: str) -> Callable[[V], V]:
    """Hide these fields of request.POST, or without names all of them, if the view fails.

    Raises:
        TypeError: it is used without its parentheses, or on a method without `method_decorator`.
    """
    _require_parentheses("sensitive_post_parameters", parameters)

    def mark(request: Any) -> None:
        if not isinstance(request, HttpRequest):
            raise TypeError(
                "sensitive_post_parameters didn't receive an HttpRequest object. If you are decorating a classmethod, "
                "make sure to use @method_decorator."
            )
        request.sensitive_post_parameters = parameters or "__ALL__"  # type: ignore[attr-defined]  # for the report

    return lambda view: around(view, before=mark)


def _require_parentheses(name: str, given: tuple[Any, ...]) -> None:
    if len(given) == 1 and callable(given[0]):
        raise TypeError(f"{name}() must be called to use it as a decorator, e.g., use @{name}(), not @{name}.")


def _innermost_code(func: Any) -> CodeType:
    inner = func
    while getattr(inner, "__wrapped__", None) is not None:
        inner = inner.__wrapped__
    code: CodeType | None = getattr(inner, "__code__", None)
    if code is None:
        raise ValueError(
            f"{func.__name__} cannot safely be wrapped by @sensitive_variables, make it either non-async or defined in "
            "a Python file (not a builtin or from a native extension)."
        )
    return code
