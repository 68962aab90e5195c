"""`check`: look the whole project over before it runs, and say what is wrong with it.

Source: Django's reference "django-admin", section "check".
"""

from __future__ import annotations

from typing import Any

from miniframe import checks
from miniframe.apps import apps
from miniframe.checks.registry import registry
from miniframe.management.base import BaseCommand
from miniframe.management.checking import load_check_modules
from miniframe.management.errors import CommandError
from miniframe.management.parser import CommandParser

_LEVELS = {
    "CRITICAL": checks.CRITICAL,
    "ERROR": checks.ERROR,
    "WARNING": checks.WARNING,
    "INFO": checks.INFO,
    "DEBUG": checks.DEBUG,
}


class Command(BaseCommand):
    """Run the system checks and nothing else."""

    help = "Check the whole project for problems."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Take what to check, and how bad a finding must be to fail."""
        parser.add_argument("args", metavar="app_label", nargs="*", help="Check these apps only.")
        parser.add_argument("--tag", "-t", action="append", dest="tags", help="Run only the checks with this tag.")
        parser.add_argument(
            "--list-tags", action="store_true", help="List the tags there are; with --deploy, those for deployment too."
        )
        parser.add_argument("--deploy", action="store_true", help="Also check the settings for production.")
        parser.add_argument(
            "--fail-level",
            default="ERROR",
            choices=list(_LEVELS),
            help="The exit status is 1 if there is a message of this level or worse. Default is ERROR.",
        )

    def handle(self, *app_labels: str, **options: Any) -> None:
        """Check, or list the tags."""
        load_check_modules()
        deploy = options["deploy"]
        if options["list_tags"]:
            self.stdout.write("\n".join(sorted(registry.tags_available(deploy))))
            return
        tags = options["tags"]
        for tag in tags or ():
            if not checks.tag_exists(tag, include_deployment_checks=deploy):
                raise CommandError(f'There is no system check with the "{tag}" tag. "check --list-tags" lists them.')
        try:
            app_configs = [apps.get_app_config(label) for label in app_labels] or None
        except LookupError as exc:
            raise CommandError(str(exc)) from exc
        self.check(
            app_configs=app_configs,
            tags=tags,
            display_num_errors=True,
            include_deployment_checks=deploy,
            fail_level=_LEVELS[options["fail_level"]],
        )
