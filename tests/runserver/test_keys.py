"""Keys on the terminal of a running server, and who gets what is typed instead."""

from __future__ import annotations

import os
import pty
import signal
import termios
import threading
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from typing import TYPE_CHECKING

import pytest

from miniframe.autoreload.loop import Loop
from miniframe.autoreload.terminal import console, keys
from miniframe.autoreload.terminal.borrowing import Loan, install
from miniframe.autoreload.terminal.console import Console
from miniframe.autoreload.terminal.keys import Keyboard, is_ours

if TYPE_CHECKING:
    from tests.runserver.conftest import Project, Terminal

VIEWS = '''

def ask(request):
    return HttpResponse("you said " + input("Say something: "))


def read(request):
    import sys
    print("Read it: ", end="", flush=True)
    return HttpResponse("you said " + sys.stdin.readline())


def raw(request):
    """Set the terminal up as debuggers with an editor of their own do, and read from it."""
    import sys, termios, tty
    before = termios.tcgetattr(0)
    tty.setcbreak(0)
    print("Any key: ", end="", flush=True)
    key = os.read(0, 1).decode()
    termios.tcsetattr(0, termios.TCSANOW, before)
    print("Thank you.", before[3] & termios.ICANON > 0)
    return HttpResponse("you pressed " + key)


def secret(request):
    from getpass import getpass
    return HttpResponse("you said " + getpass())


def look(request):
    """Ask how the terminal is set up, and leave it at that."""
    import termios
    return HttpResponse(str(termios.tcgetattr(0)[3] & termios.ICANON > 0))


def stay(request):
    import tty
    tty.setcbreak(0)
    print("Any key: ", end="", flush=True)
    return HttpResponse("you pressed " + os.read(0, 1).decode())
'''


class Asking(threading.Thread):
    """A client that waits for its answer while the test goes on."""

    def __init__(self, port: int, path: str) -> None:
        super().__init__()
        self.port, self.path = port, path
        self.body = ""
        self.start()

    def run(self) -> None:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", self.path)
            self.body = connection.getresponse().read().decode()
        except OSError:
            self.body = "cut"
        finally:
            connection.close()

    def answer(self) -> str:
        """Wait for the answer."""
        self.join(30)
        return self.body


@pytest.fixture
def terminal(project: Project, on_terminal: Callable[..., Terminal]) -> Terminal:
    """A server on a terminal, with the views above."""
    project.save("mysite/views.py", project.VIEWS + VIEWS)
    return on_terminal("runserver", "0")


def test_keys_do_what_the_help_says_until_one_ends_it(terminal: Terminal) -> None:
    port = terminal.ready()
    terminal.until("Or press h for what keys do.")
    terminal.until_it_takes("keys")
    terminal.type("h")
    terminal.until("q  quit")
    # What is pasted and what an arrow sends ends in letters, and means nothing.
    for several in ("\x1b[C", "quick", "x" * 64 + "q"):
        terminal.type(several)
        terminal.press("u", f"  http://127.0.0.1:{port}/\r\n")
    terminal.type("c")
    terminal.until("\x1b[2J")
    terminal.type("r")
    terminal.until("Key r: reloaded in ")
    assert Asking(port, "/").answer() == "one"
    terminal.type("q")
    assert terminal.process.wait(30) == 0
    terminal.until_it_takes("lines")


def test_who_reads_in_a_view_gets_what_is_typed(terminal: Terminal) -> None:
    port = terminal.ready()
    terminal.until_it_takes("keys")
    for path, prompt in (("/ask/", "Say something: "), ("/read/", "Read it: ")):
        client = Asking(port, path)
        terminal.until(prompt)
        terminal.until_it_takes("lines")
        # Each of these letters is a key as well.
        terminal.type("q r h\n")
        assert client.answer().strip() == "you said q r h"
        terminal.until_it_takes("keys")


