"""Everything that the API says of one whistle to one caller, besides what it says of every case."""

from __future__ import annotations

from functools import cached_property
from typing import Any, Final

from rest_framework.request import Request

from cases.api_actions import KindApi
from cases.api_facts import CaseFacts
from whistle.api import fields
from whistle.api.shapes import WholeWhistleSerializer
from whistle.models import NegativeEntry, Summons, Whistle
from whistle.rows import SUBJECTS
from whistle.services import KIND


class Facts(CaseFacts):
    """One whistle as one caller may see it. Raises NotFound outside their scope."""

    KIND = KIND

    @cached_property
    def whistle(self) -> Whistle:
        found: Whistle = Whistle.objects.with_case().get(pk=self.case.pk)
        return found

    @cached_property
    def summonses(self) -> list[Summons]:
        """Every department named, the leading one first."""
        rows = Summons.objects.filter(case=self.case).with_people().prefetch_related("tasks")
        found = list(rows.order_by("-lead", "pk"))
        for row in found:
            row.case = self.case
        return found

    @cached_property
    def entries(self) -> list[NegativeEntry]:
        found = list(NegativeEntry.objects.filter(summons__case=self.case).with_whistle())
        for row in found:
            row.summons.case = self.case
        return found

    def as_json(self, request: Request) -> dict[str, Any]:
        """The whole representation."""
        context = {"request": request, "facts": self, "posts": self.posts}
        return dict(WholeWhistleSerializer(self.whistle, context=context).data)


API: Final = KindApi(
    kind=KIND,
    plural="whistles",
    facts=Facts,
    whole=WholeWhistleSerializer,
    fields=fields.ACTION_KINDS,
    words=fields.HELP,
    component="Whistle",
    subjects=SUBJECTS,
)
