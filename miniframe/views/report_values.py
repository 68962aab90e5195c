"""Show any value as text, whatever it is: a page about an error must not fail, hang or fill up because of a value.

Plain values are written item by item, so a list of ten million numbers costs as much as one of thirty.  The
`__repr__` of anything else is somebody's code: it runs in a thread of its own, and if it is not back in time the page
goes on without it.

Not here: which values are secret (see `report_filter`); this module only asks.
"""

from __future__ import annotations

import contextvars
import threading
import types
from collections.abc import Callable, Iterable
from time import monotonic
from typing import Any

__all__ = ["STARS", "ValuePrinter"]

STARS = "********************"
"""What stands in place of a secret."""

# All in characters or items, of one value on the page.
MOST_TEXT = 1200
MOST_ITEMS = 30
MOST_DEPTH = 4

# In seconds: one foreign repr, and all slow ones of a page together.
ONE_REPR = 0.25
ALL_REPRS = 1.0

_CHEAP_REPRS = frozenset(
    {
        object.__repr__,
        BaseException.__repr__,
        *(kind.__repr__ for kind in (bool, int, float, complex, type(None), range, slice, type(Ellipsis))),
        *(kind.__repr__ for kind in (types.FunctionType, types.BuiltinFunctionType, types.GeneratorType)),
    }
)
_BRACKETS: dict[type, tuple[str, str]] = {
    list: ("[", "]"),
    tuple: ("(", ")"),
    set: ("{", "}"),
    frozenset: ("frozenset({", "})"),
}


class ValuePrinter:
    """Writes the values of one report; it has one budget of time for all of them.

    `is_secret` tells from a name (a key of a dict, say) whether its value must not be shown, and `scrub` takes known
    secrets out of a finished text.
    """

    def __init__(
        self,
        is_secret: Callable[[str], bool] = lambda name: False,
        scrub: Callable[[str], str] = lambda text: text,
        stars: str = STARS,
    ) -> None:
        self.is_secret = is_secret
        self.scrub = scrub
        self.stars = stars
        self._left = ALL_REPRS

    def show(self, value: object, name: str = "") -> str:
        """Return `value` as text of at most some 1,200 characters; never raises."""
        if value is self.stars or (name and self.is_secret(name)):
            return self.stars
        try:
            text = self._show(value, MOST_DEPTH)
        except Exception as error:  # a container that another thread is changing, say
            text = _unprintable(value, error)
        return self.scrub(_cut(text, MOST_TEXT))

    def _show(self, value: Any, depth: int) -> str:
        kind = type(value)
        if kind in (str, bytes, bytearray):
            return _show_text(value)
        if kind is int and value.bit_length() > 4000:
            return f"<int of {value.bit_length():,} bits>"
        if kind in _BRACKETS:
            return self._show_items(value, *_BRACKETS[kind], depth)
        if issubclass(kind, dict):
            text = self._show_dict(value, depth)
            return text if kind is dict else f"{kind.__qualname__}({text})"
        if kind.__repr__ in _CHEAP_REPRS and kind is not range:
            return _repr(value)
        return self._foreign_repr(value)

    def _show_items(self, items: Any, opening: str, closing: str, depth: int) -> str:
        if not items and type(items) not in (list, tuple):
            return f"{type(items).__name__}()"
        if depth == 0 and items:
            return f"{opening}… {len(items):,} items{closing}"
        parts = [self._show(item, depth - 1) for item in _first(items)]
        if len(items) > MOST_ITEMS:
            parts.append(f"… {len(items) - MOST_ITEMS:,} more")
        comma = "," if type(items) is tuple and len(items) == 1 else ""
        return f"{opening}{', '.join(parts)}{comma}{closing}"

    def _show_dict(self, items: dict[Any, Any], depth: int) -> str:
        # By dict's own methods: those of a subclass (a form, say) are somebody's code, and its repr would show secrets.
        length = dict.__len__(items)
        if depth == 0 and length:
            return f"{{… {length:,} items}}"
        parts = []
        for key in _first(dict.__iter__(items)):
            secret = isinstance(key, str) and self.is_secret(key)
            shown = repr(self.stars) if secret else self._show(dict.__getitem__(items, key), depth - 1)
            parts.append(f"{self._show(key, depth - 1)}: {shown}")
        if length > MOST_ITEMS:
            parts.append(f"… {length - MOST_ITEMS:,} more")
        return f"{{{', '.join(parts)}}}"

    def _foreign_repr(self, value: object) -> str:
        if self._left <= 0:
            return f"<{type(value).__qualname__} object; not shown, other values took too long>"
        answer: list[str] = []
        context = contextvars.copy_context()
        thread = threading.Thread(
            target=lambda: answer.append(context.run(_repr, value)), name="error report: repr", daemon=True
        )
        started = monotonic()
        thread.start()
        thread.join(min(ONE_REPR, self._left))
        if not answer:
            self._left -= monotonic() - started
            return f"<{type(value).__qualname__} object; its repr takes longer than {ONE_REPR:g} s>"
        return answer[0]


def _repr(value: object) -> str:
    try:
        return _cut(repr(value), MOST_TEXT)
    except BaseException as error:  # even SystemExit: it is somebody's code, and this thread or page is not its to end
        return _unprintable(value, error)


def _unprintable(value: object, error: BaseException) -> str:
    try:
        why = _cut(str(error), 100)
    except BaseException:
        why = "and that cannot be printed either"
    return f"<{type(value).__qualname__} object; its repr raised {type(error).__name__}: {why}>"


def _show_text(value: str | bytes | bytearray) -> str:
    if len(value) <= MOST_TEXT:
        return repr(value)
    return f"{value[:MOST_TEXT]!r}… {len(value):,} {'characters' if isinstance(value, str) else 'bytes'} in all"


def _first(items: Iterable[Any]) -> list[Any]:
    found: list[Any] = []
    for item in items:
        if len(found) == MOST_ITEMS:
            break
        found.append(item)
    return found


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most + 60 else f"{text[:most]}… {len(text):,} characters in all"
