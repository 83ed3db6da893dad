"""What the moves of a dispute change besides state, clocks and record. Named by the tables; run by the engine."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any

from django.db.models import Sum

from accounts.models import Post
from cases import deadlines, parts, workflow
from cases.deadlines import Owed
from cases.models import Case, CaseLink, LinkKind, PartKind
from cases.offices import Office
from cases.search import bigrams
from cases.tables import SAME, Move
from grids import clock
from grids.calendars import Allowance, Unit
from grids.clock import SHANGHAI
from mediation import numbers, parties, routing
from mediation.choices import ExclusionGround, KeepTerm, MaterialKind, SessionKind, Way
from mediation.models import (
    Agreement,
    Assignment,
    Attempt,
    Confirmation,
    Consent,
    Docket,
    Exclusion,
    Invitation,
    Material,
    Party,
    Promise,
    RoutesNotice,
    Session,
    Signature,
    Subsidy,
    Visit,
    last_day_to_confirm,
)
from mediation.tables import grades, times

FACTS = ("kind", "source", "source_number", "initiative", "brief", "request", "amount", "cross_division")
# Papers that say whom they concern.
CONCERNING = (MaterialKind.ENQUIRY, MaterialKind.EVIDENCE)
AGREED = ("form", "facts", "issues", "content", "term", "copies")


# --- times and holders


def allowance_of(thing: Any, duty: str) -> Allowance:
    """The time for a duty, by the tier that owes it."""
    case = thing if isinstance(thing, Case) else thing.case
    return times()[routing.docket_of(case).tier, duty]


def holder_of(thing: Any, duty: str) -> Office:
    """Who owes a duty: the committee's division; a subsidy is decided by the county's centre."""
    case = thing if isinstance(thing, Case) else thing.case
    if duty == "subsidy":
        return Office.of(routing.root_of(case.office))
    return Office.of(case.office)


def _until(day: Any, at: datetime) -> Allowance:
    """The time from an instant to the end of a day, in minutes."""
    end = datetime.combine(day, time(23, 59, 59), tzinfo=SHANGHAI)
    return Allowance(max(1, int((end - at).total_seconds() // 60)), Unit.CLOCK_MINUTES)


def _start(case: Case, duty: str, allowance: Allowance, at: datetime, item: int = 0) -> None:
    deadlines.start_all(case, [Owed(duty, allowance, holder_of(case, duty), item)], at=at)


def _save(move: Move, *fields: str) -> None:
    """Save fields of the row that moves with its new state: the database checks them together."""
    if move.row.target != SAME:
        move.subject.state = move.row.target
    move.subject.save(update_fields=["state", *fields])


# --- intake, parties, mediators


def index(case: Case) -> None:
    """What a search finds a dispute by: its title. What happened and who took part are not to be searched."""
    case.search = bigrams(case.title)
    case.save(update_fields=["title", "search"])


def edit(move: Move) -> None:
    dispute, data = move.case.mediation, move.data
    changed = [name for name in FACTS if getattr(dispute, name) != data.get(name)]
    if move.case.title != data["title"]:
        move.case.title = data["title"]
        changed.insert(0, "title")
    for name in FACTS:
        setattr(dispute, name, data[name])
    dispute.save(update_fields=FACTS)
    index(move.case)
    move.record["changed"] = changed


def accept(move: Move) -> None:
    """The committee takes the dispute and gives it its number."""
    docket = Docket.objects.select_for_update(of=("self",)).get(case=move.case, left_at__isnull=True)
    move.record["number"] = numbers.give(docket, move.at)
    _assign(move)


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
        _end_attempt(move, attempt, "stop")
        _void(move, attempt)
    for session in Session.objects.select_for_update().filter(case=move.case, state="planned"):
        workflow.follow(move.case, "drop", subject=session, at=move.at, cause=move.cause)


def _end_attempt(move: Move, attempt: Attempt, action: str) -> None:
    locked = Attempt.objects.select_for_update(of=("self",)).select_related("docket__case").get(pk=attempt.pk)
    locked.ended_at = move.at
    locked.save(update_fields=["ended_at"])
    workflow.follow(move.case, action, subject=locked, at=move.at, cause=move.cause)


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
    _paper(move, MaterialKind.AUTHORISATION, "授权委托书", found.since, party=move.subject)


def leave(move: Move) -> None:
    found = move.subject.representatives.filter(until__isnull=True)
    found.update(until=clock.local_day(move.at))


def _assign(move: Move) -> None:
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


def assign(move: Move) -> None:
    _assign(move)


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
    _paper(move, MaterialKind.SIGNED, "权利义务告知书", move.data["told_on"])


def _paper(move: Move, kind: str, title: str, on: Any, **more: Any) -> None:
    """Scans that came with a move become a paper of the file; nothing without files."""
    if move.data.get("documents"):
        assert move.by is not None  # people bring papers
        row = Material.objects.create(
            case=move.case, kind=kind, title=title, on=on, by=move.by, seq=move.case.last_seq + 1, **more
        )
        move.record["material"] = row.pk


# --- attempts


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


def unconsenting(case: Case, attempt: Attempt) -> list[Party]:
    """The parties that have not agreed to an attempt yet."""
    agreed = set(attempt.consents.values_list("party_id", flat=True))
    return [party for party in parties.present(case) if party.pk not in agreed]


def begin(move: Move) -> None:
    move.subject.begun_at = move.at
    move.subject.save(update_fields=["begun_at"])


def not_agreed(move: Move) -> None:
    move.subject.ended_at = move.at
    move.subject.save(update_fields=["ended_at"])
    move.case.state = "accepted"


# --- sessions


def _session(move: Move, kind: str, **more: Any) -> Session:
    data = move.data
    assert move.by is not None
    session = Session.objects.create(
        case=move.case, docket=routing.docket_of(move.case), kind=kind, starts_at=data["starts_at"],
        minutes=data["minutes"], place=data["where"], public=bool(data.get("public")),
        matter=data.get("matter") or "", planned_by=move.by, **more,
    )  # fmt: skip
    _start(move.case, "session", _instant_in(data["starts_at"], move.at), move.at, session.pk)
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
    _save(move, "draft")


def tell(move: Move) -> None:
    chosen = [row.pk for row in move.data["invited"]]
    Invitation.objects.filter(pk__in=chosen).update(told_at=move.at, manner=move.data["manner"])
    move.record |= {"session": move.subject.pk, "manner": move.data["manner"], "told": len(chosen)}


def move_session(move: Move) -> None:
    session, data = move.subject, move.data
    session.starts_at, session.minutes, session.place = data["starts_at"], data["minutes"], data["where"]
    session.save(update_fields=["starts_at", "minutes", "place"])
    _start(move.case, "session", _instant_in(data["starts_at"], move.at), move.at, session.pk)
    Invitation.objects.filter(session=session).update(told_at=None, manner="")
    _tell_guests(move, session)
    move.record |= {"session": session.pk, "starts": data["starts_at"].isoformat()}


def hold(move: Move) -> None:
    session, data = move.subject, move.data
    session.held_from, session.held_until = data["held_from"], data["held_until"]
    session.record, session.outcome, session.draft = data["record"], data["outcome"], {}
    _save(move, "held_from", "held_until", "record", "outcome", "draft")
    here = {row.pk for row in data["present"]}
    for row in session.invitations.all():
        row.present = row.pk in here
        row.save(update_fields=["present"])
    move.record |= {"session": session.pk, "outcome": data["outcome"], "present": len(here)}
    day = clock.local_day(data["held_from"])
    if session.kind == SessionKind.CONSULTATION:  # offices among themselves: in the file, for no side
        _paper(move, MaterialKind.NOTE, "会商记录", day)
        return
    came = session.invitations.filter(present=True, party__isnull=False)
    sides = sorted(set(came.values_list("party__side", flat=True)))
    _paper(move, MaterialKind.SIGNED if sides else MaterialKind.NOTE, "调解记录", day, sides=sides)


# --- agreement, promises


def agree(move: Move) -> None:
    attempt = routing.attempt_of(move.case)
    assert attempt is not None  # the guard saw it
    agreement = Agreement(attempt=attempt)
    _write(agreement, move.data)
    agreement.save(force_insert=True)
    _end_attempt(move, attempt, "succeed")
    move.record["form"] = agreement.form


def _write(agreement: Agreement, data: Any) -> None:
    for name in AGREED:
        if name != "copies" or data.get("copies"):
            setattr(agreement, name, data[name])
    agreement.manner, agreement.amount = data["performance"], data.get("total")


def agreement_of(case: Case) -> Agreement | None:
    """The agreement that stands, or is being drawn up."""
    rows = Agreement.objects.filter(attempt__docket__case=case).exclude(state="void")
    return rows.select_related("attempt__docket__case").order_by("-pk").first()


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


def unsigned(case: Case) -> list[Party]:
    """The parties that have not signed the agreement yet."""
    agreement = agreement_of(case)
    signed = set(agreement.signatures.values_list("party_id", flat=True)) if agreement is not None else set()
    return [party for party in parties.present(case) if party.pk not in signed]


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
    _paper(move, MaterialKind.SIGNED, "调解协议书", day)


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
    _paper(move, MaterialKind.SIGNED, "调解协议书", day)
    _start(move.case, "confirm", _until(last_day_to_confirm(day), move.at), move.at)
    for promise in agreement.promises.filter(state="open"):
        _start(move.case, "promise", _until(promise.due_on, move.at), move.at, promise.pk)


def _void(move: Move, attempt: Attempt) -> None:
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
    _void(move, attempt)
    _end_attempt(move, attempt, "unsigned")


def settle(move: Move) -> None:
    promise, data = move.subject, move.data
    promise.settled_on = data["settled_on"]
    promise.advice = list(data.get("advice") or [])
    _save(move, "settled_on", "advice")
    move.record |= {"promise": promise.pk, "on": str(promise.settled_on)}
    if promise.advice:
        move.record["advice"] = promise.advice
    _paper(move, MaterialKind.PERFORMANCE, "履行凭证", promise.settled_on)


def redate(move: Move) -> None:
    promise = move.subject
    move.record |= {"promise": promise.pk, "old": str(promise.due_on), "due_on": str(move.data["due_on"])}
    promise.due_on = move.data["due_on"]
    promise.save(update_fields=["due_on"])
    deadlines.cancel(move.case, ["promise", "follow_up"], at=move.at, item=promise.pk)
    _start(move.case, "promise", _until(promise.due_on, move.at), move.at, promise.pk)


# --- confirmation, visit, end


def apply_confirmation(move: Move) -> None:
    agreement, data = agreement_of(move.case), move.data
    assert agreement is not None
    Confirmation.objects.update_or_create(
        agreement=agreement,
        defaults={"state": "applied", "court": data["court"], "applied_on": data["applied_on"],
                  "accepted_on": None, "decided_on": None, "ruling": ""},
    )  # fmt: skip
    move.record |= {"on": str(data["applied_on"]), "court": data["court"]}
    _paper(move, MaterialKind.COURT, "司法确认申请书", data["applied_on"])


def court_accepts(move: Move) -> None:
    move.subject.accepted_on = move.data["court_on"]
    move.subject.save(update_fields=["accepted_on"])
    move.record["on"] = str(move.data["court_on"])


def court_decides(move: Move) -> None:
    found, data = move.subject, move.data
    found.decided_on, found.ruling = data["court_on"], data.get("ruling") or ""
    _save(move, "decided_on", "ruling")
    move.record["on"] = str(found.decided_on)
    _paper(move, MaterialKind.COURT, "司法确认裁定书", found.decided_on)


def visit(move: Move) -> None:
    data = move.data
    assert move.by is not None
    row = Visit.objects.create(
        case=move.case, on=data["visited_on"], manner=data["manner"], performed=data["performed"] == "yes",
        satisfaction=data["satisfaction"], words=data.get("words") or "", by=move.by,
    )  # fmt: skip
    move.record |= {"on": str(row.on), "performed": data["performed"], "satisfaction": row.satisfaction}
    _paper(move, MaterialKind.NOTE, "回访记录", row.on)


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


# --- up a tier


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
        _end_attempt(move, attempt, "stop")
    parts.add(move.case, PartKind.COPIED, Office.of(docket.committee.division), at=move.at)
    Docket.objects.create(case=move.case, committee=goal, tier=goal.tier, received_at=move.at)
    move.case.office = goal.division
    move.record |= {"way": way, "to": goal.name, "from": docket.committee.name}
    if way == Way.WISH:
        move.record["sides"] = sorted({party.side for party in move.data["wishing"]})
    _paper(move, MaterialKind.NOTE, "报送上级的材料", clock.local_day(move.at))


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


# --- time, colour, papers, subsidy


def extend(move: Move) -> None:
    days = move.data["days"]
    for deadline in deadlines.open_of(move.case, ["mediate"]):
        deadlines.extend(deadline, days)
    dispute = move.case.mediation
    dispute.extended_days += days
    dispute.save(update_fields=["extended_days"])
    move.record |= {"days": days, "on": str(move.data["agreed_on"])}


def grade(move: Move) -> None:
    """A colour by a person, with a reason and the day on which it is looked at again."""
    dispute, data = move.case.mediation, move.data
    move.record |= {"old": dispute.colour, "colour": data["colour"], "look_on": str(data["look_on"])}
    dispute.colour, dispute.look_on = data["colour"], data["look_on"]
    dispute.save(update_fields=["colour", "look_on"])
    _start(move.case, "look", _until(data["look_on"], move.at), move.at)


def add_material(move: Move) -> None:
    """An enquiry of a party, or evidence that it brought, concerns that party alone unless somebody says whom else."""
    data = move.data
    assert move.by is not None
    party = data.get("party_of")
    sides = data.get("sides") or (
        [party.side] if party is not None and data["material"] in CONCERNING else []
    )
    row = Material.objects.create(
        case=move.case, kind=data["material"], title=data["title"], on=data["on"], place=data.get("where") or "",
        words=data.get("words") or "", party=party, sides=sides, by=move.by,
        seq=move.case.last_seq + 1,
    )  # fmt: skip
    move.record |= {"material": row.pk, "kind": row.kind}


def claim_subsidy(move: Move) -> None:
    row = Subsidy(case=move.case, committee=routing.docket_of(move.case).committee)
    _claim(move, row)
    row.save(force_insert=True)


def claim_again(move: Move) -> None:
    _claim(move, move.subject)
    move.subject.decided_by = move.subject.decided_at = None
    _save(move, "grade", "amount", "payee", "claimed_by", "claimed_at", "decided_by", "decided_at")


def _claim(move: Move, row: Subsidy) -> None:
    assert move.by is not None
    row.grade = move.data["grade"]
    row.amount, row.payee = grades()[row.grade].amount, move.data["payee"]
    row.claimed_by, row.claimed_at = move.by, move.at
    move.record |= {"grade": row.grade, "amount": str(row.amount), "payee": row.payee.pk}


def decide_subsidy(move: Move) -> None:
    move.subject.decided_by, move.subject.decided_at = move.by, move.at
    _save(move, "decided_by", "decided_at")


def pay(move: Move) -> None:
    move.subject.paid_on = move.data["paid_on"]
    _save(move, "paid_on")
    move.record["on"] = str(move.data["paid_on"])


def link(move: Move) -> None:
    target = move.data["target"]
    CaseLink.objects.get_or_create(
        source=move.case, target=target, kind=LinkKind.RELATED, defaults={"at": move.at}
    )
    move.record["target"] = target.number


CASE_EFFECTS: dict[str, Callable[[Move], None]] = {
    one.__name__: one
    for one in (
        accept, turn_away, edit, add_party, assign, exclude, recuse, tell_rights, propose_attempt, plan_session,
        plan_consultation, agree, redraft, add_promise, record_signatures, sign, fall_through, pass_up, hand_back, refuse, fail,
        withdraw, refer, apply_confirmation, visit, close, file, claim_subsidy, extend, grade, add_material, link,
    )
}  # fmt: skip
PARTY_EFFECTS = {"edit_party": edit_party, "represent": represent, "leave": leave}
ATTEMPT_EFFECTS = {"consent": consent, "begin": begin, "not_agreed": not_agreed}
SESSION_EFFECTS = {"hold": hold, "tell": tell, "move_session": move_session, "call_off": call_off}
PROMISE_EFFECTS = {"settle": settle, "redate": redate}
CONFIRMATION_EFFECTS = {"court_accepts": court_accepts, "court_decides": court_decides}
SUBSIDY_EFFECTS = {"decide_subsidy": decide_subsidy, "claim_again": claim_again, "pay": pay}
