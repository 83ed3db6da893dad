"""Everything that the page of one incident shows to one person: read once, in a fixed number of queries."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from django.db.models import OuterRef, Q, Subquery
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.models import Post, User
from cases import personal, words, workflow
from cases.context import link
from cases.loaders import get_case, sees_inner
from cases.models import (
    Attachment,
    Case,
    CaseEvent,
    CaseLink,
    Deadline,
    DeadlineMark,
    LinkKind,
    MarkKind,
    Part,
    PartKind,
    Stage,
)
from cases.offices import Office
from grids import clock
from grids.wording import listed
from incidents.listing import office_name, part_name
from incidents.models import Incident, Source
from incidents.services import KIND
from incidents.steps import Step, steps_of
from incidents.timeline import (
    Entry,
    Paper,
    Picture,
    attachments_of,
    entries_of,
    events_of,
    glossary_for,
    paper_of,
    parts_of,
    picture_of,
    taken_in_by,
)
from incidents.wording import PERSONAL
from incidents.workflow import DUTIES


@dataclass(frozen=True, slots=True)
class Line:
    """A label and a value, with an address where there is more to see."""

    label: str | Promise
    value: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Button:
    """An action that may be done now."""

    action: str
    label: str | Promise
    url: str


@dataclass(frozen=True, slots=True)
class Clock:
    """A duty of the case with its chip and who owes it."""

    duty: str | Promise
    deadline: Deadline
    holder: str


class CaseFile:
    """One incident as one person may see it, acting under one post. Raises NotFound outside their scope."""

    def __init__(self, user: User, post: Post, number: str) -> None:
        self.user, self.post = user, post
        self.case = get_case(user, number, kind=KIND)
        self.inner = sees_inner(user, self.case)

    @property
    def etag(self) -> str:
        """Changes when anything shown changes: the record, who looks, in which language, on which day."""
        seen = f"{self.case.last_seq}:{self.post.pk}:{self.inner}:{get_language()}:{clock.today()}"
        return f'"{hashlib.sha256(seen.encode()).hexdigest()[:20]}"'

    @property
    def etag_json(self) -> str:
        """The same, as it stands inside a JSON string of a template."""
        return self.etag.replace('"', '\\"')

    @cached_property
    def incident(self) -> Incident:
        found: Incident = Incident.objects.with_case().get(pk=self.case.pk)
        return found

    @cached_property
    def events(self) -> list[CaseEvent]:
        return events_of(self.case, inner=self.inner)

    @cached_property
    def attachments(self) -> list[Attachment]:
        return attachments_of(self.case, inner=self.inner)

    @cached_property
    def entries(self) -> list[Entry]:
        """The record in its order."""
        return entries_of(self.events, self.attachments, glossary_for(self.events, self.user))

    @property
    def newest_first(self) -> list[Entry]:
        return self.entries[::-1]

    @cached_property
    def parts(self) -> list[Part]:
        return parts_of(self.case, self.user, inner=self.inner)

    @cached_property
    def has_slip(self) -> bool:
        """Whether the acceptance slip (受理告知书) is this office's to print, for the first time or again."""
        receiver = taken_in_by(self.case)
        return receiver is not None and Office.of(receiver) == Office.of(self.post)

    def _held(self, kind: str) -> list[Part]:
        return [part for part in self.parts if part.kind == kind]

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

    @property
    def state(self) -> str | Promise:
        return workflow.state_label(self.case)

    @cached_property
    def clocks(self) -> list[Clock]:
        """Open duties first, in the order of their ends, then those that are over."""
        reminder = DeadlineMark.objects.filter(deadline=OuterRef("pk"), kind=MarkKind.REMIND)
        found = self.case.deadlines.select_related("holder_department", "holder_division__parent")
        rows = found.annotate(soon_at=Subquery(reminder.values("at")[:1])).order_by("due_at", "pk")
        made = [Clock(DUTIES.get(row.duty, row.duty), row, office_name(row.holder)) for row in rows]
        return sorted(made, key=lambda one: not one.deadline.is_open)

    @property
    def open_clocks(self) -> list[Clock]:
        return [one for one in self.clocks if one.deadline.is_open]

    @property
    def past_clocks(self) -> list[Clock]:
        return [one for one in self.clocks if not one.deadline.is_open]

    @property
    def clocks_by_start(self) -> list[Clock]:
        """All duties in the order in which they began, for paper."""
        return sorted(self.clocks, key=lambda one: (one.deadline.started_at, one.deadline.pk))

    @property
    def people(self) -> list[Line]:
        """Who has it, who helps, who was told, who reported it, who received it first."""
        lines = [Line(_("负责的综治中心"), office_name(self.case.office))]
        for kind in (PartKind.HANDLER, PartKind.CO_HANDLER, PartKind.COPIED, PartKind.REPORTER):
            names = listed(part_name(part) for part in self._held(kind))
            if names:
                lines.append(Line(PartKind(kind).label, names))
        if self.case.first_receiver is not None:
            receiver = self.case.first_receiver
            lines.append(
                Line(
                    _("首问负责"),
                    _("%(name)s（%(post)s），有单位签收前由其答复")
                    % {"name": receiver.user.name, "post": receiver.label},
                )
            )
        return lines

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

    def _photos(self, *stages: str) -> list[Picture]:
        return [picture_of(one) for one in self.attachments if one.is_picture and one.stage in stages]

    @property
    def before(self) -> list[Picture]:
        return self._photos(Stage.BEFORE)

    @property
    def after(self) -> list[Picture]:
        return self._photos(Stage.AFTER)

    @property
    def other_pictures(self) -> list[Picture]:
        """Photos that show neither before nor after."""
        return self._photos(Stage.OTHER)

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

    @property
    def papers(self) -> list[Paper]:
        return [paper_of(one) for one in self.attachments if not one.is_picture]

    @cached_property
    def links(self) -> list[Line]:
        """Other cases that hang together with this one, of those that the person may see."""
        both = CaseLink.objects.filter(Q(source=self.case) | Q(target=self.case))
        found = list(both.select_related("source", "target").order_by("at", "pk"))
        others = {link.target_id if link.source_id == self.case.pk else link.source_id for link in found}
        seen = set(
            Case.objects.visible_to(self.user).filter(pk__in=others).values_list("pk", flat=True)
            if others
            else ()
        )
        return [line for link in found for line in self._link(link, seen)]

    def _link(self, link: CaseLink, seen: Iterable[int]) -> list[Line]:
        outward = link.source_id == self.case.pk
        other = link.target if outward else link.source
        if other.pk not in seen:
            return []
        state = workflow.state_label(other)
        return [Line(_link_words(link.kind, outward), f"{other} · {state}", other.get_absolute_url())]

    @cached_property
    def actions(self) -> list[Button]:
        """What the post acted under may do now, the likely one first."""
        number = self.case.number
        return [
            Button(row.action, row.label, reverse("incidents:action", args=[number, row.action]))
            for row in workflow.allowed(self.case, self.post)
        ]

    @property
    def seen(self) -> str:
        return workflow.seen_token(self.case)


def _said(value: object) -> str:
    return (_("是") if value else _("否")) if isinstance(value, bool) else str(value)


def _link_words(kind: str, outward: bool) -> str:
    words_of = {
        LinkKind.DUPLICATE: (_("并入了"), _("并进来的重复上报")),
        LinkKind.SPLIT: (_("拆分自"), _("拆分出的任务")),
        LinkKind.RELATED: (_("关联事项"), _("关联事项")),
        LinkKind.MEDIATION: (_("转为调解"), _("来自事件")),
        LinkKind.WHISTLE: (_("转为吹哨"), _("来自事件")),
    }
    return words_of[LinkKind(kind)][0 if outward else 1]
