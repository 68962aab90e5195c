"""`deploy KIND`: write what a server needs to serve this project to strangers.

Source: Django's how-to "How to deploy", whose advice these files put into practice.
"""

from __future__ import annotations

import secrets
from typing import Any

from miniframe.management.base import BaseCommand
from miniframe.management.deploying.folders import check_folders
from miniframe.management.deploying.plan import KINDS, PLACEHOLDER, Plan, make_plan
from miniframe.management.deploying.project import Project, enter_project, find_project
from miniframe.management.deploying.rendering import ENVIRONMENT_FILE, render
from miniframe.management.deploying.writing import (
    close_to_others,
    ignore_in_git,
    keep_variables,
    known_variables,
    write,
)
from miniframe.management.errors import CommandError
from miniframe.management.parser import CommandParser


class Command(BaseCommand):
    """Write production settings, and the files of one kind of server."""

    help = "Write what a server needs to serve this project: production settings, and the server's own files."
    missing_args_message: str = f"Enter a kind of deployment: {', '.join(KINDS)}."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the kind, and what the files have to say of the machine."""
        add = parser.add_argument
        add("kind", metavar="KIND", help="; ".join(f"{kind}: {about}" for kind, about in KINDS.items()))
        add("--domain", action="append", metavar="NAME", help="A name that the site answers to; may be repeated.")
        add("--path", help="Where the project will lie on the machine. Default: /srv/NAME.")
        add("--venv", metavar="PATH", help="Its virtual environment there. Default: .venv in that folder.")
        add("--user", help="The user that runs the site. Default: the project's name.")
        add("--group", default="www-data", help="The group of nginx. Default: www-data.")
        add("--script-name", metavar="/APP", help="Serve the site below this path. Default: at the root.")
        add(
            "--backend",
            action="append",
            metavar="HOST:PORT",
            help="Where nginx finds the application; repeat it for several machines. Default: a unix socket.",
        )
        add("--http-port", type=int, metavar="PORT", help="Default: 80; without nginx 8000.")
        add("--https-port", type=int, default=443, metavar="PORT", help="Default: 443.")
        add("--certificate", metavar="PATH", help="Default: certbot's for the first domain.")
        add("--key", metavar="PATH", help="The certificate's key. Default: certbot's.")
        add("--plain-http", action="store_true", help="Serve without https: for a network that you trust wholly.")
        add(
            "--timeout", type=int, default=60, metavar="SECONDS", help="What the slowest request may take. Default: 60."
        )
        add(
            "--force",
            action="store_true",
            help="Replace files that are there, lines of yours in them too, but keep the variables of production.env.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Look at the project, make all texts, and write them."""
        enter_project()
        project = find_project()
        known = known_variables(project.root)
        plan = make_plan(project, options, known.get("SECRET_KEY") or secrets.token_urlsafe(50))
        check_folders(project, private=plan.nginx)
        if close_to_others(project.root):
            self.stderr.write(
                f"Others could read {ENVIRONMENT_FILE}; now its owner alone can. Somebody who has read it knows the "
                "SECRET_KEY: change it if that may be.",
                self.style.WARNING,
            )
        texts = render(project, plan)
        texts[ENVIRONMENT_FILE] = keep_variables(texts[ENVIRONMENT_FILE], known)
        written = write(project.root, texts, options["force"])
        made = [f"{project.static_root}/"] if project.static and not project.static_root.startswith("/") else []
        try:
            if ignore_in_git(project.root, [ENVIRONMENT_FILE, *made]):
                written.append(".gitignore")
        except CommandError as error:
            self.stderr.write(str(error), self.style.WARNING)
        if options["verbosity"]:
            self._tell(project, plan, written, named=bool(options["domain"]))

    def _tell(self, project: Project, plan: Plan, written: list[str], named: bool) -> None:
        """Say what was written, and what is left to do."""
        write = self.stdout.write
        if written:
            write(self.style.SUCCESS(f"Wrote {KINDS[plan.kind]}:"))
            write("\n".join(f"    {path}" for path in written))
        else:
            write("All files are there already, as they should be.")
        if PLACEHOLDER in plan.domains and not named:
            self.stderr.write(
                f"No --domain was given, and ALLOWED_HOSTS names none: {PLACEHOLDER} stands for it in the files.",
                self.style.WARNING,
            )
        if not plan.tls:
            self.stderr.write(
                "Without https whoever sees the traffic can read every page and password, and take over any session. "
                "Browsers will call the site not secure.",
                self.style.WARNING,
            )
        if plan.user == "root":
            self.stderr.write(
                "--user is root: whoever finds a weakness of the site has the whole machine then. Make a user for it.",
                self.style.WARNING,
            )
        if "miniframe.middleware.csrf.CsrfViewMiddleware" not in project.middleware:
            self.stderr.write(
                "MIDDLEWARE has no miniframe.middleware.csrf.CsrfViewMiddleware: other sites can send forms in your "
                "visitors' names. It was not added, since forms without a token would fail from then on.",
                self.style.WARNING,
            )
        write("Next: deploy/README.md has the steps, in order.")
