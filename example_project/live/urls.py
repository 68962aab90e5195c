"""The live page, and the two streams behind it."""

from __future__ import annotations

from miniframe.urls import path
from miniframe.views.generic import TemplateView

from live import views

app_name = "live"
urlpatterns = [
    path("", TemplateView.as_view(template_name="live/index.html"), name="index"),
    path("events/", views.events, name="events"),
    path("plain/", views.plain, name="plain"),
]
