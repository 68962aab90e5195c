"""`explain`: send one request through the project, and print its way step by step.

Source: our own; the steps are those of ARCHITECTURE.md, "Request: from octets to octets".
Not here: how it finds out (`management.explaining`).
"""

from __future__ import annotations

import shutil
from typing import Any

from miniframe.management.base import BaseCommand
from miniframe.management.errors import CommandError
from miniframe.management.explaining.asking import allowed_host, question_of
from miniframe.management.parser import CommandParser
from miniframe.management.registry import load_command, source_of
from miniframe.types import WSGIApplication
from miniframe.urls import get_resolver
from miniframe.urls.listing import iter_leaves


class Command(BaseCommand):
    """Explain one request."""

    help = "Send one request through the project and print its way: each step with its place and its time."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the request, much as curl does."""
        parser.add_argument("method", nargs="?", default="", metavar="METHOD", help="GET, or POST if there is data.")
        parser.add_argument("path", metavar="PATH", help="The address: /path?query, or all of it with http://host.")
        parser.add_argument(
            "-H",
            "--header",
            action="append",
            default=[],
            metavar="'NAME: VALUE'",
            help="A header field; may be repeated.",
        )
        parser.add_argument(
            "-d", "--data", metavar="DATA", help="The body: text, @FILE, or - for standard input. JSON is recognised."
        )
        parser.add_argument(
            "--csrf", action="store_true", help="Bring a CSRF token along, as a form of the site would."
        )
        parser.add_argument("--json", action="store_true", help="Print JSON, for other programs.")
        parser.add_argument(
            "--warm",
            action="store_true",
            help="Send it twice and explain the second time, when all is imported and compiled.",
        )

    def handle(self, *args: Any, **options: Any) -> str:
        """Return the steps.

        Raises:
            CommandError: the arguments make no request; or it was interrupted before there was an answer.
        """
        # The server and the views, of which no other command should have to wait for the import.
        from miniframe.management.explaining import exchange

        question = question_of(options, allowed_host())
        explained = exchange.explain(question, _application, warm=options["warm"])
        if options["json"]:
            import json  # each face is for who asks for it

            from miniframe.management.explaining.data import as_data

            text = json.dumps(as_data(explained), indent=2, ensure_ascii=False)
        else:
            from miniframe.management.explaining.text import render_text

            width = min(max(shutil.get_terminal_size((100, 24)).columns, 80), 140)
            text = render_text(explained, self.style, width)
        if explained.answer.head:
            return text
        self.stdout.write(text)
        step = explained.unfinished
        going_on = f": the time ran for the {step.kind} {step.title}" if step is not None else ""
        raise CommandError(f"There was no answer{going_on}.", returncode=130)


def _application() -> WSGIApplication:
    """Return what `runserver` would serve, and load the URLconf, as its checks do."""
    try:
        list(iter_leaves(get_resolver()))
    except Exception:
        pass  # the request meets the same error, and it is explained there
    source = source_of("runserver")
    assert source is not None  # it is one of our own
    command: Any = load_command(source, "runserver")
    application: WSGIApplication = command.get_handler(use_static_handler=True, insecure_serving=False)
    return application
