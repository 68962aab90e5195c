"""A PostgreSQL of the tests' own: in a temporary folder, on a Unix socket, gone when they are."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

USER = "postgres"


def programs() -> Path | None:
    """Return the folder of PostgreSQL's programs, the newest version's, or None."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parent.parent.name))
    found = shutil.which("initdb")
    return versions[-1].parent if versions else Path(found).parent if found else None


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """Run a server for the block; yield the start of its URLs, to which a database's name is added."""
    data, sockets = tempfile.mkdtemp(prefix="pg-data-"), tempfile.mkdtemp(prefix="pg-")
    # It refuses to run as root.
    user = {"user": USER, "group": USER, "extra_groups": []} if os.geteuid() == 0 else {}
    if user:
        for each in (data, sockets):
            shutil.chown(each, USER, USER)

    def run(program: str, *arguments: str) -> None:
        done = subprocess.run(  # type: ignore[call-overload]
            [folder / program, *arguments], cwd="/", capture_output=program == "initdb", **user
        )
        assert done.returncode == 0, done.stderr

    try:
        run("initdb", "-D", data, "-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        options = f"-k {sockets} -c listen_addresses='' -c fsync=off -c full_page_writes=off -c synchronous_commit=off"
        run("pg_ctl", "-D", data, "-w", "-s", "-l", f"{data}/log", "-o", options, "start")
        try:
            yield f"postgresql+psycopg://{USER}@/{{}}?host={sockets}"
        finally:
            run("pg_ctl", "-D", data, "-w", "-s", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(data, ignore_errors=True)
        shutil.rmtree(sockets, ignore_errors=True)
