"""Up a tier, and back."""

from __future__ import annotations

from cases import parts
from cases.models import PartKind
from cases.offices import Office
from cases.tables import Move
from grids import clock
from mediation import routing
from mediation.choices import MaterialKind, Way
from mediation.effects.common import end_attempt, paper
from mediation.models import (
    Assignment,
    Docket,
)


def pass_up(move: Move) -> None:
    """The whole file goes to the next tier's committee; who had it keeps sight of it."""
    docket, way = routing.docket_of(move.case), move.data["way"]
    above = routing.higher(move.case)
    goal = above[-1] if way == Way.SKIPPED else above[0]
    docket.left_at, docket.way = move.at, way
    docket.save(update_fields=["left_at", "way"])
    Assignment.objects.filter(docket=docket, until__isnull=True).update(until=move.at, leads=False)
    attempt = routing.attempt_of(move.case)
    if attempt is not None:
        end_attempt(move, attempt, "stop")
    parts.add(move.case, PartKind.COPIED, Office.of(docket.committee.division), at=move.at)
    Docket.objects.create(case=move.case, committee=goal, tier=goal.tier, received_at=move.at)
    move.case.office = goal.division
    move.record |= {"way": way, "to": goal.name, "from": docket.committee.name}
    if way == Way.WISH:
        move.record["sides"] = sorted({party.side for party in move.data["wishing"]})
    paper(move, MaterialKind.NOTE, "报送上级的材料", clock.local_day(move.at))


def hand_back(move: Move) -> None:
    """The lower committee has it again; its number and its attempts so far stand."""
    docket = routing.docket_of(move.case)
    before = Docket.objects.filter(case=move.case, left_at__isnull=False).select_related(
        "committee__division"
    )
    lower = before.order_by("-left_at", "-pk")[0]
    docket.left_at = move.at
    docket.save(update_fields=["left_at"])
    lower.left_at, lower.way = None, ""
    lower.save(update_fields=["left_at", "way"])
    move.case.office = lower.committee.division
    move.record["to"] = lower.committee.name
