"""What becomes of an incident: the straight ways and the side ways, each by whoever has to do it, when people do it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from contextlib import suppress
from itertools import accumulate
from typing import Any, Final

from grids.calendars import Unit
from incidents.history.city import Office, Person, Place
from incidents.history.life import Book, Life, NotYet
from incidents.history.telling import HOTLINE, USUAL, Kind
from incidents.history.timetable import DAY, MINUTE, SECOND, day_of, to_date

# How much of its time a duty takes: (how often, from, to). What is left is late.
QUICK: Final = ((0.92, 0.04, 0.60), (0.06, 0.60, 0.97))
WORK: Final = ((0.86, 0.12, 0.64), (0.09, 0.64, 0.98))
PACES: Final = {"file": QUICK, "assign": QUICK, "accept": QUICK, "handle": WORK, "verify": WORK}
LATE: Final = (20, 600)  # working minutes after the end
URGENT: Final = 0.05
FORGOTTEN: Final = 0.002  # of all moves: nobody makes it, and the matter stays where it is
SPOKEN: Final = 0.3  # of the words that may be left out


class Teller:
    """Tells the lives of one part."""

    def __init__(self, book: Book, kinds: list[Kind]) -> None:
        self.book = book
        self.plain = [kind for kind in kinds if kind.code[:2] != HOTLINE] or kinds
        self.hotline = [kind for kind in kinds if kind.code[:2] == HOTLINE] or self.plain
        self.weights = list(accumulate(3 if kind.code[:2] in USUAL else 1 for kind in self.plain))
        self.stories, self.shares = list(STORIES), list(accumulate(STORIES.values()))

    def tell(self, *, case: int, number: str, place: Place, at: int) -> None:
        """One life from its report to its end, or to the end of the history."""
        book, chance = self.book, self.book.chance
        story = self.stories[bisect_right(self.shares, chance.random() * self.shares[-1])]
        by, source, kinds = self._reporter(place, story)
        if kinds is self.plain:
            kind = kinds[bisect_right(self.weights, chance.random() * self.weights[-1])]
        else:
            kind = chance.choice(kinds)
        life = Life(
            book,
            case=case,
            number=number,
            kind=kind,
            place=place,
            urgent=chance.random() < URGENT,
            at=at,
            by=by,
        )
        title, description, result, found_by = book.tongue.report(kind, place.village)
        life.report(source)
        with suppress(NotYet):
            story(Telling(self, life, result))
        life.ring_until(book.end)
        position = self._position(place) if source == "worker" and chance.random() < 0.7 else None
        seen = at - int(chance.uniform(5, 180) * MINUTE) if chance.random() < 0.3 else None
        fields = book.tongue.fields(kind, place.village, to_date(day_of(at)))
        life.write(title, description, found_by, source, fields, position, seen)

    def _reporter(self, place: Place, story: Story) -> tuple[Person, str, list[Kind]]:
        """Mostly the worker of the grid; sometimes the counter of the village or township, or the city's centre."""
        roll = self.book.chance.random()
        if story is settled or roll < 0.86:
            return place.worker, "worker", self.plain
        source = self.book.chance.choice(("visitor", "caller", "centre"))
        if roll < 0.93:
            return self._one_of(place.line[0]), source, self.plain
        if roll < 0.98:
            return self._one_of(place.line[min(1, len(place.line) - 1)]), source, self.plain
        return self._one_of(self.book.city.root), "hotline", self.hotline

    def _one_of(self, office: Office) -> Person:
        found: Person = self.book.chance.choice(office.people)
        return found

    def _position(self, place: Place) -> tuple[float, float, int] | None:
        """A point in the grid."""
        if place.box is None:
            return None
        chance, (south, north, west, east) = self.book.chance, place.box
        lat, lng = round(chance.uniform(south, north), 6), round(chance.uniform(west, east), 6)
        return lat, lng, chance.choice((8, 15, 30))


