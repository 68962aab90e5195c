"""The gallery: the wall, one picture, its bytes, and the upload."""

from __future__ import annotations

from miniframe.urls import path

from gallery import views

app_name = "gallery"
urlpatterns = [
    path("", views.index, name="index"),
    path("new/", views.UploadView.as_view(), name="new"),
    path("<int:pk>/", views.detail, name="detail"),
    path("<int:pk>/image", views.image, name="image"),
    path("<int:pk>/download", views.download, name="download"),
]
