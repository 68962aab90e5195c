"""The addresses of the blog."""

from django.urls import include, path, re_path

from blog import views

patterns = [
    path("", views.index, name="index"),
    path("new/", views.edit, name="new"),
    path("sign-in/", views.SignIn.as_view(), name="sign-in"),
    path("sign-out/", views.sign_out, name="sign-out"),
    path("feed.xml", views.feed, name="feed"),
    path("<slug:slug>/", views.Detail.as_view(), name="detail"),
    path("<slug:slug>/raw", views.raw, name="raw"),
    path("<slug:slug>/edit/", views.edit, name="edit"),
    path("<slug:slug>/remove/", views.remove, name="remove"),
    path("<slug:slug>/image/", views.image, name="image"),
]

urlpatterns = [
    path("", views.home),
    path("blog/", include((patterns, "blog"))),
    re_path(r"^archive/(?P<slug>[\w-]+)\.html$", views.Old.as_view()),
    path("about/", views.About.as_view(), name="about"),
    path("about/<str:topic>/", views.About.as_view()),
    path("broken/", views.broken),
]

handler400 = "blog.views.bad_request"
handler403 = "blog.views.forbidden"
handler404 = "blog.views.not_found"
handler500 = "blog.views.server_error"
