"""Errors, the end, and new code: what happens to those who are asking meanwhile."""

from __future__ import annotations

import threading
from collections import Counter
from contextlib import suppress

import h11
import pytest

from tests.waiting import PATIENCE, until

from .client import Address, Connection, ask
from .rows import Row
from .table import EXPLAINED


@pytest.mark.case("an exception")
def test_an_exception_is_a_page_without_secrets_and_one_record(site: Address, server: Row, token: str) -> None:
    answer = ask(site, path=f"/broken/?mark={token}")
    assert answer.status == 500
    for told in (b"sesame", b"Traceback", b"views.py"):
        assert told not in answer.body
    server.until(lambda: f"sesame-within {token}" in server.log, "the error is not in the log")
    assert ask(site).body == b"hello\n"
    assert server.log.count(f"RuntimeError: sesame-within {token}") == 1


@pytest.mark.case("wsgi.file_wrapper")
def test_the_server_sends_files_itself(site: Address) -> None:
    assert ask(site, path="/echo/").json()["file_wrapper"] is True


@pytest.mark.case("SIGTERM and a slow request")
def test_a_request_that_is_under_way_is_finished_before_the_end(server: Row, kind: str, token: str) -> None:
    # Before the reload: of a server that is still busy with one, it would tell nothing but that.
    server.until(server.is_settled, "it has not started, or the last reload has not ended")
    with Connection(server.address) as connection:
        connection.send_head("GET", f"/slow/{token}/")
        connection.finish()
        server.wait_for(f"{token}-begun")
        server.tell_to_end()
        # Of a server that would break off, that it is gone; that another one waits, no condition tells.
        breaks_off = ("SIGTERM and a slow request", kind) in EXPLAINED
        with suppress(AssertionError):
            until(server.has_ended, patience=PATIENCE / 2 if breaks_off else 0.3)
        server.allow(f"{token}-go")
        try:
            answer = connection.read()
            connection.close()
            server.until(server.has_ended, "it has not ended")
        finally:
            server.close()
            server.start()
    assert (answer.status, answer.body) == (200, b"slow but whole\n")
    assert ask(server.address).status == 200


def _write_version(server: Row, version: str) -> None:
    (server.root / "corpus" / "version.py").write_text(f'"""Written by a test."""\n\nVERSION = "{version}"\n')


class Load:
    """Clients that ask without a pause, each on new connections and on one that stays open."""

    def __init__(self, address: Address, clients: int = 4) -> None:
        self.address = address
        self.outcomes: Counter[str] = Counter()
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._ask, args=(number % 2 == 0,), daemon=True) for number in range(clients)
        ]

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(20)

    def _ask(self, keeps: bool) -> None:
        while not self._stop.is_set():
            try:
                with Connection(self.address) as connection:
                    self._ask_on(connection, 50 if keeps else 1)
            except ConnectionRefusedError:
                self.outcomes["refused"] += 1
            except (OSError, h11.RemoteProtocolError) as error:
                self.outcomes[f"broken: {error!r}"] += 1

    def _ask_on(self, connection: Connection, times: int) -> None:
        for number in range(times):
            if self._stop.is_set():
                return
            try:
                answer = connection.ask("GET", "/brief/")
            except (ConnectionResetError, BrokenPipeError, h11.ProtocolError):
                # Between two requests a server may hang up (RFC 9112, section 9.5), and every browser asks again.
                if number == 0:
                    raise
                return
            self.outcomes[f"{answer.status} {answer.body.decode()}"[:40]] += 1
            if answer["connection"] == "close":
                return


@pytest.mark.case("reload under load")
def test_new_code_comes_in_and_no_request_fails(site: Address, server: Row, token: str) -> None:
    old = ask(site)["x-version"]
    new = f"after {old}"
    with Connection(site) as slow, Load(site) as load:
        slow.send_head("GET", f"/slow/{token}/")
        slow.finish()
        server.wait_for(f"{token}-begun")
        server.until(lambda: load.outcomes.total() > 50, "no load")
        _write_version(server, new)
        server.reload()
        # Nobody has to wait for the slow request; it ends in the worker that began it.
        answered = load.outcomes.total()
        server.until(lambda: load.outcomes.total() > answered + 50, f"nobody is answered: {load.outcomes}")
        server.allow(f"{token}-go")
        assert slow.read().body == b"slow but whole\n"
        server.until(lambda: load.outcomes[f"200 {new}"] > 50, f"the new code never came: {load.outcomes}")
    assert set(load.outcomes) == {f"200 {old}", f"200 {new}"}, load.outcomes


@pytest.mark.case("restart under load")
def test_who_comes_while_the_server_starts_again_waits(site: Address, server: Row) -> None:
    with Load(site) as load:
        server.until(lambda: load.outcomes.total() > 50, "no load")
        before = ask(site)["x-pid"]
        server.restart()
        server.until(lambda: ask(site)["x-pid"] != before, "no new process came")
        answered = load.outcomes.total()
        server.until(lambda: load.outcomes.total() > answered + 50, f"nobody is answered: {load.outcomes}")
    assert all(outcome.startswith("200 ") for outcome in load.outcomes), load.outcomes
