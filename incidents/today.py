"""A grid worker's day: what to check on site, what came back, what became of the own reports."""

from __future__ import annotations

from datetime import date
from functools import cached_property
from typing import Final

from django.db.models import Q, QuerySet

from accounts.http import PostRequest
from cases.context import link
from cases.doors import acting
from cases.models import Part, PartKind
from grids import clock
from incidents import queues
from incidents.listing import Row, by_deadline, by_newest, rows_of, with_rows
from incidents.models import Incident

SHOWN: Final = 10


class Today:
    """The cards of one worker, acting under one post; each heap with how many there are in all."""

    def __init__(self, request: PostRequest) -> None:
        self.user, self.post, self.now = request.user, acting(request), clock.now()
        self.stand = queues.Stand(self.post, self.now)

    @property
    def day(self) -> date:
        return clock.local_day(self.now)

    @property
    def report_url(self) -> str:
        """Where a report is made; empty in an installation without that page."""
        return link("incidents:report")

    @property
    def in_hand_number(self) -> int:
        return self.numbers["accept"] + self.numbers["handle"]

    @property
    def _visible(self) -> QuerySet[Incident]:
        return Incident.objects.visible_to(self.user)

    @cached_property
    def numbers(self) -> dict[str, int]:
        return queues.counts(self._visible, self.stand)

    def _heap(self, condition: Q) -> list[Row]:
        found = with_rows(by_deadline(self._visible.filter(condition), self.post))
        return rows_of(found[:SHOWN], self.post)

    @cached_property
    def to_verify(self) -> list[Row]:
        return self._heap(queues.condition_of(self.stand, "verify"))

    @cached_property
    def in_hand(self) -> list[Row]:
        """What the worker is to handle, sent back for rework or assigned."""
        accept = queues.condition_of(self.stand, "accept")
        return self._heap(accept | queues.condition_of(self.stand, "handle"))

    @cached_property
    def _reported(self) -> QuerySet[Incident]:
        mine = Part.objects.filter(kind=PartKind.REPORTER, ended_at=None, post__user=self.user)
        return self._visible.filter(case__in=mine.values("case"))

    @cached_property
    def reports(self) -> list[Row]:
        """The own reports, the newest first."""
        return rows_of(with_rows(by_newest(self._reported))[:SHOWN], self.post)

    @cached_property
    def reported_open(self) -> int:
        return self._reported.filter(case__closed_at=None).count()
