"""What came of the corpus: a table with a line for each case and a column for each server.

Each cell has been run.  One that does not pass, and is known not to, stands below with the note in
docs/production.md that explains it: such a test has to fail, and a server that has learned it is noticed.
"""

from __future__ import annotations

from collections.abc import Iterable

Cells = dict[tuple[str, str], str]

SERVERS = ["uwsgi-nginx", "gunicorn-nginx", "granian", "container", "waitress-nginx", "waitress", "runserver"]
"""The columns."""

PROXIED = ["uwsgi-nginx", "gunicorn-nginx", "waitress-nginx"]
_ALONE = [server for server in SERVERS if server not in PROXIED]


def _cells(note: str, case: str, servers: list[str]) -> Cells:
    return {(case, server): note for server in servers}


ABSENT: Cells = {
    **_cells("no-proxy", "a body beyond the proxy's limit", _ALONE),
    **_cells("no-proxy", "the proxy drops forged headers", _ALONE),
    **_cells("no-reload", "reload under load", ["container", "waitress-nginx", "waitress", "runserver"]),
    **_cells("no-reload", "a slow request and a reload", ["container", "waitress-nginx", "waitress", "runserver"]),
    **_cells("no-prefix", "below /app", ["runserver"]),
    **_cells("no-prefix", "below /app: static", ["runserver"]),
    **_cells("no-prefix", "below /app: X-Accel-Redirect", ["runserver"]),
    **_cells("no-static", "a static file", ["runserver"]),
    **_cells("no-static", "static: 304", ["runserver"]),
    **_cells("no-static", "static: compressed", ["runserver"]),
    **_cells("no-static", "static: If-Range", ["runserver"]),
    **_cells("no-static", "static: kept for ever", ["runserver"]),
    **_cells("no-health", "a health address", ["runserver"]),
    **_cells("no-tls", "HTTP leads to HTTPS", ["granian", "waitress", "runserver"]),
}
"""(case, server) -> the note on why there is nothing to try."""

_GRANIAN = ["granian", "container"]

EXPLAINED: Cells = {
    **_cells("uwsgi-protocol", "a stream that breaks", ["uwsgi-nginx"]),
    **_cells("granian-streams", "a stream that breaks", _GRANIAN),
    **_cells("granian-files", "wsgi.file_wrapper", _GRANIAN),
    **_cells("granian-ascii", "a field that is not ASCII", _GRANIAN),
    **_cells("underscores", "forged headers: underscores", ["container"]),
    **_cells("whitenoise-if-range", "static: If-Range", [*_GRANIAN, "waitress"]),
    **_cells("waitress-lengths", "two lengths of one body", ["waitress"]),
    **_cells("waitress-head", "HEAD of a stream", ["waitress"]),
    **_cells("waitress-ends", "SIGTERM and a slow request", ["waitress", "waitress-nginx"]),
    **_cells("runserver-ends", "SIGTERM and a slow request", ["runserver"]),
}
"""(case, server) -> the note on a cell that is tried, and does not pass."""

PASSES = "ok"
FAILS = "FAILS"
NOT_RUN = "-"


def merge(before: str | None, now: str) -> str:
    """Return what to show of a cell that several tests fill: the worst."""
    order = [PASSES, NOT_RUN]
    return max(before or now, now, key=lambda word: order.index(word) if word in order else 3 if word == FAILS else 2)


def lines(cells: Cells, cases: Iterable[str]) -> list[str]:
    """Return the table as text; notes are numbers, which are explained beneath."""
    cases = list(dict.fromkeys(cases))
    notes = sorted({word for word in cells.values() if word not in (PASSES, FAILS, NOT_RUN)})
    numbers = {note: f"n/a {number}" for number, note in enumerate(notes, 1)}
    first = max(map(len, cases))
    rows = [["", *SERVERS]]
    for case in cases:
        words = [cells.get((case, server), "") for server in SERVERS]
        rows.append([case, *(numbers.get(word, word) for word in words)])
    widths = [max(len(row[column]) for row in rows) for column in range(1, len(SERVERS) + 1)]
    return [
        *("  ".join([row[0].ljust(first), *map(str.ljust, row[1:], widths)]).rstrip() for row in rows),
        f"{PASSES}: passes; {NOT_RUN}: nothing there to try; n/a: known not to pass; docs/production.md tells why:",
        *(f"  {number[4:]:>2} {note}" for note, number in numbers.items()),
    ]


def as_markdown(cases: Iterable[str]) -> str:
    """Return the table as docs/production.md has it: what has to come of each cell."""
    head = ["| |" + "|".join(f" {server} " for server in SERVERS) + "|", "|---" * (len(SERVERS) + 1) + "|"]
    rows = [
        f"| {case} |" + "|".join(f" {_shown((case, server))} " for server in SERVERS) + "|"
        for case in dict.fromkeys(cases)
    ]
    return "\n".join([*head, *rows]) + "\n"


def _shown(cell: tuple[str, str]) -> str:
    if cell in ABSENT:
        return f"[{NOT_RUN}](#{ABSENT[cell]})"
    return f"[n/a](#{EXPLAINED[cell]})" if cell in EXPLAINED else PASSES
