"""Everything that the API says of one incident to one caller, besides what it says of every case."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from rest_framework.request import Request

from cases import personal
from cases.api_facts import CaseFacts
from cases.timeline import parts_of
from grids import clock
from incidents.api.shapes import WholeIncidentSerializer
from incidents.listing import with_rows
from incidents.models import Incident
from incidents.services import KIND


def rows(found: QuerySet[Incident]) -> QuerySet[Incident]:
    """Everything that a row of the API reads, in a fixed number of queries for the whole list."""
    wide = with_rows(found).select_related("case__office__parent", "case__place__grid")
    return wide.defer("case__place__grid__boundary")


class Facts(CaseFacts):
    """One incident as one caller may see it. Raises NotFound outside their scope."""

    KIND = KIND

    @cached_property
    def incident(self) -> Incident:
        """The facts, with all open parts and not only the handlers' that a list shows."""
        receiver = ("first_receiver__user", "first_receiver__division__parent", "first_receiver__department")
        found = rows(Incident.objects.filter(pk=self.case.pk))
        incident = found.select_related(*(f"case__{name}" for name in receiver)).get()
        parts = parts_of(self.case, self.user, inner=self.inner)
        incident.case.open_parts = parts  # type: ignore[attr-defined]
        return incident

    @cached_property
    def personal(self) -> dict[str, str]:
        """The reporter's values, masked; none for somebody who only reported the matter."""
        return personal.masked(self.case) if self.inner else {}

    def as_json(self, request: Request) -> dict[str, Any]:
        """The whole representation."""
        context = {"request": request, "facts": self, "now": clock.now()}
        return dict(WholeIncidentSerializer(self.incident, context=context).data)
