"""The board: the list, one notice, and the forms to pin, change and take down."""

from __future__ import annotations

from miniframe.urls import path

from board import views

app_name = "board"
urlpatterns = [
    path("", views.index, name="index"),
    path("new/", views.PinView.as_view(), name="new"),
    path("<int:pk>/", views.detail, name="detail"),
    path("<int:pk>/edit/", views.ChangeView.as_view(), name="edit"),
    path("<int:pk>/delete/", views.TakeDownView.as_view(), name="delete"),
]
