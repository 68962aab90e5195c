"""No framework at all: the least that PEP 3333 asks for, as the measure of the others."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any


def make(scenario: str) -> Callable[..., Iterable[bytes]] | None:
    return _text if scenario == "text" else _missing if scenario == "missing" else None


def _text(environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain; charset=utf-8")])
    return [b"Hello"]


def _missing(environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
    start_response("404 Not Found", [("Content-Type", "text/plain; charset=utf-8")])
    return [b"Not Found"]
