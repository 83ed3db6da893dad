"""This app's part of /api/v1/."""

from __future__ import annotations

from django.urls import path

import cases.converters  # noqa: F401 - names the shape of a case's number
from incidents.api import actions, catalogue, lists, papers, record

ONE = "incidents/<case_number:number>/"

urlpatterns = [
    path("categories/", catalogue.CategoryListView.as_view(), name="api-categories"),
    path("incidents/", lists.IncidentListView.as_view(), name="api-incidents"),
    path(ONE, record.IncidentView.as_view(), name="api-incident"),
    path(f"{ONE}events/", record.EventsView.as_view(), name="api-events"),
    path(f"{ONE}deadlines/", record.DeadlinesView.as_view(), name="api-deadlines"),
    path(f"{ONE}actions/", actions.ActionListView.as_view(), name="api-actions"),
    path(f"{ONE}reveal/", record.RevealView.as_view(), name="api-reveal"),
    path(f"{ONE}attachments/", papers.PapersView.as_view(), name="api-attachments"),
    path(f"{ONE}attachments/<uuid:key>/", papers.PaperView.as_view(), name="api-attachment"),
    path(f"{ONE}attachments/<uuid:key>/thumb/", papers.ThumbnailView.as_view(), name="api-thumbnail"),
    path(f"{ONE}<slug:action>/", actions.ActionView.as_view(), name="api-action"),
]
