"""What the keys do while a server runs: restart, open a browser, tell the addresses, clear, quit, help.

Source: the habit of development servers elsewhere; `webbrowser` of the standard library.
Not here: how keys are read (see `keys`).
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Mapping
from typing import Final

from miniframe.autoreload.loop import Loop
from miniframe.autoreload.terminal.keys import Keyboard
from miniframe.autoreload.terminal.telling import tell

__all__ = ["HELP", "Console"]

HELP: Final = """\
  r  restart the server
  o  open the site in a browser
  u  show its addresses
  c  clear the terminal
  q  quit
  h  show this"""
# Erases the screen and what has scrolled off it, and goes to its corner (xterm's control sequences).
_CLEAR: Final = "\x1b[2J\x1b[3J\x1b[H"


class Console:
    """The terminal's keys; `restart` and `leave` are what two of them call for."""

    def __init__(self, loop: Loop, restart: Callable[[], object], leave: Callable[[], object]) -> None:
        self.keyboard: Keyboard = Keyboard(loop, self.deal)
        self.addresses: list[str] = []
        self._keys: Mapping[str, Callable[[], object]] = {
            "r": restart,
            "o": self._open_browser,
            "u": self._show_addresses,
            "c": self._clear,
            "q": leave,
            "h": lambda: tell(HELP),
            "?": lambda: tell(HELP),
            # People part what they read from what comes by an empty line.
            "\n": lambda: tell(""),
            "\r": lambda: tell(""),
        }

    def deal(self, key: str) -> None:
        """Do what a key is for; most are for nothing."""
        self._keys.get(key.lower(), lambda: None)()

    def _show_addresses(self) -> None:
        tell("\n".join(f"  {address}" for address in self.addresses) or "  It does not listen yet.")

    def _clear(self) -> None:
        if sys.stderr.isatty():
            sys.stderr.write(_CLEAR)
            sys.stderr.flush()

    def _open_browser(self) -> None:
        if not self.addresses:
            return
        address = self.addresses[0]
        if not _has_screen():
            tell(f"There is no screen to open a browser on; the site is at {address}")
            return
        # In a thread: to find a browser and to start it can take a second.
        threading.Thread(target=_browse, args=(address,), name="browser", daemon=True).start()


def _has_screen() -> bool:
    """Return whether a browser would get a window of its own; one inside the terminal would take the keys."""
    if sys.platform in ("darwin", "win32") or os.environ.get("BROWSER"):
        return True
    # A distribution of WSL has the browser of its Windows.
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME"))


def _browse(address: str) -> None:
    import webbrowser  # with subprocess and others: for who presses the key

    try:
        opened = webbrowser.open(address)
    except (webbrowser.Error, OSError):
        opened = False
    tell(f"Opening {address}" if opened else f"No browser was found; the site is at {address}")
