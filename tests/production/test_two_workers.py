"""One site on two machines: what visitors see of it when one of these dies, and when Redis does.

The soak takes a second or so; MINIFRAME_SOAK_SECONDS=30 makes it longer.
"""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from tests.waiting import PATIENCE, until

from .client import Address
from .pair import NAME, Machine, Pair
from .rows import NotInstalled
from .visitors import Browser, Sent, browser, crowd

SECONDS = float(os.environ.get("MINIFRAME_SOAK_SECONDS", "1"))
CROWD = 16
TIME_OUT = 2.0
"""Seconds that a request waits for a Redis that hangs: the default of `socket_timeout`."""


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """The site, started once."""
    try:
        pair = Pair(tmp_path_factory.mktemp("pair"))
    except NotInstalled as missing:
        if "CI" in os.environ:
            pytest.fail(str(missing))
        pytest.skip(str(missing))
    try:
        pair.build()
        pair.start()
        yield pair
    finally:
        pair.close()


@pytest.fixture
def ann(pair: Pair) -> Iterator[Browser]:
    """A visitor who comes by nginx."""
    with browser(pair.address, "Ann") as visitor:
        yield visitor


def at(machine: Machine) -> Address:
    """Return a machine's own address, which only nginx uses otherwise."""
    return Address(machine.port, NAME)


def state(visitor: Browser) -> dict[str, object]:
    """Return what the site knows of a visitor."""
    found: dict[str, object] = json.loads(visitor.get("/who/")[1])
    return found


def in_use(sent: list[Sent]) -> bool:
    """Return whether both machines have answered."""
    return {"A", "B"} <= {each.machine for each in sent}


def until_both_recover(visitor: Browser) -> float:
    """Ask both machines for what needs Redis until they have it; return the seconds that took."""
    began = time.monotonic()

    def both_do() -> bool:
        sent = [visitor.post("/tickets/")[0] for _ in range(4)]
        return in_use(sent) and not any(each.failed for each in sent)

    until(both_do, "it does not recover")
    return time.monotonic() - began


# What two machines share.


def test_a_visitor_stays_logged_in_whichever_machine_answers(pair: Pair, ann: Browser) -> None:
    ann.log_in()
    seen = []
    for _ in range(8):
        sent, content = ann.get("/who/")
        seen.append(sent.machine)
        assert json.loads(content)["user"] == "Ann"
    assert set(seen) == {"A", "B"}


def test_a_message_is_shown_once(pair: Pair, ann: Browser) -> None:
    ann.log_in()
    assert [json.loads(ann.get("/notices/")[1]) for _ in range(4)] == [["Good morning, Ann."], [], [], []]


def test_a_page_that_one_has_kept_the_other_sends(pair: Pair, ann: Browser) -> None:
    answers = [ann.get("/board/") for _ in range(4)]
    assert {sent.machine for sent, _ in answers} == {"A", "B"}
    assert len({content for _, content in answers}) == 1


def test_a_form_that_one_has_shown_the_other_takes(pair: Pair) -> None:
    one, other = pair.machines
    with browser(at(one), "Bob") as first, browser(at(other)) as second:
        _, token = first.get("/login/")
        second.cookies = first.cookies
        assert second.post("/login/", name="Bob", csrfmiddlewaretoken="wrong" * 8)[0].status == 403
        assert second.post("/login/", name="Bob", csrfmiddlewaretoken=token.decode())[0].status == 200
        assert state(first)["user"] == "Bob"


def test_who_logs_out_at_one_is_logged_out_at_the_other(pair: Pair) -> None:
    one, other = pair.machines
    with browser(at(one), "Bob") as first, browser(at(other)) as second:
        first.log_in()
        second.cookies = dict(first.cookies)
        assert state(second)["user"] == "Bob"
        first.post("/logout/")
        assert state(second) == {"user": None, "count": 0}
        assert "sessionid" not in second.cookies


def test_of_two_that_change_one_session_at_once_the_one_that_saves_last_wins(pair: Pair) -> None:
    one, other = pair.machines
    with browser(at(one), "Bob") as first, browser(at(other)) as second, pair.redis.client() as redis:
        first.log_in()
        second.cookies = dict(first.cookies)
        thread = threading.Thread(target=first.post, args=("/set/late/",))
        thread.start()
        until(lambda: bool(redis.exists(":1:has-read")), "it does not read its session")
        second.post("/count/")
        assert state(second) == {"user": "Bob", "count": 1}
        redis.set(":1:may-write", 1)  # numbers are not signed
        thread.join(PATIENCE)
        assert state(second) == {"user": "Bob", "count": 0}


def test_who_logs_out_is_not_logged_in_again_by_a_request_that_was_under_way(pair: Pair) -> None:
    one, other = pair.machines
    with browser(at(one), "Bob") as first, browser(at(other)) as second, pair.redis.client() as redis:
        redis.delete(":1:has-read", ":1:may-write")
        first.log_in()
        second.cookies = dict(first.cookies)
        statuses: list[int] = []
        thread = threading.Thread(target=lambda: statuses.append(first.post("/set/late/")[0].status))
        thread.start()
        until(lambda: bool(redis.exists(":1:has-read")), "it does not read its session")
        second.post("/logout/")
        redis.set(":1:may-write", 1)
        thread.join(PATIENCE)
        assert statuses == [400]
        assert state(first) == {"user": None, "count": 0}


def test_a_number_is_drawn_once(pair: Pair) -> None:
    with browser(at(pair.machines[0])) as first, browser(at(pair.machines[1])) as second:
        assert len({visitor.post("/tickets/")[1] for visitor in (first, second, first, second)}) == 4


# A machine dies, or is taken out.


