"""`shell`: Python with the project loaded, to type at, or to run a piece of code in.

Source: Django's reference "django-admin", section "shell".
"""

from __future__ import annotations

import os
import sys
from typing import Any

from miniframe.conf import settings
from miniframe.management import tracebacks
from miniframe.management.base import BaseCommand
from miniframe.management.errors import CommandError
from miniframe.management.parser import CommandParser
from miniframe.test import Client
from miniframe.urls import reverse


class Command(BaseCommand):
    """Run Python in the project."""

    help = "Start Python with the project's settings loaded, or run code in it."
    requires_system_checks: list[str] = []
    shells: tuple[str, ...] = ("ipython", "bpython", "python")

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the code to run, or the kind of shell."""
        parser.add_argument(
            "--no-startup", action="store_true", help="Plain Python: do not run PYTHONSTARTUP and ~/.pythonrc.py first."
        )
        parser.add_argument("--no-imports", action="store_true", help="Start with an empty namespace.")
        parser.add_argument(
            "-i", "--interface", choices=self.shells, help="The shell to start. Default: the first that is installed."
        )
        parser.add_argument("-c", "--command", help="Run this code and exit, instead of starting a shell.")

    def get_namespace(self, **options: Any) -> dict[str, Any]:
        """Return the names that are there from the start; a project's own `shell` may add to them."""
        if options.get("no_imports"):
            return {}
        # Under DEBUG a site answers to localhost, and not to the test client's usual "testserver".
        return {"client": Client(SERVER_NAME="localhost"), "reverse": reverse, "settings": settings}

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the code of --command or of a pipe, or start a shell."""
        namespace = {"__name__": "__main__", **self.get_namespace(**options)}
        if options["command"] is not None:
            exec(compile(options["command"], "<command>", "exec"), namespace)
        elif not sys.stdin.isatty() and options["interface"] is None:
            exec(compile(sys.stdin.read(), "<stdin>", "exec"), namespace)
        else:
            self._interact(namespace, options)

    def _interact(self, namespace: dict[str, Any], options: dict[str, Any]) -> None:
        # Whoever types here is told of each error in Python's own way: there is no --traceback to add.
        tracebacks.uninstall()
        wanted = [options["interface"]] if options["interface"] else list(self.shells)
        for name in wanted:
            try:
                getattr(self, name)(namespace, options)
                return
            except ImportError:
                continue
        raise CommandError(f"Couldn't import {wanted[0]} interface: it is not installed for {sys.executable}.")

    def ipython(self, namespace: dict[str, Any], options: dict[str, Any]) -> None:
        """Start IPython."""
        from IPython import start_ipython  # type: ignore[import-not-found, unused-ignore]  # only if it is installed

        start_ipython(argv=[], user_ns=namespace)

    def bpython(self, namespace: dict[str, Any], options: dict[str, Any]) -> None:
        """Start bpython."""
        import bpython  # type: ignore[import-not-found, unused-ignore]  # only if it is installed

        bpython.embed(namespace)

    def python(self, namespace: dict[str, Any], options: dict[str, Any]) -> None:
        """Start Python's own interpreter, with the completion and start-up files that it has elsewhere."""
        import code  # only for people who type

        try:
            import readline
            import rlcompleter
        except ImportError:  # not built with it: typing works, TAB does not complete
            pass
        else:
            readline.set_completer(rlcompleter.Completer(namespace).complete)
            readline.parse_and_bind("tab: complete")
        if not options["no_startup"]:
            for path in (os.environ.get("PYTHONSTARTUP"), os.path.expanduser("~/.pythonrc.py")):
                self._run_file(path, namespace)
        names = ", ".join(sorted(name for name in namespace if not name.startswith("__")))
        banner = f"Python {sys.version.split()[0]}, settings {settings.SETTINGS_MODULE}."
        code.interact(banner=f"{banner} Ready to use: {names}." if names else banner, local=namespace, exitmsg="")

    def _run_file(self, path: str | None, namespace: dict[str, Any]) -> None:
        """Run a start-up file; a mistake in it is shown, and is no reason not to start."""
        if not path or not os.path.isfile(path):
            return
        try:
            with open(path, encoding="utf-8") as file:
                exec(compile(file.read(), path, "exec"), namespace)
        except Exception as exc:
            self.stderr.write(f"{path}: {type(exc).__name__}: {exc}")
