"""Answer for a worker that died without a word, so that nobody is refused or left waiting.

A program can end before it can tell why: a syntax error in manage.py, `os._exit()`, a crash in C.  Until the
next change the supervisor itself then answers, with what the worker left on standard error.  One page, ready
made; every connection gets it and is closed.

Source: RFC 9112, sections 6.3 and 9.6.
Not here: the error page of code that fails in a way Python can tell; a worker serves that one itself.
"""

from __future__ import annotations

import socket
import threading
import time

__all__ = ["answer", "crash_page"]

_PAGE = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 3rem auto; padding: 0 1rem }}
pre {{ overflow: auto; padding: 1rem; border: 1px solid; border-radius: .5rem }}</style>
<h1>{title}</h1>
<p>{advice}</p>
<pre>{output}</pre>
"""
_ADVICE = "The project ended before it could serve anything. Mend it and save: the next request runs the new code."
_SILENCE = "(It left no message; look into the terminal.)"
_LARGEST_HEAD = 65536
_PATIENCE = 5.0
"""Seconds that one client has, all in all."""


def crash_page(what: str, output: str) -> bytes:
    """Return a whole answer with status 500: `what` happened, and what was on standard error."""
    import html  # with all its entities, for a bad day only

    title = html.escape(f"The server process {what}")
    body = _PAGE.format(title=title, advice=_ADVICE, output=html.escape(output.strip() or _SILENCE)).encode()
    head = (
        "HTTP/1.1 500 Internal Server Error\r\n"
        "Content-Type: text/html; charset=utf-8\r\n"
        f"Content-Length: {len(body)}\r\n"
        "Cache-Control: no-store\r\n"
        "Connection: close\r\n\r\n"
    )
    return head.encode("ascii") + body


def answer(connection: socket.socket, page: bytes) -> None:
    """Send the page to a client in a thread of its own: a slow one must hold nothing up."""
    try:
        threading.Thread(target=_answer, args=(connection, page), name="doorman", daemon=True).start()
    except RuntimeError:
        # The system has no thread left; the client may come again.
        connection.close()


def _answer(connection: socket.socket, page: bytes) -> None:
    deadline = time.monotonic() + _PATIENCE
    try:
        with connection:
            head = b""
            while b"\r\n\r\n" not in head and len(head) < _LARGEST_HEAD:
                data = _receive(connection, deadline)
                if not data:
                    return
                head += data
            connection.sendall(page if not head.startswith(b"HEAD ") else page.partition(b"\r\n\r\n")[0] + b"\r\n\r\n")
            # To close with a body unread would reset the connection, and the client might lose the page.
            connection.shutdown(socket.SHUT_WR)
            while _receive(connection, deadline):
                pass
    except OSError:
        # The client has gone, or took too long.
        pass


def _receive(connection: socket.socket, deadline: float) -> bytes:
    # One deadline for all: a client that sends an octet now and then must not stay for ever.
    connection.settimeout(max(deadline - time.monotonic(), 0.001))
    return connection.recv(65536)
