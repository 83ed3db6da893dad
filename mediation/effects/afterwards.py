"""What follows from an agreement: the court's confirmation, return visits, the end, the file, the subsidy."""

from __future__ import annotations

from datetime import date

from cases.tables import Move
from grids import clock
from mediation import routing
from mediation.choices import KeepTerm, MaterialKind
from mediation.effects.common import paper, save
from mediation.models import (
    Confirmation,
    Subsidy,
    Visit,
)
from mediation.standing import agreement_of
from mediation.tables import grades


def apply_confirmation(move: Move) -> None:
    agreement, data = agreement_of(move.case), move.data
    assert agreement is not None
    Confirmation.objects.update_or_create(
        agreement=agreement,
        defaults={"state": "applied", "court": data["court"], "applied_on": data["applied_on"],
                  "accepted_on": None, "decided_on": None, "ruling": ""},
    )  # fmt: skip
    move.record |= {"on": str(data["applied_on"]), "court": data["court"]}
    paper(move, MaterialKind.COURT, "司法确认申请书", data["applied_on"])


def court_accepts(move: Move) -> None:
    move.subject.accepted_on = move.data["court_on"]
    move.subject.save(update_fields=["accepted_on"])
    move.record["on"] = str(move.data["court_on"])


def court_decides(move: Move) -> None:
    found, data = move.subject, move.data
    found.decided_on, found.ruling = data["court_on"], data.get("ruling") or ""
    save(move, "decided_on", "ruling")
    move.record["on"] = str(found.decided_on)
    paper(move, MaterialKind.COURT, "司法确认裁定书", found.decided_on)


def visit(move: Move) -> None:
    data = move.data
    assert move.by is not None
    row = Visit.objects.create(
        case=move.case, on=data["visited_on"], manner=data["manner"], performed=data["performed"] == "yes",
        satisfaction=data["satisfaction"], words=data.get("words") or "", by=move.by,
    )  # fmt: skip
    move.record |= {"on": str(row.on), "performed": data["performed"], "satisfaction": row.satisfaction}
    paper(move, MaterialKind.NOTE, "回访记录", row.on)


def close(move: Move) -> None:
    visit(move)
    agreement = agreement_of(move.case)
    assert agreement is not None
    broken = agreement.promises.filter(state="broken").exists()
    dispute = move.case.mediation
    dispute.ending = "breached" if broken else "performed"
    dispute.save(update_fields=["ending"])
    move.record["ending"] = dispute.ending


def file(move: Move) -> None:
    """The file is kept for its term: until then nothing in it is erased."""
    dispute, today = move.case.mediation, clock.local_day(move.at)
    dispute.keep_years, dispute.filed_on, dispute.filed_by = move.data["keep_years"], today, move.by
    dispute.save(update_fields=["keep_years", "filed_on", "filed_by"])
    forever = dispute.keep_years == KeepTerm.FOREVER
    move.case.keep_until = date.max if forever else date(today.year + dispute.keep_years, 12, 31)
    move.record["keep_years"] = dispute.keep_years


def claim_subsidy(move: Move) -> None:
    row = Subsidy(case=move.case, committee=routing.docket_of(move.case).committee)
    _claim(move, row)
    row.save(force_insert=True)


def claim_again(move: Move) -> None:
    _claim(move, move.subject)
    move.subject.decided_by = move.subject.decided_at = None
    save(move, "grade", "amount", "payee", "claimed_by", "claimed_at", "decided_by", "decided_at")


def _claim(move: Move, row: Subsidy) -> None:
    assert move.by is not None
    row.grade = move.data["grade"]
    row.amount, row.payee = grades()[row.grade].amount, move.data["payee"]
    row.claimed_by, row.claimed_at = move.by, move.at
    move.record |= {"grade": row.grade, "amount": str(row.amount), "payee": row.payee.pk}


def decide_subsidy(move: Move) -> None:
    move.subject.decided_by, move.subject.decided_at = move.by, move.at
    save(move, "decided_by", "decided_at")


def pay(move: Move) -> None:
    move.subject.paid_on = move.data["paid_on"]
    save(move, "paid_on")
    move.record["on"] = str(move.data["paid_on"])
