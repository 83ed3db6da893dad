"""This app's part of /api/v1/."""

from __future__ import annotations

from django.urls import path

import cases.converters  # noqa: F401 - names the shape of a case's number
from cases.api_record import one_case_urls
from cases.api_shapes import url_name
from incidents.api import catalogue, lists, record
from incidents.services import KIND

ONE = "incidents/<case_number:number>/"

urlpatterns = [
    path("categories/", catalogue.CategoryListView.as_view(), name="api-categories"),
    path("incidents/", lists.IncidentListView.as_view(), name="api-incidents"),
    path(ONE, record.IncidentView.as_view(), name=url_name(KIND, "one")),
    path(f"{ONE}reveal/", record.RevealView.as_view(), name=url_name(KIND, "reveal")),
    *one_case_urls(record.API, ONE),
]
