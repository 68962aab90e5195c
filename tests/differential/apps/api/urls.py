"""The addresses of the API."""

from django.http import JsonResponse
from django.urls import include, path, register_converter

from api import converters, views

register_converter(converters.DayConverter, "day")


def version(number):
    return [
        path("books/", views.Books.as_view(api_version=number), name="books"),
        path("books/<int:number>/", views.Book.as_view(api_version=number), name="book"),
        path("books.csv", views.export, name="export"),
        path("summary/<day:since>/", views.summary, name="summary"),
    ]


urlpatterns = [
    path("", lambda request: JsonResponse({"versions": [1, 2]})),
    path("v1/", include((version(1), "api"), namespace="v1")),
    path("v2/", include((version(2), "api"), namespace="v2")),
    path("echo/", views.echo),
    path("nothing/", views.nothing),
]

handler400 = "api.views.bad_request"
handler403 = "api.views.forbidden"
handler404 = "api.views.not_found"
handler500 = "api.views.server_error"
