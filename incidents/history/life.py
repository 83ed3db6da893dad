"""One incident's life as rows: its record with the chain of hashes, its duties with their marks, its parts.

A small engine for the maker alone: the moves stand in the incident table, what they bring besides is written here a
second time, without a database. The checker proves it right by the real one's rules.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from accounts.roles import CENTRE_ROLES
from cases.tables import RESUME, SAME, Transition
from cases.verbs import get as verb_of
from grids import calendars
from grids.calendars import Allowance, Calendar, Unit
from incidents.effects import in_unit
from incidents.history.city import City, Office, Person, Place
from incidents.history.rows import NULL, Sheet, plain, some
from incidents.history.telling import Kind, Tongue
from incidents.history.timetable import MINUTE, Timetable, instant, iso, micros
from incidents.workflow import FINALS, ROWS

RULES: Final[dict[tuple[str, str], Transition]] = {
    (state, row.action): row for row in ROWS for state in row.sources
}
SUSPENSION: Final = "suspension"
_canonical: Final = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


class NotYet(Exception):
    """What comes next has not happened by the end of the history; nothing is wrong."""


@dataclass(slots=True)
class Book:
    """What all lives of one part share: chance, words, time, ids, and the sheet that they are written on.

    `end`: now, in microseconds. `events` and `duties`: the last ids used.
    """

    city: City
    tongue: Tongue
    timetable: Timetable
    calendar: Calendar
    end: int
    sheet: Sheet
    events: int
    duties: int

    @property
    def chance(self) -> Any:
        return self.tongue.chance


@dataclass(slots=True, eq=False)
class Duty:
    """A deadline with its two marks, times in microseconds.

    `remind` and `miss`: when the waiting marks ring, None when they are silent. `reminded` and `rung`: when the mark
    stood, and when it took effect.
    """

    pk: int
    name: str
    holder: Office
    started: int
    amount: int
    unit: str
    due: int
    extra: int = 0
    provisional: bool = False
    paused: int | None = None
    met: int | None = None
    missed: int | None = None
    cancelled: int | None = None
    remind: int | None = None
    reminded: tuple[int, int] | None = None
    skipped: bool = False
    miss: int | None = None
    rung: tuple[int, int] | None = None
    pauses: list[list[int]] = field(default_factory=list)
    asked: list[list[Any]] = field(default_factory=list)

    @property
    def breaches(self) -> bool:
        return self.name != SUSPENSION


class Life:
    """A case from its report on. `now`: when somebody last did something; `last`: the instant of the last entry."""

    __slots__ = (
        "book", "case", "category_times", "closed", "duties", "handled_offices", "handled_people", "handler",
        "hash", "kind", "last", "next_ring", "now", "number", "office", "open", "opened", "parts", "pending", "place",
        "receiver", "reopened", "reporter", "resume_state", "returned", "seq", "state", "supervision", "urgent",
    )  # fmt: skip

    def __init__(
        self,
        book: Book,
        *,
        case: int,
        number: str,
        kind: Kind,
        place: Place,
        urgent: bool,
        at: int,
        by: Person,
    ) -> None:
        self.book, self.case, self.number, self.kind, self.place = book, case, number, kind, place
        self.urgent, self.opened, self.reporter = urgent, at, by
        self.category_times = kind.times
        self.office = place.files[kind.files]
        self.state, self.resume_state, self.supervision = "", "", ""
        self.closed: int | None = None
        self.receiver = by.post if by.role in CENTRE_ROLES else None
        self.seq, self.hash = 0, ""
        self.now = self.last = at
        self.duties: list[Duty] = []
        self.open: list[Duty] = []
        self.next_ring: int | None = None
        self.parts: list[list[Any]] = [["reporter", by.office, by.post, at, None]]
        self.handler: Office | None = None
        self.handled_people: set[int] = set()
        self.handled_offices: set[Office] = set()
        self.returned = self.reopened = 0
        self.pending: list[Any] | None = None

    # --- the record

    def _entry(
        self, verb: str, at: int, by: Person | None, before: str, after: str, data: Any, text: str = ""
    ) -> int:
        book = self.book
        bits = book.chance.getrandbits
        random_hex = f"{bits(128):032x}"
        cause = (
            f"{random_hex[:8]}-{random_hex[8:12]}-4{random_hex[13:16]}-"
            f"{'89ab'[int(random_hex[16], 16) & 3]}{random_hex[17:20]}-{random_hex[20:]}"
        )
        self.seq += 1
        book.events += 1
        digest = ""
        if text:
            salt = f"{bits(128):032x}"
            digest = hashlib.sha256(f"{salt}\0{text}".encode()).hexdigest()
            book.sheet["cases_eventtext"].append(f"{book.events}\t{plain(text)}\t{salt}")
        actor, post = (str(by.user), str(by.post)) if by else ("null", "null")
        said, moment = _canonical(data) if data else "{}", iso(at)
        inner = "true" if verb_of(verb).inner else "false"
        # The keys in their order, as `events.entry_hash` sorts them.
        facts = (
            f'{{"actor":{actor},"at":"{moment}","case":"{self.number}","cause":"{cause}","data":{said},'
            f'"from":"{before}","inner":{inner},"post":{post},"prev":"{self.hash}","seq":{self.seq},'
            f'"text":"{digest}","to":"{after}","verb":"{verb}"}}'
        )
        own = hashlib.sha256(facts.encode()).hexdigest()
        if by is None:
            actor = post = NULL
        book.sheet["cases_caseevent"].append(
            f"{book.events}\t{self.case}\t{self.seq}\t{moment}\t{actor}\t{post}\t{verb}\t{before}\t{after}\t"
            f"{plain(said)}\t{inner}\t{cause}\t{digest}\t{self.hash}\t{own}"
        )
        self.hash, self.last = own, at
        return book.events

    # --- duties

    def _start(self, name: str, at: int, amount: int, unit: str, holder: Office) -> None:
        time = self.book.timetable
        self.book.duties += 1
        due = time.due(at, amount, unit)
        duty = Duty(self.book.duties, name, holder, at, amount, unit, due)
        duty.provisional = time.is_provisional(at, due, unit)
        duty.miss = due
        if duty.breaches:
            duty.remind = time.reminder(at, due, amount, unit)
        self.duties.append(duty)
        self.open.append(duty)

    def _look_ahead(self) -> None:
        """When the next mark rings."""
        waiting = [
            at for duty in self.open for at in (duty.remind, duty.miss) if at is not None
        ]  # fmt: skip
        self.next_ring = min(waiting) if waiting else None

    def _end(self, names: tuple[str, ...], at: int, *, met: bool) -> None:
        for duty in [duty for duty in self.open if duty.name in names]:
            if met:
                duty.met = at
            else:
                duty.cancelled = at
            duty.remind = duty.miss = None
            self.open.remove(duty)

    def _recompute(self, duty: Duty) -> None:
        """The due instant anew, and the marks that wait."""
        time, amount = self.book.timetable, duty.amount + duty.extra
        if not duty.pauses:
            duty.due = time.due(duty.started, amount, duty.unit)
            remind = time.reminder(duty.started, duty.due, amount, duty.unit)
        else:
            remind = self._recompute_paused(duty, Allowance(amount, Unit(duty.unit)))
        duty.provisional = time.is_provisional(duty.started, duty.due, duty.unit)
        if duty.missed is None:
            duty.miss = duty.due
            duty.remind = remind if duty.reminded is None else None

    def _recompute_paused(self, duty: Duty, allowance: Allowance) -> int:
        calendar = self.book.calendar
        pauses = [(instant(begin), instant(end)) for begin, end in duty.pauses]
        start = instant(duty.started)
        duty.due = micros(calendars.due(start, allowance, pauses, calendar).at)
        share = self.book.timetable.part / self.book.timetable.whole
        remind = micros(calendars.share_point(start, allowance, pauses, calendar, share))
        if duty.unit != Unit.CLOCK_MINUTES:
            remind = self.book.timetable.next_open(remind)
        return min(remind, duty.due)

    def ring_until(self, at: int) -> None:
        """Let every mark up to an instant take effect at its own time."""
        while self.next_ring is not None and self.next_ring <= at:
            first: tuple[int, int, bool] | None = None
            found: Duty | None = None
            for duty in self.open:
                for instant_, miss in ((duty.remind, False), (duty.miss, True)):
                    if instant_ is not None and (first is None or (instant_, duty.pk, miss) < first):
                        first, found = (instant_, duty.pk, miss), duty
            assert first is not None and found is not None  # next_ring is one of them
            now = max(first[0], self.last + 1)
            if first[2]:
                self._miss(found, now)
            else:
                self._remind(found, now)
            self._look_ahead()

    def _about(self, duty: Duty) -> dict[str, Any]:
        return {"duty": duty.name, "holder": duty.holder.name, "due": instant(duty.due).isoformat()}

    def _remind(self, duty: Duty, now: int) -> None:
        assert duty.remind is not None  # it rings
        duty.reminded = duty.remind, now
        duty.remind = None
        duty.skipped = now >= duty.due or duty.missed is not None
        if not duty.skipped:
            data = self._about(duty) | {"mark": "remind", "left": (duty.due - now) // MINUTE}
            self._entry("deadline.reminded", now, None, "", "", data)

    def _miss(self, duty: Duty, now: int) -> None:
        assert duty.miss is not None  # it rings
        duty.rung = duty.miss, now
        duty.miss = None
        if duty.name == SUSPENSION:
            self.now = now
            self._carry_out(RULES["suspended", "resume_due"], now, None, "", {}, {})
            return
        duty.missed = duty.due
        self._entry("deadline.missed", now, None, "", "", self._about(duty))

    # --- moves

    def report(self, source: str) -> None:
        """The first entry, and the time for filing."""
        self.state = "reported"
        data = {"category": self.kind.code, "source": source, "reporter": {}}
        self._entry("incident.reported", self.opened, self.reporter, "", "reported", data)
        amount, unit = self.category_times[self.urgent]["file"]
        self._start("file", self.opened, amount, unit, self.office)
        self._look_ahead()

    def act(
        self,
        action: str,
        at: int,
        by: Person,
        *,
        text: str = "",
        data: dict[str, Any] | None = None,
        **what: Any,
    ) -> None:
        """Somebody does something at an instant. Raises NotYet after the end of the history.

        `by` is asked for when it happens: see `clerk` and the others. KeyError: the table has no such move now.
        """
        at = max(at, self.last + 1)
        if at > self.book.end:
            raise NotYet
        self.ring_until(at)
        at = max(at, self.last + 1)
        self.now = at
        self._carry_out(RULES[self.state, action], at, by, text, dict(data or {}), what)
        self._look_ahead()

    def _carry_out(
        self,
        row: Transition,
        at: int,
        by: Person | None,
        text: str,
        data: dict[str, Any],
        what: dict[str, Any],
    ) -> None:
        before = self.state
        if row.resumes:
            self._resume(at)
        if row.meets:
            self._end(row.meets, at, met=True)
        if row.cancels:
            self._end(row.cancels, at, met=False)
        if row.effect:
            EFFECTS.get(row.effect, _nothing)(self, at, by, data, what)
        if row.pauses:
            self.resume_state = self.state
        if row.target == RESUME:
            self.state, self.resume_state = self.resume_state, ""
        elif row.target != SAME:
            self.state = row.target
        self.closed = at if self.state in FINALS else None
        self._entry(row.verb, at, by, before, self.state, data, text)
        if by is not None and verb_of(row.verb).handles:
            self.handled_people.add(by.user)
            self.handled_offices.add(by.office)
        for name in row.starts if self.closed is None else ():
            amount, unit = self.category_times[self.urgent][name]
            owes = self.handler if name in ("accept", "handle") and self.handler else self.office
            self._start(name, at, amount, unit, owes)
        if row.pauses:
            self._pause(at)

    def _pause(self, at: int) -> None:
        for duty in self.open:
            if duty.breaches and duty.missed is None and duty.paused is None:
                duty.paused = at
                duty.remind = duty.miss = None

    def _resume(self, at: int) -> None:
        for duty in self.open:
            if duty.paused is not None:
                duty.pauses.append([duty.paused, at])
                duty.paused = None
                self._recompute(duty)

    # --- parts and offices

    def take_part(self, kind: str, office: Office, at: int, post: int | None = None) -> None:
        self.parts.append([kind, office, post, at, None])
        if kind == "handler":
            self.handler = office

    def end_parts(self, at: int, *kinds: str) -> None:
        """End the open parts of the named kinds, without a name all but the reporter's."""
        for part in self.parts:
            if part[4] is None and (part[0] in kinds if kinds else part[0] != "reporter"):
                part[4] = at
                if part[0] == "handler":
                    self.handler = None

    def hand_to(self, office: Office, data: dict[str, Any], *duties: str) -> None:
        """Another centre takes charge, and owes the named duties that are open."""
        data["office"] = {"old": self.office.name, "new": office.name}
        self.office = office
        for duty in self.open:
            if duty.name in duties:
                duty.holder = office

    def to_closing_office(self, by: Person, data: dict[str, Any]) -> None:
        """Up to the lowest centre that has not handled it."""
        handled, current = self.handled_offices | {by.office}, self.office
        while current in handled and current.above is not None:
            current = current.above
        if current is not self.office:
            self.hand_to(current, data, "whole", "verify")

    def lapse(self) -> None:
        """A request for more time that nobody has decided has no sense any more."""
        if self.pending is not None:
            self.pending[1] = "lapsed"
            self.pending = None

    def duty(self, name: str) -> Duty | None:
        return next((duty for duty in self.open if duty.name == name), None)

    # --- people

    def clerk(self) -> Person:
        """Somebody of the centre in charge who has not handled it; the committee when that centre did itself."""
        people = self.book.city.committee if self.office in self.handled_offices else self.office.people
        free = [person for person in people if person.user not in self.handled_people]
        if not free:
            raise NotYet
        return free[int(self.book.chance.random() * len(free))]

    def checker(self) -> Person:
        """Mostly the worker of the grid, else the centre in charge."""
        worker = self.place.worker
        if worker.user not in self.handled_people and self.book.chance.random() < 0.6:
            return worker
        return self.clerk()

    def hand(self) -> Person:
        """Somebody of the office that handles it."""
        assert self.handler is not None
        people = self.handler.people
        return people[int(self.book.chance.random() * len(people))]

    # --- writing

    def write(self, title: str, description: str, search: list[str], source: str, fields: dict[str, Any],
              position: tuple[float, float, int] | None, seen: int | None) -> None:  # fmt: skip
        """All rows of this life, after its last ring."""
        sheet, case = self.book.sheet, self.case
        closed = NULL if self.closed is None else iso(self.closed)
        sheet["cases_case"].append(
            f"{case}\t{self.number}\tincident\t{plain(title)}\t{self.state}\t{self.resume_state}\t"
            f"{self.place.grid.division}\t{self.place.grid.code}\t{self.office.division}\t{'t' if self.urgent else 'f'}\t"
            f"{self.supervision}\tf\t{{}}\t{some(self.receiver)}\t{iso(self.opened)}\t{closed}\t{iso(self.last)}\t"
            f"{self.seq}\t{self.hash}\t{{{','.join(search)}}}"
        )
        lat, lng, accuracy = position or (NULL, NULL, NULL)
        how = ("phone", self.place.geometry) if position else ("", "")
        sheet["incidents_incident"].append(
            f"{case}\t{self.kind.pk}\t{self.kind.version}\t{plain(description)}\t"
            f"{NULL if seen is None else iso(seen)}\t\t{lat}\t{lng}\t{accuracy}\t{how[0]}\t{how[1]}\t{source}\t"
            f"{plain(_canonical(fields))}\t{self.returned}\t{self.reopened}\t"
        )
        for kind, office, post, begun, ended in self.parts:
            sheet["cases_part"].append(
                f"{case}\t{kind}\t{some(office.department)}\t{some(office.division)}\t{some(post)}\t{iso(begun)}\t"
                f"{NULL if ended is None else iso(ended)}"
            )
        for duty in self.duties:
            self._write_duty(duty)

    def _write_duty(self, duty: Duty) -> None:
        sheet = self.book.sheet
        ends = "\t".join(
            NULL if at is None else iso(at) for at in (duty.paused, duty.met, duty.missed, duty.cancelled)
        )
        sheet["cases_deadline"].append(
            f"{duty.pk}\t{self.case}\t{duty.name}\t0\t{some(duty.holder.department)}\t{some(duty.holder.division)}\t"
            f"{iso(duty.started)}\t{duty.amount}\t{duty.unit}\t{duty.extra}\t{iso(duty.due)}\t"
            f"{'t' if duty.provisional else 'f'}\t{ends}"
        )
        if duty.breaches:
            outcome = "skipped" if duty.skipped else "done"
            self._write_mark(duty, "remind", duty.remind, duty.reminded, outcome)
        self._write_mark(duty, "miss", duty.miss, duty.rung, "done")
        for begin, until in duty.pauses:
            sheet["cases_deadlinepause"].append(f"{duty.pk}\t{iso(begin)}\t{iso(until)}")
        if duty.paused is not None:
            sheet["cases_deadlinepause"].append(f"{duty.pk}\t{iso(duty.paused)}\t{NULL}")
        for amount, state, by, at in duty.asked:
            decided = NULL if at is None else iso(at)
            sheet["incidents_extension"].append(f"{duty.pk}\t{amount}\t{state}\t{some(by)}\t{decided}")

    def _write_mark(
        self, duty: Duty, kind: str, waits: int | None, taken: tuple[int, int] | None, outcome: str
    ) -> None:
        if taken is not None:
            row = f"{duty.pk}\t{kind}\t{iso(taken[0])}\t{iso(taken[1])}\t{outcome}"
        else:
            row = f"{duty.pk}\t{kind}\t{NULL if waits is None else iso(waits)}\t{NULL}\t"
        self.book.sheet["cases_deadlinemark"].append(row)


