"""This app's part of /api/v1/."""

from __future__ import annotations

from django.urls import path

import cases.converters  # noqa: F401 - names the shape of a case's number
from cases.api_record import one_case_urls
from cases.api_shapes import url_name
from mediation.api import views
from mediation.api.facts import API
from mediation.services import KIND

ONE = "mediations/<case_number:number>/"

urlpatterns = [
    path("mediations/", views.MediationListView.as_view(), name="api-mediations"),
    path("mediations/figures/", views.FiguresView.as_view(), name="api-mediation-figures"),
    path(ONE, views.MediationView.as_view(), name=url_name(KIND, "one")),
    path(f"{ONE}reveal/", views.RevealView.as_view(), name="api-mediation-reveal"),
    *one_case_urls(API, ONE),
]
