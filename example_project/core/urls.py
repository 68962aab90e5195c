"""The front door, and the page about this site."""

from __future__ import annotations

from miniframe.urls import path
from miniframe.views.generic import TemplateView

from core import views

app_name = "core"
urlpatterns = [
    path("", views.home, name="home"),
    path("about/", TemplateView.as_view(template_name="core/about.html"), name="about"),
    path("robots.txt", views.robots, name="robots"),
    path("favicon.ico", views.favicon),
]
