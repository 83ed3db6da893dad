"""The API: every app's part of version 1, its schema and its documentation."""

from __future__ import annotations

from django.urls import include, path

from cases.api_schema import DocsView, SchemaView

urlpatterns = [
    path("v1/", include("accounts.api_urls")),
    path("v1/", include("grids.api_urls")),
    path("v1/", include("cases.api_urls")),
    path("v1/", include("incidents.api_urls")),
    path("v1/", include("whistle.api_urls")),
    path("v1/", include("mediation.api_urls")),
    path("v1/", include("oversight.api_urls")),
    path("schema/", SchemaView.as_view(), name="api-schema"),
    path("docs/", DocsView.as_view(), name="api-docs"),
]
