"""Whatever middleware does, hooks are called in Django's order and the client gets Django's answer."""

from __future__ import annotations

import sys
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

NOTHING = st.just(None)
FAILURES = st.sampled_from(["404", "403", "400", "suspicious", "500"])


def mostly(nothing: st.SearchStrategy[Any], something: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.integers(0, 3).flatmap(lambda dice: something if dice == 0 else nothing)


PLANS = st.fixed_dictionaries(
    {},
    optional={
        "init": mostly(NOTHING, st.just("unused")),
        "request": mostly(NOTHING, FAILURES | st.just("answer")),
        "response": mostly(NOTHING, FAILURES | st.just("answer")),
        "process_view": mostly(NOTHING, FAILURES | st.just("answer")),
        "process_exception": mostly(NOTHING, FAILURES | st.just("answer")),
        "process_template_response": mostly(NOTHING, st.sampled_from(["none", "500"])),
    },
)
STACKS = st.lists(st.sampled_from(["Plain", "Mixed"]), min_size=3, max_size=3).flatmap(
    lambda kinds: st.sampled_from([[], ["waiting"], ["either"]]).map(
        lambda more: [f"SITE.{kind}{place}" for place, kind in enumerate(kinds)] + [f"SITE.{name}" for name in more]
    )
)
VIEWS = st.sampled_from(["ok", "404", "403", "400", "suspicious", "500", "page", "broken-page", "stream", "none"])


@settings(max_examples=100, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    plan=st.lists(PLANS, min_size=3, max_size=3),
    stack=STACKS,
    what=VIEWS,
    when=st.sampled_from(["now", "now", "later", "never"]),
)
def test_hooks_are_called_as_in_django(
    twins: Any, a_request: Any, plan: list[dict[str, Any]], stack: list[str], what: str, when: str
) -> None:
    with twins("hooks", MIDDLEWARE=stack, PLAN=plan) as both:
        answers, calls = [], []
        for name in ("django", "miniframe"):
            trace = sys.modules[f"hooks_on_{name}"].CALLS
            trace.clear()
            answers.append(both.ask_one(name, a_request(target=f"/{when}/{what}/")))
            calls.append(list(trace))
    assert calls[0] == calls[1]
    assert answers[0] == answers[1]
