"""The form of a dispute's move: what several fields say together, and what an edit begins with."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.models import Post
from cases import personal
from cases.action_form import ActionForm
from cases.models import Case
from cases.tables import case_of
from cases.words import when
from grids import clock
from mediation import parties, routing
from mediation.effects.agreements import AGREED
from mediation.effects.intake import CONCERNING, FACTS
from mediation.fields import AFTERWARDS
from mediation.identity import check_identity
from mediation.models import Party, last_day_to_confirm
from mediation.standing import agreement_of


def _as_it_stands(thing: Any, action: str) -> dict[str, Any]:
    """What an edit begins with."""
    case = case_of(thing)
    if action == "edit":
        dispute = case.mediation
        return {"title": case.title, **{name: getattr(dispute, name) for name in FACTS}}
    if action == "redraft":
        agreement = agreement_of(case)
        assert agreement is not None
        said = {name: getattr(agreement, name) for name in AGREED}
        return {**said, "performance": agreement.manner, "total": agreement.amount}
    if action == "move":
        return {"starts_at": thing.starts_at, "minutes": thing.minutes, "where": thing.place}
    if action == "hold":
        now = clock.now()
        begun = {"held_from": thing.starts_at, "held_until": now} if thing.starts_at < now else {}
        return {**begun, **thing.draft}
    if action == "edit_party":
        return {
            "side": thing.side,
            "party_kind": thing.kind,
            **{name: getattr(thing, name) for name in parties.PLAIN},
        }
    return {}


class MediationForm(ActionForm):
    """What several fields say together; an edit begins with what stands there."""

    def __init__(self, thing: Any, row: Any, by: Post | None, *args: Any, **kwargs: Any) -> None:
        if not kwargs.get("initial") and thing is not None:
            kwargs["initial"] = _as_it_stands(thing, row.action)
        super().__init__(thing, row, by, *args, **kwargs)
        if row.action == "sign":
            self.fields["documents"].required = True
            self.fields["documents"].label = _("签字盖章后的协议书扫描件")
            self.fields["signed_on"].label = _("各方和调解员签字日期")
            self.fields["signed_on"].help_text = _("前面单独登记过签字的，按登记的日期。")
        if row.action == "record_oral":
            self.fields["signed_on"].label = _("达成日期")
        if row.action == "edit_party":
            self._keep_what_stands()

    def _keep_what_stands(self) -> None:
        """What is kept secret is not shown to be changed: an empty field leaves it as it is."""
        for name in parties.PARTY_VALUES:
            self.fields[name].required = False
            self.fields[name].help_text = _("不填就不变。")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        case = case_of(self.thing)
        if data.get("title") and any(name and name in data["title"] for name in parties.names(case)):
            self.add_error("title", _("标题里不要写当事人姓名。"))
        if "id_number" in self.fields:
            check_identity(self, data)
        if data.get("consenting") and not data.get("manner"):
            self.add_error("manner", _("请选同意的方式。"))
        if data.get("held_from") and data.get("held_until") and data["held_until"] < data["held_from"]:
            self.add_error("held_until", _("结束时间不能早于开始时间。"))
        if data.get("way") == "wish" and len(data.get("wishing") or []) < len(parties.present(case)):
            self.add_error("wishing", _("各方都希望上级调解的，请逐一勾选；有一方不愿意的，请用别的情形。"))
        if self.row.action == "sign" and not data.get("documents"):
            self.add_error("documents", _("请附上签字盖章后的协议书扫描件。"))
        for name in ("party_name", "rep_name"):
            if name in self.fields and data.get(name) and data[name] in case.title:
                self.add_error(name, _("纠纷的标题里写有这个姓名，请先修改标题。"))
        if data.get("material") in CONCERNING and not data.get("sides") and data.get("party_of") is None:
            self.add_error("sides", _("请勾选这份材料涉及哪几方；各方都可以看的，全部勾选。"))
        if self.row.action == "edit_party":
            self._check_same_person(case, data)
        self._check_days(case, data)
        return data

    def _check_same_person(self, case: Case, data: dict[str, Any]) -> None:
        """Who consented or signed stays who they are; the sides stay at least two."""
        party: Party = self.thing
        others = {row.side for row in parties.present(case) if row.pk != party.pk}
        if data.get("side") and len(others | {data["side"]}) < 2:
            self.add_error("side", _("至少要留下两方当事人。"))
        if routing.attempt_of(case) is None:
            return
        kept = personal.standing(case)
        for name, value in (("party_name", "name"), ("id_number", "id_number")):
            if data.get(name) and data[name] != kept.get(parties.field_of(party, value), ""):
                self.add_error(name, _("正在进行的调解是由这名当事人同意的，结束以后才能改。"))
        for name, now in (("side", party.side), ("party_kind", party.kind)):
            if data.get(name) and data[name] != now:
                self.add_error(name, _("正在进行的调解是由这名当事人同意的，结束以后才能改。"))

    def _check_days(self, case: Case, data: dict[str, Any]) -> None:
        """What follows from an agreement does not come before it; the court is asked within 30 days (article 33)."""
        applied = getattr(self.thing, "applied_on", None)
        if applied and data.get("court_on") and data["court_on"] < applied:
            self.add_error("court_on", _("不能早于申请的日子（%(day)s）。") % {"day": when(applied)})
        if not any(data.get(name) for name in AFTERWARDS):
            return
        agreement = agreement_of(case)
        effective = agreement.effective_on if agreement is not None else None
        if effective is None:
            return
        for name in AFTERWARDS:
            if data.get(name) and data[name] < effective:
                self.add_error(name, _("不能早于协议生效的日子（%(day)s）。") % {"day": when(effective)})
        last = last_day_to_confirm(effective)
        if data.get("applied_on") and data["applied_on"] > last:
            self.add_error(
                "applied_on", _("申请司法确认的期限（到 %(day)s）已经过了。") % {"day": when(last)}
            )
