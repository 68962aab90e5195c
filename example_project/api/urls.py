"""The API's addresses; whatever else is asked for below /api/ gets a 404 in JSON as well."""

from __future__ import annotations

from miniframe.urls import path

from api import views

app_name = "api"
urlpatterns = [
    path("", views.index, name="index"),
    path("notices/", views.NoticesView.as_view(), name="notices"),
    path("notices/<int:pk>/", views.NoticeView.as_view(), name="notice"),
    path("gallery/", views.PicturesView.as_view(), name="pictures"),
    path("tides/", views.TidesView.as_view(), name="tides"),
    path("<path:rest>", views.NothingView.as_view(), name="nothing"),
]
