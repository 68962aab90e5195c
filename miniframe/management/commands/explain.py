"""`explain`: send one request through the project, and print its way step by step.

Source: our own; the steps are those of ARCHITECTURE.md, "Request: from octets to octets".
Not here: how it finds out (`management.explaining`).
"""

from __future__ import annotations

import re
import secrets
import shutil
import sys
from typing import Any
from urllib.parse import quote, urlsplit

from miniframe.conf import settings
from miniframe.management.base import BaseCommand
from miniframe.management.errors import CommandError
from miniframe.management.parser import CommandParser
from miniframe.management.registry import load_command, source_of
from miniframe.types import WSGIApplication
from miniframe.urls import get_resolver
from miniframe.urls.listing import iter_leaves

_METHOD = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")  # token (RFC 9110, section 5.6.2)
_SAFE = "/%:@!$&'()*+,;=-._~?[]"  # what may stand in a path and a query (RFC 3986, section 3.3)
_FORM = "application/x-www-form-urlencoded"


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

        question = exchange.Question(*_question(options, _allowed_host()))
        explained = exchange.explain(question, _application, warm=options["warm"])
        if options["json"]:
            import json

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


def _question(options: dict[str, Any], host: str) -> tuple[str, str, tuple[tuple[str, str], ...], bytes]:
    """Return method, target, header fields and body of the request that was typed."""
    body = _body(options["data"])
    method = options["method"] or ("GET" if body is None else "POST")
    if _METHOD.fullmatch(method) is None:
        raise CommandError(f"{method!r} is no method. Type explain METHOD PATH, such as: explain POST /login/")
    host, target = _target(options["path"], host, method)
    fields = {"Host": host, "User-Agent": "miniframe-explain", "Accept": "text/html,*/*;q=0.8"}
    if body is not None:
        fields["Content-Type"] = "application/json" if body[:1] in (b"{", b"[") else _FORM
        fields["Content-Length"] = str(len(body))
    given = [_field(text) for text in options["header"]]
    if options["csrf"]:
        given += _csrf_fields()
    names = {name.lower() for name, _ in given}
    kept = [(name, value) for name, value in fields.items() if name.lower() not in names]
    return method, target, (*kept, *given, ("Connection", "close")), body or b""


def _target(path: str, host: str, method: str) -> tuple[str, str]:
    """Return the host and the request target (RFC 9112, section 3.2)."""
    if path == "*" and method == "OPTIONS":
        return host, path
    if path.startswith(("http://", "https://")):
        parts = urlsplit(path)
        host, path = parts.netloc, (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if not path.startswith("/"):
        raise CommandError(f"{path!r} is no path: it begins with a slash, as in: explain /{path.lstrip('/')}")
    return host, quote(path.partition("#")[0], safe=_SAFE)


def _field(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon:
        raise CommandError(f"{text!r} is no header field. Type -H 'NAME: VALUE'.")
    return name, value.strip()


def _csrf_fields() -> list[tuple[str, str]]:
    """Return a cookie and a field with the same secret, of which the middleware asks no more."""
    secret = secrets.token_hex(16)
    header: str = settings.CSRF_HEADER_NAME
    name = header.removeprefix("HTTP_").replace("_", "-").title()
    return [("Cookie", f"{settings.CSRF_COOKIE_NAME}={secret}"), (name, secret)]


def _body(data: str | None) -> bytes | None:
    if data is None:
        return None
    if data == "-":
        return sys.stdin.buffer.read()
    if data.startswith("@"):
        try:
            with open(data[1:], "rb") as file:
                return file.read()
        except OSError as error:
            raise CommandError(f"{data[1:]} cannot be read: {error.strerror}.") from error
    return data.encode("utf-8", "surrogateescape")


def _allowed_host() -> str:
    """Return a host that the site answers to: this machine, or else the first of ALLOWED_HOSTS."""
    hosts: list[str] = list(settings.ALLOWED_HOSTS)
    if not hosts or {"*", "localhost", ".localhost"} & set(hosts):
        return "localhost"
    return hosts[0].lstrip(".")
