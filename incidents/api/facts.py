"""Everything that the API says of one incident to one caller: read once, in a fixed number of queries."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.db.models import Q, QuerySet
from rest_framework.request import Request

from accounts.models import Post, User
from cases import personal, workflow
from cases.loaders import get_case, sees_inner
from cases.models import Attachment, Case, CaseLink
from cases.tables import Transition
from grids import clock
from incidents.api.shapes import WholeIncidentSerializer
from incidents.listing import with_rows
from incidents.models import Incident
from incidents.services import KIND
from incidents.timeline import attachments_of, parts_of


def rows(found: QuerySet[Incident]) -> QuerySet[Incident]:
    """Everything that a row of the API reads, in a fixed number of queries for the whole list."""
    wide = with_rows(found).select_related("case__office__parent", "case__place__grid")
    return wide.defer("case__place__grid__boundary")


class Facts:
    """One incident as one caller may see it. Raises NotFound outside their scope."""

    def __init__(self, user: User, posts: list[Post], number: str) -> None:
        self.user, self.posts = user, posts
        self.case: Case = get_case(user, number, kind=KIND)
        self.inner = sees_inner(user, self.case)

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

    @cached_property
    def attachments(self) -> list[Attachment]:
        return attachments_of(self.case, inner=self.inner)

    @cached_property
    def links(self) -> list[dict[str, Any]]:
        """Other cases that hang together with this one, of those that the caller may see."""
        both = CaseLink.objects.filter(Q(source=self.case) | Q(target=self.case))
        found = list(both.select_related("source", "target").order_by("at", "pk"))
        visible = Case.objects.visible_to(self.user)
        others = [one.target_id if one.source_id == self.case.pk else one.source_id for one in found]
        seen = set(visible.filter(pk__in=others).values_list("pk", flat=True)) if others else set()
        return [self._link(one) for one, other in zip(found, others, strict=True) if other in seen]

    def _link(self, link: CaseLink) -> dict[str, Any]:
        outward = link.source_id == self.case.pk
        other = link.target if outward else link.source
        return {
            "kind": link.kind,
            "outward": outward,
            "number": other.number,
            "title": other.title,
            "state": other.state,
            "state_label": str(workflow.state_label(other)),
        }

    @cached_property
    def allowed(self) -> dict[str, tuple[Transition, Post]]:
        """What the caller may do now, the likely first, each with the first of their posts that may."""
        found: dict[str, tuple[Transition, Post]] = {}
        for post in self.posts:
            for row in workflow.allowed(self.case, post):
                found.setdefault(row.action, (row, post))
        return dict(sorted(found.items(), key=lambda item: item[1][0].rank))

    def as_json(self, request: Request) -> dict[str, Any]:
        """The whole representation."""
        context = {"request": request, "facts": self, "now": clock.now()}
        return dict(WholeIncidentSerializer(self.incident, context=context).data)
