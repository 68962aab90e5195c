"""The addresses of the corpus, in place of those that `startproject` made."""

from miniframe.urls import path

from . import views

urlpatterns = [
    path("", views.plain, name="plain"),
    path("echo/", views.echo, name="echo"),
    path("näme/<str:name>/", views.named, name="named"),
    path("stream/<str:token>/", views.stream),
    path("endless/<str:token>/", views.endless),
    path("events/<str:token>/", views.events),
    path("download/<str:name>", views.download),
    path("accelerated/<str:name>", views.accelerated),
    path("offset/", views.offset),
    path("upload/", views.upload),
    path("cookies/", views.cookies),
    path("visits/", views.visits),
    path("unchanged/", views.unchanged),
    path("go/", views.go),
    path("broken/", views.broken),
    path("broken-stream/<str:token>/", views.broken_stream),
    path("slow/<str:token>/", views.slow),
    path("brief/", views.brief),
    path("empty/", views.empty),
    path("assets/<path:name>", views.assets),
]
