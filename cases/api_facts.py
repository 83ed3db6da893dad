"""Everything that the API says of one case to one caller: read once, in a fixed number of queries."""

from __future__ import annotations

from functools import cached_property
from typing import Any, ClassVar

from django.db.models import Q
from rest_framework.request import Request

from accounts.models import Post, User
from cases import workflow
from cases.loaders import get_case, sees_inner
from cases.models import Attachment, Case, CaseLink
from cases.tables import SubRow, Transition
from cases.timeline import attachments_of


class CaseFacts:
    """One case as one caller may see it. Raises NotFound outside their scope. A kind's own gives its KIND."""

    KIND: ClassVar[str]

    def __init__(self, user: User, posts: list[Post], number: str) -> None:
        self.user, self.posts = user, posts
        self.case: Case = get_case(user, number, kind=self.KIND)
        self.inner = sees_inner(user, self.case)

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
        """What the caller may do with the case now, the likely first, each with the first of their posts that may."""
        return self.allowed_of(None)

    def allowed_of(self, subject: SubRow | None) -> dict[str, tuple[Transition, Post]]:
        """The same for a row of the case; for the case itself without one."""
        found: dict[str, tuple[Transition, Post]] = {}
        for post in self.posts:
            for row in workflow.allowed(self.case, post, subject=subject):
                found.setdefault(row.action, (row, post))
        return dict(sorted(found.items(), key=lambda item: item[1][0].rank))

    def as_json(self, request: Request) -> dict[str, Any]:
        """The whole representation."""
        raise NotImplementedError
