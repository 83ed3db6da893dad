"""The pages that every kind of case shares."""

from __future__ import annotations

from django.urls import path

from cases import views

app_name = "cases"

urlpatterns = [
    path("", views.home, name="home"),
    path("notices/", views.notice_list, name="notices"),
    path("notices/read/", views.read_notices, name="read_notices"),
    path("attachments/<uuid:key>/", views.attachment, name="attachment"),
    path("attachments/<uuid:key>/thumb/", views.thumbnail, name="thumbnail"),
    path("filters/", views.keep_filter, name="keep_filter"),
    path("filters/<int:pk>/forget/", views.forget_filter, name="forget_filter"),
]
