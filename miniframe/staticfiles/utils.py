"""What has to be right before static files can be served.

Source: Django's reference "Settings", sections "STATIC_URL" and "MEDIA_URL".
"""

from __future__ import annotations

from miniframe.conf import settings
from miniframe.exceptions import ImproperlyConfigured

__all__ = ["check_settings"]


def check_settings(base_url: str | None = None) -> None:
    """Check STATIC_URL (or `base_url`), and that it is apart from MEDIA_URL and MEDIA_ROOT.

    Raises:
        ImproperlyConfigured: one of them is missing or in the way of another.
    """
    static_url: str | None = settings.STATIC_URL if base_url is None else base_url
    if not static_url:
        raise ImproperlyConfigured(
            "You're using the staticfiles app without having set the required STATIC_URL setting. "
            "Set it, for example STATIC_URL = 'static/'."
        )
    media_url: str = settings.MEDIA_URL
    if media_url == static_url:
        raise ImproperlyConfigured("The MEDIA_URL and STATIC_URL settings must have different values")
    if settings.DEBUG and media_url and media_url.startswith(static_url):
        raise ImproperlyConfigured(
            "runserver can't serve media if MEDIA_URL is within STATIC_URL. "
            f"They are {media_url!r} and {static_url!r}: move one of them."
        )
    if settings.MEDIA_ROOT and settings.STATIC_ROOT and str(settings.MEDIA_ROOT) == str(settings.STATIC_ROOT):
        raise ImproperlyConfigured("The MEDIA_ROOT and STATIC_ROOT settings must have different values")
