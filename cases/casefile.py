"""What the page of one case shows to one person, of whatever kind it is: read once, in a fixed number of queries."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from django.db.models import OuterRef, Q, Subquery
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.models import Post, User
from cases import becoming, workflow
from cases.becoming import Offer
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
from cases.names import office_name, part_name
from cases.tables import SubRow
from cases.timeline import (
    Entry,
    Paper,
    Picture,
    attachments_of,
    entries_of,
    events_of,
    paper_of,
    parts_of,
    picture_of,
)
from grids import clock
from grids.wording import listed


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
    """One case as one person may see it, acting under one post. Raises NotFound outside their scope.

    A kind's own file names its KIND and its SPACE, the namespace of its addresses: there are `action`, `why_not` and
    `live`, and `row_action` where its cases have rows that move.
    """

    KIND: ClassVar[str]
    SPACE: ClassVar[str]

    def __init__(self, user: User, post: Post, number: str) -> None:
        self.user, self.post = user, post
        self.case = get_case(user, number, kind=self.KIND)
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
    def events(self) -> list[CaseEvent]:
        return events_of(self.case, inner=self.inner)

    @cached_property
    def attachments(self) -> list[Attachment]:
        return attachments_of(self.case, inner=self.inner)

    @cached_property
    def entries(self) -> list[Entry]:
        """The record in its order."""
        return entries_of(self.case, self.events, self.attachments, self.user)

    @property
    def newest_first(self) -> list[Entry]:
        return self.entries[::-1]

    @cached_property
    def parts(self) -> list[Part]:
        return parts_of(self.case, self.user, inner=self.inner)

    def _held(self, kind: str) -> list[Part]:
        return [part for part in self.parts if part.kind == kind]

    @property
    def state(self) -> str | Promise:
        return workflow.state_label(self.case)

    def duty_name(self, duty: str) -> str | Promise:
        return workflow.of(self.KIND).duties.get(duty, duty)

    def holder_name(self, deadline: Deadline) -> str:
        """What the office that owes a duty is called."""
        return office_name(deadline.holder)

    @cached_property
    def clocks(self) -> list[Clock]:
        """Open duties first, in the order of their ends, then those that are over."""
        reminder = DeadlineMark.objects.filter(deadline=OuterRef("pk"), kind=MarkKind.REMIND)
        found = self.case.deadlines.select_related("holder_department", "holder_division__parent")
        rows = found.annotate(soon_at=Subquery(reminder.values("at")[:1])).order_by("due_at", "pk")
        made = [Clock(self.duty_name(row.duty), row, self.holder_name(row)) for row in rows]
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

    def _photos(self, *stages: str) -> list[Picture]:
        return [picture_of(one) for one in self.attachments if one.is_drawn and one.stage in stages]

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
    def papers(self) -> list[Paper]:
        return [paper_of(one) for one in self.attachments if not one.is_drawn]

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

    def url_of(self, page: str, *more: str | int) -> str:
        """A page of this case's kind about this case."""
        return reverse(f"{self.SPACE}:{page}", args=[self.case.number, *more])

    def action_url(self, action: str, subject: SubRow | None = None) -> str:
        """Where an action on the case, or on a row of it, is done."""
        if subject is None:
            return self.url_of("action", action)
        return self.url_of("row_action", subject.TABLE, subject.pk, action)

    @property
    def live_url(self) -> str:
        return self.url_of("live")

    @property
    def why_url(self) -> str:
        return self.url_of("why_not")

    @cached_property
    def actions(self) -> list[Button]:
        """What the post acted under may do with the case now, the likely one first."""
        return self.buttons()

    def buttons(self, subject: SubRow | None = None) -> list[Button]:
        """What the post acted under may do now with the case, or with a row of it, the likely one first."""
        return [
            Button(row.action, row.label, self.action_url(row.action, subject))
            for row in workflow.allowed(self.case, self.post, subject=subject)
        ]

    @property
    def left_out(self) -> str:
        """What of the record somebody without full sight is not shown, and why."""
        return _("您是这个事项的上报人，能看到办理过程；办理单位的内部备注不在其中。")

    @property
    def offers(self) -> list[Offer]:
        """What the post may make of the case: a whistle, say. Only with the full sight of its scope."""
        return becoming.offers(self.case, self.post) if self.inner else []

    @property
    def seen(self) -> str:
        return self.seen_of(None)

    def seen_of(self, subject: SubRow | None) -> str:
        """What a form remembers of the state in which it was shown."""
        return workflow.seen_token(self.case, subject)


def _link_words(kind: str, outward: bool) -> str:
    words_of = {
        LinkKind.DUPLICATE: (_("并入了"), _("并进来的重复上报")),
        LinkKind.SPLIT: (_("拆分自"), _("拆分出的任务")),
        LinkKind.RELATED: (_("关联事项"), _("关联事项")),
        LinkKind.MEDIATION: (_("转为调解"), _("来自事件")),
        LinkKind.WHISTLE: (_("转为吹哨"), _("来自事件")),
    }
    return words_of[LinkKind(kind)][0 if outward else 1]
