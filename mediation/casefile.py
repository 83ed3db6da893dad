"""Everything that the page of one dispute shows to one person, besides what the page of every case shows.

Who watches over a dispute sees where it stands and the masked names; what the parties said is for those who handle it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise as Words
from django.utils.translation import gettext as _

from cases import becoming, personal
from cases.becoming import Offer
from cases.casefile import Button, CaseFile, Line
from cases.models import Case, Deadline
from cases.names import office_name
from cases.steps import Step
from cases.words import when
from grids.wording import listed
from mediation import choices as c
from mediation import parties, routing, services
from mediation.fields import guest_label
from mediation.guards import missing_papers
from mediation.models import (
    Agreement,
    Attempt,
    Confirmation,
    Docket,
    Invitation,
    Material,
    Mediation,
    Party,
    Promise,
    Session,
    Subsidy,
    last_day_to_confirm,
)
from mediation.rows import rows_of
from mediation.standing import agreement_of
from mediation.steps import steps_of
from mediation.tables import grades
from mediation.workflow import (
    ATTEMPT_STATES,
    CONFIRMATION_STATES,
    PROMISE_STATES,
    SESSION_STATES,
    SUBSIDY_STATES,
)


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a dispute as its page shows it: what it is called, where it stands, its clock, what may be done."""

    row: Any
    title: str
    state: str | Words = ""
    deadline: Deadline | None = None
    facts: list[Line] = field(default_factory=list)
    words: str = ""
    buttons: list[Button] = field(default_factory=list)


