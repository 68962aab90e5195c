#!/usr/bin/env python3
"""Measure miniframe beside other frameworks, all in one run, and print a table.

    python benchmarks/run.py --setup        once: an environment with the others, in a cache folder
    python benchmarks/run.py                everything; about ten minutes
    python benchmarks/run.py text stack     some rows
    python benchmarks/run.py --check        no measuring: does each give the right answers?

Only ratios mean anything, and only those within one run: each number is the median of the ratios of its rounds, and in
each round every framework has its turn, so that a busy machine is busy for all.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import time
import venv
from pathlib import Path
from statistics import median

import spec
from peers import PROGRAMS, Peer, environment, title

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
BASE = "django"

# Where `--setup` makes its environment.
FOLDER = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "miniframe-benchmarks")

ROUTING = {"routes of 10": 10, "routes of 1000": 1000, "routes of 10000": 10_000}
STARTS = ("start", "start and first answer")
ROWS = [*spec.SCENARIOS, *ROUTING, "reverse", *STARTS]

Times = dict[str, list[float]]
"""Framework -> what each round took."""


def set_up(folder: Path) -> None:
    """Make the environment, with miniframe as it stands here and the frameworks of requirements.txt."""
    venv.create(folder, with_pip=True, clear=True)
    install = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet"]
    subprocess.run([*install, "-r", str(HERE / "requirements.txt"), "-e", str(ROOT)], check=True)
    print(f"Made {folder}.")


def measured(kind: str, what: str, names: list[str], rounds: int, seconds: float) -> dict[str, Times]:
    """Return the times of each thing that can be measured of this kind, for the frameworks that have it."""
    peers = {name: Peer(name, kind, what) for name in names}
    result: dict[str, Times] = {}
    try:
        for _ in range(rounds):
            for name, peer in peers.items():
                for key in peer.keys:
                    result.setdefault(key, {}).setdefault(name, []).append(peer.microseconds(key, seconds))
    finally:
        for peer in peers.values():
            peer.close()
    return result


def starts(call: str, names: list[str], rounds: int) -> Times:
    """Return how many microseconds each process took longer than one that does nothing."""
    codes = {name: PROGRAMS[name] + call for name in names}
    times: Times = {name: [] for name in names}
    for code in codes.values():
        _run(code)  # compiles what has changed
    for _ in range(rounds):
        nothing = _quickest("pass")
        for name, code in codes.items():
            times[name].append(_quickest(code) - nothing)
    return times


def _quickest(code: str) -> float:
    """Return the time of the quickest of three processes: a start is too short for the others' noise to even out."""
    return min(_run(code) for _ in range(3))


def _run(code: str) -> float:
    begin = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True, cwd=HERE, env=environment())
    return (time.perf_counter() - begin) * 1e6


def first_answer() -> str:
    """Return the lines that send one request; what they need is written into them, for imports would count."""
    plain = {key: value for key, value in spec.environ(spec.SCENARIOS["text"]).items() if not hasattr(value, "read")}
    return (
        f"import io\nenviron = {plain!r}\n"
        "environ['wsgi.input'], environ['wsgi.errors'] = io.BytesIO(), io.StringIO()\n"
        "assert b''.join(app(environ, lambda status, headers, exc_info=None: None)) == b'Hello'\n"
    )


def lines(row: str, names: list[str], rounds: int, seconds: float) -> dict[str, Times]:
    """Return the lines of the table that `row` stands for, by their titles."""
    if row in spec.SCENARIOS:
        found = measured("scenario", row, names, rounds, seconds)
        return {f"{row}: {spec.SCENARIOS[row].title}": times for times in found.values()}
    if row in ROUTING:
        found = measured("routes", str(ROUTING[row]), [name for name in names if name != "bare"], rounds, seconds)
        return {f"{row}: {key}": times for key, times in found.items()}
    if row == "reverse":
        found = measured("reverse", "1000", [name for name in names if name != "bare"], rounds, seconds)
        return {f"reverse, 1000 routes: {key}": times for key, times in found.items()}
    return {row: starts(first_answer() if row == STARTS[1] else "", names, rounds)}


def ratio(times: list[float], base: list[float]) -> float:
    """Return the median of the ratios of the rounds."""
    return median([one / other for one, other in zip(times, base, strict=True)])


def cell(name: str, times: Times) -> str:
    """Return a framework's time, and in brackets what part of Django's that is."""
    if name not in times:
        return "-"
    shown = median(times[name])
    text = f"{shown / 1000:.1f} ms" if shown >= 5000 else f"{shown:.3g}"
    return f"{text} ({ratio(times[name], times[BASE]):.2g})" if BASE in times and name != BASE else text


def main() -> None:
    """Read the command line, and do what it says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"some of: {', '.join(ROWS)}")
    parser.add_argument("--setup", action="store_true", help="make the environment")
    parser.add_argument("--check", action="store_true", help="look at the answers only")
    parser.add_argument("--frameworks", nargs="+", default=list(PROGRAMS), choices=list(PROGRAMS))
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--seconds", type=float, default=0.15, help="for each framework in each round")
    options = parser.parse_args()
    if options.setup:
        set_up(FOLDER)
        return
    python = FOLDER / "bin" / "python"
    if python.exists() and Path(sys.prefix) != FOLDER:
        os.execv(python, [str(python), *sys.argv])
    unknown = sorted(set(options.rows) - set(ROWS))
    if unknown:
        parser.error(f"no such row: {', '.join(unknown)}; there are {', '.join(ROWS)}")
    names = [name for name in options.frameworks if title(name)]
    rounds, seconds = (1, 0.0) if options.check else (options.rounds, options.seconds)
    print_table(options.rows or ROWS, names, rounds, seconds)


def print_table(rows: list[str], names: list[str], rounds: int, seconds: float) -> None:
    """Measure and print, a line as soon as it is known."""
    print(f"Python {platform.python_version()}; microseconds, and in brackets the ratio to Django's.\n")
    print(f"| | {' | '.join([title(name) or name for name in names])} |")
    print("|---" * (len(names) + 1) + "|", flush=True)
    for row in rows:
        for what, times in lines(row, names, rounds, seconds).items():
            print("| " + " | ".join([what, *[cell(name, times) for name in names]]) + " |", flush=True)


if __name__ == "__main__":
    main()
