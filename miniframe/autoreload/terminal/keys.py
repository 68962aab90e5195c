"""Take single keys from the terminal, and lend it to whoever in a worker wants to read a line.

The terminal hands out whole lines and shows what is typed; while keys are taken it does neither.  Ctrl-C and
Ctrl-Z work as ever.  A worker that asks for the terminal gets it as it was when the program started, and from then on
only its reader touches it: readline sets it up for each line that is typed, and finds it so after Ctrl-Z, too.  Of
several who ask one reads at a time.

Nothing is read in the background, where it would stop the program, nor where standard input is no terminal, or
standard error none, for who presses a key would see no answer.

Source: termios(3), tcgetpgrp(3); credentials(7), "Process group"; signal(7), SIGTTIN and SIGTTOU.
Not here: what a key does (see `console`), and who borrows (see `borrowing`).
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, TypeAlias

from miniframe.autoreload.loop import Loop, Timer

__all__ = ["Keyboard", "Reader", "is_ours"]

Reader: TypeAlias = tuple[int, str]
"""Who wants to read: a process, and what it calls the thread in it."""

_INPUT: Final = 0
_ANSWERS: Final = 2
# As much as a terminal holds: of what is pasted no last letter must be left over, to be taken for a key.
_MOST: Final = 4096
# Seconds that a terminal stays a reader's after a line was read: a debugger's next prompt may follow, and who types
# ahead means the debugger.
_NEXT_PROMPT: Final = 1.0
# Seconds between two looks whether the program has come back to the foreground: not every shell says so.
_AGAIN: Final = 1.0


def is_ours() -> bool:
    """Return whether there is a terminal to type at and to read answers from, and what is typed there is for us."""
    try:
        return _has_terminal() and os.tcgetpgrp(_INPUT) == os.getpgrp()
    except OSError:
        return False


def _has_terminal() -> bool:
    return os.isatty(_INPUT) and os.isatty(_ANSWERS)


class Keyboard:
    """Calls `deal(key)` for each key that is pressed, between `open` and `close`, while nobody has borrowed it."""

    def __init__(self, loop: Loop, deal: Callable[[str], None]) -> None:
        self._loop = loop
        self._deal = deal
        self._settings = _read_settings()
        self._is_open = False
        self._is_listening = False
        self._loans: dict[Reader, int] = {}
        # Whose turn it is, and who comes after it: is it for good, and whom to answer.
        self._reader: Reader | None = None
        self._waiting: dict[Reader, tuple[bool, Callable[[str], object]]] = {}
        self._turn_ends: Timer | None = None
        self._as_lent: list[Any] | None = None
        self._again: Timer | None = None

    def open(self) -> None:
        """Take keys from here on; a second call does nothing."""
        if not self._is_open:
            self._is_open = True
            self.look()

    def close(self) -> None:
        """Leave the terminal as it was when the program started."""
        self._is_open = False
        self._loans.clear()
        self.look()

    def stop(self) -> None:
        """Be stopped as Ctrl-Z wants; a shell then sets the terminal up for itself, and leaves it so."""
        self._as_lent = _read_settings() if self._loans and is_ours() else None
        _be_stopped()
        self.look()

    def lend(self, reader: Reader, answer: Callable[[str], object], for_good: bool = False) -> None:
        """Let somebody read from the terminal, until it was given back as often; call `answer` with "lent" then.

        While it is another's turn it is "busy" first.  Who has it for good has no turn, for it may never end.
        """
        if self._reader not in (None, reader):
            self._waiting[reader] = (for_good, answer)
            answer("busy")
            return
        if self._turn_ends is not None:
            self._turn_ends.cancel()
        is_free = not self._loans
        self._loans[reader] = self._loans.get(reader, 0) + 1
        if not for_good:
            self._reader = reader
        self.look()
        if is_free and self._settings is not None and is_ours():
            _apply(self._settings, takes_keys=False, throws_away=False)
        answer("lent")

    def take_back(self, reader: Reader) -> None:
        """Take the terminal back from somebody, who may ask again at once, or will not wait for it any more."""
        self._waiting.pop(reader, None)
        if self._loans.get(reader, 0) > 1:
            self._loans[reader] -= 1
        elif self._loans.pop(reader, None) is not None and (reader == self._reader or not self._loans):
            if self._turn_ends is not None:
                self._turn_ends.cancel()
            self._turn_ends = self._loop.later(_NEXT_PROMPT, self._give_turn)

    def forget(self, process: int) -> None:
        """Take in that a process has ended; killed at a debugger's prompt, it left no echo behind."""
        for readers in (self._loans, self._waiting):
            for reader in [reader for reader in readers if reader[0] == process]:
                del readers[reader]
        if self._reader is not None and self._reader[0] == process:
            self._give_turn()
        else:
            self.look()

    def _give_turn(self) -> None:
        """Let the next one read, or take keys again."""
        if self._turn_ends is not None:
            self._turn_ends.cancel()
        self._reader = None
        if self._waiting:
            reader = next(iter(self._waiting))
            for_good, answer = self._waiting.pop(reader)
            self.lend(reader, answer, for_good)
        else:
            self.look()

    def look(self) -> None:
        """Listen, or stop to, as things stand; to be called when the program has been brought to the foreground."""
        if self._again is not None:
            self._again.cancel()
            self._again = None
        may_touch = self._settings is not None and is_ours()
        listens = self._is_open and not self._loans and may_touch
        # What somebody typed for a debugger, and it has not read, is no key.
        begins = listens and not self._is_listening
        if listens != self._is_listening:
            self._is_listening = listens
            if listens:
                self._loop.on(_INPUT, self._read)
            else:
                self._loop.off(_INPUT)
        if self._is_open and self._settings is not None and not may_touch:
            self._again = self._loop.later(_AGAIN, self.look)
        if may_touch and not self._loans:
            _apply(self._settings, takes_keys=listens, throws_away=begins)
        elif may_touch and self._as_lent is not None:
            _apply(self._as_lent, takes_keys=False, throws_away=False)
        if may_touch:
            self._as_lent = None

    def _read(self) -> None:
        data = b""
        if is_ours():
            with _held_back(signal.SIGTTIN):
                try:
                    data = os.read(_INPUT, _MOST)
                except OSError:
                    pass  # in the background by now, or gone; the next line says what is to be done
        if not data:
            self._hang_up()
        # An arrow key is several characters, and so is what somebody pastes: neither is meant for us.
        elif len(typed := data.decode("utf-8", "replace")) == 1:
            self._deal(typed)

    def _hang_up(self) -> None:
        """Do not listen until we are in the foreground again, if ever."""
        self._is_listening = False
        self._loop.off(_INPUT)
        self._again = self._loop.later(_AGAIN, self.look)


