"""The front door, and the page about this site."""

from __future__ import annotations

from miniframe.templatetags.static import static
from miniframe.urls import path
from miniframe.views.generic import RedirectView, TemplateView

from core import views

app_name = "core"
urlpatterns = [
    path("", views.home, name="home"),
    path("about/", TemplateView.as_view(template_name="core/about.html"), name="about"),
    path("robots.txt", views.robots, name="robots"),
    # What a browser asks for when a page (a picture, JSON) cannot name an icon of its own.
    path("favicon.ico", RedirectView.as_view(url=static("img/lighthouse.svg"), permanent=True)),
]
