"""Make the README's pictures from the real thing: `python docs/pictures/make.py`, with the group `dev` installed.

A copy of the example project is started on a terminal of its own, asked, broken and explained; what the terminal and
Chromium show is what the pictures show.
"""

from __future__ import annotations

import html
import os
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fcntl import ioctl
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

HERE = Path(__file__).resolve().parent
EXAMPLE = HERE.parents[1] / "example_project"
PATIENCE = 30.0
"""Seconds until something that does not happen is given up."""
ROWS, COLUMNS = 60, 110

_WORD = "tables.day(which).turns"
_SGR = re.compile(r"\x1b\[([0-9;]*)m")
_OTHER = re.compile(r"\x1b\[[0-9;?]*[A-HJKSTfhlsu]|\x1b[()][A-Z0-9]|[\r\x07]")
_COLORS = ("#5c6370", "#e06c75", "#98c379", "#e5c07b", "#61afef", "#c678dd", "#56b6c2", "#dcdfe4")
_FRAME = """\
<!doctype html><meta charset="utf-8"><style>
body {{ margin: 0; padding: 24px; background: #fff; width: max-content }}
figure {{ margin: 0; background: #1e2127; border-radius: 10px; box-shadow: 0 6px 24px #0004; overflow: hidden }}
figcaption {{ background: #2c313a; color: #abb2bf; font: 13px system-ui, sans-serif; padding: 9px 14px }}
figcaption::before {{ content: "\\25cf \\25cf \\25cf"; color: #5c6370; letter-spacing: 3px; margin-right: 12px }}
pre {{ margin: 0; padding: 16px 20px; color: #dcdfe4; font: 14px/1.45 "DejaVu Sans Mono", monospace }}
b {{ font-weight: 600 }}
</style><figure><figcaption>{title}</figcaption><pre>{text}</pre></figure>
"""


class Terminal:
    """A program on a terminal of its own, and all that it has written there."""

    def __init__(self, command: list[str], folder: Path) -> None:
        self._ours, theirs = pty.openpty()
        ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        self.process = subprocess.Popen(
            command,
            cwd=folder,
            env=os.environ | {"TERM": "xterm-256color", "COLUMNS": str(COLUMNS), "PYTHON_COLORS": "1"},
            # Its own in every sense, or nobody would offer to take keys there.
            preexec_fn=lambda: os.login_tty(theirs),
        )
        os.close(theirs)
        self.text = ""

    def read_until(self, done: Callable[[], bool]) -> str:
        """Read on until `done()`, or until the program has ended; return all of it."""
        deadline = time.monotonic() + PATIENCE
        while not done():
            if time.monotonic() > deadline:
                raise TimeoutError(f"it never came to that; the terminal shows:\n{self.text}")
            if select.select([self._ours], [], [], 0.1)[0]:
                try:
                    self.text += os.read(self._ours, 65536).decode(errors="replace")
                except OSError:  # the last one who had the terminal open is gone
                    break
        return self.text

    def end(self) -> None:
        """End the program as Ctrl-C does."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        self.process.wait(PATIENCE)
        os.close(self._ours)


@contextmanager
def serving(folder: Path) -> Iterator[Terminal]:
    """`manage.py runserver 8080` on that folder, from when it answers."""
    terminal = Terminal([sys.executable, "manage.py", "runserver", "8080"], folder)
    try:
        terminal.read_until(lambda: "Quit the server" in terminal.text)
        yield terminal
    finally:
        terminal.end()


def ask(path: str) -> int:
    """Request a page as a browser would, and return its status."""
    request = urllib.request.Request(f"http://127.0.0.1:8080{path}", headers={"Accept": "text/html"})
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def painted(text: str) -> str:
    """Return what a terminal shows as HTML, with its colours."""
    parts = []
    style: dict[str, str] = {}
    for index, part in enumerate(_SGR.split(_OTHER.sub("", text))):
        if index % 2:
            _restyle(style, [int(code or 0) for code in part.split(";")])
        elif part:
            css = "; ".join(f"{name}: {value}" for name, value in style.items())
            parts.append(f'<span style="{css}">{html.escape(part)}</span>' if css else html.escape(part))
    return "".join(parts)


def _restyle(style: dict[str, str], codes: list[int]) -> None:
    for code in codes:
        if code == 0:
            style.clear()
        elif code == 1:
            style["font-weight"] = "600"
        elif code == 2:
            style["opacity"] = ".65"
        elif code == 4:
            style["text-decoration"] = "underline"
        elif 30 <= code <= 37 or 90 <= code <= 97:
            style["color"] = _COLORS[code % 10]


def shoot_terminal(browser: Browser, name: str, command: str, text: str) -> None:
    """Write a picture of a terminal on which `command` was typed."""
    page = browser.new_page(device_scale_factor=1.5)
    page.set_content(_FRAME.format(title="port-merrow", text=f"<b>$ {command}</b>\n" + painted(text.strip("\r\n"))))
    page.locator("body").screenshot(path=HERE / f"{name}.png")
    page.close()


def shoot_page(browser: Browser, name: str, path: str) -> None:
    """Write a picture of the upper part of a page."""
    page = browser.new_page(viewport={"width": 1100, "height": 780}, device_scale_factor=1.5)
    page.goto(f"http://127.0.0.1:8080{path}")
    page.screenshot(path=HERE / f"{name}.png")
    page.close()


def break_project(folder: Path) -> None:
    """Make a slip of the keyboard in a view, as one does."""
    file = folder / "tides" / "views.py"
    text = file.read_text()
    if _WORD not in text:
        raise SystemExit(f"{file} no longer says {_WORD}: choose another slip in {Path(__file__).name}")
    file.write_text(text.replace(_WORD, _WORD[:-1]))


def main() -> None:
    """Make all of them."""
    with tempfile.TemporaryDirectory() as above, sync_playwright() as playwright:
        folder = Path(above) / "port-merrow"
        shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("var", "tests", "__pycache__", ".*"))
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        subprocess.run([sys.executable, "manage.py", "check"], cwd=folder, check=True, capture_output=True)
        with serving(folder) as terminal:
            for path in ("/", "/notices/", "/notices/", "/static/css/harbour.css", "/nowhere/"):
                ask(path)
            terminal.read_until(lambda: "GET /nowhere/ 404" in terminal.text)
            shoot_terminal(browser, "banner", "python manage.py runserver 8080", terminal.text)
            break_project(folder)
            terminal.read_until(lambda: "views.py changed" in terminal.text)
            shoot_page(browser, "error-page", "/tides/")
        shutil.copytree(EXAMPLE / "tides", folder / "tides", dirs_exist_ok=True)
        told = Terminal([sys.executable, "manage.py", "explain", "--warm", "/notices/"], folder)
        told.read_until(lambda: told.process.poll() is not None)
        shoot_terminal(browser, "explain", "python manage.py explain --warm /notices/", told.text)
        told.end()
        browser.close()


if __name__ == "__main__":
    main()
