"""The addresses of the desk, in place of those that `startproject` made."""

from miniframe.urls import path

from . import views

urlpatterns = [
    path("", views.front, name="front"),
    path("login/", views.login, name="login"),
    path("logout/", views.logout, name="logout"),
    path("who/", views.who, name="who"),
    path("count/", views.count, name="count"),
    path("set/<str:key>/", views.put, name="set"),
    path("notices/", views.notices, name="notices"),
    path("board/", views.board, name="board"),
    path("tickets/", views.tickets, name="tickets"),
    path("slow/", views.slow, name="slow"),
]
"""What needs a session is `login` to `notices`; what needs the cache is `tickets`; `board` would like to have it."""
