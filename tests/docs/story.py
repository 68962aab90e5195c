"""Follow a page, or several that go on from each other, block by block, as a reader would by hand.

The one place that says what each kind of block means; CONTRIBUTING.md tells it to those who write pages.
"""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest
import requests
from packaging.requirements import Requirement

from tests.docs.browsing import Browser
from tests.docs.comparing import lines_in_order
from tests.docs.reading import Block
from tests.docs.shell import Shell, commands_of, until
from tests.docs.writing import change, split_caption

__all__ = ["RUNS", "Story", "is_run"]

ADDRESS = re.compile(r"^https?://\S+?(?=,|$)")
SENT = "filled in and sent"
PRESSED = re.compile(r', "(.+)" pressed$')
FOLLOWS = "the page that follows"
SAYS = re.compile(r"^(the|what the) server\b.*\bsays\b", re.IGNORECASE)
INSTALLS = re.compile(r"^(?:python -m )?pip install (.*)$")
CONSOLES = ("console", "shell-session")
RUNS = ("console", "shell-session", "python")


def is_run(block: Block) -> bool:
    """Return whether a block is one to do something with; others only show something."""
    return not block.not_run and (bool(block.caption) or block.language in RUNS)


class Story:
    """What has happened so far: a folder, a terminal, a browser, a Python."""

    def __init__(self, shell: Shell, *, installs: bool) -> None:
        self.shell = shell
        self.installs = installs
        self.browser = Browser()
        self.session: subprocess.Popen[str] | None = None
        self.saved = False  # since the server was last waited for

    def begin_project(self) -> None:
        """Begin in a new project `mysite` instead of an empty folder."""
        status, said = self.shell.execute("miniframe startproject mysite && cd mysite")
        assert status == 0, said

    def tell(self, blocks: list[Block]) -> None:
        """Do what the blocks say, and fail at the first that is not so."""
        for block in blocks:
            if is_run(block):
                try:
                    wrong = self._do(block)
                except (ValueError, SyntaxError, AssertionError, OSError, subprocess.TimeoutExpired) as error:
                    wrong = f"{type(error).__name__}: {error}"
                if wrong:
                    pytest.fail(f"{block.place}: {wrong}\n{self._servers()}", pytrace=False)

    def _servers(self) -> str:
        return "\n".join(f"-- {each.line} has said:\n{each.said()[-1200:]}" for each in self.shell.servers)

    def _do(self, block: Block) -> str:
        caption = block.caption
        if block.language in CONSOLES:
            return self._type(block)
        if ADDRESS.match(caption):
            return self._browse(block)
        if caption.startswith(FOLLOWS):
            return self._seen(block, self.browser.text())
        if SAYS.match(caption):
            return until(lambda: min((self._said(block, each.said()) for each in self.shell.servers), key=len), 5)
        if caption:
            return self._write(block)
        return self._talk(block)

    def _said(self, block: Block, log: str) -> str:
        return lines_in_order(block.text, self.shell.shown(log))

    def _type(self, block: Block) -> str:
        self._end_session()
        for command in commands_of(block.text):
            self._catch_up()
            installs = INSTALLS.match(command.line)
            if installs and not self.installs:  # the Python is this run's own: nothing is added to it
                wrong = _missing(installs[1])
            else:
                wrong = self.shell.run(command)
            if wrong:
                return wrong
        return ""

    def _write(self, block: Block) -> str:
        self._end_session()
        if not self.saved:
            self.shell.mark()
        self.saved = True
        path, place = split_caption(block.caption)
        if Path(path).is_absolute() or ".." in Path(path).parts:
            return f"{path!r} is not a file of the reader's project"
        change(self.shell.cwd / path, place, block.text)
        return ""

    def _catch_up(self) -> None:
        if self.saved and self.shell.servers:
            self.shell.wait_for_reload()
        self.saved = False

    def _browse(self, block: Block) -> str:
        self._end_session()
        self._catch_up()
        address = ADDRESS.match(block.caption)
        assert address is not None
        url = self.shell.real(address[0])
        pressed = PRESSED.search(block.caption)
        if not pressed and SENT not in block.caption:
            return until(lambda: self._look(block, url), 10)
        self.browser.open(url)
        if pressed:
            return self._seen(block, self.browser.press(pressed[1]))
        pairs = [line.partition(":")[::2] for line in block.text.splitlines() if line.strip()]
        self.browser.send({label.strip(): value.strip() for label, value in pairs})
        return ""

    def _look(self, block: Block, url: str) -> str:
        try:
            page = self.browser.open(url)
        except requests.ConnectionError as error:  # not yet
            return str(error)
        return self._seen(block, page)

    def _seen(self, block: Block, page: str) -> str:
        # Jinja2 shows what a template asks for in vain, which no reader should see.
        unknown = re.search(r"\{\{ .*? \}\}", page) if "{{" not in block.text and "Hint" not in page else None
        return f"the page shows {unknown[0]}" if unknown else lines_in_order(block.text, self.shell.shown(page))

    def _talk(self, block: Block) -> str:
        if self.session is None:
            program = Path(__file__).with_name("talking.py")
            self.session = subprocess.Popen(
                ["python", program],
                cwd=self.shell.cwd,
                env=self.shell.environ,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        assert self.session.stdin is not None
        assert self.session.stdout is not None
        self.session.stdin.write(json.dumps({"name": block.page.name, "line": block.line, "text": block.text}) + "\n")
        self.session.stdin.flush()
        answer = self.session.stdout.readline()
        return str(json.loads(answer)["wrong"]) if answer else "Python ended in this block"

    def _end_session(self) -> None:
        """End the Python of the blocks so far: what comes now may change the files that it has loaded."""
        if self.session is not None:
            assert self.session.stdin is not None
            assert self.session.stdout is not None
            self.session.stdin.close()
            self.session.wait(20)
            self.session.stdout.close()
            self.session = None

    def close(self) -> None:
        """End every process, and the connections."""
        self._end_session()
        self.shell.close()
        self.browser.close()


def _missing(arguments: str) -> str:
    """Say which libraries a page tells to install that this run's Python does not have."""
    for word in shlex.split(arguments):
        if not word.startswith("-") and "/" not in word:
            try:
                distribution(Requirement(word).name)
            except PackageNotFoundError:
                return f"{word!r} is not installed here: it has to be in pyproject.toml's group dev"
    return ""
