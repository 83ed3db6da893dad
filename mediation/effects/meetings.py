"""Meetings of the parties and of offices: planned, moved, called off, told of, held."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from accounts.models import Post
from cases.tables import Move
from grids import clock
from grids.calendars import Allowance, Unit
from mediation import parties, routing
from mediation.choices import MaterialKind, SessionKind
from mediation.effects.common import paper, save, start
from mediation.models import (
    Invitation,
    Session,
)


def _session(move: Move, kind: str, **more: Any) -> Session:
    data = move.data
    assert move.by is not None
    session = Session.objects.create(
        case=move.case, docket=routing.docket_of(move.case), kind=kind, starts_at=data["starts_at"],
        minutes=data["minutes"], place=data["where"], public=bool(data.get("public")),
        matter=data.get("matter") or "", planned_by=move.by, **more,
    )  # fmt: skip
    start(move.case, "session", _instant_in(data["starts_at"], move.at), move.at, session.pk)
    # Where it is stands in its row alone: it may be somebody's home, and what the record holds cannot be erased.
    move.record |= {"session": session.pk, "starts": data["starts_at"].isoformat()}
    return session


def _instant_in(instant: datetime, at: datetime) -> Allowance:
    return Allowance(max(1, int((instant - at).total_seconds() // 60)), Unit.CLOCK_MINUTES)


def _invite(move: Move, session: Session, **lists: Any) -> None:
    rows = [
        Invitation(session=session, **{name: guest}) for name, guests in lists.items() for guest in guests
    ]
    Invitation.objects.bulk_create(rows)
    _tell_guests(move, session)


def _tell_guests(move: Move, session: Session) -> None:
    """Guests with an account are told by the move itself."""
    now = Invitation.objects.filter(session=session, post__isnull=False).select_related("post__user")
    move.tell |= {row.post.user for row in now if row.post is not None}
    now.update(told_at=move.at, manner="online")


def _posts(move: Move) -> list[Post]:
    """Who mediates, and whoever else of the offices around is asked to come."""
    posts = [*(row.post for row in routing.assigned(move.case)), *(move.data.get("staff") or [])]
    return list({post.pk: post for post in posts}.values())


def plan_session(move: Move) -> None:
    attempt = routing.attempt_of(move.case)
    session = _session(move, SessionKind.MEDIATION, attempt=attempt)
    data = move.data
    asked = data.get("parties") or parties.present(move.case)
    _invite(
        move, session, party=asked, post=_posts(move),
        expert=data.get("experts") or [], named=data.get("guests") or [],
    )  # fmt: skip


def plan_consultation(move: Move) -> None:
    session = _session(move, SessionKind.CONSULTATION)
    data = move.data
    _invite(
        move, session, post=_posts(move),
        expert=data.get("experts") or [], named=[*data["members"], *(data.get("guests") or [])],
    )  # fmt: skip


def call_off(move: Move) -> None:
    """A meeting that does not take place: what was written down for it goes."""
    move.subject.draft = {}
    save(move, "draft")


def tell(move: Move) -> None:
    chosen = [row.pk for row in move.data["invited"]]
    Invitation.objects.filter(pk__in=chosen).update(told_at=move.at, manner=move.data["manner"])
    move.record |= {"session": move.subject.pk, "manner": move.data["manner"], "told": len(chosen)}


def move_session(move: Move) -> None:
    session, data = move.subject, move.data
    session.starts_at, session.minutes, session.place = data["starts_at"], data["minutes"], data["where"]
    session.save(update_fields=["starts_at", "minutes", "place"])
    start(move.case, "session", _instant_in(data["starts_at"], move.at), move.at, session.pk)
    Invitation.objects.filter(session=session).update(told_at=None, manner="")
    _tell_guests(move, session)
    move.record |= {"session": session.pk, "starts": data["starts_at"].isoformat()}


def hold(move: Move) -> None:
    session, data = move.subject, move.data
    session.held_from, session.held_until = data["held_from"], data["held_until"]
    session.record, session.outcome, session.draft = data["record"], data["outcome"], {}
    save(move, "held_from", "held_until", "record", "outcome", "draft")
    here = {row.pk for row in data["present"]}
    for row in session.invitations.all():
        row.present = row.pk in here
        row.save(update_fields=["present"])
    move.record |= {"session": session.pk, "outcome": data["outcome"], "present": len(here)}
    day = clock.local_day(data["held_from"])
    if session.kind == SessionKind.CONSULTATION:  # offices among themselves: in the file, for no side
        paper(move, MaterialKind.NOTE, "会商记录", day)
        return
    came = session.invitations.filter(present=True, party__isnull=False)
    sides = sorted(set(came.values_list("party__side", flat=True)))
    paper(move, MaterialKind.SIGNED if sides else MaterialKind.NOTE, "调解记录", day, sides=sides)
