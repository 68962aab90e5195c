"""Which templates a Jinja2 template extends, includes and imports while it is rendered: tests want to know.

Jinja2 tells nobody, but asks its environment for each part by name.

Source: Django's topic "Testing tools", section "Response objects", attribute `templates`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

import jinja2

__all__ = ["of_rendering"]


class _Noting(threading.local):
    """What this thread collects, while it does."""

    parts: list[jinja2.Template] | None = None


_noting = _Noting()


def _noted(ask: Callable[..., jinja2.Template]) -> Callable[..., jinja2.Template]:
    @wraps(ask)
    def ask_and_note(*args: Any, **kwargs: Any) -> jinja2.Template:
        template = ask(*args, **kwargs)
        if _noting.parts is not None:
            _noting.parts.append(template)
        return template

    return ask_and_note


@contextmanager
def of_rendering(env: jinja2.Environment) -> Iterator[list[jinja2.Template]]:
    """Collect the parts that are asked for in this thread; a rendering inside of it collects its own.

    `env` is made to note what it is asked for when the first test listens, so that it costs nothing elsewhere.
    """
    for name in ("get_template", "select_template"):
        ask = getattr(env, name)
        if not hasattr(ask, "__wrapped__"):
            setattr(env, name, _noted(ask))
    before, _noting.parts = _noting.parts, []
    try:
        yield _noting.parts
    finally:
        _noting.parts = before