DEATHS = [
    pytest.param(Machine.kill, id="machine"),
    pytest.param(Machine.kill_the_worker, id="worker-process"),
]


@pytest.mark.parametrize("death", DEATHS)
def test_what_dies_costs_the_requests_that_it_had_and_nothing_else(
    pair: Pair,
    ann: Browser,
    capsys: pytest.CaptureFixture[str],
    request: pytest.FixtureRequest,
    death: Callable[[Machine], tuple[float, float]],
) -> None:
    victim = pair.machines[0]
    ann.log_in()
    with crowd(pair.address, CROWD) as tally:
        until(lambda: len(tally.sent) > 20 * CROWD, "nobody is served")
        time.sleep(SECONDS / 4)
        killed = death(victim)
        if not victim.is_alive():
            served = len(tally.sent)
            until(lambda: len(tally.sent) > served + 20 * CROWD, "nobody is served by the other one")
            victim.start()
        # Some that nginx had handed over may have waited for the new process.
        until(lambda: in_use([each for each in tally.sent if each.began > killed[1] + 0.2]), "it is not used again")
        back = time.monotonic() - killed[1]
        time.sleep(SECONDS / 2)
    with capsys.disabled():
        print(f"\na {request.node.callspec.id} killed: {tally.told(killed)}; used again after {back:.1f} s")
    assert [sent for sent in tally.failed if not sent.was_on_its_way(*killed)] == []
    # A GET that was not answered yet, nginx sends to the other one.
    assert [sent for sent in tally.failed if sent.method == "GET" and not sent.had_begun] == []
    assert len(tally.failed) <= CROWD
    assert tally.lost == []
    assert len(set(tally.tickets)) == len(tally.tickets)
    assert in_use(tally.sent[-10 * CROWD :])
    assert state(ann)["user"] == "Ann"


def test_a_machine_that_is_taken_out_costs_nothing(
    pair: Pair, ann: Browser, capsys: pytest.CaptureFixture[str]
) -> None:
    victim, _ = pair.machines
    with crowd(pair.address, CROWD) as tally:
        until(lambda: len(tally.sent) > 10 * CROWD, "nobody is served")
        pair.take_out(victim)
        until(lambda: len({ann.get("/")[0].machine for _ in range(8)}) == 1, "nginx does not read its configuration")
        until(lambda: not victim.has_connections(), "it is still busy")
        victim.tell_to_end()
        victim.wait_until_it_ends()
        victim.start()
        pair.put_back(victim)
        before = len(tally.sent)
        until(lambda: in_use(tally.sent[before:]), "it is not used again")
    with capsys.disabled():
        print(f"\ntaken out and back: {tally.told((0, 0))}")
    assert (tally.failed, tally.lost) == ([], [])


# Redis hangs, goes, and comes back.


def test_while_redis_hangs_one_request_waits_for_it(pair: Pair, ann: Browser) -> None:
    assert ann.log_in().status == 200
    assert pair.redis.process is not None
    pair.redis.process.send_signal(signal.SIGSTOP)
    try:
        sent = [ann.get("/who/")[0] for _ in range(10)]
    finally:
        pair.redis.process.send_signal(signal.SIGCONT)
    assert [each.status for each in sent] == [503] * 10
    # Two machines, each with one process: two that wait for the time-out.
    waits = [each.ended - each.began for each in sent]
    assert [seconds < TIME_OUT for seconds in sorted(waits)[:-2]] == [True] * 8, waits
    # And these wait once.
    assert max(waits) < 2 * TIME_OUT, waits
    until_both_recover(ann)
    assert state(ann)["user"] == "Ann"


def test_without_redis_the_rest_of_the_site_goes_on_and_it_recovers_by_itself(
    pair: Pair, ann: Browser, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ann.log_in().status == 200
    logged = {machine.name: machine.log.stat().st_size for machine in pair.machines}
    pair.redis.close()
    sent = [ann.get("/who/")[0] for _ in range(20)]
    assert {each.status for each in sent} == {503}
    # The first one at each machine finds out, and nobody waits.
    waits = [each.ended - each.began for each in sent]
    assert max(waits) < TIME_OUT, waits
    with browser(pair.address) as stranger:
        assert {stranger.get("/")[0].status for _ in range(4)} == {200}
        assert stranger.get("/static/site.css")[0].status == 200
        # Or a load balancer would take all machines out.
        assert stranger.get("/healthz")[0].status == 200
        # A page that is kept for speed is made each time.
        assert len({stranger.get("/board/")[1] for _ in range(4)}) == 4
        # A form of somebody without a session is shown; that he logs in is what cannot be.
        assert stranger.log_in().status == 503
        assert stranger.post("/tickets/")[0].status == 503
    assert ann.get("/")[0].status == 200
    for machine in pair.machines:
        new = machine.log.read_bytes()[logged[machine.name] :].decode()
        assert new.count("ERROR miniframe.cache: The cache 'default' cannot use Redis at") == 1, new
        assert "settings.CACHES['default']" in new
        assert "Traceback" not in new
    pair.redis.start()
    seconds = until_both_recover(ann)
    with capsys.disabled():
        print(f"\nRedis is used again after {seconds:.2f} s")
    assert seconds < 3  # a quarter of one, on a machine that has nothing else to do
    # It has forgotten everybody: logged out, and no error.
    assert state(ann) == {"user": None, "count": 0}
    assert "sessionid" not in ann.cookies
    assert ann.log_in().status == 200
    assert state(ann)["user"] == "Ann"
    for machine in pair.machines:
        new = machine.log.read_bytes()[logged[machine.name] :].decode()
        assert new.count("can use Redis at") == 1, new
        assert "Traceback" not in new
