"""What every page knows."""

from django.conf import settings


def site(request):
    return {"site_name": settings.SITE_NAME, "author": request.author}
