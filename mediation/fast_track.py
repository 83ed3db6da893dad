"""The fast track for traffic accidents (三调联动): from intake to the agreement in one form, at one desk.

Police, committee and insurer sit together, and the whole takes half an hour (南昌高新区; docs/domain.md, section 6). The
record and the papers are those of every dispute: the form does nothing but make the same moves one after the other.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final

from django import forms
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Post
from accounts.roles import Role
from cases import workflow
from cases.errors import NotAllowed
from cases.models import Case
from grids import clock
from mediation import choices as c
from mediation import parties, routing, services
from mediation.entry_form import EntryForm, check_together, entry_of
from mediation.fields import MAKERS
from mediation.models import Session

TALKS: Final = timedelta(minutes=20)  # before the form is filled in
SESSION: Final = ("held_from", "held_until", "record")
AGREED: Final = ("facts", "issues", "content", "performance", "term")
PROMISE: Final = ("side", "what", "total", "due_on")
DUE: Final = timedelta(days=7)


@cache
def texts() -> dict[str, str]:
    """What the form begins with (data/mediation/fast_track.csv); an office changes it to its own wording."""
    with (Path(settings.GEZHI_MEDIATION_TABLES) / "fast_track.csv").open(
        encoding="utf-8", newline=""
    ) as file:
        return {row["field"]: row["text"] for row in csv.DictReader(file)}


def check_mediator(post: Post) -> Post:
    """The post, if it mediates: the fast track ends in an agreement. Raises NotAllowed."""
    if post.role != Role.MEDIATOR:
        raise NotAllowed(_("快速调解由调解员在窗口办理。"))
    return post


class FastForm(EntryForm):
    """The dispute, the talks, what was agreed and the payment promised, on one page."""

    def __init__(self, data: Any = None, *, by: Post, **kwargs: Any) -> None:
        super().__init__(data, by=by, **kwargs)
        for name in (*SESSION, *AGREED, *PROMISE):
            self.fields[name] = MAKERS[name](None, by)
        self.fields["side"].label = _("由哪一方履行")
        self.fields["told"] = forms.BooleanField(label=_("已向各方告知权利义务"))
        self.fields["consented"] = forms.BooleanField(label=_("各方都同意调解，并同意由本人调解"))
        now = clock.now()
        self.fields["held_from"].initial, self.fields["held_until"].initial = now - TALKS, now
        self.fields["due_on"].initial = clock.today() + DUE
        self.fields["kind"].initial, self.fields["source"].initial = c.Kind.TRAFFIC, c.Source.POLICE
        self.fields["source_number"].label = _("事故认定书编号")
        for name in ("kind", "source", "initiative", "tier", "cross_division"):
            self.fields[name].widget = forms.HiddenInput()
            self.fields[name].required = False
        if not self.comes_direct:
            self.fields["direct_reason"].widget = forms.HiddenInput()
        for name, text in texts().items():
            self.fields[name].initial = text

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        data |= {"kind": c.Kind.TRAFFIC, "source": c.Source.POLICE, "initiative": c.Initiative.APPLIED}
        for name in texts():
            if "＿" in str(data.get(name) or ""):
                self.add_error(name, _("还有空格没有填：请把“＿＿”换成实际内容。"))
        if data.get("held_from") and data.get("held_until") and data["held_until"] < data["held_from"]:
            self.add_error("held_until", _("结束时间不能早于开始时间。"))
        return data


def check(form: FastForm, rows: Sequence[Mapping[str, Any]]) -> None:
    """What the form and its parties say together."""
    check_together(form, rows)
    known = {str(row.get(name) or "") for row in rows for name in ("party_name", "phone")}
    if parties.may_know(form.by, known):
        form.add_error(
            None,
            _("有一名当事人与您同名或同电话：有利害关系的要回避，没有的请按普通纠纷登记，核实后再调解。"),
        )
    if form.cleaned_data.get("side") not in {row.get("side") for row in rows}:
        form.add_error("side", _("这一方没有登记当事人。"))


def agreed(form: FastForm, rows: Sequence[Mapping[str, Any]], *, by: Post) -> Case:
    """Everything up to the agreement, in one transaction: refused whole or done whole. Raises what the moves raise."""
    check_mediator(by)
    data = form.cleaned_data
    with transaction.atomic():
        case = services.register(replace(entry_of(form, rows), fast=True), by=by)
        _accepted(case, data, by)
        _talked(case, data, by)
        _do(
            case,
            "agree",
            by,
            form="written",
            total=str(data["total"]),
            copies="3",
            **{n: data[n] for n in AGREED},
        )
        payer = next(party for party in parties.present(case) if party.side == data["side"])
        _do(
            case, "add_promise", by, party=str(payer.pk), what=data["what"], amount=str(data["total"]),
            due_on=data["due_on"].isoformat(),
        )  # fmt: skip
    return case


def _do(case: Case, action: str, by: Post, subject: Any = None, **data: Any) -> None:
    workflow.advance(case, action, by=by, data=data, subject=subject)
    case.refresh_from_db()


def _accepted(case: Case, data: Mapping[str, Any], by: Post) -> None:
    """Accepted, rights told, and everybody agrees to the attempt."""
    _do(case, "accept", by, mediators=[str(by.pk)])
    _do(case, "tell_rights", by, told_on=clock.today().isoformat(), manner=c.Manner.IN_PERSON)
    everybody = [str(party.pk) for party in parties.present(case)]
    _do(case, "propose_attempt", by, consenting=everybody, manner=c.Manner.IN_PERSON)


def _talked(case: Case, data: Mapping[str, Any], by: Post) -> None:
    """The talks at the desk, as a meeting with its record."""
    begun, ended = data["held_from"], data["held_until"]
    window = routing.docket_of(case).committee
    minutes = max(5, int((ended - begun).total_seconds() // 60))
    _do(
        case, "plan_session", by, starts_at=begun.isoformat(), minutes=str(min(minutes, 600)),
        where=window.window or window.name,
    )  # fmt: skip
    session = Session.objects.select_related("case").get(case=case)
    here = [str(row.pk) for row in session.invitations.all()]
    _do(
        case, "hold", by, session, held_from=begun.isoformat(), held_until=ended.isoformat(), present=here,
        record=data["record"], outcome=c.SessionOutcome.AGREED,
    )  # fmt: skip
