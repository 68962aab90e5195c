"""Tide tables: today's, any day's, and many days as a file."""

from __future__ import annotations

from miniframe.urls import path, register_converter

from tides import views
from tides.converters import DayConverter

register_converter(DayConverter, "day")

app_name = "tides"
urlpatterns = [
    path("", views.today, name="today"),
    path("<day:which>/", views.DayView.as_view(), name="day"),
    path("table.csv", views.table, name="table"),
]
