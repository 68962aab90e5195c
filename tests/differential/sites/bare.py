"""A site without error pages of its own; written for Django."""

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.urls import path


def forbidden(request):
    raise PermissionDenied


def broken(request):
    raise RuntimeError("broken")


urlpatterns = [
    path("400", lambda request: HttpResponse(request.get_host())),
    path("403", forbidden),
    path("500", broken),
]
