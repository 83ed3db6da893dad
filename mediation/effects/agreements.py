"""What the parties agreed: written down, signed, in effect; its promises, kept or broken."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Sum

from cases import deadlines, workflow
from cases.tables import Move
from mediation import routing
from mediation.choices import MaterialKind
from mediation.effects.common import end_attempt, paper, save, start, until
from mediation.models import (
    Agreement,
    Attempt,
    Party,
    Promise,
    Signature,
    last_day_to_confirm,
)
from mediation.standing import agreement_of, unsigned

AGREED = ("form", "facts", "issues", "content", "term", "copies")


def agree(move: Move) -> None:
    attempt = routing.attempt_of(move.case)
    assert attempt is not None  # the guard saw it
    agreement = Agreement(attempt=attempt)
    _write(agreement, move.data)
    agreement.save(force_insert=True)
    end_attempt(move, attempt, "succeed")
    move.record["form"] = agreement.form


def _write(agreement: Agreement, data: Any) -> None:
    for name in AGREED:
        if name != "copies" or data.get("copies"):
            setattr(agreement, name, data[name])
    agreement.manner, agreement.amount = data["performance"], data.get("total")


def redraft(move: Move) -> None:
    agreement = agreement_of(move.case)
    assert agreement is not None
    _write(agreement, move.data)
    agreement.save(update_fields=[*AGREED, "manner", "amount"])
    agreement.signatures.all().delete()  # what was signed are other words
    move.record["form"] = agreement.form


def add_promise(move: Move) -> None:
    agreement, data = agreement_of(move.case), move.data
    assert agreement is not None
    row = Promise.objects.create(
        agreement=agreement,
        party=data["party"],
        what=data["what"],
        amount=data.get("amount"),
        due_on=data["due_on"],
    )
    move.record |= {"side": row.party.side, "due_on": str(row.due_on)}
    if row.amount is not None:
        move.record["amount"] = str(row.amount)


def _signed(agreement: Agreement, signers: list[Party], day: date) -> None:
    Signature.objects.bulk_create(
        Signature(agreement=agreement, party=party, signed_on=day) for party in signers
    )


def record_signatures(move: Move) -> None:
    """Some sign before the others; each signature has its own day."""
    agreement, signers, day = agreement_of(move.case), move.data["signers"], move.data["signed_on"]
    assert agreement is not None
    _signed(agreement, signers, day)
    move.record |= {"sides": sorted({party.side for party in signers}), "on": str(day)}
    paper(move, MaterialKind.SIGNED, "调解协议书", day)


def sign(move: Move) -> None:
    """Signed by all and sealed, or agreed by word of mouth: it takes effect on the last of these days (articles 29, 30)."""
    agreement, data = agreement_of(move.case), move.data
    assert agreement is not None
    day = data["signed_on"]
    if agreement.amount is None:
        agreement.amount = agreement.promises.exclude(state="void").aggregate(sum=Sum("amount"))["sum"]
    if agreement.form == "written":
        agreement.mediator_signed_on, agreement.sealed_on = day, data["sealed_on"]
        _signed(agreement, unsigned(move.case), day)
        signed = agreement.signatures.values_list("signed_on", flat=True)
        day = max(day, data["sealed_on"], *signed)
    agreement.state, agreement.effective_on = "effective", day
    agreement.save(update_fields=["state", "effective_on", "mediator_signed_on", "sealed_on", "amount"])
    move.record |= {"form": agreement.form, "effective_on": str(day)}
    paper(move, MaterialKind.SIGNED, "调解协议书", day)
    start(move.case, "confirm", until(last_day_to_confirm(day), move.at), move.at)
    for promise in agreement.promises.filter(state="open"):
        start(move.case, "promise", until(promise.due_on, move.at), move.at, promise.pk)


def void(move: Move, attempt: Attempt) -> None:
    """An agreement that was not signed has no effect, nor have its promises."""
    agreement = Agreement.objects.filter(attempt=attempt, state="drafted").first()
    if agreement is None:
        return
    for promise in agreement.promises.select_for_update().filter(state="open"):
        workflow.follow(move.case, "lapse", subject=promise, at=move.at, cause=move.cause)
    agreement.state = "void"
    agreement.save(update_fields=["state"])


def fall_through(move: Move) -> None:
    attempt = routing.attempt_of(move.case)
    assert attempt is not None
    void(move, attempt)
    end_attempt(move, attempt, "unsigned")


def settle(move: Move) -> None:
    promise, data = move.subject, move.data
    promise.settled_on = data["settled_on"]
    promise.advice = list(data.get("advice") or [])
    save(move, "settled_on", "advice")
    move.record |= {"promise": promise.pk, "on": str(promise.settled_on)}
    if promise.advice:
        move.record["advice"] = promise.advice
    paper(move, MaterialKind.PERFORMANCE, "履行凭证", promise.settled_on)


def redate(move: Move) -> None:
    promise = move.subject
    move.record |= {"promise": promise.pk, "old": str(promise.due_on), "due_on": str(move.data["due_on"])}
    promise.due_on = move.data["due_on"]
    promise.save(update_fields=["due_on"])
    deadlines.cancel(move.case, ["promise", "follow_up"], at=move.at, item=promise.pk)
    start(move.case, "promise", until(promise.due_on, move.at), move.at, promise.pk)