def test_a_debugger_is_not_disturbed_between_its_prompts(terminal: Terminal) -> None:
    port = terminal.ready()
    client = Asking(port, "/debug/")
    terminal.until("(Pdb) ")
    # Typed ahead: the second line is there before the second prompt.
    terminal.type("answer = 43\nhere = 'quit'\n")
    terminal.until("(Pdb) ")
    terminal.until("(Pdb) ")
    terminal.type("continue\n")
    assert client.answer() == "answer 43"
    terminal.until_it_takes("keys")
    terminal.type("q")
    assert terminal.process.wait(30) == 0


def test_of_two_requests_in_a_debugger_the_second_has_its_turn_after_the_first(terminal: Terminal) -> None:
    port = terminal.ready()
    clients = [Asking(port, "/debug/")]
    terminal.until("(Pdb) ")
    clients.append(Asking(port, "/debug/"))
    terminal.until("-> ")
    terminal.until("\r\n")
    for number in (7, 8):
        # Each letter once.
        terminal.type(f"answer = {number}\n")
        assert terminal.until("(Pdb) ") == f"answer = {number}\r\n(Pdb) "
        terminal.type("continue\n")
        terminal.until("continue\r\n")
        if number == 7:
            terminal.until("(Pdb) ")
    assert sorted(client.answer() for client in clients) == ["answer 7", "answer 8"]


def test_a_debugger_is_not_disturbed_by_a_save(terminal: Terminal, project: Project) -> None:
    port = terminal.ready()
    client = Asking(port, "/debug/")
    terminal.until("(Pdb) ")
    project.save("mysite/urls.py", f"{project.URLS}\n")
    terminal.until("changed: reloaded in")
    terminal.until("\r\n")
    for _ in range(2):
        terminal.type("answer\n")
        assert terminal.until("(Pdb) ") == "answer\r\n41\r\n(Pdb) "
    terminal.type("continue\n")
    assert client.answer() == "answer 41"


def test_who_sets_the_terminal_up_has_it_until_it_is_set_back(terminal: Terminal) -> None:
    port = terminal.ready()
    terminal.until_it_takes("keys")
    client = Asking(port, "/raw/")
    terminal.until("Any key: ")
    terminal.type("q")
    assert client.answer() == "you pressed q"
    # It found the terminal as the program had found it.
    terminal.until("Thank you. True")
    terminal.until_it_takes("keys")
    client = Asking(port, "/secret/")
    terminal.until("Password: ")
    terminal.type("q\n")
    assert client.answer() == "you said q"
    # To ask alone is worth no more than a moment.
    terminal.until_it_takes("keys")
    assert Asking(port, "/look/").answer() == "True"
    terminal.until_it_takes("keys")
    terminal.type("q")
    assert terminal.process.wait(30) == 0


def test_a_terminal_that_is_not_set_back_is_taken_by_the_next_worker(terminal: Terminal, project: Project) -> None:
    port = terminal.ready()
    terminal.until_it_takes("keys")
    client = Asking(port, "/stay/")
    terminal.until("Any key: ")
    terminal.type("q")
    assert client.answer() == "you pressed q"
    project.say("two")
    terminal.until("changed: reloaded in")
    terminal.press("u", f"  http://127.0.0.1:{port}/\r\n")
    terminal.type("q")
    assert terminal.process.wait(30) == 0


def test_a_worker_that_was_killed_at_its_prompt_gives_the_terminal_back(terminal: Terminal) -> None:
    port = terminal.ready()
    terminal.until_it_takes("keys")
    pid = int(Asking(port, "/pid/").answer())
    client = Asking(port, "/debug/")
    terminal.until("(Pdb) ")
    os.kill(pid, signal.SIGKILL)
    terminal.until("was ended by SIGKILL; starting it again.")
    terminal.until_it_takes("keys")
    assert client.answer() == "cut"
    assert Asking(port, "/").answer() == "one"


@pytest.fixture
def loop() -> Iterator[Loop]:
    """A loop for what is tested in this process."""
    loop = Loop()
    yield loop
    loop.close()


