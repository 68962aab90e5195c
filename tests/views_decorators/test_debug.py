"""sensitive_variables and sensitive_post_parameters: what an error report leaves out."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from miniframe.http import HttpRequest, HttpResponse, QueryDict
from miniframe.views.decorators.debug import (
    coroutine_functions_to_sensitive_variables,
    sensitive_post_parameters,
    sensitive_variables,
)
from miniframe.views.report.filter import SafeExceptionReporterFilter


def frame_variables(function: Any) -> dict[str, Any]:
    """Run a function that fails; return the variables that a report shows of its innermost frame."""
    try:
        function()
    except LookupError:
        tb = sys.exc_info()[2]
        assert tb is not None
        while tb.tb_next:
            tb = tb.tb_next
        return dict(SafeExceptionReporterFilter().get_traceback_frame_variables(None, tb.tb_frame))
    raise AssertionError("it did not fail")


def test_named_variables_are_hidden() -> None:
    @sensitive_variables("card")
    def pay() -> None:
        card, amount = "4111", 5
        raise LookupError(card, amount)

    shown = frame_variables(pay)
    assert shown["amount"] == 5
    assert shown["card"] != "4111"


def test_without_names_all_variables_are_hidden() -> None:
    @sensitive_variables()
    def pay() -> None:
        card, amount = "4111", 5
        raise LookupError(card, amount)

    assert {"4111", 5}.isdisjoint(frame_variables(pay).values())


def test_an_async_function_is_marked_by_its_code() -> None:
    @sensitive_variables("card")
    async def pay() -> None:
        """Pay."""

    assert coroutine_functions_to_sensitive_variables[pay.__code__] == ("card",)


def test_the_marks_of_a_post_are_on_the_request(kind: Any) -> None:
    request = HttpRequest()
    request.POST = QueryDict("a=1&b=2")
    kind.call(sensitive_post_parameters("a")(kind.view), request)
    assert request.sensitive_post_parameters == ("a",)  # type: ignore[attr-defined]  # set by the decorator
    kind.call(sensitive_post_parameters()(kind.view), request)
    assert request.sensitive_post_parameters == "__ALL__"  # type: ignore[attr-defined]  # set by the decorator
    assert "1" not in dict(SafeExceptionReporterFilter().get_post_parameters(request).items()).values()


@pytest.mark.parametrize("decorator", [sensitive_variables, sensitive_post_parameters])
def test_parentheses_must_not_be_forgotten(decorator: Any) -> None:
    with pytest.raises(TypeError, match=rf"use @{decorator.__name__}\(\), not @{decorator.__name__}\."):
        decorator(frame_variables)


def test_a_method_needs_method_decorator() -> None:
    class View:
        @sensitive_post_parameters("a")
        def post(self, request: Any) -> HttpResponse:
            return HttpResponse()

    with pytest.raises(TypeError, match="didn't receive an HttpRequest object"):
        View().post(HttpRequest())
