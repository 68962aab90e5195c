"""The addresses of another host."""

from django.urls import path

from shortener import views

urlpatterns = [path("", views.statistics)]

handler404 = views.not_found
