"""This app's part of /api/v1/."""

from __future__ import annotations

from django.urls import path, re_path

from grids import api

urlpatterns = [
    path("divisions/", api.DivisionListView.as_view(), name="api-divisions"),
    re_path(
        r"^divisions/(?P<code>[0-9]{12}|[0-9]{15})/$", api.DivisionDetailView.as_view(), name="api-division"
    ),
    path("grids/locate/", api.LocateView.as_view(), name="api-locate"),
]