class Telling:
    """A life while it is told: when things are done, and the usual steps."""

    def __init__(self, teller: Teller, life: Life, result: str) -> None:
        self.life, self.result, self.book = life, result, teller.book
        self.chance, self.tongue = teller.book.chance, teller.book.tongue
        self.department: Office | None = None

    # --- when

    def when(self, duty: str) -> int:
        """When the open duty is done: mostly in time, sometimes late, at working hours if it may wait."""
        if self.chance.random() < FORGOTTEN:
            raise NotYet
        owed, time = self.life.duty(duty), self.book.timetable
        if owed is None:
            return self.after(5, 60)
        roll = self.chance.random()
        for often, low, high in PACES[duty]:
            if roll < often:
                return self._used(owed.started, owed.due, owed.unit, self.chance.uniform(low, high))
            roll -= often
        late = self.chance.uniform(*LATE) * MINUTE
        return time.at_work(time.worked(owed.due) + int(late)) + self._seconds()

    def _used(self, started: int, due: int, unit: str, share: float) -> int:
        """When a share of the time is used, or soon when that is past."""
        time = self.book.timetable
        if unit == Unit.CLOCK_MINUTES:
            at, soon = started + int((due - started) * share), self.life.now + 2 * MINUTE
            return max(at, soon) + self._seconds()
        begun = time.worked(started)
        at = time.next_open(time.at_work(begun + int((time.worked(due) - begun) * share)))
        return max(at, self.after(2, 10)) + self._seconds()

    def after(self, low: float, high: float) -> int:
        """So many working minutes on."""
        time = self.book.timetable
        minutes = int(self.chance.uniform(low, high) * MINUTE)
        return time.next_open(time.at_work(time.worked(self.life.now) + minutes)) + self._seconds()

    def _seconds(self) -> int:
        """Nobody does anything on the full minute."""
        return int(self.chance.random() * 50 * SECOND)

    # --- what

    def said(self, key: str, often: float = 1.0) -> str:
        return self.tongue.said(key) if often >= 1 or self.chance.random() < often else ""

    def file(self) -> None:
        self.life.act("file", self.when("file"), self.life.clerk(), text=self.said("files", SPOKEN))

    def assign(self, action: str = "assign", text: str = "") -> None:
        life = self.life
        at = self.when("assign") if action == "assign" else self.after(20, 200)
        self.department = self.department or self._named()
        what: dict[str, Any] = {"handler": self.department}
        if self.chance.random() < 0.04:
            other = self.chance.choice(self.book.city.departments)
            if other is not self.department:
                what[self.chance.choice(("copied", "co_handler"))] = other
        words = text or self.said("assigns", SPOKEN)
        life.act(action, at, life.clerk(), text=words, **what)

    def _named(self) -> Office:
        """The office that the category names for this place, else one of the city's."""
        life = self.life
        found = life.place.departments.get(life.kind.department) if life.kind.department else None
        return found or self.book.city.departments[life.kind.pk % len(self.book.city.departments)]

    def accept(self) -> None:
        self.life.act("accept", self.when("accept"), self.life.hand(), text=self.said("accepts", SPOKEN))

    def feed_back(self) -> None:
        life = self.life
        until = self.when("handle")
        roll = self.chance.random()
        if roll < 0.03:
            life.act("progress", self.after(20, 120), life.hand(), text="已到现场查看，正在处置。")
        elif roll < 0.05:
            life.act("urge", self.after(20, 60), life.clerk(), text=self.said("urges"))
        elif roll < 0.06 and not life.urgent:
            life.act("make_urgent", self.after(2, 20), life.clerk(), text=self.said("urgents"))
        elif roll < 0.063 and life.office.above is not None:
            card = self.chance.choice(("ordinary", "yellow"))
            by = self.chance.choice(life.office.above.people)
            life.act("supervise", self.after(20, 60), by, text=self.tongue.card(card), card=card)
        life.act("feed_back", until, life.hand(), text=self.result)

    def close(self) -> None:
        """Checked and filed away."""
        life = self.life
        life.act("verify", self.when("verify"), life.checker(), text=self.said("verifies", SPOKEN))
        life.act("archive", self.after(10, 240), life.clerk(), text=self.said("archives", SPOKEN))

    def work(self) -> None:
        """Assigned, done and closed."""
        self.assign()
        self.accept()
        self.feed_back()
        self.close()

    def send_back(self) -> None:
        """Returned by the department, with a better one where that can be said."""
        self.assign()
        life, at = self.life, self.when("accept")
        ground, words, kind = self.tongue.sent_back(life.kind)
        right = life.place.departments.get((kind, "township")) if kind else None
        data = {"ground": ground}
        if right is not None and right is not self.department:
            data["right_department"] = right.name
        life.act("return", at, life.hand(), text=words, data=data)
        self.department = right


Story = Callable[[Telling], None]


def settled(t: Telling) -> None:
    """Reported and done in one go by the worker; the centre in charge closes."""
    t.life.act(
        "settle", t.life.now + int(t.chance.uniform(0.01, 0.2) * SECOND), t.life.place.worker, text=t.result
    )
    t.close()


