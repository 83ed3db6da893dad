"""An attempt is asked for, agreed to by all, begun, and comes to nothing."""

from __future__ import annotations

from cases import workflow
from cases.tables import Move
from grids import clock
from mediation import routing
from mediation.models import (
    Attempt,
    Consent,
)
from mediation.standing import unconsenting


def propose_attempt(move: Move) -> None:
    docket = routing.docket_of(move.case)
    number = routing.attempts_at(move.case, docket.tier) + 1
    attempt = Attempt.objects.create(docket=docket, number=number, proposed_at=move.at)
    move.record["attempt"] = number
    _consents(move, attempt)


def consent(move: Move) -> None:
    move.record["attempt"] = move.subject.number
    _consents(move, move.subject)


def _consents(move: Move, attempt: Attempt) -> None:
    """Who agreed now; when all have, the attempt begins."""
    agreed = move.data.get("consenting") or []
    today = clock.local_day(move.at)
    for party in agreed:
        Consent.objects.get_or_create(
            attempt=attempt, party=party, defaults={"agreed_on": today, "manner": move.data["manner"]}
        )
    move.record["sides"] = sorted({party.side for party in agreed})
    if not unconsenting(move.case, attempt):
        locked = (
            Attempt.objects.select_for_update(of=("self",)).select_related("docket__case").get(pk=attempt.pk)
        )
        workflow.follow(move.case, "begin", subject=locked, at=move.at, cause=move.cause)
        attempt.state = locked.state


def begin(move: Move) -> None:
    move.subject.begun_at = move.at
    move.subject.save(update_fields=["begun_at"])


def not_agreed(move: Move) -> None:
    move.subject.ended_at = move.at
    move.subject.save(update_fields=["ended_at"])
    move.case.state = "accepted"
