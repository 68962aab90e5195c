"""`diffsettings`: what the project's settings change.

Source: Django's reference "django-admin", section "diffsettings".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from types import ModuleType
from typing import Any

from miniframe.conf import global_settings, settings
from miniframe.management.base import BaseCommand
from miniframe.management.errors import CommandError
from miniframe.management.parser import CommandParser
from miniframe.views.report.filter import get_default_exception_reporter_filter

_MISSING = object()


class Command(BaseCommand):
    """Compare the settings with the defaults."""

    help = "Show how the settings differ from miniframe's defaults."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Take what to compare with, and how to show it."""
        parser.add_argument(
            "--all", action="store_true", help='Show all settings; in "hash" output, ### comes before unchanged ones.'
        )
        parser.add_argument(
            "--default", metavar="MODULE", help="Compare with this settings module instead of miniframe's defaults."
        )
        parser.add_argument(
            "--output",
            default="hash",
            choices=("hash", "unified"),
            help='"hash" puts ### behind settings that the defaults lack; "unified" shows old and new, as diff does.',
        )

    def handle(self, *args: Any, **options: Any) -> str:
        """Return the differences, one setting to a line."""
        # As they are written: the lazy object would show STATIC_URL with the script's prefix before it.
        names = [name for name in dir(settings) if name.isupper()]
        now = {name: getattr(settings._wrapped, name) for name in names}
        before = _values(self._defaults(options["default"]))
        lines = self._unified if options["output"] == "unified" else self._hash
        return "\n".join(lines(now, before, options["all"]))

    def _defaults(self, name: str | None) -> ModuleType:
        if not name:
            return global_settings
        try:
            return import_module(name)
        except ImportError as exc:
            raise CommandError(f"--default: the settings module {name!r} cannot be imported: {exc}") from exc

    def _hash(self, now: dict[str, Any], before: dict[str, Any], everything: bool) -> Iterator[str]:
        shown = _masked()
        for name, value in sorted(now.items()):
            if name not in before:
                yield f"{name} = {shown(name, value)}  ###"
            elif value != before[name]:
                yield f"{name} = {shown(name, value)}"
            elif everything:
                yield f"### {name} = {shown(name, value)}"

    def _unified(self, now: dict[str, Any], before: dict[str, Any], everything: bool) -> Iterator[str]:
        shown = _masked()
        for name, value in sorted(now.items()):
            old = before.get(name, _MISSING)
            if old is not _MISSING and old != value:
                yield self.style.ERROR(f"- {name} = {shown(name, old)}")
            if old is _MISSING or old != value:
                yield self.style.SUCCESS(f"+ {name} = {shown(name, value)}")
            elif everything:
                yield f"  {name} = {shown(name, value)}"


def _masked() -> Callable[[str, Any], str]:
    """Return what makes the text of a setting's value, with stars for what error pages star: it goes into chats."""
    report = get_default_exception_reporter_filter()
    # An object of a class of its own may have a secret in its repr: the text is looked through too.
    return lambda name, value: report.scrub(repr(report.cleanse_setting(name, value)))


def _values(module: ModuleType) -> dict[str, Any]:
    return {name: value for name, value in vars(module).items() if name.isupper()}
