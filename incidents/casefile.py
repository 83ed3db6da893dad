"""Everything that the page of one incident shows to one person, besides what the page of every case shows."""

from __future__ import annotations

from functools import cached_property

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Post
from accounts.roles import CENTRE_ROLES
from cases import personal, words
from cases.casefile import CaseFile, Line
from cases.context import link
from cases.models import Case, CaseEvent, PartKind
from cases.names import office_name, part_name
from cases.offices import Office
from cases.steps import Step
from incidents.models import Incident, Source
from incidents.services import KIND
from incidents.steps import steps_of
from incidents.wording import PERSONAL


class IncidentFile(CaseFile):
    """One incident as one person may see it, acting under one post. Raises NotFound outside their scope."""

    KIND = KIND
    SPACE = "incidents"

    @cached_property
    def incident(self) -> Incident:
        found: Incident = Incident.objects.with_case().get(pk=self.case.pk)
        return found

    @cached_property
    def has_slip(self) -> bool:
        """Whether the acceptance slip (受理告知书) is this office's to print, for the first time or again."""
        receiver = taken_in_by(self.case)
        return receiver is not None and Office.of(receiver) == Office.of(self.post)

    @property
    def holder(self) -> str:
        """Who has the case now."""
        handlers = self._held(PartKind.HANDLER)
        if handlers and self.case.state in ("assigned", "investigating", "suspended"):
            return part_name(handlers[0])
        return office_name(self.case.office)

    @cached_property
    def steps(self) -> list[Step]:
        return steps_of(self.case, self.events, self.holder)

    @cached_property
    def caller(self) -> list[Line]:
        """The reporter's personal values, masked; none for somebody who only reported it."""
        if not self.inner:
            return []
        known = personal.masked(self.case)
        return [Line(PERSONAL.get(name, name), value or _("已匿名")) for name, value in known.items()]

    @property
    def facts(self) -> list[Line]:
        incident = self.incident
        large = incident.category.parent
        told = f"{large} › {incident.category}" if large else str(incident.category)
        # What the category said when the matter was reported, whatever it says by now.
        rules = reverse("incidents:category_version", args=[incident.category.code, incident.version.number])
        lines = [
            Line(_("类别"), told, rules),
            Line(_("地点"), incident.case.place.path),
            Line(_("地址"), incident.address),
            Line(_("发生时间"), words.when(incident.occurred_at) if incident.occurred_at else ""),
            Line(_("来源"), str(Source(incident.source).label)),
            Line(_("上报时间"), words.when(self.case.opened_at)),
            Line(_("本件任务"), incident.split_task),
        ]
        lines += [Line(label, _said(value)) for label, value in incident.extra_values()]
        return [line for line in lines if line.value]

    @property
    def shapes_url(self) -> str:
        """The outlines around the place; empty where the place has none of its own."""
        place = self.incident.case.place
        village = place.parent if place.level == "grid" and place.parent is not None else place
        address = link("place-shapes")
        return f"{address}?within={village.code}" if address and village.level == "village" else ""

    @property
    def lat(self) -> float | None:
        return self.incident.lat

    @property
    def lng(self) -> float | None:
        return self.incident.lng

    @property
    def accuracy(self) -> float | None:
        return self.incident.accuracy

    @property
    def surveyed(self) -> bool:
        return self.incident.place_geometry == "surveyed"


def taken_in_by(case: Case) -> Post | None:
    """The centre's post that wrote the matter down, by the record; None for a worker's report and for a task."""
    first = CaseEvent.objects.filter(case=case, seq=1, verb="incident.reported", post__role__in=CENTRE_ROLES)
    found = first.select_related("post__user", "post__division__parent", "post__department").first()
    return found.post if found else None


def _said(value: object) -> str:
    return (_("是") if value else _("否")) if isinstance(value, bool) else str(value)
