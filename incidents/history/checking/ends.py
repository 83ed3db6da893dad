"""A case's duties against its record: begun, met, missed, released, paused and due as the table and the calendar say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings

from cases.models import CaseEvent, Deadline, MarkOutcome
from cases.offices import Office
from grids import calendars
from grids.calendars import Allowance, Unit
from incidents.effects import in_unit
from incidents.history.checking.truth import Truth
from incidents.history.checking.walking import BEGINNINGS, Step, Walk
from incidents.models import CategoryVersion

SUSPENSION: Final = "suspension"
HANDLING: Final = ("accept", "handle")  # what the handler owes; everything else the centre in charge
SLACK: Final = timedelta(minutes=10)  # a mark rings within seconds; more is a fault


@dataclass(slots=True, eq=False)
class Owed:
    """A duty as the record makes it."""

    duty: str
    holder: Office
    started_at: datetime
    allowance: Allowance
    due_at: datetime
    extra: int = 0
    paused_at: datetime | None = None
    met_at: datetime | None = None
    missed_at: datetime | None = None
    cancelled_at: datetime | None = None
    pauses: list[tuple[datetime, datetime]] = field(default_factory=list)
    changed_at: datetime | None = None
    reminded: bool = False
    pending: list[int] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        return self.met_at is None and self.cancelled_at is None


@dataclass(slots=True)
class Ends:
    """The duties of a case while its steps are followed."""

    walk: Walk
    truth: Truth
    owed: list[Owed] = field(default_factory=list)
    asked: list[tuple[Owed, int, str]] = field(default_factory=list)

    def check(self) -> None:
        """Follow the steps, then compare what is owed with the stored duties and their marks."""
        for step in self.walk.steps:
            if step.event.verb.startswith("deadline."):
                self._ring(step.event)
            else:
                self._step(step)
        self._compare()

    def _note(self, event: CaseEvent | None, words: str) -> None:
        self.walk.note(event, words)

    def _open(self, *duties: str) -> list[Owed]:
        return [owed for owed in self.owed if owed.is_open and (not duties or owed.duty in duties)]

    # --- following

    def _step(self, step: Step) -> None:
        event, row = step.event, step.row
        starts = row.starts if row is not None else _begun_by(event)
        if row is not None:
            if row.resumes:
                self._resume(event)
            for duty in self._open(*row.meets) if row.meets else ():
                self._must_have_rung(event, duty)
                duty.met_at = event.at
            for duty in self._open(*row.cancels) if row.cancels else ():
                self._must_have_rung(event, duty)
                duty.cancelled_at = event.at
            self._effect(step, row.effect)
        self._take_over(step)
        closed = event.to_state in self.truth.table.finals
        for name in starts if not closed else ():
            holder = step.handler if name in HANDLING and step.handler else Office(division_id=step.office.pk)
            self._start(name, holder, event.at, step.version.allowance(name, urgent=step.urgent))
        if row is not None and row.pauses:
            for duty in self._open():
                if duty.duty != SUSPENSION:
                    self._must_have_rung(event, duty)
                    if duty.missed_at is None and duty.paused_at is None:
                        duty.paused_at = event.at

    def _start(self, name: str, holder: Office, at: datetime, allowance: Allowance) -> None:
        for same in self._open(name):
            if same.holder == holder:
                same.cancelled_at = at
        due = calendars.due(at, allowance, [], self.truth.calendar).at
        self.owed.append(Owed(name, holder, at, allowance, due))

    def _resume(self, event: CaseEvent) -> None:
        for duty in self._open():
            if duty.paused_at is not None:
                duty.pauses.append((duty.paused_at, event.at))
                duty.paused_at = None
                self._recompute(duty, event.at)

    def _recompute(self, duty: Owed, at: datetime) -> None:
        duty.changed_at = at
        if duty.paused_at is None:
            whole = Allowance(duty.allowance.amount + duty.extra, duty.allowance.unit)
            duty.due_at = calendars.due(duty.started_at, whole, duty.pauses, self.truth.calendar).at

    def _take_over(self, step: Step) -> None:
        """Another centre in charge owes the whole; what else it owes begins anew, but for what is being checked."""
        if "office" not in step.event.data:
            return
        effect = step.row.effect if step.row is not None else ""
        for duty in self._open("whole", *PASSED_ON.get(effect, ())):
            duty.holder = Office(division_id=step.office.pk)

    def _effect(self, step: Step, effect: str) -> None:
        event, data = step.event, step.event.data
        match effect:
            case "make_urgent":
                self._reallow(step.version, True, event.at)
            case "file" | "correct_category" if "category" in data:
                self._reallow(step.version, step.urgent, event.at)
            case "suspend":
                minutes = round((datetime.fromisoformat(data["until"]) - event.at).total_seconds() / 60)
                allowance = Allowance(max(1, minutes), Unit.CLOCK_MINUTES)
                self._start(SUSPENSION, Office(division_id=step.office.pk), event.at, allowance)
            case "ask_extension":
                self._ask(event)
            case "grant_extension" | "refuse_extension":
                self._decide(event, granted=effect == "grant_extension")
            case "assign" | "settle" | "feed_back" | "return" | "archive" | "merge":
                for owed in self.owed:
                    self.asked += [(owed, amount, "lapsed") for amount in owed.pending]
                    owed.pending = []

    def _reallow(self, version: CategoryVersion, urgent: bool, at: datetime) -> None:
        for duty in self._open():
            if duty.duty != SUSPENSION:
                duty.allowance = version.allowance(duty.duty, urgent=urgent)
                self._recompute(duty, at)

    def _ask(self, event: CaseEvent) -> None:
        for duty in self._open("handle"):
            duty.pending.append(event.data["amount"])
            if event.data["amount"] > duty.allowance.amount or event.data["unit"] != duty.allowance.unit:
                self._note(event, "申请的时间 / the time asked for")

    def _decide(self, event: CaseEvent, *, granted: bool) -> None:
        handling = next((duty for duty in self._open("handle") if duty.pending), None)
        if handling is None:
            self._note(event, "没有申请 / nothing was asked")
            return
        amount, unit = handling.pending.pop(), handling.allowance.unit
        self.asked.append((handling, amount, "granted" if granted else "refused"))
        for duty in self._open("handle", "whole") if granted else ():
            old = duty.due_at
            duty.extra += in_unit(amount, unit, duty.allowance.unit)
            self._recompute(duty, event.at)
            said = event.data.get(duty.duty, {})
            if [_instant(said.get(name)) for name in ("old", "new")] != [old, duty.due_at]:
                self._note(event, f"延期后的时限 / the new end of {duty.duty}")

    def _must_have_rung(self, event: CaseEvent, duty: Owed) -> None:
        running = duty.duty != SUSPENSION and duty.missed_at is None and duty.paused_at is None
        if running and event.at >= duty.due_at:
            self._note(event, f"{duty.duty} 已过时限而没有超期记录 / over without being missed")

    def _ring(self, event: CaseEvent) -> None:
        data = event.data
        found = [
            duty for duty in self._open(str(data.get("duty")))
            if duty.paused_at is None and self.truth.name_of(duty.holder) == data.get("holder")
        ]  # fmt: skip
        if event.verb == "deadline.recomputed":
            return
        if len(found) != 1 or _instant(data.get("due")) != found[0].due_at:
            self._note(event, "没有这样的时限 / no such duty")
        elif event.verb == "deadline.missed":
            if found[0].missed_at is not None or event.at < found[0].due_at:
                self._note(event, "还没有到期，或已超期 / not over, or missed already")
            found[0].missed_at = found[0].due_at
        elif event.verb == "deadline.reminded":
            if event.at >= found[0].due_at or found[0].reminded:
                self._note(event, "提醒得太晚或重复 / reminded too late or twice")
            found[0].reminded = True

    # --- comparing

    def _compare(self) -> None:
        rows = list(self.walk.file.deadlines)
        for owed in self.owed:
            same = [
                row for row in rows
                if row.duty == owed.duty and row.started_at == owed.started_at
                and self.truth.office(row.holder_department_id, row.holder_division_id) == owed.holder
            ]  # fmt: skip
            if len(same) != 1:
                self._note(None, f"{owed.duty} 的时限有 {len(same)} 条 / rows of a duty that was owed once")
                continue
            rows.remove(same[0])
            for words in self._differences(owed, same[0]):
                self._note(None, f"{owed.duty} {words}")
            for words in self._marks(owed, same[0]):
                self._note(None, f"{owed.duty} {words}")
        for row in rows:
            self._note(None, f"{row.duty} 的时限没有记录 / a duty that was never owed")
        self._extensions()

    def _differences(self, owed: Owed, row: Deadline) -> Iterator[str]:
        wanted: dict[str, Any] = {
            "amount": owed.allowance.amount, "unit": owed.allowance.unit, "extra": owed.extra, "due_at": owed.due_at,
            "met_at": owed.met_at, "missed_at": owed.missed_at, "cancelled_at": owed.cancelled_at,
            "paused_at": owed.paused_at,
        }  # fmt: skip
        for name, value in wanted.items():
            if getattr(row, name) != value:
                yield f"{name}: {getattr(row, name)}，按记录应为 / by the record {value}"
        spans = [(pause.from_at, pause.until_at) for pause in self.walk.file.pauses.get(row.pk, [])]
        if spans != [*owed.pauses, *([(owed.paused_at, None)] if owed.paused_at else [])]:
            yield "暂停 / pauses"
        over = owed.is_open and owed.paused_at is None and owed.missed_at is None
        if over and owed.due_at < self.truth.now - SLACK:
            yield "已过时限而没有超期 / over without being missed"

    def _marks(self, owed: Owed, row: Deadline) -> Iterator[str]:
        """The end rings once; the reminder stands at its share of the time."""
        marks = self.walk.file.marks.get(row.pk, {})
        names = {"miss"} if owed.duty == SUSPENSION else {"miss", "remind"}
        if set(marks) != names:
            yield "提醒点 / marks"
            return
        end, waits = marks["miss"], owed.is_open and owed.paused_at is None
        if owed.duty != SUSPENSION and (end.outcome == MarkOutcome.DONE) != (owed.missed_at is not None):
            yield "到期的提醒点 / mark of the end"
        for name, mark in marks.items():
            if mark.taken_at is None and (mark.at is not None) != waits:
                yield f"提醒点 {name} / mark: waits or not"
        if end.taken_at is None and end.at is not None and end.at != owed.due_at:
            yield "到期的提醒点不在到期时 / mark of the end is not at the end"
        if "remind" in names:
            yield from self._reminder(owed, marks["remind"])

    def _reminder(self, owed: Owed, mark: Any) -> Iterator[str]:
        if (mark.outcome == MarkOutcome.DONE) != owed.reminded:
            yield "提醒与记录不符 / reminder and record"
        if mark.at is None or (
            owed.changed_at is not None and mark.taken_at and mark.taken_at <= owed.changed_at
        ):
            return
        if owed.missed_at is not None and owed.changed_at is not None:
            return  # what was missed keeps its reminder
        allowance = Allowance(owed.allowance.amount + owed.extra, owed.allowance.unit)
        calendar = self.truth.calendar
        at = calendars.share_point(
            owed.started_at, allowance, owed.pauses, calendar, settings.GEZHI_REMIND_SHARE
        )
        if allowance.unit != Unit.CLOCK_MINUTES:
            at = calendar.next_open(at)
        if mark.at != min(at, owed.due_at):
            yield "提醒的时间 / instant of the reminder"

    def _extensions(self) -> None:
        for owed in self.owed:
            self.asked += [(owed, amount, "pending") for amount in owed.pending]
        found = sorted((e.amount, str(e.state)) for e in self.walk.file.extensions)
        if found != sorted((amount, state) for _owed, amount, state in self.asked):
            self._note(None, "延期申请与记录不符 / extensions")


# What another centre in charge owes besides the whole, by the effect that puts it there; "": a duplicate came in.
PASSED_ON: Final[dict[str, tuple[str, ...]]] = {
    "settle": ("verify",), "feed_back": ("verify",), "closing_office": ("verify",), "": ("verify",),
    "file": ("file", "assign"), "correct_category": ("file", "assign"),
}  # fmt: skip


def _begun_by(event: CaseEvent) -> tuple[str, ...]:
    """The duties that begin with a case."""
    return BEGINNINGS[event.verb][1] if event.verb in BEGINNINGS else ()


def _instant(text: Any) -> datetime | None:
    return datetime.fromisoformat(text) if isinstance(text, str) else None
