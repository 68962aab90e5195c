"""A command's stdout and stderr: a text stream that ends its lines and knows its colour.

Source: Django's how-to "How to create custom django-admin commands", on `self.stdout` and `self.stderr`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TextIO

from miniframe.management.color import supports_color

__all__ = ["OutputWrapper"]

StyleFunc = Callable[[str], str]


def _plain(text: str) -> str:
    return text


class OutputWrapper:
    """What a command writes through; whatever is not defined here is asked of the stream inside.

    `ending` is put after each message that lacks it.  `force_color` says that the stream takes
    colour although it is no terminal.  A command that goes on for long, and whose output is only
    a courtesy, sets `must_arrive` to False: a closed pipe or a full disk is then no error.
    """

    def __init__(self, out: TextIO | OutputWrapper, ending: str = "\n", *, force_color: bool = False) -> None:
        self._out: Any = out._out if isinstance(out, OutputWrapper) else out
        self.ending = ending
        self.must_arrive = True
        self._color = force_color or supports_color(out)
        self._style_func: StyleFunc = _plain

    @property
    def style_func(self) -> StyleFunc:
        """How messages look unless `write` is told otherwise; stays plain where colour would not be seen."""
        return self._style_func

    @style_func.setter
    def style_func(self, style_func: StyleFunc | None) -> None:
        """Choose the look of messages; None is plain."""
        self._style_func = style_func if style_func and self._color else _plain

    def __getattr__(self, name: str) -> Any:
        return getattr(self._out, name)

    @property
    def stream(self) -> Any:
        """The stream inside, for what must not have its lines ended, such as a progress bar; None if there is none."""
        return self._out

    def flush(self) -> None:
        """Send on what the stream holds back, if it is a kind of stream that does."""
        flush = getattr(self._out, "flush", None)
        if flush is not None:
            self._try(flush)

    def isatty(self) -> bool:
        """Return whether a person is looking at this stream."""
        isatty = getattr(self._out, "isatty", None)
        return bool(isatty is not None and isatty())

    def write(self, msg: str = "", style_func: StyleFunc | None = None, ending: str | None = None) -> None:
        """Write `msg` in its style and then `ending` (default: the wrapper's), which it may bring itself."""
        ending = self.ending if ending is None else ending
        # The style ends before the line does: a red line end would colour what the shell writes next.
        styled = (style_func or self._style_func)(msg.removesuffix(ending))
        # Python itself sets sys.stdout to None when it was started without one, and print() then stays silent.
        if self._out is not None:
            self._try(self._out.write, styled + ending)

    def _try(self, action: Callable[..., object], *args: object) -> None:
        try:
            action(*args)
        except OSError:
            if self.must_arrive:
                raise
