"""Measure what docs/scaling.md tells: one machine and two, with and without a session.  Needs wrk.

    python -m tests.production.figures [seconds for each line]

Each machine has one process with eight threads.  All of it shares this computer's cores, nginx, Redis and the client
included, so that a second machine adds nothing where the cores are what is scarce; what a request costs gunicorn in
time of the processor, which does not depend on that, tells what machines of their own can do.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.waiting import until

from .pair import Machine, Pair
from .processes import members
from .rows import need
from .visitors import browser

CONNECTIONS = 16
LINES = [
    ("a page that needs nothing", "GET", "/"),
    ("a page that is kept in the cache", "GET", "/board/"),
    ("a page that reads the session", "GET", "/who/"),
    ("a form that changes the session", "POST", "/count/"),
    ("a page that waits 0.1 s for others", "GET", "/slow/?seconds=0.1"),
]


def cpu_seconds(machines: list[Machine]) -> float:
    """Return how long the processor has worked for these machines until now.

    Source: proc(5), stat: utime and stime, and those of the children that have ended, as each does now and then.
    """
    ticks = 0
    for machine in machines:
        assert machine.process is not None
        for pid in members(machine.process.pid):
            words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += sum(map(int, words[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


def measure(pair: Pair, method: str, path: str, cookies: str, seconds: int) -> str:
    """Return requests a second, the median and the 99th percentile of their time, and what each cost gunicorn."""
    script = pair.folder / "form.lua"
    script.write_text(f'wrk.method = "{method}"\n')
    headers = ["-H", f"Host: {pair.address.netloc}", "-H", f"Cookie: {cookies}"]
    command = [need("wrk", "apt-get install wrk"), f"-c{CONNECTIONS}", "-t1", f"-d{seconds}s", "--latency"]
    url = f"http://127.0.0.1:{pair.address.port}{path}"
    began = cpu_seconds(pair.machines)
    told = subprocess.run(
        [*command, *headers, "-s", str(script), url], capture_output=True, text=True, check=True
    ).stdout
    used = cpu_seconds(pair.machines) - began
    assert "Non-2xx" not in told, told
    rate, half, most = (re.search(rf"{name}\s+([\d.]+\w*)", told) for name in ("Requests/sec:", "50%", "99%"))
    assert rate is not None
    assert half is not None
    assert most is not None
    cost = used / (float(rate[1]) * seconds) * 1000
    return f"{float(rate[1]):7,.0f} req/s  {half[1]:>8}  {most[1]:>8}  {cost:.2f} ms of the processor"


def use(pair: Pair, machines: list[Machine]) -> None:
    """Have nginx use these machines only."""
    for machine in pair.machines:
        pair.take_out(machine) if machine not in machines else pair.put_back(machine)
    names = {machine.name for machine in machines}
    with browser(pair.address) as visitor:
        until(lambda: {visitor.get("/")[0].machine for _ in range(4)} == names, "nginx does not read its configuration")


def main(seconds: int) -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        pair = Pair(Path(folder))
        try:
            pair.build()
            pair.start()
            with browser(pair.address, "Ann") as ann:
                ann.log_in()
                cookies = "; ".join(f"{name}={value}" for name, value in ann.cookies.items())
            for machines in (pair.machines[:1], pair.machines):
                use(pair, machines)
                for text, method, path in LINES:
                    print(f"{len(machines)}  {text:34}{measure(pair, method, path, cookies, seconds)}", flush=True)
        finally:
            pair.close()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
