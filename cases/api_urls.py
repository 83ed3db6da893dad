"""This app's part of /api/v1/."""

from __future__ import annotations

from django.urls import path

from cases import api

urlpatterns = [
    path("notices/", api.NoticeListView.as_view(), name="api-notices"),
    path("notices/read/", api.ReadNoticesView.as_view(), name="api-notices-read"),
]