def test_without_a_terminal_there_are_no_keys(loop: Loop, monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    kept = os.dup(0)
    os.dup2(reading, 0)
    try:
        pressed: list[str] = []
        assert not is_ours()
        keyboard = Keyboard(loop, pressed.append)
        keyboard.open()
        os.write(writing, b"q")
        loop.call(lambda: None)
        loop.turn()
        keyboard.close()
        assert pressed == []
        before = __builtins__["input"] if isinstance(__builtins__, dict) else __builtins__.input
        install(Loan(lambda word, reader: None))
        assert input is before
    finally:
        os.dup2(kept, 0)
        for number in (kept, reading, writing):
            os.close(number)


@pytest.fixture
def typing(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """The other end of a terminal that is standard input for this test, and as good as standard error."""
    monkeypatch.setattr(keys, "_ANSWERS", 0)
    kept = os.dup(0)
    ours, theirs = pty.openpty()
    os.dup2(theirs, 0)
    try:
        yield ours
    finally:
        os.dup2(kept, 0)
        for number in (kept, ours, theirs):
            os.close(number)


def test_where_no_answer_is_seen_there_are_no_keys(loop: Loop, typing: int, monkeypatch: pytest.MonkeyPatch) -> None:
    with open(os.devnull) as redirected:
        monkeypatch.setattr(keys, "_ANSWERS", redirected.fileno())
        before = termios.tcgetattr(0)
        keyboard = Keyboard(loop, lambda key: None)
        keyboard.open()
        assert (is_ours(), termios.tcgetattr(0)) == (False, before)
        keyboard.close()


def test_nothing_is_read_in_the_background(loop: Loop, typing: int, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = [False]
    monkeypatch.setattr(keys, "is_ours", lambda: ours[0])
    monkeypatch.setattr(keys, "_AGAIN", 0.01)
    pressed: list[str] = []
    before = termios.tcgetattr(0)
    keyboard = Keyboard(loop, pressed.append)
    keyboard.open()
    os.write(typing, b"x")
    for _ in range(3):
        loop.turn()
    assert (pressed, termios.tcgetattr(0)) == ([], before)
    # No shell says that we have been brought to the foreground; what was typed before was not for us.
    ours[0] = True
    while termios.tcgetattr(0) == before:
        loop.turn()
    os.write(typing, b"q")
    while not pressed:
        loop.turn()
    assert pressed == ["q"]
    keyboard.close()
    assert termios.tcgetattr(0) == before


class Readers:
    """Readers who ask for the terminal, and what each was told last."""

    def __init__(self, keyboard: Keyboard) -> None:
        self.keyboard = keyboard
        self.told: dict[str, str] = {}

    def ask(self, process: int, thread: str, for_good: bool = False) -> None:
        self.keyboard.lend((process, thread), lambda word: self.told.update({thread: word}), for_good)


def test_of_several_who_ask_one_reads_at_a_time(loop: Loop, typing: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "_NEXT_PROMPT", 0.05)
    monkeypatch.setattr(keys, "is_ours", lambda: True)
    lines = termios.tcgetattr(0)
    keyboard = Keyboard(loop, lambda key: None)
    keyboard.open()
    readers = Readers(keyboard)
    readers.ask(1, "a")
    assert termios.tcgetattr(0) == lines
    # As readline does, which undoes it when its line was read.
    set_up = [*lines[:3], lines[3] & ~termios.ECHO, *lines[4:]]
    termios.tcsetattr(0, termios.TCSANOW, set_up)
    for process, thread in ((1, "b"), (2, "c"), (2, "d"), (3, "e")):
        readers.ask(process, thread)
    keyboard.look()
    readers.ask(1, "a")
    assert termios.tcgetattr(0) == set_up
    assert readers.told == {"a": "lent", "b": "busy", "c": "busy", "d": "busy", "e": "busy"}
    for _ in range(2):
        keyboard.take_back((1, "a"))
    # Its next prompt.
    readers.ask(1, "a")
    assert readers.told["b"] == "busy"
    termios.tcsetattr(0, termios.TCSANOW, set_up)
    keyboard.take_back((2, "c"))  # somebody has cut it short
    keyboard.take_back((1, "a"))
    while readers.told["b"] == "busy":
        loop.turn()
    assert termios.tcgetattr(0) == lines
    keyboard.forget(1)
    assert readers.told == {"a": "lent", "b": "lent", "c": "busy", "d": "lent", "e": "busy"}
    keyboard.forget(2)
    keyboard.take_back((2, "d"))  # said once too often
    assert readers.told["e"] == "lent"
    keyboard.forget(3)
    assert termios.tcgetattr(0)[3] == lines[3] & ~(termios.ECHO | termios.ICANON)
    keyboard.close()


@pytest.mark.parametrize("comes_back", [True, False], ids=["fg", "bg-and-fg"])
def test_a_reader_finds_the_terminal_after_ctrl_z_as_it_was_before(
    loop: Loop, typing: int, monkeypatch: pytest.MonkeyPatch, comes_back: bool
) -> None:
    ours = [True]
    monkeypatch.setattr(keys, "is_ours", lambda: ours[0])
    monkeypatch.setattr(keys, "_has_terminal", lambda: True)
    lines = termios.tcgetattr(0)
    set_up = [*lines[:3], lines[3] & ~termios.ECHO, *lines[4:]]

    def be_stopped() -> None:
        termios.tcsetattr(0, termios.TCSANOW, lines)
        ours[0] = comes_back

    monkeypatch.setattr(keys, "_be_stopped", be_stopped)
    keyboard = Keyboard(loop, lambda key: None)
    Readers(keyboard).ask(1, "a")
    termios.tcsetattr(0, termios.TCSANOW, set_up)
    keyboard.stop()
    if not comes_back:
        assert termios.tcgetattr(0) == lines
        ours[0] = True
        keyboard.look()
    assert termios.tcgetattr(0) == set_up
    keyboard.close()
    assert termios.tcgetattr(0) == lines


def test_who_has_it_for_good_is_in_nobodys_way(loop: Loop, typing: int) -> None:
    keyboard = Keyboard(loop, lambda key: None)
    readers = Readers(keyboard)
    for thread in "abc":
        readers.ask(1, thread, for_good=thread != "b")
    assert readers.told == {"a": "lent", "b": "lent", "c": "busy"}


@pytest.mark.parametrize(
    ("screen", "said"),
    [
        pytest.param({}, "There is no screen to open a browser on; the site is at http://a.test/", id="none"),
        pytest.param({"DISPLAY": ":0"}, "Opening http://a.test/", id="x11"),
        pytest.param({"WAYLAND_DISPLAY": "wayland-0"}, "Opening http://a.test/", id="wayland"),
    ],
)
def test_a_browser_is_opened_where_there_is_a_screen(
    loop: Loop, screen: dict[str, str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME", "BROWSER"):
        monkeypatch.delenv(name, raising=False)
    for name, value in screen.items():
        monkeypatch.setenv(name, value)
    told: list[str] = []
    heard = threading.Event()

    def tell(message: str) -> None:
        told.append(message)
        heard.set()

    monkeypatch.setattr(console, "tell", tell)
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr("webbrowser.open", lambda address: True)
    panel = Console(loop, lambda: None, lambda: None)
    panel.deal("o")
    assert told == []  # it does not listen yet
    panel.addresses = ["http://a.test/", "http://b.test/"]
    panel.deal("O")
    assert heard.wait(10)
    assert told == [said]


def test_a_key_without_a_meaning_does_nothing(loop: Loop) -> None:
    pressed: list[str] = []
    panel = Console(loop, lambda: pressed.append("restart"), lambda: pressed.append("leave"))
    for key in ("x", "\x04", "\x1b", "R", "q"):
        panel.deal(key)
    assert pressed == ["restart", "leave"]