# --- what moves bring besides state, record and clocks; by the names of the table

Effect = Callable[[Life, int, Any, dict[str, Any], dict[str, Any]], None]


def _nothing(life: Life, at: int, by: Any, data: dict[str, Any], what: dict[str, Any]) -> None:
    pass


def _end_parts(life: Life, at: int, by: Any, data: dict[str, Any], what: dict[str, Any]) -> None:
    life.end_parts(at)


def _assign(life: Life, at: int, by: Any, data: dict[str, Any], what: dict[str, Any]) -> None:
    life.end_parts(at, "handler", "co_handler")
    life.lapse()
    life.take_part("handler", what["handler"], at)
    data["handler"] = what["handler"].name
    for kind in ("co_handler", "copied"):
        if kind in what:
            life.take_part(kind, what[kind], at)
            data[kind] = [what[kind].name]


def _accept(life: Life, at: int, by: Any, data: dict[str, Any], what: dict[str, Any]) -> None:
    life.receiver = None


def _feed_back(life: Life, at: int, by: Any, data: dict[str, Any], what: dict[str, Any]) -> None:
    life.lapse()
    life.to_closing_office(by, data)


def _settle(life: Life, at: int, by: Any, data: dict[str, Any], what: dict[str, Any]) -> None:
    life.take_part("handler", by.office, at, by.post)
    life.receiver = None
    _feed_back(life, at, by, data, what)