def _be_stopped() -> None:
    """Return when somebody lets the program go on; at once where nobody could, for then the system stops nothing."""
    handler = signal.signal(signal.SIGTSTP, signal.SIG_DFL)
    os.kill(os.getpid(), signal.SIGTSTP)
    signal.signal(signal.SIGTSTP, handler)


def _read_settings() -> list[Any] | None:
    if not _has_terminal():
        return None
    import termios  # not on every system, and not wanted without a terminal

    try:
        return termios.tcgetattr(_INPUT)
    except termios.error:
        return None


def _apply(settings: list[Any] | None, takes_keys: bool, throws_away: bool) -> None:
    """Set the terminal up, and perhaps throw away what was typed so far; `settings` are those for whole lines."""
    if settings is None:
        return
    import termios  # was there for _read_settings()

    wanted = [*settings]
    if takes_keys:
        wanted[3] &= ~(termios.ICANON | termios.ECHO)
        wanted[6] = [*settings[6]]
        wanted[6][termios.VMIN], wanted[6][termios.VTIME] = 1, 0
    # Held back, or we would be stopped if we have come into the background this moment.
    with _held_back(signal.SIGTTOU):
        try:
            termios.tcsetattr(_INPUT, termios.TCSAFLUSH if throws_away else termios.TCSANOW, wanted)
        except termios.error:
            pass  # the terminal is gone


@contextmanager
def _held_back(number: int) -> Iterator[None]:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {number})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
