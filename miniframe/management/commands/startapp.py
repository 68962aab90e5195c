"""`startapp NAME [DIRECTORY]`: one part of a site, with its own views, URLs and tests."""

from __future__ import annotations

from typing import Any

from miniframe.management.templates import TemplateCommand


class Command(TemplateCommand):
    """Make an app."""

    help = "Make a new app: a package with views, URLs, a page and tests."
    missing_args_message: str = "You must provide an application name."
    kind = "app"

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the app and say how to plug it in."""
        name = options["name"]
        target = self.create(name, options["directory"], options)
        if options.get("verbosity", 1) and options.get("template") is None:
            self.stdout.write(self.style.SUCCESS(f"Made the app {name!r} in {target}."))
            self.stdout.write("Next:")
            self.stdout.write(f'    add "{name}" to INSTALLED_APPS in your settings')
            self.stdout.write(f'    add path("{name}/", include("{name}.urls")) to your urlpatterns')
            self.stdout.write("    (include comes from miniframe.urls, as path does)")
