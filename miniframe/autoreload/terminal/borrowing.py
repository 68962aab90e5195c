"""Ask for the terminal before something in this worker reads from it: a debugger, `input()`, a shell in a view.

The supervisor takes keys from the same terminal.  So that it does not take those of a debugger, three ways to read
are led through here; whoever comes by another one shares what is typed with the supervisor.

    input()                      borrowed for one line: pdb, code.interact, click's prompts
    sys.stdin.readline(), ...    the same
    termios.tcsetattr()          borrowed until it is set back: who sets the terminal up itself (getpass, IPython's
                                 debugger, pudb) reads from it in ways of its own

Each thread asks for itself: of two requests that stop in a debugger the second one has its prompt after the first.

Source: Python's reference "builtins.input", "sys.stdin", "termios"; `cmd.Cmd.use_rawinput`.
Not here: the lender (see `keys`).
"""

from __future__ import annotations

import builtins
import io
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import wraps
from queue import Empty, SimpleQueue
from typing import Any

__all__ = ["Loan", "install"]

# Seconds that the supervisor has to say yes; it does so within one millisecond, or it is not well.
_ANSWER = 1.0


class Loan:
    """The terminal as the threads of this process may have it; `say` speaks to the supervisor, who is `answered`."""

    def __init__(self, say: Callable[[str, str], None]) -> None:
        self._say = say
        self._answers: dict[str, SimpleQueue[str]] = {}
        self._keepers: set[str] = set()

    def answered(self, word: str, reader: str) -> None:
        """Take in, where the supervisor is heard, that the terminal is "lent" to a thread, or "busy" with another."""
        if reader in self._answers:
            self._answers[reader].put(word)

    def borrow(self, word: str = "borrow") -> None:
        """Return when the terminal is this thread's, or when nobody answers."""
        reader = str(threading.get_ident())
        answers = self._answers[reader] = SimpleQueue()
        self._say(word, reader)
        with suppress(Empty):
            if answers.get(timeout=_ANSWER) == "busy":
                answers.get()

    def keep(self) -> bool:
        """Borrow it until `give_back`; return whether no thread had kept it before."""
        reader, is_first = str(threading.get_ident()), not self._keepers
        if reader not in self._keepers:
            self._keepers.add(reader)
            self.borrow("keep")
        return is_first

    def give_back(self) -> None:
        """Keep it no longer, for whichever thread."""
        while self._keepers:
            self._say("return", self._keepers.pop())

    @contextmanager
    def lent(self, word: str = "borrow") -> Iterator[None]:
        """Have the terminal while entered."""
        try:
            self.borrow(word)
            yield
        finally:
            self._say("return", str(threading.get_ident()))


def install(loan: Loan) -> None:
    """Lead what reads from the terminal through `loan`; nothing happens where standard input is none."""
    if sys.stdin is None or not os.isatty(0) or not isinstance(sys.stdin, io.TextIOWrapper):
        return
    plain_input = builtins.input

    @wraps(plain_input)
    def borrowing_input(prompt: object = "", /) -> str:
        with loan.lent():
            return plain_input(prompt)

    builtins.input = borrowing_input
    sys.stdin = _Stdin(sys.stdin, loan)
    _lead_termios(loan)


class _Stdin(io.TextIOWrapper):
    """Standard input, borrowed while it is read."""

    def __init__(self, plain: io.TextIOWrapper, loan: Loan) -> None:
        super().__init__(plain.buffer, plain.encoding, plain.errors, line_buffering=plain.line_buffering)
        # It closes what it wraps when it goes, and so would this one.
        self._plain = plain
        self._loan = loan

    def read(self, size: int | None = -1, /) -> str:
        with self._loan.lent():
            return super().read(size)

    def readline(self, size: int = -1, /) -> str:  # type: ignore[override]  # typeshed has another name for it
        with self._loan.lent():
            return super().readline(size)

    def __next__(self) -> str:  # type: ignore[override]  # typeshed: bytes, from further up
        with self._loan.lent():
            return super().__next__()


def _lead_termios(loan: Loan) -> None:
    import termios  # a terminal is there, so this is

    plain_get, plain_set = termios.tcgetattr, termios.tcsetattr
    as_lent: list[Any] = []

    @wraps(plain_get)
    def tcgetattr(descriptor: Any, /) -> list[Any]:
        if not _is_terminal(descriptor):
            return plain_get(descriptor)
        # Who asks sees it as it is for whole lines, and mostly wants to set it back to that.
        with loan.lent("keep"):
            return plain_get(descriptor)

    @wraps(plain_set)
    def tcsetattr(descriptor: Any, when: int, settings: list[Any], /) -> None:
        if not _is_terminal(descriptor):
            plain_set(descriptor, when, settings)
            return
        if loan.keep():
            as_lent[:] = plain_get(descriptor)
        try:
            plain_set(descriptor, when, settings)
        finally:
            if plain_get(descriptor) == as_lent:
                loan.give_back()

    for name, led in (("tcgetattr", tcgetattr), ("tcsetattr", tcsetattr)):
        # tty has taken the names over, if it was loaded before.
        for module in filter(None, (termios, sys.modules.get("tty"))):
            setattr(module, name, led)


def _is_terminal(descriptor: Any) -> bool:
    return os.isatty(descriptor if isinstance(descriptor, int) else descriptor.fileno())
