"""The filters of a list of the API: those of the pages, and no others."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.request import Request

from cases.api_pages import Pages
from cases.errors import Incomplete


class StrictFilters(DjangoFilterBackend):  # type: ignore[misc]  # it comes without types
    """A filter that is not known is refused: a typo must not give everything."""

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: Any) -> QuerySet[Any]:
        known = set(view.filterset_class.base_filters) | Pages.parameters
        message = _("没有这个筛选条件。")
        errors = {name: [message] for name in request.query_params if name not in known}
        if errors:
            raise Incomplete(message, errors=errors)
        found: QuerySet[Any] = super().filter_queryset(request, queryset, view)
        return found
