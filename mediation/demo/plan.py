"""Which disputes there are: 212 over half a year, every way and end among them, some forty under way today."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from cases.demo.timing import Teller
from grids.clock import SHANGHAI, local_day
from mediation.choices import Source, Tier
from mediation.demo.stories import told
from mediation.demo.world import Plan, World

SOURCES = [Source.WALK_IN] * 8 + [one for one in Source if one not in (Source.WALK_IN, Source.INCIDENT)]
UNDER_WAY = ("performing", "mediating", "accepted", "seeking")
# What a plan may be besides; each of a share of the disputes.
SHARES = {"colour": 0.25, "enquiry": 0.35, "represent": 0.15, "consult": 0.08, "exclude": 0.08, "recuse": 0.06,
          "extend": 0.06, "organisation": 0.1}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Heap:
    """So many disputes of one end, begun between so many days ago. `ups`: ways by which some pass up, in turn."""

    number: int
    until: str
    days: tuple[float, float]
    ups: tuple[tuple[str, ...], ...] = ((),)
    turns: tuple[str, ...] = ("",)
    subsidies: tuple[str, ...] = ("",)


HEAPS = (
    Heap(84, "closed", (80, 195),
         ups=((), (), (), (), ("exhausted",), (), ("wish",), (), ("early",), ("skipped",), (), ("exhausted", "wish")),
         turns=("", "oral", "confirmed", "", "late", "broken", "", "oral", "", "redated", "confirmed", "", "rejected"),
         subsidies=("paid", "paid", "filed", "approved", "", "claimed", "paid", "refused")),
    Heap(18, "refused", (12, 190), ups=((), (), ("exhausted",)), subsidies=("filed", "")),
    Heap(16, "failed", (60, 190), ups=((), ("exhausted",), ("wish", "early")), subsidies=("filed", "")),
    Heap(12, "withdrawn", (8, 190)),
    Heap(6, "referred", (8, 190)),
    Heap(8, "not_accepted", (5, 190)),
    Heap(24, "performing", (14, 34), turns=("", "applied", "oral", "", "confirmed", "redated")),
    Heap(5, "agreed", (9, 12)),
    Heap(13, "mediating", (1.5, 9), ups=((), (), ("early",))),
    Heap(6, "seeking", (1.5, 8)),
    Heap(8, "accepted", (1, 8), ups=((), (), (), ("wish",))),
    Heap(5, "passing", (2, 12), ups=(("early",), ("wish",), ("skipped",))),
    Heap(7, "registered", (0.1, 1.5)),
)  # fmt: skip


def plans(chance: random.Random, texts: list[str]) -> Iterator[tuple[float, Plan]]:
    """Every plan with the days before today on which it begins."""
    number = 0
    for heap in HEAPS:
        for n in range(heap.number):
            yield chance.uniform(*heap.days), _plan(chance, heap, n, number, texts)
            number += 1


def _plan(chance: random.Random, heap: Heap, n: int, number: int, texts: list[str]) -> Plan:
    ups = heap.ups[n % len(heap.ups)]
    turns = {turn for turn, share in SHARES.items() if chance.random() < share}
    turns |= {heap.turns[n % len(heap.turns)]} - {""}
    start = Tier.VILLAGE
    if not ups:
        start = Tier.TOWNSHIP if n % 5 == 3 else Tier.COUNTY if n % 17 == 5 else Tier.VILLAGE
    # Of those under way some grew out of a matter of the last weeks, which only a village's can.
    grown = heap.until in UNDER_WAY and n % 4 == 1 and start == Tier.VILLAGE
    source = Source.INCIDENT if grown else chance.choice(SOURCES)
    return Plan(
        texts[number % len(texts)], heap.until, place=number % 6, village=number // 6, ups=ups, turns=frozenset(turns),
        subsidy=heap.subsidies[n % len(heap.subsidies)], source=source, start=start,
    )  # fmt: skip


def lay_out(world: World, teller: Teller, *, most: int) -> None:
    """Give the teller the disputes of the plan; when fewer are wanted, some of every heap."""
    rows = list(plans(world.chance, sorted(world.words.tellings)))
    number = min(most, len(rows))
    for days, plan in (rows[n * len(rows) // number] for n in range(number)):
        teller.add(_begins(world, teller.end - timedelta(days=days)), told(world, plan))


def _begins(world: World, at: datetime) -> datetime:
    """People come in the office hours of a working day: of the same, or of the last before it."""
    day = local_day(at)
    while True:
        opened = world.calendar.next_open(datetime.combine(day, time(), SHANGHAI))
        begins = opened + timedelta(minutes=world.chance.uniform(0, 400))
        if world.calendar.is_working(day) and begins <= at:
            return begins
        day -= timedelta(days=1)
