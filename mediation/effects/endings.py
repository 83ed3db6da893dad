"""Ends without an agreement: the parties are told where else to turn (人民调解法, article 26)."""

from __future__ import annotations

from cases import workflow
from cases.tables import Move
from grids import clock
from mediation import routing
from mediation.effects.agreements import void
from mediation.effects.common import end_attempt
from mediation.models import (
    Party,
    RoutesNotice,
    Session,
)


def _end_with_notice(move: Move, ending: str, party: Party | None = None) -> None:
    """A dispute that ends without an agreement: the parties are told where else to turn (article 26)."""
    dispute, data = move.case.mediation, move.data
    dispute.ending = ending
    dispute.save(update_fields=["ending"])
    docket = routing.docket_of(move.case)
    RoutesNotice.objects.create(
        case=move.case, docket=docket, routes=list(data["routes"]), manner=data["manner"],
        given_on=clock.local_day(move.at), refused_by=party, reason=data.get("reason") or data.get("note") or "",
    )  # fmt: skip
    move.record["routes"] = list(data["routes"])
    attempt = routing.attempt_of(move.case)
    if attempt is not None:
        end_attempt(move, attempt, "stop")
        void(move, attempt)
    for session in Session.objects.select_for_update().filter(case=move.case, state="planned"):
        workflow.follow(move.case, "drop", subject=session, at=move.at, cause=move.cause)


def turn_away(move: Move) -> None:
    _end_with_notice(move, "not_accepted")


def fail(move: Move) -> None:
    _end_with_notice(move, "failed")


def withdraw(move: Move) -> None:
    _end_with_notice(move, "withdrawn")


def refer(move: Move) -> None:
    move.record["body"] = move.data["body"]
    _end_with_notice(move, "referred")


def refuse(move: Move) -> None:
    """One party's clear refusal ends mediation at once (articles 17, 23 and 26)."""
    party: Party = move.data["party"]
    move.record["side"] = party.side
    _end_with_notice(move, "refused", party)
