"""The application's configuration."""

from django.apps import AppConfig


class BooksConfig(AppConfig):
    name = "api"
    verbose_name = "Books"

    def ready(self):
        from api import signals  # noqa: F401
