"""An installation whose pages are mostly missing."""

from __future__ import annotations

from django.urls import include, path

from tests.ui.urls import cases

urlpatterns = [path("cases/", include(cases))]
