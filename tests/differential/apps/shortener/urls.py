"""The addresses of the shortener."""

from django.urls import path, register_converter

from shortener import converters, views

register_converter(converters.Base62Converter, "short")

urlpatterns = [
    path("", views.home, name="home"),
    path("made/<short:number>", views.made, name="made"),
    path("remove/<path:token>", views.remove, name="remove"),
    path("statistics", views.statistics, name="statistics"),
    path("slow", views.slow),
    path("p/<short:number>", views.follow, {"permanent": True}, name="follow-for-ever"),
    path("<short:number>", views.follow, name="follow"),
]

handler400, handler404, handler500 = views.bad_request, views.not_found, views.server_error
