"""Everything that the API says of one dispute to one caller, besides what it says of every case."""

from __future__ import annotations

from functools import cached_property
from typing import Any, Final

from rest_framework.request import Request

from cases import personal
from cases.api_actions import KindApi
from cases.api_facts import CaseFacts
from mediation.api import fields
from mediation.api.shapes import WholeMediationSerializer
from mediation.models import (
    Agreement,
    Attempt,
    Confirmation,
    Docket,
    Material,
    Mediation,
    Party,
    Promise,
    RoutesNotice,
    Session,
    Subsidy,
    Visit,
)
from mediation.rows import SUBJECTS, rows_of
from mediation.services import KIND
from mediation.standing import agreement_of

# What is read with each row; of a meeting and the like only for those who handle the dispute.
WITH: Final[dict[Any, tuple[str, ...]]] = {
    Party: ("representatives",),
    Attempt: ("consents",),
    Session: ("invitations__party__case", "invitations__post__user", "invitations__expert"),
}


class Facts(CaseFacts):
    """One dispute as one caller may see it. Raises NotFound outside their scope."""

    KIND = KIND

    @cached_property
    def dispute(self) -> Mediation:
        found: Mediation = Mediation.objects.with_case().get(pk=self.case.pk)
        return found

    @cached_property
    def masked(self) -> dict[str, str]:
        return personal.masked(self.case)

    @cached_property
    def dockets(self) -> list[Docket]:
        rows = self.case.dockets.select_related("committee").prefetch_related("assignments__post__user")
        return list(rows)

    def rows(self, model: Any) -> list[Any]:
        """The rows of one kind, in their order."""
        return list(rows_of(model, self.case).prefetch_related(*WITH.get(model, ())))

    @cached_property
    def parties(self) -> list[Party]:
        return self.rows(Party)

    @cached_property
    def agreement(self) -> Agreement | None:
        return agreement_of(self.case) if self.inner else None

    @cached_property
    def promises(self) -> list[Promise]:
        return [row for row in self.rows(Promise) if row.agreement == self.agreement] if self.inner else []

    @cached_property
    def confirmation(self) -> Confirmation | None:
        return next(iter(self.rows(Confirmation)[::-1]), None) if self.inner else None

    @cached_property
    def materials(self) -> list[Material]:
        return list(Material.objects.filter(case=self.case)) if self.inner else []

    @cached_property
    def visits(self) -> list[Visit]:
        return list(Visit.objects.filter(case=self.case)) if self.inner else []

    @cached_property
    def notice(self) -> RoutesNotice | None:
        return RoutesNotice.objects.filter(case=self.case).first() if self.inner else None

    @cached_property
    def subsidy(self) -> Subsidy | None:
        return next(iter(self.rows(Subsidy)), None)

    def as_json(self, request: Request) -> dict[str, Any]:
        """The whole representation."""
        context = {"request": request, "facts": self, "posts": self.posts}
        return dict(WholeMediationSerializer(self.dispute, context=context).data)


API: Final = KindApi(
    kind=KIND,
    plural="mediations",
    facts=Facts,
    whole=WholeMediationSerializer,
    fields=fields.ACTION_KINDS,
    words=fields.HELP,
    component="Mediation",
    subjects=SUBJECTS,
)
