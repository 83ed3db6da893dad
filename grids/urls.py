"""What pages fetch about places."""

from __future__ import annotations

from django.urls import path

from grids import views

urlpatterns = [
    path("places/search/", views.search, name="place-search"),
    path("places/shapes/", views.shapes, name="place-shapes"),
]
