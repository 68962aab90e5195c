"""`runserver`, which serves static files too.

Source: Django's reference "The staticfiles app", section "runserver".
"""

from __future__ import annotations

from typing import Any

from miniframe.conf import settings
from miniframe.management.commands.runserver import Command as CoreCommand
from miniframe.management.parser import CommandParser
from miniframe.staticfiles.handlers import StaticFilesHandler
from miniframe.types import WSGIApplication

__all__ = ["Command"]


class Command(CoreCommand):
    """Serve the project and its static files, for development."""

    help = "Serve the project and its static files on this machine, for development."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take two switches more."""
        super().add_arguments(parser)
        parser.add_argument(
            "--nostatic", action="store_false", dest="use_static_handler", help="Do not serve static files."
        )
        parser.add_argument(
            "--insecure",
            action="store_true",
            dest="insecure_serving",
            help="Serve static files even if DEBUG is off; no way to run a site that matters.",
        )

    def get_handler(self, *args: Any, **options: Any) -> WSGIApplication:
        """Return the application, behind one that serves static files unless that is switched off."""
        application = super().get_handler(*args, **options)
        # A worker whose project was broken at first has parsed its arguments without this command.
        if not options.get("use_static_handler", True) or not (settings.DEBUG or options.get("insecure_serving")):
            return application
        return StaticFilesHandler(application)