def straight(t: Telling) -> None:
    t.file()
    t.work()


def rejected(t: Telling) -> None:
    t.life.act("reject", t.when("file"), t.life.clerk(), text=t.tongue.why(t.life.kind, "rejects"))


def self_settled(t: Telling) -> None:
    """The centre in charge does it itself; the level above closes, at the top the committee."""
    t.file()
    t.life.act("settle", t.when("assign"), t.life.clerk(), text=t.result)
    t.close()


def returned(t: Telling) -> None:
    t.file()
    t.send_back()
    t.work()


def returned_twice(t: Telling) -> None:
    """The level above decides who does it."""
    t.file()
    t.send_back()
    t.send_back()
    t.work()


def reassigned(t: Telling) -> None:
    """Given to another office before anybody signed for it."""
    t.file()
    t.assign()
    others = [office for office in t.book.city.departments if office is not t.department]
    if others:
        t.department = t.chance.choice(others)
        t.assign("reassign", t.said("second_return_decisions"))
    t.accept()
    t.feed_back()
    t.close()


def reworked(t: Telling) -> None:
    t.file()
    t.assign()
    t.accept()
    t.feed_back()
    life = t.life
    life.act("rework", t.when("verify"), life.checker(), text=t.tongue.why(life.kind, "reworks"))
    t.accept()
    t.feed_back()
    t.close()


def extended(t: Telling) -> None:
    t.file()
    t.assign()
    t.accept()
    life, owed = t.life, t.life.duty("handle")
    assert owed is not None
    amount = max(1, owed.amount // 2)
    life.act("ask_extension", t.after(20, 60), life.hand(), text=t.said("extensions"), amount=amount)
    if t.chance.random() < 0.7:
        life.act("grant_extension", t.after(10, 60), life.clerk(), text=t.said("extension_grants"))
    else:
        life.act("refuse_extension", t.after(10, 60), life.clerk(), text=t.said("extension_refusals"))
    t.feed_back()
    t.close()


def suspended(t: Telling) -> None:
    """Stopped for a while; goes on by itself on the day, or sooner by hand."""
    t.file()
    t.assign()
    t.accept()
    life, days = t.life, t.chance.randint(3, 15)
    ground, reason = t.tongue.suspension()
    at = t.after(20, 120)
    until = (day_of(at) + days) * DAY + 60 * MINUTE  # 9:00 in China
    life.act("suspend", at, life.clerk(), text=reason, until=until, ground=ground)
    sooner = t.book.timetable.next_open(at + int((until - at) * t.chance.uniform(0.4, 0.8)))
    if t.chance.random() < 0.3 and sooner < until:
        life.act("resume", sooner, life.clerk(), text=t.said("resumes"))
    else:
        life.ring_until(min(until + MINUTE, t.book.end))
        if life.state == "suspended":
            raise NotYet
    t.feed_back()
    t.close()


def passed_up(t: Telling) -> None:
    t.file()
    if t.life.office.above is not None:
        t.life.act("pass_up", t.when("assign"), t.life.clerk(), text=t.said("pass_ups"))
    t.work()


def passed_down(t: Telling) -> None:
    """The township gives it to the village's centre, which files it and has it done."""
    life = t.life
    village = life.place.line[0]
    if life.office is not village:
        life.act("pass_down", t.when("file"), life.clerk(), text=t.said("pass_downs"), division=village)
    t.file()
    t.work()


def done_by_the_village(t: Telling) -> None:
    """The township gives the work itself to the village's centre, and closes it."""
    t.file()
    if t.life.office is not t.life.place.line[0]:
        t.department = t.life.place.line[0]
    t.work()


def reopened(t: Telling) -> None:
    """The reporter finds it as before, within the window, and it is done again."""
    straight(t)
    life = t.life
    at = life.now + int(t.chance.uniform(2000, 12000) * MINUTE)
    life.act("reopen", at, life.reporter, text=t.said("reopens"))
    t.department = None
    t.work()


STORIES: Final[dict[Story, int]] = {
    settled: 640, straight: 200, self_settled: 35, rejected: 35, returned: 18, returned_twice: 4, reassigned: 8,
    reworked: 16, extended: 12, suspended: 8, passed_up: 7, passed_down: 6, done_by_the_village: 8, reopened: 6,
}  # fmt: skip
"""How often each is told, in a thousand or so."""
