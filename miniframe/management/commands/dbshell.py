"""`dbshell`: the database's own program, on the project's database.

Source: Django's reference "django-admin", section "dbshell".
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from typing import Any

from miniframe.management.base import BaseCommand
from miniframe.management.errors import CommandError
from miniframe.management.parser import CommandParser


class Command(BaseCommand):
    """Start sqlite3, psql or mysql."""

    help = "Start the database's own program (sqlite3, psql, mysql) on a database of the project."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the database's alias, and arguments for the program."""
        parser.add_argument("--database", default="default", metavar="ALIAS", help='The database. Default: "default".')
        parser.add_argument("parameters", nargs="*", metavar="ARGUMENT", help='For the program; put "--" before them.')

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it until it ends; its status becomes this command's."""
        from miniframe.db.clients import client_for  # SQLAlchemy: 150 ms, and not every project has it
        from miniframe.db.config import url_of

        client = client_for(url_of(options["database"]))
        program = shutil.which(client.command[0])
        if program is None:
            raise CommandError(
                f"The program {client.command[0]!r} is not installed, or not on PATH. "
                f"On Debian and Ubuntu: apt-get install {client.package}"
            )
        # Ctrl-C is for the program: it ends a query, and not the shell.  A function, since a program that is started
        # would go on ignoring what is ignored here.
        before = signal.signal(signal.SIGINT, lambda *_: None)
        try:
            done = subprocess.run(
                [program, *client.command[1:], *options["parameters"]], env={**os.environ, **client.environment}
            )
        finally:
            signal.signal(signal.SIGINT, before)
        if done.returncode:
            raise CommandError(
                f'"{client.command[0]}" returned non-zero exit status {done.returncode}.', returncode=done.returncode
            )
