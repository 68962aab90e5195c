"""`runserver`: serve the project on this machine while you work on it.

    handle      which address?  refuse what cannot work
    run         with reload, this process is a worker of `autoreload` (or becomes its supervisor)
    inner_run   check the project, get its handler, serve it; explain what goes wrong
    on_bind     the address is open: say where, and how to stop

A project that does not start ends `runserver --noreload`.  With reload its error is served as a page, and
the project comes back when the error is mended.  A wrong command line, or an address that cannot be had,
ends both.

Source: Django's reference "django-admin", section "runserver".
Not here: sockets and threads (`servers.basehttp`); processes and files (`autoreload`).
"""

from __future__ import annotations

import errno
import logging
import os
import re
import shlex
import signal
import socket
import sys
from datetime import datetime
from typing import Any, ClassVar

from miniframe import autoreload
from miniframe.conf import ENVIRONMENT_VARIABLE, SettingsModuleNotFound, settings
from miniframe.exceptions import ImproperlyConfigured
from miniframe.management import failing
from miniframe.management.addresses import advice, is_everywhere, lan_address, like
from miniframe.management.base import BaseCommand
from miniframe.management.errors import CommandError, SystemCheckError
from miniframe.management.parser import CommandParser
from miniframe.servers.basehttp import WSGIServer, get_internal_wsgi_application, run
from miniframe.types import WSGIApplication
from miniframe.utils.log import ServerFormatter
from miniframe.utils.termcolors import Style, color_style, no_style

__all__ = ["Command", "naiveip_re"]

_LABEL = r"[a-zA-Z0-9-]+"
naiveip_re = re.compile(
    r"(?:(?P<addr>"
    r"(?P<ipv4>[0-9]{1,3}(?:\.[0-9]{1,3}){3})"
    r"|(?P<ipv6>\[[0-9a-fA-F:]+\])"
    rf"|(?P<fqdn>{_LABEL}(?:\.{_LABEL})*)"
    r"):)?(?P<port>[0-9]+)\Z"
)
"""Address and port as they are typed; naive, since whether the address exists is for the system to say."""

_BIND_ERRORS = {
    errno.EACCES: "You don't have permission to access that port.",
    errno.EADDRINUSE: "That port is already in use.",
    errno.EADDRNOTAVAIL: "That IP address can't be assigned to.",
}
_WARNING = (
    "WARNING: This is a development server. Do not use it in a production setting. "
    "Use a production WSGI or ASGI server instead."
)
_HIDE_WARNING = "MINIFRAME_RUNSERVER_HIDE_WARNING"