def _return(life: Life, at: int, by: Any, data: dict[str, Any], what: dict[str, Any]) -> None:
    life.end_parts(at, "handler", "co_handler")
    life.lapse()
    life.returned += 1
    if life.returned == 2 and life.office.above is not None:
        life.hand_to(life.office.above, data, "whole")


def _ask_extension(life: Life, at: int, by: Any, data: dict[str, Any], what: dict[str, Any]) -> None:
    duty = life.duty("handle")
    assert duty is not None
    life.pending = [what["amount"], "pending", None, None]
    duty.asked.append(life.pending)
    data["amount"], data["unit"] = what["amount"], duty.unit


def _decided(life: Life, state: str, at: int, by: Person, data: dict[str, Any]) -> int:
    duty = life.duty("handle")
    assert duty is not None and life.pending is not None
    life.pending[1:] = [state, by.post, at]
    amount: int = life.pending[0]
    data["amount"], data["unit"], life.pending = amount, duty.unit, None
    return amount


def _grant_extension(life: Life, at: int, by: Any, data: dict[str, Any], what: dict[str, Any]) -> None:
    amount, unit = _decided(life, "granted", at, by, data), Unit(data["unit"])
    for duty in life.open:
        if duty.name in ("handle", "whole"):
            old = duty.due
            duty.extra += in_unit(amount, unit, Unit(duty.unit))
            life._recompute(duty)
            data[duty.name] = {"old": instant(old).isoformat(), "new": instant(duty.due).isoformat()}


