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
import os
import signal
import socket
import sys
from collections.abc import Sequence
from functools import partial
from typing import Any, ClassVar, NoReturn

from miniframe import autoreload
from miniframe.conf import SettingsModuleNotFound, settings
from miniframe.exceptions import ImproperlyConfigured
from miniframe.handlers.timing import server_timing
from miniframe.management.base import BaseCommand
from miniframe.management.errors import CommandError
from miniframe.management.parser import CommandParser
from miniframe.management.serving import failing, loglook, sources
from miniframe.management.serving.addresses import BIND_ERRORS, advice
from miniframe.management.serving.banner import (
    Banner,
    name_of_settings,
    reachable,
    refusal,
    seconds_since_start,
    told_move,
)
from miniframe.management.serving.endpoint import command_line, endpoint_of, naiveip_re, parse, typed_descriptor
from miniframe.management.serving.listeners import from_activation, given, other_half
from miniframe.management.serving.obituary import obituary
from miniframe.servers.basehttp import WSGIRequestHandler, WSGIServer, get_internal_wsgi_application, run
from miniframe.types import WSGIApplication

__all__ = ["Command", "naiveip_re"]

# Fits a line of 80 columns; what follows it in a file does not.
_WARNING = "WARNING: This is a development server. Do not use it in a production setting."
_ADVICE = " Use a production WSGI or ASGI server instead."
_HIDE_WARNING = "MINIFRAME_RUNSERVER_HIDE_WARNING"
# So many ports are tried when nobody has said which one.
_TRIES = 10


