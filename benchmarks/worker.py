"""One process for one framework: makes its application, checks its answers, then measures when it is told to.

    python worker.py FRAMEWORK scenario NAME | routes COUNT | reverse COUNT

It says in a line of JSON what it can measure, and answers each line "KEY SECONDS" with microseconds.
"""

from __future__ import annotations

import gc
import importlib
import io
import json
import sys
from collections.abc import Callable, Iterable
from time import perf_counter
from typing import Any

import spec

Application = Callable[..., Iterable[bytes]]
#: Does its work that many times, and returns how many seconds that took.
Loop = Callable[[int], float]


def ask(app: Application, environ: dict[str, Any], body: bytes) -> spec.Answer:
    """Return the answer to one request."""
    head: list[Any] = []
    parts = app(
        {**environ, "wsgi.input": io.BytesIO(body)},
        lambda status, headers, exc_info=None: head.append((status, headers)),
    )
    try:
        content = b"".join(parts)
    finally:
        getattr(parts, "close", lambda: None)()
    status, headers = head[-1]
    return spec.Answer(int(status[:3]), headers, content)


def calls_of(app: Application, scenario: spec.Scenario) -> Loop:
    """Return the loop over a request, whose answer has been checked; twice, as a second one may be cached."""
    cookies = ""
    if scenario.first:
        before = ask(app, spec.environ(spec.Scenario("", scenario.first, scenario.check)), b"")
        fields = [value for name, value in before.headers if name.lower() == "set-cookie"]
        cookies = "; ".join([field.partition(";")[0] for field in fields])
    environ, body = spec.environ(scenario, cookies), scenario.body
    for _ in range(2):
        answer = ask(app, environ, body)
        if not scenario.check(answer):
            raise SystemExit(
                f"a wrong answer to {scenario.path}: {answer.status} {answer.headers} {answer.body[:200]!r}"
            )

    def start_response(status: str, headers: spec.Headers, exc_info: object = None) -> None:
        return None

    def loop(times: int) -> float:
        begin = perf_counter()
        for _ in range(times):
            request = environ.copy()
            request["wsgi.input"] = io.BytesIO(body)
            parts = app(request, start_response)
            for _part in parts:
                pass
            close = getattr(parts, "close", None)
            if close is not None:
                close()
        return perf_counter() - begin

    return loop


def addresses_of(
    reverse: Callable[[str, dict[str, Any]], str], name: str, arguments: dict[str, Any], wanted: str
) -> Loop:
    """Return the loop over one call of `reverse`, whose result has been checked."""
    found = reverse(name, arguments)
    if found.replace("+", "%20") != wanted:
        raise SystemExit(f"a wrong address of {name}: {found}")

    def loop(times: int) -> float:
        begin = perf_counter()
        for _ in range(times):
            reverse(name, arguments)
        return perf_counter() - begin

    return loop


def loops(framework: str, kind: str, what: str) -> dict[str, Loop]:
    """Return what this framework can be measured at; nothing if it has no such thing."""
    module = importlib.import_module(f"apps.{framework}_app")
    if kind == "scenario":
        app = module.make(what)
        return {} if app is None else {what: calls_of(app, spec.SCENARIOS[what])}
    make = getattr(module, "make_routes" if kind == "routes" else "make_reverse", None)
    if make is None:
        return {}
    made = make(int(what))
    if kind == "routes":
        return {key: calls_of(made, probe) for key, probe in spec.probes(int(what)).items()}
    lacking = getattr(module, "CANNOT_REVERSE", ())
    return {key: addresses_of(made, *case) for key, case in spec.REVERSED.items() if key not in lacking}


def microseconds(loop: Loop, seconds: float) -> float:
    """Return the time of one call: that of the quickest of several batches, which other processes disturbed least."""
    times, took = 1, 0.0
    while (took := loop(times)) < 0.002:
        times *= 2
    batch = max(1, int(times * 0.01 / took))
    end = perf_counter() + seconds
    best = loop(batch)
    while perf_counter() < end:
        best = min(best, loop(batch))
    return best / batch * 1e6


def main() -> None:
    """Serve the orders that come as lines."""
    measured = loops(*sys.argv[1:])
    # As in a server that has had a large request before: from then on glibc keeps what is freed, and does not ask the
    # system for the same memory again and again, which would take longer than all else in an upload.
    bytes(8 * 1024 * 1024)
    # What exists by now will stay, and need not be looked at again.
    gc.collect()
    gc.freeze()
    print(json.dumps(list(measured)), flush=True)
    for line in sys.stdin:
        key, seconds = line.split()
        print(microseconds(measured[key], float(seconds)), flush=True)


if __name__ == "__main__":
    main()
