"""Where no worker can answer, the doorman does: whole answers, no resets, no waiting for slow clients."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from miniframe.autoreload.audience import Audience
from miniframe.autoreload.doorman import answer, crash_page


@pytest.fixture
def client() -> Iterator[socket.socket]:
    ours, theirs = socket.socketpair()
    answer(theirs, crash_page("ended with status 3", "no <such> key"), Audience())
    ours.settimeout(10)
    with ours:
        yield ours


def read_all(client: socket.socket) -> bytes:
    data = b""
    while more := client.recv(65536):
        data += more
    return data


def test_the_page_is_a_whole_answer_with_the_last_words(client: socket.socket) -> None:
    client.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    client.shutdown(socket.SHUT_WR)
    head, _, body = read_all(client).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 500 ")
    assert f"Content-Length: {len(body)}".encode() in head
    assert b"The server process ended with status 3" in body
    assert b"no &lt;such&gt; key" in body


def test_a_head_that_comes_in_pieces_is_waited_for(client: socket.socket) -> None:
    client.sendall(b"GET / HTTP/1.1\r\n")
    client.sendall(b"Host: localhost\r\n\r\n")
    client.shutdown(socket.SHUT_WR)
    assert read_all(client).startswith(b"HTTP/1.1 500 ")


def test_a_body_that_nobody_reads_does_not_reset_the_connection(client: socket.socket) -> None:
    client.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 500000\r\n\r\n" + b"x" * 500_000)
    client.shutdown(socket.SHUT_WR)
    assert b"ended with status 3" in read_all(client)


def test_head_gets_no_body(client: socket.socket) -> None:
    client.sendall(b"HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    client.shutdown(socket.SHUT_WR)
    assert read_all(client).endswith(b"Connection: close\r\n\r\n")


def test_nobody_may_frame_the_page_or_guess_its_type() -> None:
    head = crash_page("ended with status 3", "no key").partition(b"\r\n\r\n")[0]
    assert b"\r\nX-Frame-Options: DENY\r\n" in head
    assert b"\r\nX-Content-Type-Options: nosniff\r\n" in head


def test_silence_is_said_to_be_silence() -> None:
    assert b"It left no message" in crash_page("was ended by SIGSEGV", " \n")


@pytest.mark.parametrize(
    ("hosts", "audience", "status"),
    [
        pytest.param(["localhost"], Audience(), b"500", id="this-machine"),
        pytest.param(["evil.example"], Audience(), b"400", id="forged"),
        pytest.param(["localhost", "evil.example"], Audience(), b"400", id="one-of-two-forged"),
        pytest.param(["dev.example"], Audience(hosts=("dev.example",)), b"500", id="allowed"),
        pytest.param(["localhost"], Audience(debug=False), b"500", id="no-debug"),
    ],
)
def test_the_page_is_for_those_who_may_see_it(hosts: list[str], audience: Audience, status: bytes) -> None:
    ours, theirs = socket.socketpair()
    answer(theirs, crash_page("ended with status 3", "Inner things"), audience)
    with ours:
        ours.settimeout(10)
        ours.sendall(b"GET / HTTP/1.1\r\n" + b"".join(b"HOST:%b \r\n" % host.encode() for host in hosts) + b"\r\n")
        ours.shutdown(socket.SHUT_WR)
        answered = read_all(ours)
    assert answered.split()[1] == status
    assert (b"Inner things" in answered) is (status == b"500" and audience.debug)


def test_a_traceback_is_shown_with_its_place(tmp_path: Path) -> None:
    file = tmp_path / "manage.py"
    file.write_text('import os\n\nSECRET_KEY = "geheim-0815"\n\ndef main(:\n    pass\n')
    words = f'  File "{file}", line 5\n    def main(:\n             ^\nSyntaxError: invalid <syntax>\n'
    page = crash_page("ended with status 1", words).decode()
    assert "<h1>SyntaxError: invalid &lt;syntax&gt;</h1>" in page
    assert f"{file.name}:5</code></h2>" in page
    assert "<mark>    5  def main(:</mark>" in page
    assert "The server process ended with status 1." in page
    assert "geheim" not in page


@pytest.mark.parametrize(
    ("words", "title"),
    [
        pytest.param(
            '  File "/a.py", line 1, in <module>\n    f(1)\n    ^^^^\nshop.Boom: bang\n', "shop.Boom: bang", id="own"
        ),
        pytest.param('  File "/a.py", line 1, in <module>\nBoom\n', "Boom", id="without-a-text"),
        pytest.param(
            '  File "/a.py", line 1 in f\n\nExtension modules: x (total: 1)\n', "The server process", id="segfault"
        ),
        pytest.param('  File "/a.py", line 1 in f\n', "The server process", id="cut-off"),
        pytest.param("no traceback: 7\n", "The server process", id="no-traceback"),
    ],
)
def test_the_last_error_is_the_title(words: str, title: str) -> None:
    assert f"<h1>{title}" in crash_page("was ended by SIGSEGV", words).decode()


def test_a_traceback_to_a_file_that_is_gone_is_shown_all_the_same() -> None:
    page = crash_page("ended with status 1", '  File "/not/here.py", line 7, in <module>\nKeyError: 3\n').decode()
    assert "<h1>KeyError: 3</h1>" in page
    assert "here.py:7</code></h2>" in page
