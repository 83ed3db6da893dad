"""Who takes part and who mediates: parties, those who speak for them, mediators and their recusal."""

from __future__ import annotations

from cases.tables import Move
from grids import clock
from mediation import parties, routing
from mediation.choices import ExclusionGround, MaterialKind
from mediation.effects.common import paper
from mediation.models import (
    Assignment,
    Exclusion,
    Party,
)


def add_party(move: Move) -> None:
    party = parties.add(move.case, move.data, at=move.at)
    move.record["side"] = party.side
    _tell_same(move)


def edit_party(move: Move) -> None:
    move.record |= {"side": move.data["side"], "changed": parties.change(move.subject, move.data, at=move.at)}
    _tell_same(move)


def _tell_same(move: Move) -> None:
    """Whoever enters a party is told of a dispute between the same parties before this committee."""
    numbers = parties.standing_numbers(move.case)
    same = parties.same_parties(move.case.office_id, numbers, but=move.case.pk)
    if same:
        move.record |= parties.told(same)


def represent(move: Move) -> None:
    found = parties.represent(move.subject, move.data, at=move.at)
    move.record["authority"] = found.authority
    paper(move, MaterialKind.AUTHORISATION, "授权委托书", found.since, party=move.subject)


def leave(move: Move) -> None:
    found = move.subject.representatives.filter(until__isnull=True)
    found.update(until=clock.local_day(move.at))


def assign(move: Move) -> None:
    """The mediators named mediate from now on, the first of them leads; without a name nothing changes."""
    chosen = move.data.get("mediators") or []
    if not chosen:
        return
    docket = routing.docket_of(move.case)
    rows = Assignment.objects.filter(docket=docket, until__isnull=True)
    rows.exclude(post__in=chosen).update(until=move.at, leads=False)
    rows.update(leads=False)
    for place, post in enumerate(chosen):
        row, made = Assignment.objects.get_or_create(
            docket=docket, post=post, until=None, defaults={"since": move.at, "leads": place == 0}
        )
        if not made and place == 0:
            row.leads = True
            row.save(update_fields=["leads"])
    move.record["mediators"] = [post.pk for post in chosen]


def _exclude(move: Move, ground: str, party: Party | None) -> None:
    post = move.data["mediator"]
    Exclusion.objects.get_or_create(
        case=move.case, post=post, defaults={"ground": ground, "party": party, "at": move.at}
    )
    rows = Assignment.objects.filter(docket__case=move.case, until__isnull=True)
    rows.filter(post=post).update(until=move.at, leads=False)
    left = rows.order_by("pk").first()
    if left is not None and not rows.filter(leads=True).exists():
        left.leads = True
        left.save(update_fields=["leads"])
    move.record["mediator"] = post.pk


def exclude(move: Move) -> None:
    _exclude(move, ExclusionGround.INTEREST, None)


def recuse(move: Move) -> None:
    party: Party = move.data["party"]
    move.record["side"] = party.side
    _exclude(move, ExclusionGround.RECUSAL, party)


def tell_rights(move: Move) -> None:
    dispute = move.case.mediation
    dispute.rights_told_on = move.data["told_on"]
    dispute.save(update_fields=["rights_told_on"])
    move.record |= {"on": str(move.data["told_on"]), "manner": move.data["manner"]}
    paper(move, MaterialKind.SIGNED, "权利义务告知书", move.data["told_on"])