class MediationFile(CaseFile):
    """One dispute as one person may see it, acting under one post. Raises NotFound outside their scope."""

    KIND = services.KIND
    SPACE = "mediation"

    @cached_property
    def dispute(self) -> Mediation:
        found: Mediation = Mediation.objects.with_case().get(pk=self.case.pk)
        return found

    @cached_property
    def handles(self) -> bool:
        """Whether the post acted under mediates here: it may see who the parties are, for a reason."""
        return services.mediates(self.case, self.post)

    @cached_property
    def docket(self) -> Docket:
        return routing.docket_of(self.case)

    @cached_property
    def dockets(self) -> list[Docket]:
        return list(self.case.dockets.select_related("committee"))

    def holder_name(self, deadline: Deadline) -> str:
        """A duty of the dispute is its committee's; that of a subsidy the centre's that approves it."""
        at = next(
            (
                one.committee
                for one in self.dockets
                if one.committee.division_id == deadline.holder_division_id
            ),
            None,
        )
        return at.name if at is not None and deadline.duty != "subsidy" else super().holder_name(deadline)

    @property
    def number(self) -> str:
        """The number at the committee that has it; empty before it is accepted."""
        return self.docket.number

    @cached_property
    def holder(self) -> str:
        """Who has to move now."""
        named = [row.post.user.name for row in routing.assigned(self.case)]
        return f"{self.docket.committee.name} {listed(named)}".strip()

    @cached_property
    def steps(self) -> list[Step]:
        return steps_of(self.case, self.events, self.holder)

    @property
    def facts(self) -> list[Line]:
        """What it is about, as everybody who sees the dispute may know."""
        dispute = self.dispute
        lines = [
            Line(_("卷号"), self.number or _("受理后编号")),
            Line(_("调解委员会"), self.docket.committee.name),
            Line(_("层级"), str(c.Tier(self.docket.tier).label)),
            Line(_("纠纷类别"), str(c.Kind(dispute.kind).label)),
            Line(
                _("来源"),
                listed([str(c.Source(dispute.source).label), *filter(None, [dispute.source_number])]),
            ),
            Line(_("启动方式"), str(c.Initiative(dispute.initiative).label)),
            Line(_("登记时间"), when(self.case.opened_at)),
        ]
        if dispute.amount is not None:
            lines.append(Line(_("涉及金额"), _("%(n)s 元") % {"n": f"{dispute.amount:,.2f}"}))
        if dispute.cross_division:
            lines.append(Line(_("跨区域或者特别重大"), _("是")))
        if dispute.ending:
            lines.append(Line(_("结果"), str(c.Ending(dispute.ending).label)))
        return lines

    @cached_property
    def same_parties(self) -> list[Case]:
        """Disputes between the same parties of which this committee was told, as far as it may see them."""
        if not self.handles:
            return []
        told = {number for event in self.events for number in event.data.get("same_parties") or []}
        found = Case.objects.in_scope_of_post(self.post).filter(number__in=told, office=self.case.office)
        return list(found.select_related("mediation").order_by("-opened_at"))

    # --- what the parties are called and said

    @cached_property
    def masked(self) -> dict[str, str]:
        return personal.masked(self.case)

    @cached_property
    def parties(self) -> list[Row]:
        """By side, with masked names; who left stands last."""
        rows = rows_of(Party, self.case).prefetch_related("representatives").order_by("-state", "side", "pk")
        return [self._party(row) for row in rows]

    def name_of(self, row: Any) -> str:
        return self.masked.get(parties.field_of(row, "name")) or "—"

    def called(self, party: Party) -> str:
        """A party by side and masked name."""
        return f"{c.Side(party.side).label} {self.name_of(party)}"

    def _party(self, row: Party) -> Row:
        told = [
            (_("身份证号或信用代码"), "id_number"), (_("电话"), "phone"), (_("住址"), "address"),
        ]  # fmt: skip
        lines = [
            Line(label, self.masked[parties.field_of(row, name)])
            for label, name in told
            if self.inner and self.masked.get(parties.field_of(row, name))
        ]
        described = [str(c.Sex(row.sex).label) if row.sex else "", row.nation, row.occupation]
        if row.age is not None:
            described.append(_("%(n)s 岁") % {"n": row.age})
        if self.inner and any(described):
            lines.append(Line(_("情况"), listed(filter(None, described))))
        for rep in row.representatives.all():
            if rep.until is None and self.inner:
                said = f"{self.name_of(rep)}（{c.Authority(rep.authority).label}）"
                lines.append(Line(_("代理人"), said))
        state = _("不再参加") if row.state == "left" else ""
        title = self.called(row)
        return Row(row, title, state, facts=lines, buttons=self.buttons(row) if self.inner else [])

    # --- rows

    @cached_property
    def _ends(self) -> dict[tuple[str, int], Deadline]:
        """The last duty of each row, by its name and row."""
        found = self.case.deadlines.exclude(item=0).order_by("pk")
        return {(row.duty, row.item): row for row in found}

    @cached_property
    def attempts(self) -> list[Row]:
        """Every attempt, the newest first, with who has agreed to it."""
        rows = rows_of(Attempt, self.case).prefetch_related("consents__party").order_by("-pk")
        return [self._attempt(row) for row in rows]

    def _attempt(self, row: Attempt) -> Row:
        agreed = [str(c.Side(one.party.side).label) for one in row.consents.all()]
        lines = [Line(_("同意调解"), listed(agreed) or _("还没有"))]
        if row.begun_at is not None:
            lines.append(Line(_("开始"), when(row.begun_at)))
        if row.ended_at is not None:
            lines.append(Line(_("结束"), when(row.ended_at)))
        title = _("%(tier)s第%(n)s次") % {"tier": c.Tier(row.docket.tier).label, "n": row.number}
        end = self._ends.get(("attempt", row.pk))
        return Row(row, title, ATTEMPT_STATES[row.state], end, lines, buttons=self.buttons(row))

    @cached_property
    def sessions(self) -> list[Row]:
        """Every meeting, the latest first; what was said for those alone who handle the dispute."""
        rows = rows_of(Session, self.case).prefetch_related(
            "invitations__party__case", "invitations__post__user", "invitations__expert"
        )
        return [self._session(row) for row in rows.order_by("-starts_at", "-pk")]

    def _session(self, row: Session) -> Row:
        title = f"{c.SessionKind(row.kind).label} · {when(row.starts_at)}"
        if not self.inner:
            return Row(row, title, SESSION_STATES[row.state])
        lines = [Line(_("地点"), row.place), Line(_("邀请"), self._guests(row.invitations.all()))]
        if row.matter:
            lines.append(Line(_("会商事项"), row.matter))
        if row.outcome:
            lines.append(Line(_("会议结果"), str(c.SessionOutcome(row.outcome).label)))
        end = self._ends.get(("session", row.pk)) if row.state == "planned" else None
        return Row(row, title, SESSION_STATES[row.state], end, lines, row.record, self._session_buttons(row))

    def _session_buttons(self, row: Session) -> list[Button]:
        """A meeting is written down on a page of its own."""
        page = reverse("mediation:session", args=[self.case.number, row.pk])
        return [
            replace(button, url=page) if button.action == "hold" else button for button in self.buttons(row)
        ]

    def _guests(self, rows: Iterable[Invitation]) -> str:
        """Who is invited, with what became of it: told, there, not there."""
        said = []
        for row in rows:
            name = self.called(row.party) if row.party else guest_label(row)
            if row.present is not None:
                name += _("（到场）") if row.present else _("（未到）")
            elif row.told_at is None:
                name += _("（未告知）")
            said.append(name)
        return listed(said)

    @cached_property
    def agreement(self) -> Agreement | None:
        return agreement_of(self.case)

    @property
    def agreement_facts(self) -> list[Line]:
        """The agreement in its legal parts (人民调解法, article 29)."""
        found = self.agreement
        if found is None or not self.inner:
            return []
        lines = [
            Line(_("协议形式"), str(c.AgreementForm(found.form).label)),
            Line(_("主要事实"), found.facts),
            Line(_("争议事项和各方责任"), found.issues),
            Line(_("协议内容"), found.content),
            Line(_("履行方式"), found.manner),
            Line(_("履行期限"), found.term),
        ]
        if found.amount is not None:
            lines.append(Line(_("协议涉及金额"), _("%(n)s 元") % {"n": f"{found.amount:,.2f}"}))
        signed = found.signatures.select_related("party").order_by("signed_on", "party__side", "pk")
        told = [f"{self.called(row.party)} {when(row.signed_on)}" for row in signed]
        if told:
            lines.append(Line(_("各方签字"), listed(told)))
        if found.mediator_signed_on is not None and found.sealed_on is not None:
            lines.append(Line(_("调解员签字"), when(found.mediator_signed_on)))
            lines.append(Line(_("盖章日期"), when(found.sealed_on)))
        if found.effective_on is not None:
            lines.append(Line(_("生效日期"), when(found.effective_on)))
            lines.append(Line(_("最迟申请司法确认"), when(last_day_to_confirm(found.effective_on))))
        return lines

    @cached_property
    def promises(self) -> list[Row]:
        """The promises in the order of their days."""
        if not self.inner:
            return []
        rows = rows_of(Promise, self.case).exclude(agreement__state="void").order_by("due_on", "pk")
        return [self._promise(row) for row in rows]

    def _promise(self, row: Promise) -> Row:
        title = f"{c.Side(row.party.side).label} {row.what}".strip()
        lines = [Line(_("履行到哪一天"), when(row.due_on))]
        if row.amount is not None:
            lines.append(Line(_("金额"), _("%(n)s 元") % {"n": f"{row.amount:,.2f}"}))
        if row.settled_on is not None:
            lines.append(Line(_("结果日期"), when(row.settled_on)))
        if row.advice:
            lines.append(Line(_("建议当事人"), listed(str(c.Advice(one).label) for one in row.advice)))
        end = self._ends.get(("follow_up", row.pk)) or self._ends.get(("promise", row.pk))
        return Row(
            row, title, PROMISE_STATES[row.state], end if row.state == "open" else None, lines,
            buttons=self.buttons(row),
        )  # fmt: skip

    @cached_property
    def confirmation(self) -> Row | None:
        row = rows_of(Confirmation, self.case).order_by("-pk").first() if self.inner else None
        if row is None:
            return None
        dates = [
            (_("申请日期"), row.applied_on), (_("法院受理"), row.accepted_on), (_("裁定日期"), row.decided_on),
        ]  # fmt: skip
        lines = [Line(label, when(day)) for label, day in dates if day is not None]
        if row.ruling:
            lines.append(Line(_("裁定书编号"), row.ruling))
        return Row(row, row.court, CONFIRMATION_STATES[row.state], None, lines, buttons=self.buttons(row))

    @cached_property
    def subsidy(self) -> Row | None:
        row = rows_of(Subsidy, self.case).first()
        if row is None:
            return None
        lines = [
            Line(_("档次"), str(grades()[row.grade]) if row.grade in grades() else row.grade),
            Line(_("金额"), _("%(n)s 元") % {"n": f"{row.amount:,.2f}"}),
            Line(_("领取人"), row.payee.user.name),
            Line(_("申请"), f"{row.claimed_by.user.name} {when(row.claimed_at)}"),
        ]
        if row.decided_by is not None:
            lines.append(Line(_("审批"), f"{row.decided_by.user.name} {when(row.decided_at)}"))
        if row.paid_on is not None:
            lines.append(Line(_("发放日期"), when(row.paid_on)))
        title = _("案补")
        return Row(row, title, SUBSIDY_STATES[row.state], None, lines, buttons=self.buttons(row))

    @cached_property
    def materials(self) -> list[Row]:
        """The papers of the file, in the order in which they came."""
        if not self.inner:
            return []
        order = list(c.MaterialKind)
        rows = sorted(
            Material.objects.filter(case=self.case),
            key=lambda row: (order.index(c.MaterialKind(row.kind)), row.pk),
        )
        return [self._material(row) for row in rows]

    def _material(self, row: Material) -> Row:
        sides = listed(str(c.Side(side).label) for side in row.sides) if row.sides else _("各方")
        lines = [Line(_("日期"), when(row.on)), Line(_("可以给谁看"), sides)]
        return Row(row, f"{c.MaterialKind(row.kind).label} · {row.title}", facts=lines, words=row.words)

    @property
    def missing(self) -> list[str]:
        """What the file still lacks, once the dispute is closed with an agreement."""
        return missing_papers(self.case) if self.inner and self.case.state in ("performing", "closed") else []

    @property
    def left_out(self) -> str:
        return _("当事人说的内容和有关记录只给承办的调解委员会看，不在其中。")

    @property
    def offers(self) -> list[Offer]:
        """What an office that watches over the dispute may make of it: what is carried over tells nothing inner."""
        return becoming.offers(self.case, self.post)

    @property
    def people(self) -> list[Line]:
        """Which committees had it, and who mediates."""
        lines = [
            Line(_("承办"), self.holder),
            *(
                Line(_("报送"), f"{one.committee.name} {one.number}".strip())
                for one in self.dockets
                if one.pk != self.docket.pk
            ),
        ]
        return [
            *lines,
            *(
                line
                for line in super().people
                if line.label != _("抄告") and line.value != office_name(self.case.office)
            ),
        ]
