"""`createtables`: make the tables of the project's models that a database lacks.

Source: SQLAlchemy's "Describing Databases with MetaData", section "Creating and Dropping Database Tables".
"""

from __future__ import annotations

from typing import Any

from miniframe.management.base import BaseCommand
from miniframe.management.parser import CommandParser


class Command(BaseCommand):
    """Make the tables of METADATA that are missing."""

    help = "Make the tables of the project's models (METADATA in DATABASES) that the database lacks."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the database's alias."""
        parser.add_argument("--database", default="default", metavar="ALIAS", help='The database. Default: "default".')

    def handle(self, *args: Any, **options: Any) -> None:
        """Make them, and say which; say too what this command does not do."""
        from miniframe.db.tables import create_tables  # SQLAlchemy: 150 ms, and not every project has it

        alias = options["database"]
        made, lacking, total = create_tables(alias)
        if made:
            self.stdout.write(f"Made in the database {alias!r}: {', '.join(made)}.", self.style.SUCCESS)
        else:
            self.stdout.write(f"The database {alias!r} has all its tables ({total}): nothing to do.")
        if lacking:
            self.stderr.write(
                f"These columns of your models are not in the database: {', '.join(lacking)}. "
                "createtables never changes a table that exists: that is the job of Alembic "
                "(python -m pip install alembic; docs/howto/sqlalchemy.md)."
            )