def _refuse_extension(life: Life, at: int, by: Any, data: dict[str, Any], what: dict[str, Any]) -> None:
    _decided(life, "refused", at, by, data)


def _pass_up(life: Life, at: int, by: Any, data: dict[str, Any], what: dict[str, Any]) -> None:
    assert life.office.above is not None
    life.hand_to(life.office.above, data, "whole")


def _pass_down(life: Life, at: int, by: Any, data: dict[str, Any], what: dict[str, Any]) -> None:
    life.hand_to(what["division"], data, "whole")


def _suspend(life: Life, at: int, by: Any, data: dict[str, Any], what: dict[str, Any]) -> None:
    until: int = what["until"]
    minutes = max(1, round((until - at) / MINUTE))
    life._start(SUSPENSION, at, minutes, Unit.CLOCK_MINUTES, life.office)
    data["ground"], data["until"] = what["ground"], instant(until).isoformat()


def _supervise(life: Life, at: int, by: Any, data: dict[str, Any], what: dict[str, Any]) -> None:
    life.supervision = data["card"] = what["card"]


def _make_urgent(life: Life, at: int, by: Any, data: dict[str, Any], what: dict[str, Any]) -> None:
    life.urgent = True
    for duty in life.open:
        if duty.breaches:
            duty.amount, duty.unit = life.category_times[True][duty.name]
            life._recompute(duty)


def _archive(life: Life, at: int, by: Any, data: dict[str, Any], what: dict[str, Any]) -> None:
    life.lapse()


def _reopen(life: Life, at: int, by: Any, data: dict[str, Any], what: dict[str, Any]) -> None:
    life.reopened += 1
    life.end_parts(at, "handler", "co_handler")


EFFECTS: Final[dict[str, Effect]] = {
    "end_parts": _end_parts, "assign": _assign, "accept": _accept, "feed_back": _feed_back, "settle": _settle,
    "return": _return, "ask_extension": _ask_extension, "grant_extension": _grant_extension,
    "refuse_extension": _refuse_extension, "pass_up": _pass_up, "pass_down": _pass_down, "suspend": _suspend,
    "supervise": _supervise, "make_urgent": _make_urgent, "archive": _archive, "reopen": _reopen,
}  # fmt: skip
