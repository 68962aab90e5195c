"""What the supervisor and its workers say to each other, and how that is put into bytes.

A worker is born with one end of a socket pair.  Over it go short lines, and once a socket:

    the worker says
    listening      I have bound an address; the socket comes with this line.  Keep it, and give it to those after me.
    watch PATH     Code of the project lies in this folder.
    running PATHS  Code that I have loaded, a file a line.
    templates PATH Templates lie in this folder.
    static PATH    Static files lie in this folder.
    library PATH   This folder is an installed package that I have loaded.
    installed PATH Packages are installed in this folder.
    audience JSON  My settings are sound, and this is whom they let see an error page.
    ready          I take connections, and the project runs.
    broken         I take connections, and answer each with the error page: the project does not start.
    tab MOMENT     A page listens for changes on the connection that comes with this line; it knows of those before.
    forgotten      Templates are read anew from here on.
    loaded JSON    These modules have been loaded by now.
    tls FILES      Connections are encrypted with this certificate and, on a second line, its key.
    addresses URLS I am reached there; a line for each, the best first.
    borrow THREAD  Somebody here wants to read from the terminal: take no keys until I give it back.
    keep THREAD    The same, but perhaps I shall not give it back.
    return THREAD  It was read, or is not wanted any more.
    bye            Somebody asked me to end (Ctrl-C, SIGTERM).  This is no accident; end as well.

    the supervisor says
    go             I have heard that you serve and said so on the terminal; answer now, and your log comes after it.
    leave          Take no more connections, finish what you have begun, and go.
    folders        Tell me where your files are.
    forget         Templates have changed; read them anew.
    list           Tell me what you have loaded.
    lent THREAD    The terminal is yours.
    busy THREAD    Another one reads from it; wait until I say that it is yours.

The end of the stream is a message too: the other process is gone.  A worker that reads it exits at once,
so no worker outlives its supervisor and the port is free again, whatever killed it.

A worker finds its ends by the environment variable MINIFRAME_WORKER, which names file descriptors:
"control=5 stderr=6", and "listeners=7" (or "7,8") when there are sockets to take over.

Source: unix(7), "SCM_RIGHTS".  Not here: what either side does about a line (see `worker` and `supervisor`),
and what is said to the process that workers are copied from (see `warm`).
"""

from __future__ import annotations

import errno
import os
import socket
import threading
from collections.abc import Sequence
from typing import Final, NamedTuple

__all__ = ["DESCRIPTORS", "GRACE", "RUN_MAIN", "WARM", "Channel", "Descriptors", "Ends"]

GRACE: Final = 5.0
"""Seconds that a worker has, once it is told to leave, for the requests it has begun."""

DESCRIPTORS = "MINIFRAME_WORKER"
"""The environment variable by which a worker finds its file descriptors."""

WARM = "MINIFRAME_WARM_PROCESS"
"""The environment variable that makes a process the warm one: its end of a channel, and since when it is (ns)."""

RUN_MAIN = "MINIFRAME_RUN_MAIN"
"""The environment variable that is "true" in a worker, for projects that ask whether they run under the reloader."""

# A file name may hold a line break, but never this.
_END = b"\0"
# A worker is born with five, and with the sockets it listens on: more than two are rare.
_MOST_DESCRIPTORS = 64


class Channel:
    """One end of the conversation; words go out at once and come in as whole lines."""

    def __init__(self, end: socket.socket) -> None:
        self.socket = end
        self._rest = b""
        self._turn = threading.Lock()
        self._descriptors: list[int] = []

    def say(
        self, word: str, about: str = "", with_socket: socket.socket | None = None, descriptors: Sequence[int] = ()
    ) -> None:
        """Send one line, and with it a socket if there is one, or other descriptors.

        To speak to a process that is gone is no error: its end is heard by `hear`.
        """
        line = os.fsencode(f"{word} {about}") + _END
        try:
            if with_socket is not None:
                descriptors = [with_socket.fileno()]
            # Two threads may speak; a line must not stand in the middle of another.
            with self._turn:
                if descriptors:
                    socket.send_fds(self.socket, [line], descriptors)
                else:
                    self.socket.sendall(line)
        except OSError:
            pass

    def hear(self) -> list[tuple[str, str]] | None:
        """Return the lines that have come, as (word, what about); None when the other process is gone."""
        try:
            data, sockets, _, _ = socket.recv_fds(self.socket, 65536, _MOST_DESCRIPTORS)
        except BlockingIOError:
            return []
        except OSError:
            return None
        for number in sockets:
            os.set_inheritable(number, False)
        self._descriptors += sockets
        if not data:
            return None
        *lines, self._rest = (self._rest + data).split(_END)
        heard = []
        for line in lines:
            word, _, about = os.fsdecode(line).partition(" ")
            heard.append((word, about))
        return heard

    def take_socket(self) -> socket.socket:
        """Return the socket that came with the line just heard.

        Raises:
            OSError: this process had no descriptor left for it.
        """
        if not self._descriptors:
            raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
        return socket.socket(fileno=self._descriptors.pop(0))

    def take_descriptors(self) -> list[int]:
        """Return all descriptors that came with the line just heard."""
        taken, self._descriptors = self._descriptors, []
        return taken

    def close(self) -> None:
        """Fall silent, which the other process hears."""
        self.socket.close()


class Ends(NamedTuple):
    """The descriptors that a worker is to have.

    `stderr` is its standard error until it takes up the conversation over `control`; from then on `terminal` is.
    """

    stderr: int
    terminal: int
    control: int
    listeners: tuple[int, ...]


class Descriptors(NamedTuple):
    """The file descriptors that a worker is born with."""

    control: int
    stderr: int
    listeners: tuple[int, ...] = ()

    def __str__(self) -> str:
        both = f"control={self.control} stderr={self.stderr}"
        return f"{both} listeners={','.join(map(str, self.listeners))}" if self.listeners else both

    @classmethod
    def parse(cls, text: str) -> Descriptors:
        """Read what `str()` wrote.

        >>> Descriptors.parse("control=5 stderr=6")
        Descriptors(control=5, stderr=6, listeners=())
        """
        named = {name: numbers.split(",") for name, _, numbers in (part.partition("=") for part in text.split())}
        return cls(int(named["control"][0]), int(named["stderr"][0]), tuple(map(int, named.get("listeners", ()))))
