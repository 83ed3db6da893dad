"""This app's part of /api/v1/."""

from __future__ import annotations

from django.urls import path

from oversight import api

urlpatterns = [
    path("indicators/", api.IndicatorsView.as_view(), name="api-indicators"),
    path("indicators/table/", api.IndicatorTableView.as_view(), name="api-indicator-table"),
    path("indicators/behind/", api.BehindView.as_view(), name="api-indicator-behind"),
]