class Command(BaseCommand):
    """Serve the project for development; an app may subclass it in its `management/commands/runserver.py`."""

    help = "Serve the project on this machine, for development."
    stealth_options: tuple[str, ...] = ("shutdown_message",)
    suppressed_base_arguments: ClassVar[set[str]] = {"--verbosity", "--traceback"}

    default_addr = "127.0.0.1"
    default_addr_ipv6 = "::1"
    default_port = "8000"
    protocol: str = "http"
    server_cls: type[WSGIServer] = WSGIServer
    handler_cls: type[WSGIRequestHandler] = WSGIRequestHandler

    # What `handle` finds out; `on_bind` may be called without it.
    addr: str = ""
    port: str = ""
    use_ipv6: bool = False
    _raw_ipv6 = False
    _may_move = False
    _moved_from = ""
    _listeners: Sequence[socket.socket] = ()
    _advice: Sequence[str] = ()
    _reloads = False
    _broken = False
    _refreshes = False

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the address, the switches, and what HTTPS needs."""
        parser.add_argument(
            "addrport",
            nargs="?",
            help=f"Where to listen: a port, or ADDRESS:PORT. Default is {self.default_addr}:{self.default_port}; "
            "port 0 takes any free one, address 0 stands for all addresses of this machine, and fd://3 for a socket "
            "that whoever starts this has opened.",
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
            "--nowarm",
            action="store_false",
            dest="use_warm",
            help="Start a new process for each reload, instead of a copy of one that has loaded the libraries.",
        )
        parser.add_argument(
            "--norefresh",
            action="store_false",
            dest="use_refresh",
            help="Leave pages as they are: else those in a browser load themselves anew when their source has changed.",
        )
        parser.add_argument(
            "--log-format",
            choices=["text", "json"],
            help="How the log is written to standard error: for people, or as one JSON object a line.",
        )
        https = parser.add_argument_group("HTTPS")
        https.add_argument("--https", action="store_true", help="Serve with a certificate made for this machine.")
        https.add_argument("--cert", metavar="FILE", help="Serve with this certificate (PEM).")
        https.add_argument("--key", metavar="FILE", help="Its key, if that is in a file of its own.")

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Return the parser; a lenient one when the project is broken, for an app's own options are unknown then."""
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        if autoreload.failure() is not None:
            parser.parse_args = lambda args=None, namespace=None: parser.parse_known_args(  # type: ignore[method-assign]
                args, namespace
            )[0]
        return parser

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Let the options that say how output looks reach the log, too."""
        loglook.apply(options)
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
        self._choose_certificate(options)
        self.run(**options)

    def _require_usable_settings(self) -> None:
        failure = autoreload.failure()
        if isinstance(failure, SettingsModuleNotFound):
            # A slip of the keyboard, which no later save will mend.
            raise failure
        if failure is None and not settings.DEBUG and not settings.ALLOWED_HOSTS:
            error = CommandError("You must set settings.ALLOWED_HOSTS if DEBUG is False.")
            error.add_note(
                f'For example in {name_of_settings()}: ALLOWED_HOSTS = ["localhost", "127.0.0.1"] '
                "with the names by which visitors know this site. Or DEBUG = True, while you work on it."
            )
            raise error

    def _read_address(self, addrport: str | None, use_ipv6: bool) -> None:
        """Set addr, port, use_ipv6, and _raw_ipv6: whether addr is an IPv6 address to be shown in brackets."""
        self.addr, self.port, self.use_ipv6, self._raw_ipv6 = "", str(self.default_port), use_ipv6, False
        self._may_move = not addrport
        descriptor = typed_descriptor(addrport)
        self._listeners = autoreload.inherited_listeners() or self._opened_by_others(addrport, descriptor)
        if addrport and descriptor is None:
            read = parse(addrport, use_ipv6, self.default_port)
            self.addr, self.port, self.use_ipv6, self._raw_ipv6 = read
        elif self._listeners:
            self.addr, self.port, self.use_ipv6, self._raw_ipv6 = endpoint_of(self._listeners[0])
        if self.use_ipv6 and not socket.has_ipv6:
            raise CommandError("Your Python does not support IPv6.")
        if not self.addr:
            self.addr = self.default_addr_ipv6 if self.use_ipv6 else self.default_addr
            self._raw_ipv6 = self.use_ipv6

    def _opened_by_others(self, addrport: str | None, descriptor: int | None) -> list[socket.socket]:
        """Return the sockets that whoever started this has opened for it."""
        if descriptor is not None:
            return [given(descriptor)]
        if addrport:
            return []
        # They are meant for the process that was started, and that is our parent if it watches over us.
        return from_activation([os.getpid(), *([os.getppid()] if autoreload.is_worker() else [])])

    def _choose_certificate(self, options: dict[str, Any]) -> None:
        """Encrypt connections, if that is asked for."""
        if not any(options.get(name) for name in ("https", "cert", "key")):
            return
        from miniframe.management.serving.certificates import encryption  # ssl, datetime: 15 ms, for few
        from miniframe.servers.tls import TLSRequestHandler, secure

        certificate, key, context, self._advice = encryption(options.get("cert"), options.get("key"))
        autoreload.encrypts_with(certificate, key)
        self.server_cls = secure(self.server_cls, context)
        self.handler_cls = TLSRequestHandler
        self.protocol = "https"

    def run(self, **options: Any) -> None:
        """Serve here, or become the supervisor of a process that does."""
        self._reloads = options["use_reloader"]
        if self._reloads and not autoreload.is_worker():
            # Mostly `ManagementUtility` has done this already, before the project was loaded.
            sys.exit(autoreload.supervise(sys.argv, obituary))
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
                with server_timing():
                    return self.get_handler(*args, **options)
            except BaseException as error:
                if isinstance(error, KeyboardInterrupt) or not autoreload.is_worker():
                    raise
                failure = error
        self._broken = True
        failing.log_by_itself()
        # As far as the log is set up only now.
        loglook.apply(options)
        audience = autoreload.audience()
        failing.tell(failure, self.stderr, audience)
        # By the address that was asked for it may be reached as well, if that is a name.
        return failing.failure_app(failure, audience._replace(hosts=(*audience.hosts, self.addr)))

    def _refreshing(self, handler: WSGIApplication, options: dict[str, Any]) -> WSGIApplication:
        """Return the application with pages that learn when they are old, if there is a supervisor to tell them."""
        self._refreshes = (
            autoreload.is_worker()
            and autoreload.audience().debug
            and options.get("use_refresh", True)
            and autoreload.pages_follow()
        )
        if not self._refreshes:
            return handler
        from miniframe.autoreload.pages.refresh import Refresh  # neither without reload, nor without DEBUG

        return Refresh(handler)

    def _check_project(self, options: dict[str, Any]) -> None:
        if options["skip_checks"]:
            return
        # After a reload only what is wrong is worth a line.
        first = not autoreload.inherited_listeners()
        if first:
            self.stdout.write("Performing system checks...\n\n")
        self.check(**super().get_check_kwargs(options), display_num_errors=first)

    def _serve(self, handler: WSGIApplication, threading: bool) -> None:
        may_try_again = (self._may_move or self.port == "0") and not self._listeners
        for left in reversed(range(_TRIES if may_try_again else 1)):
            try:
                run(
                    self.addr,
                    int(self.port),
                    handler,
                    server_cls=self.server_cls,
                    handler_cls=self.handler_cls,
                    threading=threading,
                    ipv6=self.use_ipv6,
                    listeners=self._listeners,
                    listening=self._take_part,
                    on_bind=self._announce,
                )
                return
            except OSError as error:
                if not left or error.errno != errno.EADDRINUSE:
                    self._give_up(error)
                self._move()

    def _move(self) -> None:
        if self.port != "0":
            self._moved_from = self._moved_from or self.port
            self.port = str(int(self.port) + 1)

    def _give_up(self, error: OSError) -> NoReturn:
        port = self._moved_from or self.port
        self.stderr.write(f"Error: {BIND_ERRORS.get(error.errno or 0, error)}")
        hint = advice(error, self.addr, int(port), self.use_ipv6, partial(command_line, use_ipv6=self.use_ipv6))
        if hint:
            self.stderr.write(hint, lambda plain: plain)
        self.stdout.flush()
        self.stderr.flush()
        # Not sys.exit(): threads that the project has started would keep the process, and perhaps the port.
        os._exit(1)

    def _take_part(self, server: WSGIServer) -> None:
        """Have the server listen wherever it should, and the supervisor know of it."""
        if self.addr == "localhost" and not self.use_ipv6 and not self._listeners:
            for further in other_half(server.server_port, server.request_queue_size):
                server.listen_also(further)
        if self._refreshes:
            from miniframe.autoreload.pages.handover import DIVERSIONS  # as in _refreshing()

            server.diversions = DIVERSIONS
        for listener in server.listeners:
            autoreload.hand_on(listener)
        autoreload.on_leave(lambda: server.drain(autoreload.GRACE))
        autoreload.on_folders(sources.folders)
        autoreload.on_forget(sources.forget_templates)

    def _announce(self, server_port: int) -> None:
        """Connections are taken from here on: tell the person, the first time, and the supervisor, every time."""
        if not autoreload.inherited_listeners():
            self.on_bind(server_port)
        autoreload.serving(broken=self._broken)

    def on_bind(self, server_port: int) -> None:
        """Say where the server is, once it is there."""
        url = f"{self.protocol}://{self._shown_address()}:{server_port}/"
        seconds = seconds_since_start(os.getppid() if autoreload.is_worker() else os.getpid())
        warmth = "warm" if autoreload.starts_warm() else "cold"
        audience = autoreload.audience()
        shown = reachable(self.addr, self.protocol, server_port, audience)
        autoreload.reached_at(shown or [url])
        banner = Banner(
            version=self.get_version(),
            url=url,
            refusal="" if shown else refusal(self._shown_address(), audience),
            urls=list(shown.values()),
            advice=[line.replace("{url}", next(iter(shown), url)) for line in self._advice],
            reloading=f"Reloads when a file changes ({autoreload.reload_method()}; {warmth} start)."
            if self._reloads
            else "Does not reload (--noreload).",
            moved=told_move(self._moved_from, server_port),
            milliseconds=None if seconds is None else seconds * 1000,
            is_broken=self._broken,
            has_keys=autoreload.has_keys(),
        )
        self.stdout.write(str(banner))
        if os.environ.get(_HIDE_WARNING) != "true":
            self.stdout.write(self.style.WARNING(_WARNING if self.stdout.isatty() else _WARNING + _ADVICE))
        self.stdout.flush()

    def _shown_address(self) -> str:
        if self._raw_ipv6:
            return f"[{self.addr}]"
        return "0.0.0.0" if self.addr == "0" else self.addr
