"""Making a history: parts of it are told by several processes and copied into the database as they come."""

from __future__ import annotations

import gc
import os
import random
from bisect import bisect_right
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from multiprocessing import get_context
from typing import Final

from django.conf import settings
from django.db import connection, transaction

from grids import clock, workcalendar
from grids.calendars import Calendar, YearNotCovered
from grids.clock import local_day
from incidents.history import furnish, loading, plan
from incidents.history.city import City, Divisions, Say, read_city
from incidents.history.life import Book
from incidents.history.lives import Teller
from incidents.history.rows import blank
from incidents.history.telling import Kind, Tongue, kinds
from incidents.history.timetable import Timetable, day_of, micros, to_date

BEFORE: Final = timedelta(
    days=10
)  # the timetable begins so long before the history, and ends so long after it
AFTER: Final = timedelta(days=240)
MOST: Final = 60  # ids of entries, and of duties, for one case; what is left over is never used
AHEAD: Final = 2  # parts for each process that wait to be copied

Told = dict[str, bytes]


class Incomplete(Exception):
    """The database has not what a history needs; says so for people."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be made. `grids` None: the grids that have a worker now."""

    incidents: int
    months: int
    grids: int | None = None
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Made:
    """The ids of the cases that were made, and how many entries and grids there are."""

    first: int
    last: int
    entries: int
    grids: int


@dataclass(slots=True)
class Maker:
    """All that parts are told from; read before the processes part ways. `case` to `duty`: the last ids before."""

    city: City
    kinds: list[Kind]
    timetable: Timetable
    calendar: Calendar
    end: int
    seed: int
    load: list[float]
    case: int
    number: int
    event: int
    duty: int

    def tell(self, part: plan.Part) -> Told:
        """The rows of a part."""
        chance = random.Random(f"{self.seed} part {part.number}")
        before = part.first * MOST
        book = Book(
            city=self.city, tongue=Tongue(chance), timetable=self.timetable, calendar=self.calendar,
            end=self.end, sheet=blank(), events=self.event + before, duties=self.duty + before,
        )  # fmt: skip
        teller = Teller(book, self.kinds)
        for count, at in enumerate(plan.openings(part, self.end, chance), start=part.first + 1):
            place = self.city.places[bisect_right(self.load, chance.random() * self.load[-1])]
            number = f"SJ{to_date(day_of(at)).year}-{self.number + count:07d}"
            teller.tell(case=self.case + count, number=number, place=place, at=at)
        rows = {
            table: ("\n".join(lines) + "\n").encode() if lines else b"" for table, lines in book.sheet.items()
        }
        most = before + MOST * sum(number for _day, number in part.days)
        assert book.events <= self.event + most and book.duties <= self.duty + most  # ids are each part's own
        return rows


def make(wanted: Wanted, *, say: Say = lambda words: None, processes: int | None = None) -> Made:
    """Make a history in one transaction: all of it or nothing. Raises Incomplete where the city lacks something.

    `processes`: how many tell; by default as many as there are processors.
    """
    end = clock.now()
    first = plan.months_before(local_day(end), wanted.months)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL synchronous_commit = off")
        city = _city(wanted, end, say)
        calendar = workcalendar.load()
        timetable = Timetable(calendar, first - BEFORE, local_day(end) + AFTER, settings.GEZHI_REMIND_SHARE)
        found = kinds()
        if not found:
            raise Incomplete("事项目录里没有可用的类别 / the catalogue has no category that can be used")
        maker = Maker(
            city=city, kinds=found, timetable=timetable, calendar=calendar, end=micros(end), seed=wanted.seed,
            load=plan.load(city, wanted.seed),
            case=loading.reserve("cases_case_id_seq", wanted.incidents),
            number=loading.reserve("incidents_number", wanted.incidents),
            event=loading.reserve("cases_caseevent_id_seq", wanted.incidents * MOST), duty=loading.reserve("cases_deadline_id_seq", wanted.incidents * MOST),
        )  # fmt: skip
        parts = plan.parts(
            count=wanted.incidents, months=wanted.months, end=end, calendar=calendar, seed=wanted.seed
        )
        return _load(maker, parts, wanted.incidents, say, processes or os.cpu_count() or 1)


def _city(wanted: Wanted, end: datetime, say: Say) -> City:
    """The city with whom is lacking made."""
    since = plan.months_before(local_day(end), wanted.months) - BEFORE
    try:
        grids = furnish.furnish(wanted.grids, since, local_day(end) + AFTER, say)
        return read_city(Divisions(), grids, since)
    except YearNotCovered as error:
        raise Incomplete(f"工作日历不够 / the work calendar: {error}") from error
    except LookupError as error:
        raise Incomplete(
            f"没有可用的网格或人员（{error}），请用 --grids 补齐 / no grids or people to act; give --grids"
        ) from error


def _load(maker: Maker, parts: list[plan.Part], count: int, say: Say, processes: int) -> Made:
    entries = done = 0
    with loading.bare_tables():
        for part, rows in _told(maker, parts, processes):
            loading.copy_in(rows)
            entries += rows["cases_caseevent"].count(b"\n")
            done += sum(number for _day, number in part.days)
            say(f"{done}/{count} · {100 * done // count} %")
        say("索引和外键 / indexes and foreign keys")
    say("核对办理记录的链 / the chains of the record")
    broken = loading.broken_chains(maker.case + 1, maker.case + count)
    if broken:
        raise RuntimeError(f"{broken} entries do not continue the record of their case")
    return Made(maker.case + 1, maker.case + count, entries, len(maker.city.places))


def _told(maker: Maker, parts: list[plan.Part], processes: int) -> Iterator[tuple[plan.Part, Told]]:
    """Every part with its rows, in order."""
    if processes == 1 or len(parts) == 1:
        for part in parts:
            yield part, maker.tell(part)
        return
    global _maker
    _maker = maker
    # Forked: the city is not told to each process again. They use no connection of ours.
    with ProcessPoolExecutor(processes, mp_context=get_context("fork")) as pool:
        waiting: deque[tuple[plan.Part, Future[Told]]] = deque()
        for part in parts:
            waiting.append((part, pool.submit(_tell, part)))
            if len(waiting) >= AHEAD * processes:
                ready, future = waiting.popleft()
                yield ready, future.result()
        for ready, future in waiting:
            yield ready, future.result()


_maker: Maker | None = None


def _tell(part: plan.Part) -> Told:
    assert _maker is not None  # inherited from the process that forked
    gc.disable()  # lives leave nothing that holds itself
    return _maker.tell(part)
