"""This app's part of /api/v1/."""

from __future__ import annotations

from django.urls import path

import cases.converters  # noqa: F401 - names the shape of a case's number
from cases.api_record import one_case_urls
from cases.api_shapes import url_name
from whistle.api import views
from whistle.api.facts import API
from whistle.services import KIND

ONE = "whistles/<case_number:number>/"

urlpatterns = [
    path("whistles/", views.WhistleListView.as_view(), name="api-whistles"),
    path("whistles/contact/", views.ContactView.as_view(), name="api-whistle-contact"),
    path("whistles/figures/", views.FiguresView.as_view(), name="api-whistle-figures"),
    path("negative-entries/", views.EntryListView.as_view(), name="api-negative-entries"),
    path("negative-entries/<int:pk>/", views.EntryView.as_view(), name="api-negative-entry"),
    path(
        "negative-entries/<int:pk>/<slug:action>/",
        views.EntryActionView.as_view(),
        name="api-negative-entry-action",
    ),
    path(ONE, views.WhistleView.as_view(), name=url_name(KIND, "one")),
    path(f"{ONE}summons/", views.SummonsListView.as_view(), name="api-whistle-summonses"),
    path(f"{ONE}summons/<int:pk>/", views.SummonsView.as_view(), name="api-whistle-summons-one"),
    *one_case_urls(API, ONE),
]
