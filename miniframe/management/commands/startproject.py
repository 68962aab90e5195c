"""`startproject NAME [DIRECTORY]`: a small project that runs, with tests, in one folder."""

from __future__ import annotations

import os
from typing import Any

from miniframe.management.templates import TemplateCommand


class Command(TemplateCommand):
    """Make a project."""

    help = "Make a new project that runs at once: settings, a first page, tests."
    missing_args_message: str = "You must provide a project name."
    kind = "project"

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the project and say what to do next."""
        target = self.create(options["name"], options["directory"], options)
        if options.get("verbosity", 1) and options.get("template") is None:
            folder = os.path.relpath(target)
            self.stdout.write(self.style.SUCCESS(f"Made the project {options['name']!r} in {target}."))
            self.stdout.write("Next:")
            if folder != ".":
                self.stdout.write(f"    cd {folder}")
            self.stdout.write("    python manage.py runserver")
