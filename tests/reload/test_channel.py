"""The words between supervisor and worker arrive whole, in order, and with their socket."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from miniframe.autoreload.channel import Channel, Descriptors


@pytest.fixture
def ends() -> Iterator[tuple[Channel, Channel]]:
    one, other = socket.socketpair()
    channels = Channel(one), Channel(other)
    yield channels
    for channel in channels:
        channel.close()


def test_words_arrive_with_what_they_are_about(ends: tuple[Channel, Channel]) -> None:
    ends[0].say("watch", "/site/a b\nc")
    ends[0].say("ready")
    assert ends[1].hear() == [("watch", "/site/a b\nc"), ("ready", "")]


def test_a_path_that_is_not_utf_8_arrives_unchanged(ends: tuple[Channel, Channel]) -> None:
    ends[0].say("watch", "/site/\udcff")
    assert ends[1].hear() == [("watch", "/site/\udcff")]


def test_half_a_line_is_kept_until_the_other_half_comes(ends: tuple[Channel, Channel]) -> None:
    ends[0].socket.sendall(b"rea")
    assert ends[1].hear() == []
    ends[0].socket.sendall(b"dy \0")
    assert ends[1].hear() == [("ready", "")]


def test_a_listening_socket_is_handed_over(ends: tuple[Channel, Channel]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        ends[0].say("listening", with_socket=listener)
        assert ends[1].hear() == [("listening", "")]
        with ends[1].take_socket() as taken:
            assert taken.getsockname() == listener.getsockname()


def test_the_end_of_the_other_process_is_heard(ends: tuple[Channel, Channel]) -> None:
    ends[0].close()
    assert ends[1].hear() is None


def test_nothing_said_yet_is_not_the_end(ends: tuple[Channel, Channel]) -> None:
    ends[1].socket.setblocking(False)
    assert ends[1].hear() == []


def test_speaking_to_a_process_that_is_gone_is_no_error(ends: tuple[Channel, Channel]) -> None:
    ends[1].close()
    ends[0].say("ready")
    ends[0].say("ready")


@pytest.mark.parametrize(
    "descriptors",
    [
        pytest.param(Descriptors(5, 6), id="first-worker"),
        pytest.param(Descriptors(5, 6, (7, 8)), id="with-listeners"),
    ],
)
def test_descriptors_survive_the_environment(descriptors: Descriptors) -> None:
    assert Descriptors.parse(str(descriptors)) == descriptors