class Command(BaseCommand):
    """Serve the project for development; an app may subclass it in its `management/commands/runserver.py`."""

    help = "Serve the project on this machine, for development."
    stealth_options = ("shutdown_message",)
    suppressed_base_arguments: ClassVar[set[str]] = {"--verbosity", "--traceback"}

    default_addr = "127.0.0.1"
    default_addr_ipv6 = "::1"
    default_port = "8000"
    protocol = "http"
    server_cls: type[WSGIServer] = WSGIServer

    # What `handle` finds out; `on_bind` may be called without it.
    addr = ""
    port = ""
    use_ipv6 = False
    _raw_ipv6 = False
    _reloads = False
    _broken = False
    _refreshes = False

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the address, and three switches."""
        parser.add_argument(
            "addrport",
            nargs="?",
            help=f"Where to listen: a port, or ADDRESS:PORT. Default is {self.default_addr}:{self.default_port}; "
            "port 0 takes any free one, address 0 stands for all addresses of this machine.",
        )
        parser.add_argument(
            "--ipv6", "-6", action="store_true", dest="use_ipv6", help="Listen on an IPv6 address (default: ::1)."
        )
        parser.add_argument(
            "--nothreading", action="store_false", dest="use_threading", help="Answer one request at a time."
        )
        parser.add_argument(
            "--noreload",
            action="store_false",
            dest="use_reloader",
            help="Keep the code that was loaded at start, in a single process, whatever changes.",
        )
        parser.add_argument(
            "--norefresh",
            action="store_false",
            dest="use_refresh",
            help="Leave pages as they are: else those in a browser load themselves anew when their source has changed.",
        )

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Return the parser; a lenient one when the project is broken, for an app's own options are unknown then."""
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        if autoreload.failure() is not None:
            parser.parse_args = lambda args=None, namespace=None: parser.parse_known_args(  # type: ignore[method-assign]
                args, namespace
            )[0]
        return parser

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Let --no-color and --force-color reach the request log, whose formatter asks the environment."""
        if options.get("no_color"):
            os.environ["MINIFRAME_COLORS"] = "nocolor"
            _paint_log(no_style())
        elif options.get("force_color"):
            # For the formatter that is made when the application sets logging up once more.
            os.environ.pop("NO_COLOR", None)
            os.environ["FORCE_COLOR"] = "1"
            _paint_log(color_style(force_color=True))
        if autoreload.failure() is not None:
            # To check anything, settings are read.
            options["skip_checks"] = True
        return super().execute(*args, **options)

    def get_handler(self, *args: Any, **options: Any) -> WSGIApplication:
        """Return the application to serve."""
        application: WSGIApplication = get_internal_wsgi_application()
        return application

    def get_check_kwargs(self, options: dict[str, Any]) -> dict[str, Any]:
        """Check nothing before `handle`: `inner_run` does it, in every process that serves."""
        return {"tags": set()}

    def handle(self, *args: Any, **options: Any) -> None:
        """Find out where to listen, then run.

        Raises:
            CommandError: settings or address cannot work; the message says why.
        """
        # The site is what counts: a banner that nobody can read must not end the server.
        self.stdout.must_arrive = self.stderr.must_arrive = False
        autoreload.attach()
        try:
            self._require_usable_settings()
        except (CommandError, ImproperlyConfigured) as error:
            # At the start this ends everything.  Later one wrong line in settings.py must not.
            if not autoreload.inherited_listeners():
                raise
            autoreload.note_failure(error)
        # Settings that could not be loaded are not tried again, and those that were refused say nothing sound.
        if settings.configured and (settings.DEBUG or settings.ALLOWED_HOSTS):
            autoreload.remember(autoreload.Audience.of(settings.DEBUG, settings.ALLOWED_HOSTS))
        self._read_address(options["addrport"], options["use_ipv6"])
        self.run(**options)

    def _require_usable_settings(self) -> None:
        failure = autoreload.failure()
        if isinstance(failure, SettingsModuleNotFound):
            # A slip of the keyboard, which no later save will mend.
            raise failure
        if failure is None and not settings.DEBUG and not settings.ALLOWED_HOSTS:
            error = CommandError("You must set settings.ALLOWED_HOSTS if DEBUG is False.")
            error.add_note(
                f'For example in {_name_of_settings()}: ALLOWED_HOSTS = ["localhost", "127.0.0.1"] '
                "with the names by which visitors know this site. Or DEBUG = True, while you work on it."
            )
            raise error

    def _read_address(self, addrport: str | None, use_ipv6: bool) -> None:
        """Set addr, port, use_ipv6, and _raw_ipv6: whether addr is an IPv6 address to be shown in brackets."""
        self.use_ipv6 = use_ipv6
        self._raw_ipv6 = False
        self.addr, self.port = "", str(self.default_port)
        if addrport:
            self._parse(addrport)
        if self.use_ipv6 and not socket.has_ipv6:
            raise CommandError("Your Python does not support IPv6.")
        if not self.addr:
            self.addr = self.default_addr_ipv6 if self.use_ipv6 else self.default_addr
            self._raw_ipv6 = self.use_ipv6
        if int(self.port) > 65535:
            raise CommandError(f"{self.port!r} is not a valid port number. Use 1 to 65535, or 0 for any free one.")

    def _parse(self, addrport: str) -> None:
        match = naiveip_re.match(addrport)
        if match is None:
            error = CommandError(f'"{addrport}" is not a valid port number or address:port pair.')
            error.add_note(f"Type a port, or an address and a port: {self._command(like(addrport, self.default_port))}")
            raise error
        self.addr, self.port = match["addr"] or "", match["port"]
        if match["ipv6"]:
            self.addr = self.addr[1:-1]
            self.use_ipv6 = self._raw_ipv6 = True
        elif self.use_ipv6 and match["ipv4"]:
            raise CommandError(f'"{self.addr}" is not a valid IPv6 address.')

    def run(self, **options: Any) -> None:
        """Serve here, or become the supervisor of a process that does."""
        self._reloads = options["use_reloader"]
        if self._reloads and not autoreload.is_worker():
            # Mostly `ManagementUtility` has done this already, before the project was loaded.
            sys.exit(autoreload.supervise(sys.argv))
        self.inner_run(None, **options)

    def inner_run(self, *args: Any, **options: Any) -> None:
        """Check the project, get its handler and serve it until Ctrl-C, SIGTERM or the next change."""
        # A shell that starts us in the background has Ctrl-C ignored; who sends it all the same means it.
        if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            handler = self._load(*args, **options)
            self._serve(self._refreshing(handler, options), options["use_threading"])
        except KeyboardInterrupt:
            if not autoreload.is_worker() and sys.stderr.isatty():
                # Or the prompt would stand behind the ^C.
                self.stderr.write("", str)
            if options.get("shutdown_message"):
                self.stdout.write(options["shutdown_message"])
            self.stdout.flush()
            autoreload.leaving_by_itself()
            sys.exit(0)
        autoreload.leaving_by_itself()

    def _load(self, *args: Any, **options: Any) -> WSGIApplication:
        """Return the project's handler, or, in a worker, one that shows why there is none."""
        failure = autoreload.failure()
        if failure is None:
            try:
                self._check_project(options)
                return self.get_handler(*args, **options)
            except (Exception, SystemExit) as error:
                if not autoreload.is_worker():
                    raise
                failure = error
        self._broken = True
        self.stderr.write(failing.report(failure), str if isinstance(failure, SystemCheckError) else None)
        audience = autoreload.audience()
        if not audience.debug:
            self.stderr.write("DEBUG was off when the settings were last read, so visitors are told nothing of this.")
        self.stderr.flush()
        failing.log_by_itself()
        # By the address that was asked for it may be reached as well, if that is a name.
        return failing.failure_app(failure, audience._replace(hosts=(*audience.hosts, self.addr)))

    def _refreshing(self, handler: WSGIApplication, options: dict[str, Any]) -> WSGIApplication:
        """Return the application with pages that learn when they are old, if there is a supervisor to tell them."""
        if not (autoreload.is_worker() and autoreload.audience().debug and options.get("use_refresh", True)):
            return handler
        from miniframe.autoreload.refresh import Refresh, is_on  # neither without reload, nor without DEBUG

        self._refreshes = is_on()
        return Refresh(handler) if self._refreshes else handler

    def _check_project(self, options: dict[str, Any]) -> None:
        if options["skip_checks"]:
            return
        # After a reload only what is wrong is worth a line.
        first = not autoreload.inherited_listeners()
        if first:
            self.stdout.write("Performing system checks...\n\n")
        self.check(**super().get_check_kwargs(options), display_num_errors=first)

    def _serve(self, handler: WSGIApplication, threading: bool) -> None:
        try:
            run(
                self.addr,
                int(self.port),
                handler,
                server_cls=self.server_cls,
                threading=threading,
                ipv6=self.use_ipv6,
                listeners=autoreload.inherited_listeners(),
                listening=self._take_part_in_reload,
                on_bind=self._announce,
            )
        except OSError as error:
            self.stderr.write(f"Error: {_BIND_ERRORS.get(error.errno or 0, error)}")
            hint = advice(error, self.addr, int(self.port), self.use_ipv6, self._command)
            if hint:
                self.stderr.write(hint, lambda plain: plain)
            self.stdout.flush()
            self.stderr.flush()
            # Not sys.exit(): threads that the project has started would keep the process, and perhaps the port.
            os._exit(1)

    def _take_part_in_reload(self, server: WSGIServer) -> None:
        if self._refreshes:
            from miniframe.autoreload.handover import DIVERSIONS  # as in _refreshing()

            server.diversions = DIVERSIONS
        for listener in server.listeners:
            autoreload.hand_on(listener)
        autoreload.on_leave(lambda: server.drain(autoreload.GRACE))

    def _announce(self, server_port: int) -> None:
        """Connections are taken from here on: tell the person, the first time, and the supervisor, every time."""
        if not autoreload.inherited_listeners():
            self.on_bind(server_port)
        autoreload.serving(broken=self._broken)

    def on_bind(self, server_port: int) -> None:
        """Say where the server is, once it is there."""
        stop = "CTRL-BREAK" if sys.platform == "win32" else "CONTROL-C"
        lines = [
            f"{datetime.now():%B %d, %Y - %X}",
            f"miniframe version {self.get_version()}, using {_settings_module()}",
            f"Starting development server at {self._url(self._shown_address(), server_port)}",
            *self._other_urls(server_port),
            "Reloads when a file changes." if self._reloads else "Does not reload (--noreload).",
        ]
        if self._broken:
            lines.append("The project does not start (see above); the page shows why, until it is mended.")
        lines.append(f"Quit the server with {stop}.")
        self.stdout.write("\n".join(lines))
        if os.environ.get(_HIDE_WARNING) != "true":
            self.stdout.write(self.style.WARNING(_WARNING))
        self.stdout.flush()

    def _shown_address(self) -> str:
        if self._raw_ipv6:
            return f"[{self.addr}]"
        return "0.0.0.0" if self.addr == "0" else self.addr

    def _url(self, address: str, port: int) -> str:
        return f"{self.protocol}://{address}:{port}/"

    def _other_urls(self, port: int) -> list[str]:
        """Return lines with addresses that a browser opens, when the one we listen on is none."""
        if not is_everywhere(self.addr):
            return []
        urls = [f"  on this machine: {self._url('localhost', port)}"]
        neighbour = lan_address()
        if neighbour is not None:
            allowed = autoreload.audience().allows(neighbour)
            needs = "" if allowed else f"  (needs {neighbour!r} in ALLOWED_HOSTS, in {_name_of_settings()})"
            urls.append(f"  in your network: {self._url(neighbour, port)}{needs}")
        return urls

    def _command(self, addrport: str) -> str:
        """Return the command line that serves at another address."""
        program = sys.argv[0]
        if os.path.basename(program) == "__main__.py":
            program = "python -m miniframe"
        elif program.endswith(".py"):
            program = f"python {shlex.quote(program)}"
        ipv6 = " -6" if self.use_ipv6 and not addrport.startswith("[") else ""
        return f"{program} runserver{ipv6} {addrport}"


def _settings_module() -> str:
    # Not settings.SETTINGS_MODULE: settings may be what is broken.
    name = os.environ.get(ENVIRONMENT_VARIABLE)
    return f"settings {name!r}" if name else "settings.configure()"


def _name_of_settings() -> str:
    return os.environ.get(ENVIRONMENT_VARIABLE) or "your settings"


def _paint_log(style: Style) -> None:
    for handler in logging.getLogger("miniframe.server").handlers:
        if isinstance(handler.formatter, ServerFormatter):
            handler.formatter.style = style
