"""What came of the corpus: a table with a line for each case and a column for each server.

Each cell has been run.  One that does not pass, and is known not to, stands below with the note in
docs/production.md that explains it: such a test has to fail, and a server that has learned it is noticed.
"""

from __future__ import annotations

Cells = dict[tuple[str, str], str]

SERVERS = ["uwsgi-nginx", "gunicorn-nginx", "granian", "container", "waitress-nginx", "waitress", "runserver"]
"""The columns."""

CASES = {
    "a plain page": "its length, type, date and the fields that the middleware sets",
    "a body with Content-Length": "a megabyte arrives, octet by octet",
    "a chunked body": "likewise, without a length; what follows on the connection is the next request",
    "100-continue": "a client that waits for leave to send is given it",
    "HEAD": "the fields of GET, and no octet of a body",
    "HEAD of a stream": "likewise; the stream is closed, and never begun",
    "no content": "204 has no body, and no framing of one",
    "304": "what the client has is not sent again",
    "two cookies": "each has a field of its own, and both come back",
    "a field that is not ASCII": "a cookie in UTF-8 does not hide the one beside it",
    "a session": "the visitor is known again",
    "path and query not ASCII": "umlauts, blanks, percent and plus signs; an encoded slash leads to no other page",
    "keep-alive": "many requests on one connection; a body that no view reads does no harm",
    "a head of 100 KB": "one field, the path, or many fields: answered or refused by a 4xx, never a 500",
    "a head of 2 MB": "refused, or hung up on; the server lives",
    "a request that is none": "no Host, two lengths, a bad chunk size, a blank in a name, rubbish: a 4xx",
    "two lengths of one body": "Content-Length and chunked: nothing behind it is taken for a request",
    "streaming": "each piece arrives before the next is made",
    "server-sent events": "each event arrives when it is sent, uncompressed, also through nginx",
    "a client that goes away": "in a stream: `close()` is called; in an upload: nothing happens",
    "a stream that breaks": "the client sees that it is not whole; the error is in the log",
    "a file": "2 MB, from its start and from where the view has left it",
    "Range": "the first octet, the middle, the end, beyond the end; 416",
    "If-Range": "of a file that has changed, the whole is sent",
    "wsgi.file_wrapper": "the server offers to send files itself",
    "X-Accel-Redirect": "nginx sends a private file, its name not ASCII, HTML in a sandbox; else a `FileResponse`",
    "an upload of 20 MB": "two files and a text, with a length and chunked; their digests are compared",
    "a body beyond the limit": "3 MB of form data: the application says 400 or 413, and the client reads it",
    "a body beyond the server's limit": "2 GB are announced: nginx or `production_wsgi.py` says 413",
    "a static file": "by its name with a hash; GET and HEAD",
    "static: kept for ever": "`immutable` under such a name, and under no other",
    "static: compressed": "for clients that take gzip, with `Vary`",
    "static: 304": "what the client has is not sent again",
    "static: If-Range": "a part of what has not changed, the whole of what has",
    "static: nothing beside": "no `..` in eleven spellings, no settings, no keys, no list of files",
    "scheme, name, address": "the application knows https, the Host that was asked for, and the client's address",
    "forged headers": "thirteen fields (`X-Forwarded-*`, `Forwarded`, `X-Real-IP` ...) change none of these",
    "forged headers: underscores": "nor do names such as `X_Forwarded_Proto`",
    "the proxy drops forged headers": "they do not even arrive",
    "another name": "a Host that is not the site's is a 400, or nginx hangs up",
    "HTTP leads to HTTPS": "a redirect to the same page, and for no other name; HSTS, cookies that are `Secure`",
    "a health address": "`/healthz` answers 200 to whoever asks by whatever name",
    "below /app": "`reverse()`, redirects, the path of cookies; what is beside is a 404",
    "below /app: static": "static files are below, too",
    "below /app: X-Accel-Redirect": "and private ones",
    "an exception": "a 500 without a traceback, and one record in the log",
    "reload under load": "new code comes in, no request is refused or broken; a slow one ends, nobody waits for it",
    "restart under load": "who comes meanwhile waits at the socket, which systemd holds: no request fails",
    "SIGTERM and a slow request": "it is finished, and then the server ends",
}
"""The lines: what each case looks at."""

PROXIED = ["uwsgi-nginx", "gunicorn-nginx", "waitress-nginx"]
_ALONE = [server for server in SERVERS if server not in PROXIED]


def _cells(note: str, case: str, servers: list[str]) -> Cells:
    return {(case, server): note for server in servers}


ABSENT: Cells = {
    **_cells("no-proxy", "a body beyond the server's limit", ["runserver"]),
    **_cells("no-proxy", "the proxy drops forged headers", _ALONE),
    **_cells("no-reload", "reload under load", ["container", "waitress-nginx", "waitress", "runserver"]),
    **_cells("no-socket", "restart under load", [server for server in SERVERS if server != "gunicorn-nginx"]),
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


def lines(cells: Cells) -> list[str]:
    """Return the table as text; notes are numbers, which are explained beneath."""
    cases = [case for case in CASES if any(cells.get((case, server), NOT_RUN) != NOT_RUN for server in SERVERS)]
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


def as_markdown() -> str:
    """Return the table as docs/production.md has it: what has to come of each cell."""
    head = ["| |" + "|".join(f" {server} " for server in SERVERS) + "|", "|---" * (len(SERVERS) + 1) + "|"]
    rows = [f"| {case} |" + "|".join(f" {_shown((case, server))} " for server in SERVERS) + "|" for case in CASES]
    return "\n".join([*head, *rows])


def cases_as_markdown() -> str:
    """Return what each case looks at, as docs/production.md has it."""
    return "\n".join(
        ["| case | what is looked at |", "|---|---|", *(f"| {case} | {told} |" for case, told in CASES.items())]
    )


def _shown(cell: tuple[str, str]) -> str:
    if cell in ABSENT:
        return f"[{NOT_RUN}](#{ABSENT[cell]})"
    return f"[n/a](#{EXPLAINED[cell]})" if cell in EXPLAINED else PASSES
