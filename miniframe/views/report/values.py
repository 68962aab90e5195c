"""Show any value as text, whatever it is: a page about an error must not fail, hang or fill up because of a value.

Plain values are written item by item, so a list of ten million numbers costs as much as one of thirty.  The
`__repr__` of anything else is somebody's code: it runs in a thread of its own, and if it is not back in time the page
goes on without it.

Not here: which values are secret (see `filter`); this module only asks.
"""

from __future__ import annotations

import contextvars
import threading
import types
from collections.abc import Callable, Iterable
from time import monotonic
from typing import Any

from miniframe.utils.datastructures import CaseInsensitiveMapping

__all__ = ["STARS", "ValuePrinter"]

STARS = "********************"
"""What stands in place of a secret."""

# All in characters or items, of one value on the page.
MOST_TEXT = 1200
MOST_ITEMS = 30
MOST_DEPTH = 4
# Of a longer text so much more is looked at before it is cut, or half of a secret could stay at its end.
MORE_TEXT = 1000
MOST_MESSAGE = 5000

# In seconds: one foreign repr or str, and all slow ones of a page together.
ONE_REPR = 0.25
ALL_REPRS = 1.0

_CHEAP_REPRS = frozenset(
    {
        object.__repr__,
        *(kind.__repr__ for kind in (bool, int, float, complex, type(None), range, slice, type(Ellipsis))),
        *(kind.__repr__ for kind in (types.FunctionType, types.BuiltinFunctionType, types.GeneratorType)),
    }
)
# These call the repr of what they were made of.
_REPRS_OF_ARGUMENTS: frozenset[Any] = frozenset({BaseException.__repr__})
# Texts of exceptions that run no code of anybody's, if they are made of these.
_CHEAP_STRS = frozenset({BaseException.__str__, KeyError.__str__})
_PLAIN = frozenset({str, bytes, int, float, bool, type(None)})
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
        # By id, with the object itself, or another one could get its id.
        self._shown: dict[int, tuple[object, str]] = {}
        self._texts: dict[int, tuple[BaseException, str]] = {}

    def show(self, value: object, name: str = "") -> str:
        """Return `value` as text of at most some 1,200 characters; never raises."""
        if value is self.stars or (name and self.is_secret(name)):
            return self.stars
        # Functions hand the same few objects on from one to the next.
        if id(value) not in self._shown:
            try:
                text = self._show(value, MOST_DEPTH)
            except Exception as error:  # a container that another thread is changing, say
                text = _unprintable(value, error)
            self._shown[id(value)] = (value, self._cut(text, MOST_TEXT))
        return self._shown[id(value)][1]

    def message_of(self, error: BaseException) -> str:
        """Return str(error) as it may be shown, at most some 5,000 characters; never raises."""
        return self._cut(self.text_of(error), MOST_MESSAGE)

    def text_of(self, error: BaseException) -> str:
        """Return the start of str(error), secrets and all; never raises, and asks an exception only once."""
        if id(error) not in self._texts:
            self._texts[id(error)] = (error, self._text_of(error))
        return self._texts[id(error)][1]

    def _text_of(self, error: BaseException) -> str:
        try:
            if type(error).__str__ in _CHEAP_STRS and all(type(each) in _PLAIN for each in error.args):
                text: str | None = _str(error)
            else:
                text = self._in_time(lambda: _str(error))
        except Exception as failure:  # no thread can be started
            return f"<its text cannot be had: {type(failure).__name__}>"
        if text is None:
            return f"<its text cannot be had: str() takes longer than {ONE_REPR:g} s>"
        return text[: MOST_MESSAGE + MORE_TEXT]

    def _show(self, value: Any, depth: int) -> str:
        kind = type(value)
        if kind in (str, bytes, bytearray):
            return self._show_text(value)
        if kind is int and value.bit_length() > 4000:
            return f"<int of {value.bit_length():,} bits>"
        if kind is tuple and len(value) == 2 and self._names_secret(value[0]):  # a header, in a list of such
            return f"({self._show(value[0], depth)}, {self.stars!r})"
        if kind in _BRACKETS:
            return self._show_items(value, *_BRACKETS[kind], depth)
        if issubclass(kind, dict):
            text = self._show_dict(value, depth)
            return text if kind is dict else f"{kind.__qualname__}({text})"
        if kind.__repr__ in _CHEAP_REPRS and kind is not range:
            return _repr(value)
        if kind.__repr__ in _REPRS_OF_ARGUMENTS:
            shown = self._show_items(value.args, "(", ")", depth)
            return f"{kind.__name__}{shown.removesuffix(',)') + ')' if len(value.args) == 1 else shown}"
        if isinstance(value, CaseInsensitiveMapping):  # headers: their names are to be asked
            return self._show_dict(dict(value.items()), depth)
        return self._foreign_repr(value)

    def _show_text(self, value: str | bytes | bytearray) -> str:
        # Secrets go first: they are not to be cut in half, and here no quote in them has got a backslash yet.
        start = value[: MOST_TEXT + MORE_TEXT]
        if len(value) > MOST_TEXT or _has_quotes(value):
            start = self._scrubbed(start)
        if len(value) <= MOST_TEXT:
            return repr(start)
        return f"{start[:MOST_TEXT]!r}… {len(value):,} {'characters' if isinstance(value, str) else 'bytes'} in all"

    def _scrubbed(self, value: str | bytes | bytearray) -> str | bytes | bytearray:
        if isinstance(value, str):
            return self.scrub(value)
        text = value.decode(errors="surrogateescape")
        safe = self.scrub(text)
        return value if safe == text else type(value)(safe.encode(errors="surrogateescape"))

    def _cut(self, text: str, most: int) -> str:
        if len(text) <= most + 60:
            return self.scrub(text)
        return f"{self.scrub(text[: most + MORE_TEXT])[:most]}… {len(text):,} characters in all"

    def _show_items(self, items: Any, opening: str, closing: str, depth: int) -> str:
        if not items and type(items) not in (list, tuple):
            return f"{type(items).__name__}()"
        if depth == 0 and items:
            return f"{opening}… {len(items):,} items{closing}"
        parts: list[str] = []
        room = MOST_TEXT + MORE_TEXT
        for item in _first(items):
            parts.append(self._show(item, depth - 1))
            room -= len(parts[-1])
            if room <= 0:  # the rest would be cut off anyway
                break
        if len(items) > len(parts):
            parts.append(f"… {len(items) - len(parts):,} more")
        comma = "," if type(items) is tuple and len(items) == 1 else ""
        return f"{opening}{', '.join(parts)}{comma}{closing}"

    def _show_dict(self, items: dict[Any, Any], depth: int) -> str:
        # By dict's own methods: those of a subclass (a form, say) are somebody's code, and its repr would show secrets.
        length = dict.__len__(items)
        if depth == 0 and length:
            return f"{{… {length:,} items}}"
        parts: list[str] = []
        room = MOST_TEXT + MORE_TEXT
        for key in _first(dict.__iter__(items)):
            secret = self._names_secret(key)
            shown = repr(self.stars) if secret else self._show(dict.__getitem__(items, key), depth - 1)
            parts.append(f"{self._show(key, depth - 1)}: {shown}")
            room -= len(parts[-1])
            if room <= 0:
                break
        if length > len(parts):
            parts.append(f"… {length - len(parts):,} more")
        return f"{{{', '.join(parts)}}}"

    def _names_secret(self, key: object) -> bool:
        name = key.decode("latin-1") if isinstance(key, bytes) else key
        return isinstance(name, str) and self.is_secret(name)

    def _foreign_repr(self, value: object) -> str:
        if self._left <= 0:
            return f"<{type(value).__qualname__} object; not shown, other values took too long>"
        text = self._in_time(lambda: _repr(value))
        if text is None:
            return f"<{type(value).__qualname__} object; its repr takes longer than {ONE_REPR:g} s>"
        return self._cut(text, MOST_TEXT)

    def _in_time(self, make: Callable[[], str]) -> str | None:
        """Return what `make` returns, or None if it takes too long; it runs in a thread, which is then left alone."""
        if self._left <= 0:
            return None
        answer: list[str] = []
        context = contextvars.copy_context()
        thread = threading.Thread(target=lambda: answer.append(context.run(make)), name="error report", daemon=True)
        started = monotonic()
        thread.start()
        thread.join(min(ONE_REPR, self._left))
        if not answer:
            self._left -= monotonic() - started
            return None
        return answer[0]


def _repr(value: object) -> str:
    try:
        return repr(value)
    except BaseException as error:  # even SystemExit: it is somebody's code, and this thread or page is not its to end
        return _unprintable(value, error)


def _str(error: BaseException) -> str:
    try:
        return str(error)
    except BaseException as failure:
        return f"<its text cannot be had: str() raised {type(failure).__name__}>"


def _unprintable(value: object, error: BaseException) -> str:
    try:
        why = str(error)[:100]
    except BaseException:
        why = "and that cannot be printed either"
    return f"<{type(value).__qualname__} object; its repr raised {type(error).__name__}: {why}>"


def _has_quotes(value: str | bytes | bytearray) -> bool:
    # What has none of these reads the same in its repr, which is looked through as well.
    if isinstance(value, str):
        return any(mark in value for mark in "\"'\\=")
    return any(mark in value for mark in b"\"'\\=")


def _first(items: Iterable[Any]) -> list[Any]:
    found: list[Any] = []
    for item in items:
        if len(found) == MOST_ITEMS:
            break
        found.append(item)
    return found
