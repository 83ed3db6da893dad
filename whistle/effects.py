"""What the moves of a whistle change besides state, clocks and record. Named by the tables; run by the engine."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from datetime import date, datetime, time
from typing import Any

from django.utils.translation import gettext_lazy as _

from cases import deadlines, parts, workflow
from cases.deadlines import Owed
from cases.errors import Incomplete
from cases.models import Case, CaseLink, Deadline, LinkKind, PartKind
from cases.offices import Office
from cases.search import bigrams
from cases.tables import Move
from grids.calendars import Allowance, Unit
from grids.clock import SHANGHAI
from whistle import negative
from whistle.arrival import distance, trusted_press
from whistle.models import Ground, NegativeEntry, Outcome, Summons, Task
from whistle.routing import committee_seat, level_of, on_duty, sounder_of
from whistle.tables import end_of, times

FACTS = ("kind", "subject", "matter", "why_not", "address", "lat", "lng")


# --- times and holders


def allowance_of(thing: Any, duty: str) -> Allowance:
    """The time for a duty of a whistle or of one of its sub-rows, by who whistles."""
    case = thing if isinstance(thing, Case) else thing.case
    return times()[level_of(case.office), duty]


def holder_of(thing: Any, duty: str) -> Office:
    """Who owes a duty."""
    if isinstance(thing, Summons):
        return Office(department_id=thing.department_id)
    if isinstance(thing, NegativeEntry):
        if duty == "appeal":
            return Office(department_id=thing.summons.department_id)
        return Office.of(committee_seat(thing.case))
    if duty in ("sound", "close"):
        return Office.of(sounder_of(thing)[1])
    return Office.of(thing.office)


# --- the whistle


def name_departments(case: Case, ids: Iterable[int]) -> None:
    """Before it is sounded: the departments wanted are these, and no others."""
    wanted = Summons.objects.filter(case=case, state="wanted")
    wanted.exclude(department__in=ids).delete()
    known = set(wanted.values_list("department_id", flat=True))
    Summons.objects.bulk_create(Summons(case=case, department_id=pk) for pk in ids if pk not in known)


def index(case: Case) -> None:
    """What a search finds a whistle by."""
    whistle = case.whistle
    case.search = bigrams(case.title, whistle.matter, whistle.address)
    case.save(update_fields=["title", "search"])


def edit(move: Move) -> None:
    whistle, data = move.case.whistle, move.data
    changed = [name for name in FACTS if getattr(whistle, name) != data.get(name)]
    if move.case.title != data["title"]:
        move.case.title = data["title"]
        changed.insert(0, "title")
    for name in FACTS:
        setattr(whistle, name, data.get(name))
    whistle.save(update_fields=FACTS)
    name_departments(move.case, data["departments"])
    index(move.case)
    move.record["changed"] = changed


def _call_all(move: Move) -> None:
    """Every department wanted is summoned now; its time begins with this move."""
    wanted = list(Summons.objects.select_for_update(of=("self",)).filter(case=move.case, state="wanted"))
    for summons in wanted:
        parts.add(move.case, PartKind.CO_HANDLER, Office(department_id=summons.department_id), at=move.at)
        workflow.follow(move.case, "summon", subject=summons, at=move.at, cause=move.cause)
    move.record["departments"] = [summons.department.name for summons in wanted]


def sound(move: Move) -> None:
    whistle = move.case.whistle
    whistle.sounded_at = move.at
    whistle.save(update_fields=["sounded_at"])
    _call_all(move)


def add_departments(move: Move) -> None:
    Summons.objects.bulk_create(
        Summons(case=move.case, department_id=pk) for pk in move.data["more_departments"]
    )
    _call_all(move)


def stand_down(move: Move) -> None:
    """Open duties are cancelled, not missed; arrivals stay on record (domain rules, section 5)."""
    called = Summons.objects.select_for_update(of=("self",)).filter(case=move.case, state="summoned")
    for summons in called:
        workflow.follow(move.case, "cancel", subject=summons, at=move.at, cause=move.cause)


def name_lead(move: Move) -> None:
    """The leading department (牵头) is the handler, the others help (协办)."""
    chosen: Summons | None = move.data.get("lead")
    if chosen is None:
        return
    rows = list(
        Summons.objects.select_for_update(of=("self",)).filter(case=move.case).select_related("department")
    )
    for summons in sorted(rows, key=lambda row: row.pk == chosen.pk):
        if summons.lead == (summons.pk == chosen.pk):
            continue
        summons.lead = summons.pk == chosen.pk
        summons.save(update_fields=["lead"])
    called = [row for row in rows if row.state not in ("wanted", "cancelled", "released")]
    parts.end(move.case, PartKind.HANDLER, PartKind.CO_HANDLER, at=move.at)
    for summons in called:
        kind = PartKind.HANDLER if summons.pk == chosen.pk else PartKind.CO_HANDLER
        parts.add(move.case, kind, Office(department_id=summons.department_id), at=move.at)
    move.record["lead"] = chosen.department.name


def link(move: Move) -> None:
    target: Case = move.data["target"]
    CaseLink.objects.get_or_create(
        source=move.case, target=target, kind=LinkKind.RELATED, defaults={"at": move.at}
    )
    move.record["target"] = target.number


# --- a summons


def mention(summons: Summons) -> dict[str, Any]:
    """How the record names a summons."""
    return {"summons": summons.pk, "department": summons.department.name}


def summon(move: Move) -> None:
    """Whom it names: by the duty roster, with the deputy; the head is told too (domain rules, section 5)."""
    summons: Summons = move.subject
    named = on_duty(summons.department, move.at)
    summons.person, summons.deputy, summons.telephone = named.person, named.deputy, named.telephone
    summons.summoned_at = move.at
    summons.due_at = end_of(allowance_of(summons, "arrive"), move.at)
    summons.save(update_fields=["person", "deputy", "telephone", "summoned_at", "due_at"])
    # Posts, not names: the record's data cannot be erased, its words can.
    move.record["person"] = named.person.pk if named.person else None
    move.record["deputy"] = named.deputy.pk if named.deputy else None
    move.record["due"] = summons.due_at.isoformat()


def opened(move: Move) -> None:
    summons: Summons = move.subject
    summons.opened_at, summons.opened_by = move.at, move.by
    summons.save(update_fields=["opened_at", "opened_by"])


def called(move: Move) -> None:
    summons: Summons = move.subject
    summons.called_at = move.at
    summons.save(update_fields=["called_at"])
    move.record |= {"callee": move.data["callee"], "answered": move.data["answered"]}


def report_in(move: Move) -> None:
    """Both instants are kept; which counts is decided here, once (domain rules, section 5)."""
    summons, data = move.subject, move.data
    summons.refresh_from_db(fields=["outcome"])  # the breach may have taken effect with this very move
    assert summons.summoned_at is not None and summons.due_at is not None  # it was summoned
    summons.pressed_at = trusted_press(
        data.get("pressed_at"), data.get("contact") or "", data.get("elapsed"),
        summoned=summons.summoned_at, received=move.at,
    )  # fmt: skip
    summons.received_at, summons.arrived_by = move.at, move.by
    _place(move)
    summons.not_duty = bool(data.get("not_duty"))
    _judge(move)
    summons.save(
        update_fields=[
            "pressed_at", "received_at", "arrived_by", "lat", "lng", "accuracy", "distance", "not_duty", "outcome",
        ]
    )  # fmt: skip


def _place(move: Move) -> None:
    summons, data, whistle = move.subject, move.data, move.case.whistle
    summons.lat, summons.lng, summons.accuracy = data.get("lat"), data.get("lng"), data.get("accuracy")
    summons.distance = None
    if summons.lat is not None and whistle.lat is not None and whistle.lng is not None:
        summons.distance = distance(summons.lat, summons.lng, whistle.lat, whistle.lng)
    known = {"distance": summons.distance, "accuracy": summons.accuracy}
    move.record |= {name: round(value) for name, value in known.items() if value is not None}
    if data.get("not_duty"):
        move.record["not_duty"] = True


def _judge(move: Move) -> None:
    """In time, late, or pressed in time and received late: then the confirmation decides."""
    summons: Summons = move.subject
    assert summons.arrived_at is not None and summons.due_at is not None  # just set
    in_time = summons.arrived_at < summons.due_at
    move.record["received"] = move.at.isoformat()
    if summons.pressed_at is not None:
        move.record["pressed"] = summons.pressed_at.isoformat()
    if in_time and move.at >= summons.due_at:
        move.record["in_time_received_late"] = True
    elif in_time:
        summons.outcome = Outcome.ON_TIME
    else:
        summons.outcome = Outcome.LATE
        negative.amend(move.case, summons, Ground.LATE, at=move.at, cause=move.cause)


def confirm(move: Move) -> None:
    """The whistling office (or, after a dispute, who sounded) agrees that they were there."""
    summons: Summons = move.subject
    assert summons.arrived_at is not None and summons.due_at is not None  # it was reported
    summons.confirmed_at = move.at
    if summons.arrived_at < summons.due_at and summons.outcome != Outcome.ON_TIME:
        summons.outcome = Outcome.ON_TIME
        negative.withdraw(move.case, summons, at=move.at, cause=move.cause)
    summons.save(update_fields=["confirmed_at", "outcome"])
    move.record["outcome"] = summons.outcome


def reject_arrival(move: Move) -> None:
    """They were not there: the time runs on from its first start, and a breach that took effect stands."""
    summons: Summons = move.subject
    assert summons.summoned_at is not None  # it was reported
    ours = Deadline.objects.filter(case=move.case, duty="arrive", item=summons.pk)
    missed = ours.filter(missed_at__isnull=False).exists()
    summons.pressed_at = summons.received_at = summons.arrived_by = None
    summons.lat = summons.lng = summons.accuracy = summons.distance = None
    summons.outcome = Outcome.ABSENT if missed else Outcome.NONE
    summons.save(
        update_fields=[
            "pressed_at", "received_at", "arrived_by", "lat", "lng", "accuracy", "distance", "outcome",
        ]
    )  # fmt: skip
    if missed:
        negative.amend(move.case, summons, Ground.ABSENT, at=move.at, cause=move.cause)
    else:
        again = Owed(
            "arrive", allowance_of(summons, "arrive"), holder_of(summons, "arrive"), item=summons.pk,
            at=summons.summoned_at,
        )  # fmt: skip
        deadlines.start_all(move.case, [again], at=move.at)


def rate(move: Move) -> None:
    """Response, solution, satisfaction, one to five; and whether they came without working (出工不出力)."""
    summons, data = move.subject, move.data
    names = ("response", "solution", "satisfaction", "no_effort")
    for name in names:
        setattr(summons, name, data[name])
    summons.save(update_fields=names)
    move.record |= {name: data[name] for name in names}
    if summons.no_effort:
        negative.propose(move.case, summons, Ground.NO_EFFORT, at=move.at, cause=move.cause)
    else:
        negative.take_back(move.case, summons, at=move.at, cause=move.cause)


def propose_negative(move: Move) -> None:
    """The whistling office proposes an entry with its grounds; what the record contradicts is refused."""
    summons, ground = move.subject, move.data["ground"]
    same = negative.ATTENDANCE if ground in negative.ATTENDANCE else (ground,)
    if negative.live(summons, *same) is not None:
        raise _beside("ground", _("这个部门已有同类的负面清单条目。"))
    fits = {
        Ground.ABSENT: summons.outcome == Outcome.ABSENT,
        Ground.LATE: summons.outcome == Outcome.LATE,
        Ground.NO_EFFORT: summons.state == "confirmed",
    }
    if not fits[Ground(ground)]:
        raise _beside("ground", _("与报到记录不符，请核对后选择。"))
    entry = negative.open_entry(move.case, summons, ground, by=move.by, at=move.at)
    move.record |= {"negative_entry": entry.pk, "ground": ground}


def _beside(name: str, words: Any) -> Incomplete:
    return Incomplete(words, errors={name: [str(words)]})


# --- tasks


def day_end(day: date, at: datetime) -> Allowance:
    """The whole minutes from an instant to the end of a day, as a clock time."""
    end = datetime.combine(day, time.max, tzinfo=SHANGHAI)
    return Allowance(max(1, int((end - at).total_seconds() // 60)), Unit.CLOCK_MINUTES)


def _start_task(move: Move, task: Task) -> None:
    holder = Office(department_id=task.summons.department_id)
    deadlines.start_all(
        move.case, [Owed("task", day_end(task.due_on, move.at), holder, item=task.pk)], at=move.at
    )


def claim(move: Move) -> None:
    """A task with its date, in the name of the department (认领任务)."""
    assert move.by is not None  # the program claims nothing
    task = Task.objects.create(
        summons=move.subject, text=move.data["task"], due_on=move.data["due_on"],
        claimed_at=move.at, claimed_by=move.by,
    )  # fmt: skip
    _start_task(move, task)
    move.record |= task_mention(task) | {"due_on": task.due_on.isoformat()}


def task_mention(task: Task) -> dict[str, Any]:
    """How the record names a task."""
    return {"task": task.pk, **mention(task.summons)}


def finish(move: Move) -> None:
    move.subject.done_at = move.at
    move.subject.state = "done"
    move.subject.save(update_fields=["done_at", "state"])


def redate(move: Move) -> None:
    """Another date: the old end falls away (missed if it is over), the new one begins."""
    task: Task = move.subject
    deadlines.cancel(move.case, ["task"], at=move.at, item=task.pk)
    move.record |= {"old": task.due_on.isoformat(), "due_on": move.data["due_on"].isoformat()}
    task.due_on, task.done_at, task.state = move.data["due_on"], None, "claimed"
    task.save(update_fields=["due_on", "done_at", "state"])
    _start_task(move, task)


# --- entries of the negative list


def confirm_entry(move: Move) -> None:
    entry: NegativeEntry = move.subject
    entry.confirmed_at, entry.confirmed_by = move.at, move.by
    entry.appeal_until = end_of(allowance_of(entry, "appeal"), move.at)
    entry.save(update_fields=["confirmed_at", "confirmed_by", "appeal_until"])


# --- the ends of duties


def absent(case: Case, deadline: Deadline, now: datetime) -> None:
    """Nobody came within the time: absent until somebody does, and the system proposes an entry."""
    summons = Summons.objects.select_for_update(of=("self",)).get(pk=deadline.item)
    summons.outcome = Outcome.ABSENT
    summons.save(update_fields=["outcome"])
    negative.propose(case, summons, Ground.ABSENT, at=now, cause=uuid.uuid4())


Effects = dict[str, Callable[[Move], None]]
CASE_EFFECTS: Effects = {
    "edit": edit,
    "sound": sound,
    "add_departments": add_departments,
    "stand_down": stand_down,
    "name_lead": name_lead,
    "link": link,
}
SUMMONS_EFFECTS: Effects = {
    "summon": summon,
    "opened": opened,
    "called": called,
    "report_in": report_in,
    "confirm": confirm,
    "reject_arrival": reject_arrival,
    "rate": rate,
    "claim": claim,
    "propose_negative": propose_negative,
}
TASK_EFFECTS: Effects = {"finish": finish, "redate": redate}
ENTRY_EFFECTS: Effects = {"confirm_entry": confirm_entry}
